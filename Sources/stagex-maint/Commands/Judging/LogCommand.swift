internal import ArgumentParser
internal import GitBridge
internal import Review

struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "The history with each change's endorsers beside it, newest first.",
    discussion: "Examples: stagex-maint log staging; stagex-maint log 2026.03.0..main")

  @OptionGroup var common: CommonOptions
  @OptionGroup var rules: RuleOptions

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  @Argument(
    help: ArgumentHelp(
      "From where to where. Default: the trust root to the current branch.", valueName: "branch or from..to"))
  var range: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Show at most this many steps.", valueName: "n"))
  var number: Int?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var judging = try JudgingOptions.parse([])
      judging.rules = rules
      var session = try Session(repository, judging, moment: .then, engines: .native)
      session.showProgress(on: console)
      let scope = try scope(session)
      var verdicts: [Verdict] = []
      let summary = try session.reviewer.audit(scope, seen: session.seen) { (verdict) throws(ReviewProblem) in
        verdicts.append(verdict)
      }
      console.endProgress()
      let shown = verdicts.reversed().prefix(number ?? .max)
      switch format {
      case .json: for verdict in shown { console.out(verdict.json.text) }
      case .text:
        for note in summary.notes where note.hasPrefix("nobody counts") {
          wrapped("note: \(note)", width: console.width, indent: "  ").forEach(console.out)
        }
        LogText(console: console, repository: repository).lines(Array(shown)).forEach(console.out)
      }
      return ExitCode(summary.outcome == .undecided ? 2 : 0)
    }
  }

  private func scope(_ session: Session) throws -> AuditScope {
    let repository = session.repository
    var ends = (range ?? "").split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if range == nil { ends = ["", "", ""] }
    // One revision alone: from the trust root to it.
    if ends.count == 1 { ends = ["", "", ends[0]] }
    guard ends.count == 3, ends[1].isEmpty else {
      throw Failure.usage("the range must be written FROM..TO, such as origin/main..HEAD")
    }
    let (ref, tip) = try BranchArgument.resolve(ends[2].isEmpty ? nil : ends[2], in: repository)
    guard let start = try ends[0].isEmpty ? session.settings.trustRoot : Session.resolve(ends[0], in: repository) else {
      throw Failure.cannotJudge(
        "no trust root: the history needs a commit to start from",
        next: "stagex-maint init, which proposes one   (or: stagex-maint log FROM..TO)")
    }
    return AuditScope(ref: ref, tip: tip, start: start)
  }
}
