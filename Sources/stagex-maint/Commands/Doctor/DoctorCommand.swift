internal import ArgumentParser
internal import Review

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at a maintainer's laptop: git, gpg, agent, card, names, versions, settings, one line each.",
    discussion: """
      Nothing is changed, nothing is signed, and no PIN is asked for. For a server's hooks there is hook doctor.

      Exit status: 0 when a maintainer can work here, 1 when something is in the way.
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    try running(console) {
      let findings = LaptopExamination(environment: ProcessEnvironment.current, repository: common.repository)
        .findings()
      for finding in findings {
        let word =
          switch finding.state {
          case .ok: console.green("ok     ")
          case .advice: console.yellow("advice ")
          case .problem: console.red("problem")
          }
        console.out("\(word) \(finding.text)")
        if let next = finding.next { console.out("        next: \(next)") }
      }
      let problems = findings.count { $0.state == .problem }
      console.out(
        problems == 0
          ? "a maintainer can work here" : "\(problems) \(problems == 1 ? "thing is" : "things are") in the way")
      return problems == 0 ? .success : ExitCode(1)
    }
  }
}
