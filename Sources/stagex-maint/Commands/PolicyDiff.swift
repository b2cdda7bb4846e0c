internal import ArgumentParser
internal import GitBridge
internal import Glibc
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
  @Argument(help: ArgumentHelp("The policy as it would be. Default: review.toml in the current folder.", valueName: "file-or-rev"))
  var new = Policy.path

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
            "differences": .array(differences.map { .object(["effect": .string($0.effect.rawValue), "text": .string($0.text)]) }),
          ]).text)
      case .text:
        for difference in differences { console.out("\(word(difference.effect, console))  \(printable(difference.text, limit: 500))") }
        if differences.isEmpty { console.out("\(printable(old)) and \(printable(new)) ask the same") }
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

  private func read(_ place: String) throws -> Policy {
    if unsafe access(place, F_OK) == 0 {
      do throws(FileDefect) {
        return try Policy.read(path: place)
      } catch {
        throw Failure.cannotJudge(error.message, next: "stagex-maint policy lint \(shellWord(place))")
      }
    }
    let repository = try common.openRepository()
    var judging = try JudgingOptions.parse([])
    judging.policy = nil
    var session = try Session(repository, judging, moment: .now, engines: .native)
    // The question is about that revision, not about what is pinned here.
    session.settings.policy = nil
    return try session.reviewer.policy(at: try Session.resolve(place, in: repository))
  }
}
