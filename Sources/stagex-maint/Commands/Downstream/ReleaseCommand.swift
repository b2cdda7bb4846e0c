internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct ReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "A release as StageX makes them: what is done, what is missing, what to type next.",
    subcommands: [ReleaseStatus.self, ReleaseVerify.self, ReleaseNotesCommand.self])
}

struct ReleaseOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The branch that releases are merged to. Default: main.", valueName: "branch"))
  var main = "main"
  @Option(help: ArgumentHelp("The branch that releases are taken from. Default: staging.", valueName: "branch"))
  var staging = "staging"
  @Option(help: ArgumentHelp("A folder of image signatures: who signed the release's digests.", valueName: "dir"))
  var signatures: String?
}

struct ReleaseStatus: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What a release has, what it lacks, and the next command.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions
  @OptionGroup var options: ReleaseOptions
  @Argument(
    help: ArgumentHelp("The release, such as 2026.03.0. Default: the newest that main names.", valueName: "release"))
  var release: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let examination = try ReleaseExamination.make(common, judging, options, release, console)
      examination.print(console, try judging.listFormat())
      return .success
    }
  }
}

struct ReleaseVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "As status; ends with 0 only where nothing is missing or wrong: `make publish` can begin with it.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions
  @OptionGroup var options: ReleaseOptions
  @Argument(help: ArgumentHelp("The release, such as 2026.03.0.", valueName: "release"))
  var release: String

  func run() throws {
    let console = common.console
    try running(console) {
      let examination = try ReleaseExamination.make(common, judging, options, release, console)
      examination.print(console, try judging.listFormat())
      return ExitCode(examination.outcome.exitStatus)
    }
  }
}
