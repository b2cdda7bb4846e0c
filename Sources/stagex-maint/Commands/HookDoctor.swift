internal import ArgumentParser
internal import GitBridge
internal import Review

struct HookDoctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Find what makes a repository's hooks fail open, or refuse everything.",
    discussion: "Run it as the user whom the server runs git as.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let findings = try HookExamination(repository).findings()
      for finding in findings {
        console.out("\(finding.isProblem ? console.red("problem") : console.yellow("advice ")) \(finding.text)")
        console.out("        next: \(finding.next)")
      }
      let problems = findings.filter(\.isProblem).count
      console.out(problems == 0 ? console.green("ok") + ": pushes to protected refs are judged" : "\(problems) \(problems == 1 ? "problem" : "problems")")
      return problems == 0 ? .success : ExitCode(1)
    }
  }
}
