internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct StageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stage", abstract: "Bring your new image signatures to the release's branch, and into a pull request.",
    discussion: """
      One signed commit on top of what is there, fast-forward only; where others came first, your files get \
      the next free numbers. Run it again and the same pull request is brought up to date.

      Example: stagex-maint stage --release 2026.03.0
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: ImageOptions

  @Option(
    help: ArgumentHelp(
      "The release, YYYY.MM.N. Default: that of the branch checked out in signatures/.", valueName: "release"))
  var release: String?

  @Option(help: ArgumentHelp("The remote of the signatures repository.", valueName: "name"))
  var remote = "origin"

  @Option(help: ArgumentHelp("The branch that the pull request is for.", valueName: "branch"))
  var base = "main"

  @Flag(help: "Make the commit and push nothing.")
  var noPush = false

  @Flag(help: "Push to refs/for/BASE (AGit), for whoever may not push branches.")
  var agit = false

  func validate() throws {
    try StageRun.validate(release: release)
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let environment = ProcessEnvironment.takingSecrets()
      return try StageRun(
        session: ImageSession(common, images, mustBeAgreed: true), console: console, release: release, remote: remote,
        base: base, noPush: noPush, agit: agit, options: images, environment: environment
      ).stage()
    }
  }
}
