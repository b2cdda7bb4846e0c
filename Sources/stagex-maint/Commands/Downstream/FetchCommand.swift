internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct FetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetch, and move this clone's view of protected branches and tags only to what the rule accepts.",
    discussion: """
      Instead of `git fetch`, or beside it. What is refused leaves refs/remotes/REMOTE/* and the tags where they were; \
      it lies under refs/stagex-maint/incoming/REMOTE/, for `explain`. The first fetch judges everything from the \
      trust root on, each further one only what is new. What was accepted is remembered in a ledger (docs/ledger.md), \
      so that a server which shows an older state is found, even after years.

      Example: stagex-maint fetch origin
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions

  @Argument(help: ArgumentHelp("The remote. Default: git config maint.remote, else origin.", valueName: "remote"))
  var remote: String?

  @Option(
    help: ArgumentHelp(
      """
      Forget where this branch or tag stood: what the maintainers have announced to be rewound. It is then judged whole.
      """,
      valueName: "ref"))
  var forget: [String] = []

  @Flag(name: .shortAndLong, help: "Say nothing unless something is refused.")
  var quiet = false

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var session = try Session(repository, judging, moment: .now, engines: .native)
      session.showProgress(on: console)
      let remote = remote ?? repository.config("maint.remote") ?? "origin"
      guard try repository.remotes().contains(where: { $0.name == remote }) else {
        throw Failure.usage("there is no remote \(printable(remote))", next: "git remote --verbose")
      }
      guard session.settings.trustRoot != nil else {
        throw Failure.cannotJudge(
          "there is no trust root to judge from",
          next: "git config maint.trustRoot COMMIT   (the one that the project publishes; docs/downstream.md)")
      }
      let ledger = Ledger.kept(by: repository, of: remote)
      try forget(ledger, of: remote, session, console)
      let git = GitRunner(
        gitDirectory: repository.gitDirectory, environment: ProcessEnvironment.current, mayPrompt: console.errIsTerminal
      )
      let report = try Self.report(repository, git, session, remote, ledger)
      console.endProgress()
      switch judging.format {
      case .json: console.out(FetchText.json(report).text)
      case .text: FetchText(console: console, remote: remote, isQuiet: quiet).print(report, repository)
      default:
        console.out(
          Report(report.verdict, title: "fetch from \(printable(remote))") { repository.subject(of: $0) },
          as: judging.format)
      }
      let outcome = report.verdict.outcome
      if outcome == .accepted, !report.unmoved.isEmpty || !report.leftBehind.isEmpty { return ExitCode(2) }
      return ExitCode(outcome.exitStatus)
    }
  }

  static func report(
    _ repository: Repository, _ git: GitRunner, _ session: Session, _ remote: String, _ ledger: Ledger?
  ) throws -> ProtectedFetch.Report {
    do throws(CosignError) {
      return try ProtectedFetch(repository, git: git, settings: session.settings, remote: remote, ledger: ledger).run()
    } catch {
      throw Failure(
        message: error.message, next: error.next, status: ExitCode(error.exitStatus))
    }
  }

  /// Enters that a ref is gone: everybody can see afterwards that somebody decided so.
  private func forget(_ ledger: Ledger?, of remote: String, _ session: Session, _ console: Console) throws {
    guard !forget.isEmpty else { return }
    guard let ledger else { throw Failure.usage("no ledger is kept here, so there is nothing to forget") }
    let known = LedgerKnowledge(ledger)
    var moves: [SeenMove] = []
    for name in forget {
      let candidates = [name, "refs/heads/" + name, "refs/tags/" + name].map { Array($0.utf8) }
      // Of a ledger that was lost only the clone itself knows.
      let last = try candidates.lazy.compactMap { known.lastSeen(ref: $0) }.first { !$0.new.isZero }
        .map { (ref: $0.ref, new: $0.new) } ?? Self.tracked(name, of: remote, session.repository)
      guard let last else {
        throw Failure.usage(
          "neither the ledger nor this clone knows \(printable(name))", next: "stagex-maint ledger show")
      }
      let now = session.settings.clock
      moves.append(SeenMove(ref: last.ref, old: last.new, new: .zero, time: now, since: now, keeper: .fetch))
      console.err("forgotten: \(printable(last.ref)) at \(last.new.short); it stays in the ledger")
    }
    do throws(LedgerError) { try ledger.enter(moves, place: "here") } catch { throw Failure.ledger(error) }
  }

  /// Where the clone has a branch of the remote.
  private static func tracked(
    _ name: String, of remote: String, _ repository: Repository
  ) throws -> (ref: [UInt8], new: ObjectID)? {
    let branch = name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : name
    return try repository.resolve(ref: "refs/remotes/\(remote)/\(branch)").map {
      (Array("refs/heads/\(branch)".utf8), $0)
    }
  }
}
