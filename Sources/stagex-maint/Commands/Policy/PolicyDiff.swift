internal import ArgumentParser
internal import GitBridge
internal import Review

struct PolicyDiff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What a change to the policy means: where less would be asked, and where more.",
    discussion: """
      Each side is a file, or a revision whose policy file (or, without one, the defaults) is read.

      Example: stagex-maint policy diff origin/main review.toml
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "End with status 1 when less would be asked anywhere.")
  var failIfWeaker = false
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Argument(help: ArgumentHelp("The policy as it is.", valueName: "file-or-rev"))
  var old: String
  @Argument(
    help: ArgumentHelp(
      "The policy as it would be. Default: review.toml of this folder, else of the work tree, else of HEAD.",
      valueName: "file-or-rev"))
  var new: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let (before, after) = (try read(old), try read(new))
      let differences = before.differences(to: after)
      let weaker = differences.contains { $0.effect == .weaker }
      switch format {
      case .json:
        console.out(
          JSONValue.object([
            "schema": .string("stagex-maint/policy-diff/1"), "weaker": .bool(weaker),
            "differences": .array(
              differences.map { .object(["effect": .string($0.effect.rawValue), "text": .string($0.text)]) }),
          ]).text)
      case .text:
        for difference in differences {
          console.out("\(word(difference.effect, console))  \(printable(difference.text, limit: 500))")
        }
        if differences.isEmpty { console.out("\(printable(old)) and \(printable(new ?? Policy.path)) ask the same") }
      }
      return weaker && failIfWeaker ? ExitCode(1) : .success
    }
  }

  private func word(_ effect: PolicyDifference.Effect, _ console: Console) -> String {
    switch effect {
    case .weaker: console.red("weaker  ")
    case .stronger: console.green("stronger")
    case .other: "other   "
    }
  }

  private func read(_ text: String?) throws -> Policy {
    let source = try PolicySource(text, common)
    // A revision without a policy file has the defaults.
    if text != nil, !source.isThere { return try Self.standard(text, common) }
    let mistakes = PolicyMistakes(try source.bytes())
    guard let mistake = mistakes.all.first else { return mistakes.policy ?? .standard }
    let name = printable(source.name) + (mistake.line.map { ":\($0)" } ?? "")
    throw Failure.cannotJudge(
      "\(name): \(printable(mistake.text, limit: 500))",
      next: "stagex-maint policy lint" + (text.map { " " + shellWord($0) } ?? ""))
  }

  private static func standard(_ text: String?, _ common: CommonOptions) throws -> Policy {
    let repository = try common.openRepository()
    _ = try Session.resolve(text ?? "HEAD", in: repository)
    return .standard
  }
}
