internal import ArgumentParser
internal import GitBridge
internal import Review

struct HookDoctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find what makes a repository's hooks fail open, or refuse everything.",
    discussion: """
      Runs the hooks as git would, on a made-up push that must be refused and on one that must pass, and looks at \
      settings, programs, and who may write them. Nothing of it stays in the repository.

      Run it as the user whom the server runs git as.

      Exit status: 0 pushes to protected refs are judged; 1 something fails open, refuses everything, is open to \
      others or is set wrongly; 2 it could not be found out.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() throws {
    let console = common.console
    try running(console) {
      var examination = try HookExamination(try common.openRepository())
      try examination.examine()
      let findings = examination.findings.all
      switch format {
      case .json: console.out(examination.json.text)
      case .text:
        for finding in findings { print(finding, console) }
        console.out(examination.summary(console))
      }
      return ExitCode(examination.status)
    }
  }

  private func print(_ finding: Finding, _ console: Console) {
    let word =
      switch finding.effect {
      case .advice: console.yellow("advice ")
      case .unknown: console.yellow("unknown")
      default: console.red("problem")
      }
    for (index, line) in wrapped(finding.text, width: console.width - 8).enumerated() {
      console.out("\(index == 0 ? word : "       ") \(line)")
    }
    for line in wrapped("next: \(finding.next)", width: console.width - 8, indent: "      ") {
      console.out("        \(line)")
    }
  }
}

extension HookExamination {
  var status: Int32 {
    if findings.all.contains(where: \.effect.isProblem) { return 1 }
    return findings.all.contains { $0.effect == .unknown } ? 2 : 0
  }

  func summary(_ console: Console) -> String {
    let problems = findings.all.count { $0.effect.isProblem }
    switch status {
    case 0:
      guard !repository.isBare else { return console.green("ok") + ": pushes to protected refs are judged" }
      let judged = trials.filter { $0.state == .judges }.map {
        $0.gate.place == .client ? "what is fetched" : "what is pushed, before it leaves"
      }
      return console.green("ok") + ": judged is \(judged.joined(separator: ", and "))"
    case 1: return "\(problems) \(problems == 1 ? "problem" : "problems")"
    default: return "it could not be found out whether pushes are judged"
    }
  }

  var json: JSONValue {
    .object([
      "schema": .string("stagex-maint/hook-doctor/1"),
      "verdict": .string(["ok", "problems", "unknown"][Int(status)]),
      "unsigned-pushes-land": unsignedPushesLand.map(JSONValue.bool) ?? .null,
      "lead": .string(lead),
      "places": .array(
        trials.map { .object(["hook": .string($0.gate.place.hook), "answer": .string($0.state.rawValue)]) }),
      "findings": .array(findings.all.map(\.json)),
    ])
  }
}
