internal import ArgumentParser
internal import GitBridge
internal import Review

struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "CI: judge a pull request, or a push that has happened.",
    discussion: """
      Reads base and head from the environment of Forgejo, GitHub, GitLab or Woodpecker, or from the \
      options. Run it with this program, registry and policy taken from the base, never from the head, \
      and fetch the head as data only.

      Example: stagex-maint gate --base origin/staging --head pr-head --target staging --pr PR-123
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions

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

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let environment = CIEnvironment(Environment.current)
      guard let head = head ?? environment.head, let target = target ?? environment.target else {
        throw Failure.usage(
          "no pull request: neither --head and --target nor the environment of a CI says which",
          next: "stagex-maint gate --base BASE --head HEAD --target BRANCH")
      }
      var session = try Session(repository, judging, moment: .now, engines: .both)
      session.settings.remote = remote ?? repository.config("maint.remote") ?? "origin"
      session.showProgress(on: console)
      let ref = target.hasPrefix("refs/") ? target : "refs/heads/" + target
      let headID = try Session.resolve(head, in: repository)
      let baseID = try base.map { try Session.resolve($0, in: repository) } ?? tip(of: ref, session)
      let pullRequest = pr ?? environment.pullRequest
      let protection = try session.reviewer.protection()
      guard protection.protectsBranch(Array(ref.utf8)) else {
        throw Failure.usage(
          "\(printable(ref)) is not protected here, so there is nothing to judge",
          next: "name one of: \(protection.list.map { printable($0) }.joined(separator: ", "))")
      }
      var answer = session.reviewer.judge(
        pullRequest: headID, onto: RefUpdate(ref: Array(ref.utf8), old: baseID, new: headID))
      if let pullRequest { answer.name(pullRequest) }
      console.endProgress()
      let what = "\(pullRequest.map { printable($0) + " onto " } ?? "")\(printable(ref))"
      let merge = mergeAdvice(answer, pullRequest)
      switch judging.format {
      case .json: console.out(answer.json.text)
      case .slsa:
        console.out(
          try SLSAStatement(answer.verdict.outcome, commit: headID, ref: ref, basis: .update, session).json.text)
      case .sarif, .junit, .github, .markdown, .html:
        console.out(
          Report(answer.verdict, title: what, closing: merge) { repository.subject(of: $0) }, as: judging.format)
      case .text:
        VerdictText(console: console, repository: repository).print(
          answer.verdict, what: what, more: "add --format json", waiting: answer.waiting)
        if !merge.isEmpty { console.out("") }
        merge.forEach(console.out)
      }
      return ExitCode(answer.verdict.outcome.exitStatus)
    }
  }

  /// Where the target branch stands: the remote's view first, for a CI's clone has no branches of its own.
  private func tip(of ref: String, _ session: Session) throws -> ObjectID {
    let short = ref.dropFirst("refs/heads/".count)
    let tracking = "refs/remotes/\(session.settings.remote ?? "origin")/\(short)"
    for name in [tracking, ref] {
      if let tip = try session.repository.resolve(ref: name) { return tip }
    }
    throw Failure.cannotJudge("the branch \(printable(ref)) is not in this clone", next: "git fetch origin \(shellWord(String(short)))")
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

/// What a CI's environment says of the pull request it runs for.
struct CIEnvironment {
  var head: String?
  var target: String?
  var pullRequest: String?

  init(_ environment: [String: String]) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    if value("CI_MERGE_REQUEST_IID") != nil {
      // GitLab. CI_COMMIT_SHA is a merge of the server's own making in merged-results pipelines.
      head = value("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA")
      target = value("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
      pullRequest = value("CI_MERGE_REQUEST_IID").map { "!" + $0 }
    } else if value("CI_PIPELINE_EVENT") == "pull_request" {
      // Woodpecker.
      head = value("CI_COMMIT_SHA")
      target = value("CI_COMMIT_TARGET_BRANCH")
      pullRequest = value("CI_COMMIT_PULL_REQUEST").map { "PR-" + $0 }
    } else if let base = value("FORGEJO_BASE_REF", "GITHUB_BASE_REF") {
      // Forgejo and GitHub: the ref is refs/pull/N/head or refs/pull/N/merge, and the sha may be a
      // merge of the server's own making, so that the fetched head is asked for by its own name.
      target = base
      let parts = (value("FORGEJO_REF", "GITHUB_REF") ?? "").split(separator: "/")
      if parts.count == 4, parts[0] == "refs", parts[1] == "pull" {
        pullRequest = "PR-" + parts[2]
        head = "refs/pull/\(parts[2])/head"
      }
    }
  }
}
