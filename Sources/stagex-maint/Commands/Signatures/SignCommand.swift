internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

struct SignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign the digests of all images that you built: make sign, checked.",
    discussion: """
      Runs the repository's own `make digests` and `make sign`; whatever the script behind it wants to have \
      signed is first held against the committed digest lists and against every byte of the image in out/. \
      The whole list is shown and confirmed before the card is touched for the first time. One touch makes \
      one signature; stop whenever you like and go on with --resume.

      Example: stagex-maint sign --release 2026.03.0 --stage
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var images: ImageOptions

  @Option(help: ArgumentHelp("The release, YYYY.MM.N: signatures go to its branch release/R.", valueName: "release"))
  var release: String?

  @Flag(help: "Go on with a list that was confirmed before, without building and without asking again.")
  var resume = false

  @Flag(help: "Show what would be signed, and sign nothing.")
  var dryRun = false

  @Flag(help: "Do the signing itself from digests/ and out/, without make.")
  var noMake = false

  @Flag(help: "Then stage the signatures: branch, commit, push and pull request.")
  var stage = false

  @Flag(help: "The list is confirmed: do not ask.")
  var yes = false

  @Option(help: ArgumentHelp("Sign no more than this many now.", valueName: "n"))
  var limit: Int?

  @Option(help: ArgumentHelp("Sign only this list or package; may be given again.", valueName: "name"))
  var only: [String] = []

  @Option(help: ArgumentHelp("The remote of the signatures repository.", valueName: "name"))
  var remote = "origin"

  @Option(help: ArgumentHelp("The branch that pull requests of signatures go to.", valueName: "branch"))
  var base = "main"

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    try StageRun.validate(release: release)
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let environment = ProcessEnvironment.takingSecrets()
      let session = try ImageSession(common, images, mustBeAgreed: true)
      guard let repository = session.repository, let root = repository.workTree else {
        throw Failure.usage("there is no work tree here to sign from", next: "stagex-maint -C DIR sign")
      }
      let staging = StageRun(
        session: session, console: console, release: release, remote: remote, base: base, noPush: false,
        options: images, environment: environment)
      if stage, !dryRun { _ = try staging.committer() }
      let run = SigningRun(options: self, session: session, repository: repository, root: root, console: console)
      let status = try run.sign()
      guard status == .success, stage, !dryRun else { return status }
      return try staging.stage()
    }
  }
}
