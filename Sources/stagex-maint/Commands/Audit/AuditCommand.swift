internal import ArgumentParser
internal import GitBridge
internal import Review

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Replay a branch from its trust root, step by step.",
    discussion: """
      The branch that carries the rules comes first, each step by the rules below it and at its own time; then, if \
      that is asked for, a branch that follows it, by the rules of today. A tag is judged as a server would.

      Example: stagex-maint audit main --trust-root 1a2b3c4d --format json

      Other projects' rules: stagex-maint audit master --rule guix --introduction COMMIT FINGERPRINT

      Who stands behind the changes of any clone, without keys: stagex-maint audit --survey REPO --since 2024-11-01
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions

  @Argument(help: "The branch. Default: the one that HEAD is on.")
  var branch: String?

  @Argument(help: ArgumentHelp("With --survey: further clones.", visibility: .hidden))
  var others: [String] = []

  @OptionGroup(title: "Survey options") var surveyed: SurveyOptions
  @OptionGroup var page: PageOptions

  @Option(help: ArgumentHelp("Start after this commit instead of the trust root.", valueName: "rev"))
  var from: String?

  @Option(help: ArgumentHelp("Only steps of this date (YYYY-MM-DD, UTC) and later.", valueName: "date"))
  var since: String?

  @Flag(help: "Judge everything since the start as one update: not the rule, but shows who endorsed what.")
  var whole = false

  @Option(help: ArgumentHelp("Judge only this part of so many parts of the steps, such as 2/8.", valueName: "i/n"))
  var shard: String?

  @Option(
    help: ArgumentHelp(
      """
      Judge by another project's rule: plain (any good signature by a key of --keyring) \
      or guix (.guix-authorizations, from --introduction).
      """,
      valueName: "rule"))
  var rule: ForeignRule?

  @Option(help: ArgumentHelp("With --rule plain: a folder of certificates.", valueName: "dir"))
  var keyring: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      With --rule guix: the first commit to judge, by its full id, and the full fingerprint of the key that must have \
      signed it. The branch stands before it.
      """,
      valueName: "commit fingerprint"))
  var introduction: [String] = []

  @Option(
    help: ArgumentHelp(
      "With --rule guix: the branch that holds the signers' certificates. Default: keyring.", valueName: "branch"))
  var keyringReference: String?

  func run() throws {
    let console = common.console
    try running(console) {
      if surveyed.survey { return try runSurvey(console) }
      let repository = try common.openRepository()
      try refuseOptionsOfOtherRules()
      if let rule { return try runForeign(rule, repository, console) }
      var session = try Session(repository, judging, moment: .then, engines: .native)
      session.showProgress(on: console)
      if let status = try TagQuestion.answer(branch, session, console, as: judging.format) { return status }
      var scope = try scope(session)
      scope.whole = whole
      scope.since = try since.map(parseDate)
      scope.shard = try shard.map(parseShard)
      let summary: AuditSummary
      switch judging.format {
      case .json:
        summary = try session.reviewer.audit(scope, seen: session.seen) { (verdict) throws(ReviewProblem) in
          console.out(verdict.json.text)
        }
        console.out(summary.json.text)
      case .slsa:
        guard from == nil, since == nil, shard == nil, !whole else {
          throw Failure.usage(
            "a statement is about a branch's whole history: not with --from, --since, --shard or --whole")
        }
        summary = try session.reviewer.audit(scope, seen: session.seen) { (_) throws(ReviewProblem) in }
        console.endProgress()
        console.out(
          try SLSAStatement(summary.outcome, commit: scope.tip, ref: scope.ref, basis: .history, session).json.text)
      case .sarif, .junit, .github, .markdown, .html, .csv:
        var refused: [Verdict] = []
        var picture = HistoryPicture(repository)
        summary = try session.reviewer.audit(scope, seen: session.seen) { (verdict) throws(ReviewProblem) in
          if judging.format == .html { picture.add(verdict) }
          if verdict.outcome != .accepted { refused.append(verdict) }
        }
        let title = "\(printable(scope.ref)) from \(scope.start.short) to \(scope.tip.short)"
        console.endProgress()
        var report = Report(refused, summary, title: title) { repository.subject(of: $0) }
        if judging.format == .html {
          report.link = try page.link(repository)
          session.draw(picture, into: &report, tip: scope.tip)
        }
        console.out(report, as: judging.format)
      case .text:
        // Only what is refused is printed, and nothing that was refused is remembered as accepted.
        scope.mayRemember = true
        summary = try printText(session, scope, console)
      }
      console.endProgress()
      return ExitCode(summary.outcome.exitStatus)
    }
  }

  private func scope(_ session: Session) throws -> AuditScope {
    let repository = session.repository
    let (ref, tip) = try BranchArgument.resolve(branch, in: repository)
    let start: ObjectID
    if let from {
      start = try Session.resolve(from, in: repository)
    } else if let root = session.settings.trustRoot {
      start = root
    } else {
      throw Failure.cannotJudge(
        "no trust root: an audit needs a commit to start from",
        next: "stagex-maint init, which proposes one   (or: stagex-maint audit --from COMMIT)")
    }
    return AuditScope(ref: ref, tip: tip, start: start)
  }

  private func printText(_ session: Session, _ scope: AuditScope, _ console: Console) throws -> AuditSummary {
    let text = VerdictText(console: console, repository: session.repository)
    let refusals = RefusalText(width: console.width, console: console, subject: { session.repository.subject(of: $0) })
    var picture = HistoryPicture(session.repository)
    let showsMonths = console.showsMonths
    let summary = try session.reviewer.audit(scope, seen: session.seen) { (verdict) throws(ReviewProblem) in
      if showsMonths { picture.add(verdict) }
      guard verdict.outcome != .accepted, let step = verdict.updates.first else { return }
      console.endProgress()
      let subject = session.repository.subject(of: step.new) ?? ""
      console.say("\(console.word(verdict.outcome)) \(step.new.short) \(subject)")
      for change in step.changes where change.outcome != .accepted { console.say(text.line(change)) }
      for refusal in verdict.refusals where refusal.code != .tooFewEndorsers && refusal.code != .unsignedMerge {
        refusals.lines([refusal], more: "").dropFirst().forEach { console.say("  " + $0) }
      }
      for because in Set(verdict.refusals.flatMap(\.because)).sorted(by: { $0.commit < $1.commit }) {
        console.say(
          "    not counted (\(because.code.rawValue)): \(because.commit.short) \(printable(because.detail, limit: 300))"
        )
      }
    }
    console.endProgress()
    for note in summary.notes { console.say("note: \(note)") }
    console.say("")
    console.say(
      "\(console.word(summary.outcome)): \(printable(scope.ref)) from \(scope.start.short) to \(scope.tip.short)")
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
    let before =
      summary.remembered == 0 ? "" : "; \(summary.remembered) of them were judged before, --no-cache judges them again"
    console.say("  steps      \(summary.steps)\(summary.steps == 0 ? "" : ": " + list(summary.verdicts))\(before)")
    if !summary.changes.isEmpty { console.say("  changes    \(list(summary.changes))") }
    if !summary.endorsersPerChange.isEmpty {
      let counts = summary.endorsersPerChange.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }
      console.say("  maintainers per change  \(counts.joined(separator: ", "))")
    }
    picture.bars(console, remembered: summary.remembered).forEach(console.say)
    if !summary.refusals.isEmpty {
      console.say("  refusals   \(list(summary.refusals))")
      console.say("next: stagex-maint explain COMMIT, for any commit listed above")
    }
    return summary
  }

  private func parseShard(_ text: String) throws -> (part: Int, of: Int) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let part = parts[0], let count = parts[1], count >= 1, (1...count).contains(part) else {
      throw Failure.usage("--shard takes two numbers, such as 2/8")
    }
    return (part, count)
  }

  func parseDate(_ text: String) throws -> Int64 {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
    guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
      let seconds = secondsSince1970(year: year, month: month, day: day)
    else { throw Failure.usage("--since takes a date, such as 2026-03-13") }
    return seconds
  }
}

enum ForeignRule: String, ExpressibleByArgument, CaseIterable {
  case plain
  case guix
}
