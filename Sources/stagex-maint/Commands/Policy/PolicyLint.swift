internal import ArgumentParser
internal import GitBridge
internal import Review

struct PolicyLint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Find mistakes in a policy file, before they are merged.",
    discussion: """
      Without an argument: review.toml of this folder, else of the work tree, else, in a bare repository, of HEAD.

      Exit status: 0 no mistakes; 1 mistakes; 2 there is no policy to read.
      """)

  @OptionGroup var common: CommonOptions
  @Argument(help: ArgumentHelp("The file, or a revision whose policy file is read.", valueName: "file-or-rev"))
  var place: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let source = try PolicySource(place, common)
      let name = printable(source.name)
      let mistakes = PolicyMistakes(try source.bytes())
      for mistake in mistakes.all {
        console.say("error: \(name)\(mistake.line.map { ":\($0)" } ?? ""): \(printable(mistake.text, limit: 500))")
      }
      // What the policy means is said of one that can be read whole.
      guard mistakes.all.isEmpty, let policy = mistakes.policy else { return ExitCode(1) }
      let findings: [String]
      do {
        findings = policy.findings(try source.registry(policy))
      } catch let defect as FileDefect {
        console.say("error: \(printable(defect.message, limit: 500))")
        return ExitCode(1)
      }
      for finding in findings { console.say("warning: \(printable(finding, limit: 500))") }
      if findings.isEmpty { console.say("\(name): no mistakes found") }
      return findings.isEmpty ? .success : ExitCode(1)
    }
  }
}
