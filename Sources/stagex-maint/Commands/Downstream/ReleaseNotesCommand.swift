internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct ReleaseNotesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notes", abstract: "Draft the tag's text: packages that changed, and who signed and wrote.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions
  @OptionGroup var options: ReleaseOptions
  @Option(
    help: ArgumentHelp(
      "The release before, or any revision. Default: the one that main names before.", valueName: "rev"))
  var since: String?
  @Argument(help: ArgumentHelp("The release, such as 2026.03.0.", valueName: "release"))
  var release: String

  func run() throws {
    let console = common.console
    try running(console) {
      let session = try Session(try common.openRepository(), judging, moment: .then, engines: .native)
      let view = try ReleaseView(
        release, in: session.repository, remote: session.settings.remote, mainName: options.main,
        stagingName: options.staging)
      guard let commit = view.commit else {
        throw Failure.usage("there is no release \(printable(release)) here", next: "stagex-maint release status")
      }
      var before = view.previous.map { (name: $0.name, commit: $0.taken ?? $0.commit) }
      if let since { before = (since, try Session.resolve(since, in: session.repository)) }
      let notes = try ReleaseNotes(
        view, of: commit, since: before?.commit, previous: before.map { printable($0.name) }, in: session.repository,
        registry: try ReleaseExamination.rules(session).0)
      notes.lines.forEach(console.out)
      return .success
    }
  }
}
