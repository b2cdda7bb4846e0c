internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

/// Looks at everything that could let a push by unjudged, or keep every push out, and tries it.
///
/// Nothing ends it early: whoever mends one thing must not find the next one by the next accident.
struct HookExamination {
  let repository: Repository
  let places: HookPlaces
  let git: ServerGit
  /// The hook that judges: on a server, or on a laptop.
  let hook: String
  var findings = Findings()
  private(set) var trials: [GateExamination] = []
  /// The branch on which the made-up push is tried.
  private(set) var lead: String
  /// Where the repository's update hook is gitolite's, and gitolite can be asked.
  let gitolite: Gitolite?
  let isGitolites: Bool

  init(_ repository: Repository) throws {
    self.repository = repository
    places = HookPlaces(repository: repository)
    git = try ServerGit(repository)
    hook = repository.isBare ? "pre-receive" : "pre-push"
    lead = Self.lead(of: repository)
    isGitolites = repository.isBare && Gitolite.runs("\(places.folder)/update")
    gitolite = isGitolites ? Gitolite(repository, branch: lead) : nil
    // Hooks are run as git runs them: in the git folder, by relative paths.
    guard unsafe chdir(repository.isBare ? repository.gitDirectory : repository.workTree ?? ".") == 0 else {
      throw Failure.cannotJudge("\(printable(repository.gitDirectory)) cannot be entered: \(errorText(errno))")
    }
  }

  /// The branch that carries the rules.
  static func lead(of repository: Repository) -> String {
    if let name = repository.config("maint.lead"), SettingsExamination.isBranch(name, repository) {
      return "refs/heads/" + name
    }
    // Else the trust root's policy says; where it cannot be read, other findings tell.
    let session = try? HookRunning.session(repository)
    let policy = session?.settings.trustRoot.flatMap { try? session?.reviewer.policy(at: $0) }
    return "refs/heads/" + (policy?.lead ?? Policy.usualLead)
  }

  mutating func examine() throws {
    try tryHooks()
    lookAtSwitches()
    lookAtProgram()
    lookAtRepository()
    var settings = SettingsExamination(repository, git, isServer: repository.isBare)
    settings.look()
    settings.findings.all.forEach { findings.add($0.code, $0.effect, $0.text, next: $0.next) }
    lookAtTrust()
    lookAtExposure()
  }

  /// Whether an unsigned change of the lead would be let in; nil where it was not tried.
  var unsignedPushesLand: Bool? {
    trials.isEmpty ? nil : !trials.contains { $0.stopsUnsigned && $0.gate.place != .client }
  }

  // MARK: By doing

  private mutating func tryHooks() throws {
    let gates = try HookGates(repository: repository, places: places, git: git).all()
    let push: MadeUpPush
    do {
      push = try MadeUpPush(repository, lead: lead)
    } catch {
      let (text, next) = Self.words(error)
      findings.add("not-tried", .unknown, "no push could be tried: \(text)", next: next)
      explain(.unknown)
      return
    }
    defer { push.remove() }
    lookAtExpectations(push)
    for gate in gates {
      // Without what gitolite's shell tells it, its hook refuses everybody.
      if gate.place == .update, isGitolites, gitolite == nil { continue }
      trials.append(try GateExamination(gate, push, folder: folder(of: gate), extra: environment(of: gate)))
    }
    judge()
  }

  private func folder(of gate: HookGate) -> String {
    [.prePush, .client].contains(gate.place) ? repository.workTree ?? repository.gitDirectory : repository.gitDirectory
  }

  /// A forge's own hooks, which run beside ours, leave a push alone that the forge makes itself.
  private func environment(of gate: HookGate) -> [String: String] {
    var extra: [String: String] = [:]
    if places.forgeFolder(gate.place.hook) != nil { extra[GateExamination.forgesMark] = "true" }
    if gate.place == .update, let gitolite { extra.merge(gitolite.environment) { $1 } }
    if [.prePush, .client].contains(gate.place) { extra["GIT_DIR"] = repository.gitDirectory }
    return extra
  }

  private mutating func lookAtExpectations(_ push: MadeUpPush) {
    guard let question = push.questions.first(where: { $0.kind == .unsigned }) else { return }
    switch question.expected.outcome {
    case .accepted:
      findings.add(
        "lead-unprotected", .failsOpen, "\(printable(lead)) is not protected: an unsigned change of it is accepted",
        next: "git config maint.lead BRANCH, or name it in the policy")
    case .undecided where question.update.old.isZero:
      findings.add(
        "no-lead-yet", .advice,
        "\(printable(lead)) is not here yet: until its first push is accepted, little can be tried",
        next: "push the trust root to \(printable(lead)), then stagex-maint hook doctor again")
    case .undecided:
      guard let refusal = question.expected.refusals.first else { return }
      findings.add(
        "cannot-judge", .refuses,
        "no push can be judged, and each is refused: \(printable(refusal.message, limit: 500))",
        next: refusal.next)
    case .refused: break
    }
  }

  static func words(_ error: any Error) -> (text: String, next: String) {
    switch error {
    case let error as GitError: (printable(error.message, limit: 500), error.next)
    case let error as Failure: (error.message, error.next ?? "stagex-maint hook doctor")
    case let error as ReviewProblem:
      (printable(error.refusal(ref: "").message, limit: 500), error.refusal(ref: "").next)
    case let error as FileDefect: (printable(error.message, limit: 500), "stagex-maint hook doctor")
    default: ("an error of no known kind", "stagex-maint hook doctor")
    }
  }
}
