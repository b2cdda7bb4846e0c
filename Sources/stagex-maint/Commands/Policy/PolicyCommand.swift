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
      let (session, commit) = try common.look(at: revision, policy: policy)
      let policy = try session.reviewer.policy(at: commit)
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
