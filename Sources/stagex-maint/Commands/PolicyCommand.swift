internal import ArgumentParser
internal import GitBridge
internal import Review

struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "The policy in force, its mistakes, and what a change to it means.",
    subcommands: [PolicyShow.self, PolicyLint.self, PolicyDiff.self, SchemaCommand.self])
}

struct PolicyShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "The policy in force at a revision, defaults included, as a policy file.")

  @OptionGroup var common: CommonOptions
  @Option(help: ArgumentHelp("Read the policy from this file or revision.", valueName: "file-or-rev"))
  var policy: String?
  @Argument(help: "The revision. Default: HEAD.")
  var revision = "HEAD"

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var judging = try JudgingOptions.parse([])
      judging.policy = policy
      let session = try Session(repository, judging, moment: .now, engines: .native)
      let policy = try session.reviewer.policy(at: try Session.resolve(revision, in: repository))
      if let pin = session.settings.policy {
        console.out("# pinned to \(printable(pin.text))")
      } else if policy.version == 0 {
        console.out("# \(printable(revision)) has no \(Policy.path): these are the defaults")
      }
      console.out(policy.fileText)
      return .success
    }
  }
}

struct PolicyLint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Find mistakes in a policy file, before they are merged.")

  @OptionGroup var common: CommonOptions
  @Argument(help: ArgumentHelp("The file. Default: review.toml in the current folder.", valueName: "file"))
  var file = Policy.path

  func run() throws {
    let console = common.console
    try running(console) {
      let policy: Policy
      let registry: Registry?
      do {
        policy = try Policy.read(path: file)
        let settings = ReviewSettings(clock: Clock.now, threads: 1)
        registry = try Registry.readIfPresent(folder: folder)?.proven(inFolder: folder, policy: policy, settings: settings)
      } catch let defect as FileDefect {
        console.out("error: \(printable(defect.message, limit: 500))")
        return ExitCode(1)
      }
      let findings = policy.findings(registry)
      for finding in findings { console.out("warning: \(printable(finding, limit: 500))") }
      if findings.isEmpty { console.out("\(printable(file)): no mistakes found") }
      return findings.isEmpty ? .success : ExitCode(1)
    }
  }

  private var folder: String {
    guard let slash = file.lastIndex(of: "/") else { return "." }
    return slash == file.startIndex ? "/" : String(file[..<slash])
  }
}
