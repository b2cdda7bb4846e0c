internal import ArgumentParser
internal import GitBridge
internal import Review

struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "CI: judge a pull request, or a push that has happened.",
    discussion: """
      Reads what to judge from the event of Forgejo, Gitea or GitHub Actions, GitLab or Woodpecker, or from \
      --head and --target. Of a request it judges the head that the event names and no other; of a push that \
      has happened, what came to the branch by it. Run it with this program, registry and policy taken from the base, \
      never from the head, and fetch the head as data only.

      Example: stagex-maint gate --base origin/staging --head pr-head --target staging --pr PR-123
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions
  @OptionGroup var page: PageOptions

  @Option(help: ArgumentHelp("The tip of the target branch.", valueName: "rev"))
  var base: String?
  @Option(help: ArgumentHelp("The tip of the pull request.", valueName: "rev"))
  var head: String?
  @Option(help: ArgumentHelp("The branch that the request is bound for.", valueName: "branch"))
  var target: String?
  @Option(help: ArgumentHelp("The pull request's name, for the messages.", valueName: "pr"))
  var pr: String?
  @Option(help: ArgumentHelp("The remote whose branches are the protected ones.", valueName: "name"))
  var remote: String?
  @Option(
    help: ArgumentHelp(
      """
      Keep a record of the pushes that were judged and accepted in this folder, which must outlive the job. \
      Default: git config maint.ledger.
      """,
      valueName: "dir"))
  var ledger: String?
  @Flag(
    help:
      "In a CI: set a status on the judged commit and write the request's one comment, with the token in MAINT_TOKEN.")
  var publish = false

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var session = try Session(repository, judging, moment: .now, engines: .both)
      session.settings.remote = remote ?? repository.config("maint.remote") ?? "origin"
      session.showProgress(on: console)
      let question = try GateQuestion(options: (base: base, head: head, target: target, name: pr), session)
      let (pullRequest, ref) = (question.name, question.ref)
      let protection = try session.reviewer.protection()
      let target = Array(ref.utf8)
      guard protection.protects(target) else {
        throw Failure.usage(
          "\(printable(ref)) is not protected here, so there is nothing to judge",
          next: "name one of: \(protection.list.map { printable($0) }.joined(separator: ", "))")
      }
      let publishing = try GatePublishing(publish, question, console)
      publishing?.begin()
      var answer = question.answer(by: session.reviewer)
      answer.verdict.notes = question.notes + answer.verdict.notes
      answer.verdict.notes += GateLedger(session, folder: ledger)?.enter(answer, question) ?? []
      if let pullRequest { answer.name(pullRequest) }
      console.endProgress()
      let what = "\(pullRequest.map { printable($0) + " onto " } ?? "")\(printable(ref))"
      let merge = mergeAdvice(answer, pullRequest)
      switch judging.format {
      case .json: console.out(answer.json.text)
      case .slsa:
        guard let judged = question.judged else {
          throw Failure.usage("a statement is about a commit, and the branch is gone", next: "--format json")
        }
        console.out(
          try SLSAStatement(answer.verdict.outcome, commit: judged, ref: ref, basis: .update, session).json.text)
      case .sarif, .junit, .github, .markdown, .html, .csv:
        var report = Report(answer.verdict, title: what, closing: merge) { repository.subject(of: $0) }
        report.link = try page.link(repository)
        console.out(report, as: judging.format)
      case .text:
        VerdictText(console: console, repository: repository).print(
          answer.verdict, what: what, more: "add --format json", waiting: answer.waiting)
        if !merge.isEmpty { console.say("") }
        merge.forEach(console.say)
      }
      if let publishing {
        let report = Report(answer.verdict, title: what, closing: merge) { repository.subject(of: $0) }
        publishing.end(answer, markdown: report.text(as: .markdown))
      }
      return ExitCode(answer.verdict.outcome.exitStatus)
    }
  }

  /// How an accepted request gets in.
  private func mergeAdvice(_ answer: GateAnswer, _ pullRequest: String?) -> [String] {
    guard answer.verdict.outcome == .accepted else { return [] }
    if !answer.mergers.isEmpty {
      return [
        "the rule is satisfied as soon as one of these makes the signed merge:",
        "  \(answer.mergers.map { printable($0) }.joined(separator: ", "))",
        "next: stagex-maint cosign \(pullRequest.map { shellWord($0) } ?? "PR-N") --merge",
      ]
    }
    return answer.mayFastForward ? ["the head can be pushed as it is, without a further merge"] : []
  }
}

extension GateAnswer {
  /// Puts the pull request's own name into the commands to type.
  mutating func name(_ pullRequest: String) {
    for index in verdict.refusals.indices {
      let refusal = verdict.refusals[index]
      verdict.refusals[index] = Refusal(
        refusal.code, commit: refusal.commit, ref: refusal.ref, message: refusal.message,
        next: refusal.next.replacing("PR-N", with: shellWord(pullRequest)), because: refusal.because)
    }
  }
}
