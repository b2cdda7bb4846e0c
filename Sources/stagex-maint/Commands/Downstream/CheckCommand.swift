internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "For people who are no maintainers: is this branch, or this release, what the maintainers agreed to?",
    discussion: """
      Answers yes or no on one screen, and says who stood behind it. The trust root is the one commit to rely on: take \
      it from a place that the project publishes, other than the server that is checked. It is remembered; so is what \
      was seen, and a server that later shows something older, or something else, is found.

      Examples: stagex-maint check https://codeberg.org/stagex/stagex \
      --trust-root 0123456789abcdef0123456789abcdef01234567
                stagex-maint check https://codeberg.org/stagex/stagex --release 2026.03.0 --signatures ./signatures
      """)

  @OptionGroup var common: CommonOptions

  @Argument(
    help: ArgumentHelp("Where the repository is: an address as git takes it, or a folder.", valueName: "url-or-dir"))
  var place: String
  @Argument(help: ArgumentHelp("The branch. Default: the one that carries the rules.", valueName: "branch"))
  var branch: String?
  @Option(help: ArgumentHelp("Check this release's tag instead.", valueName: "tag"))
  var release: String?
  @Option(
    help: ArgumentHelp(
      """
      The commit that is trusted, with its ancestors: its 40 digits, or a file trust-root. \
      Default: the one of last time.
      """,
      valueName: "commit-or-file"))
  var trustRoot: String?
  @Option(
    help: ArgumentHelp(
      "The branch that carries the rules. Default: what the trust root's policy or file says, else main.",
      valueName: "branch"))
  var lead: String?
  @Option(
    help: ArgumentHelp(
      "With --release: a folder of image signatures; each image of the release must have the quorum.", valueName: "dir")
  )
  var signatures: String?
  @Option(
    help: ArgumentHelp(
      "With --release and --signatures: only this image, such as core-busybox@sha256:DIGEST.", valueName: "name@digest")
  )
  var image: [String] = []
  @Option(help: "Who checks signatures: both (ours and GnuPG must agree), native or gpgme.")
  var engine = EngineChoice.native
  @Option(help: "How to print: text, json or slsa.")
  var format = ReportFormat.text

  func validate() throws {
    if branch != nil, release != nil { throw ValidationError("name a branch or --release TAG, not both") }
    if release == nil, signatures != nil || !image.isEmpty {
      throw ValidationError("--signatures and --image belong to --release")
    }
    if signatures == nil, !image.isEmpty { throw ValidationError("--image needs --signatures DIR") }
    guard [.json, .slsa, .text].contains(format) else {
      throw ValidationError("check prints text, json or slsa: --format text")
    }
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let (address, folder) = try address()
      let places = try self.places(address)
      let (repository, git) = try Self.cosign { () throws(CosignError) in
        try CheckMirror.open(places, environment: ProcessEnvironment.current, mayPrompt: console.errIsTerminal)
      }
      var session = try Session(repository, nil, moment: .now, engines: engine)
      session.showProgress(on: console)
      let known = try CheckTrust(places, folder).trusted(trustRoot, lead: lead, git, console)
      session.settings.trustRoot = known.root.commit
      if let lead = known.root.lead {
        try repository.setConfig("maint.lead", lead)
        // At the first look as well: the session was set up before the mirror knew it.
        session.settings.lead = lead
      }
      var fetch = ProtectedFetch(
        repository, git: git, settings: session.settings, remote: "origin", ledger: places.ledger)
      fetch.standIns = try standIns(folder, lead: known.root.lead ?? "main")
      let report = try Self.cosign { () throws(CosignError) in try fetch.run() }
      console.endProgress()
      // Of what was asked about less would be looked at than was judged.
      if let words = report.unmoved.first {
        throw Failure.cannotJudge(
          "accepted, and not moved: \(words)",
          next: "rm -r \(shellWord(places.mirror)), which only costs the next check its time")
      }
      let remembered = try CheckTrust(places, folder).remember(
        known, in: repository, keeps: report.moves.contains { $0.answer?.isAccepted == true })
      let again = try repository.again()
      session.settings.remote = "origin"
      let asked = Session(again, session.settings)
      var answer = try CheckAnswer(
        asked, report, places: places, trust: remembered, branch: branch, release: release)
      if release != nil, let signatures { try answer.addQuorum(asked, signatures: signatures, only: image) }
      switch format {
      case .json: console.out(answer.json.text)
      case .slsa: console.out(try answer.statement(asked).json.text)
      default: answer.lines(console).forEach(console.say)
      }
      return ExitCode(answer.outcome.exitStatus)
    }
  }

  static func cosign<Value>(_ body: () throws(CosignError) -> Value) throws -> Value {
    do throws(CosignError) {
      return try body()
    } catch {
      throw Failure(message: error.message, next: error.next, status: ExitCode(error.exitStatus))
    }
  }

  private func places(_ address: String) throws -> CheckPlaces {
    do throws(FileDefect) {
      return try CheckPlaces(address, environment: ProcessEnvironment.current)
    } catch {
      throw Failure.cannotJudge(printable(error.message), next: "export HOME=/your/home")
    }
  }

  /// The address, and the repository behind it where it is a folder here.
  private func address() throws -> (String, Repository?) {
    var status = stat()
    guard unsafe stat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      // Attack: git takes ext::COMMAND for a program to run.
      guard !place.hasPrefix("-"), !place.contains("::"), place.contains(":") || place.hasPrefix("/") else {
        throw Failure.usage(
          "there is no folder \(printable(place)), and it is no address",
          next: "stagex-maint check https://HOST/OWNER/NAME")
      }
      return (place, nil)
    }
    guard let path = unsafe realpath(place, nil) else {
      throw Failure.cannotJudge("\(printable(place)) cannot be entered: \(errorText(errno))")
    }
    defer { unsafe free(path) }
    do throws(GitError) {
      let repository = try Repository.open(path: unsafe String(cString: path))
      return (repository.commonDirectory, repository)
    } catch {
      throw Failure.cannotJudge(error)
    }
  }

  /// A clone of one branch has no other of its own, but knows where the server's stood.
  private func standIns(_ folder: Repository?, lead: String) throws -> [(ref: String, branch: String)] {
    guard let folder, try folder.resolve(ref: "refs/heads/" + lead) == nil else { return [] }
    let ref = "refs/remotes/\(folder.config("maint.remote") ?? "origin")/\(lead)"
    return try folder.resolve(ref: ref) == nil ? [] : [(ref, lead)]
  }
}

extension Session {
  init(_ repository: Repository, _ settings: ReviewSettings) {
    self.repository = repository
    self.settings = settings
  }
}
