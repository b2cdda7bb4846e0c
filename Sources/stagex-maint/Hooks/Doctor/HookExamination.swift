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

  /// What the answers of all places mean together.
  private mutating func judge() {
    guard let first = trials.first else { return }
    let update = trials.first { $0.gate.place == .update }
    let client = trials.first { $0.gate.place == .client }
    let isJudgedLater = update?.state == .judges
    switch first.state {
    case .judges: break
    case .absent where !repository.isBare && client?.state == .judges && isAbsent(places.place(of: hook)):
      findings.add(
        "no-pre-push", .advice, "no pre-push hook: what you push is judged by the server only",
        next: "stagex-maint hook install")
    case .absent, .letsPass:
      if isJudgedLater {
        findings.add(
          "update-only", .advice,
          """
          pushes are judged by the update hook, ref by ref and after the quarantine: \
          refused objects stay until the next git gc
          """,
          next: "stagex-maint hook install")
      } else if isGitolites, gitolite == nil {
        findings.add(
          "gitolite-not-asked", .unknown,
          "the update hook is gitolite's, and gitolite cannot be asked which VREFs it runs",
          next: "run this as gitolite's user, with gitolite on the PATH")
      } else {
        if first.state == .letsPass {
          findings.add(
            "lets-pass", .failsOpen,
            """
            \(first.gate.name) ran, and an unsigned change of \(printable(first.passed ?? lead)) passed: \
            pushes are not judged
            """,
            next: "stagex-maint hook install")
        }
        explain(.failsOpen)
      }
    case .letsDeletionsPass:
      findings.add(
        "lets-deletions-pass", .failsOpen, "\(first.gate.name) ran, and the deletion of \(printable(lead)) passed",
        next: "stagex-maint hook install")
    case .refusesEverything:
      findings.add(
        "refuses-everything", .refuses,
        "\(first.gate.name) refuses also what nobody protects\(quoted(first.said))", next: "stagex-maint hook install")
      explain(.refuses)
    case .refusesOtherwise:
      findings.add(
        "refuses-otherwise", .refuses,
        "\(first.gate.name) refuses, but not for what is wrong with the push\(quoted(first.said))",
        next: "look at what runs stagex-maint there, and with which environment")
      explain(.refuses)
    case .unclear:
      findings.add(
        "unclear", .unknown, "another hook refuses before stagex-maint is asked\(quoted(first.said))",
        next: "look at \(printable(places.folder))")
      explain(.unknown)
    }
    if let update, first.state == .judges, update.state == .refusesEverything {
      findings.add(
        "update-refuses-everything", .refuses,
        "the update hook refuses also what nobody protects\(quoted(update.said))",
        next: "ls -l \(shellWord(places.folder + "/update"))")
    }
    if let backstop = trials.first(where: { $0.gate.place == .backstop }) { judge(backstop: backstop) }
    if let client { judge(client: client) }
  }

  private func isAbsent(_ path: String) -> Bool {
    if let defect = HookFileDefect(path), case .absent = defect { true } else { false }
  }

  /// Whether what is fetched is judged here: where `hook install --client` was run, or somebody's hook calls ours.
  private mutating func judge(client: GateExamination) {
    let path = places.place(of: client.gate.place.hook)
    guard client.state != .judges, isClient(path) else { return }
    let next = "stagex-maint hook install --client"
    switch client.state {
    case .judges: break
    case .absent:
      findings.add(
        "client-open", .failsOpen, HookFileDefect(path)?.text(path) ?? "\(printable(path)) is not run", next: next)
    case .letsPass, .letsDeletionsPass:
      findings.add(
        "client-open", .failsOpen,
        """
        \(client.gate.name) ran, and an unsigned change of \(printable(client.passed ?? lead)) passed: \
        what is fetched is not judged
        """,
        next: next)
    case .unclear, .refusesOtherwise, .refusesEverything:
      findings.add(
        "client-refuses", .refuses,
        "\(client.gate.name) refuses a fetch, but not for what is wrong with it\(quoted(client.said))", next: next)
    }
  }

  /// `hook install --client` has git fetch the branch that carries the rules first: that stays where its hook was taken
  /// away.
  private func isClient(_ path: String) -> Bool {
    if let bytes = try? HookPlaces.readFile(path),
      HookPlaces.isOurs(bytes) || String(decoding: bytes, as: UTF8.self).contains("hook client")
    {
      return true
    }
    let remote = repository.config("maint.remote") ?? "origin"
    let first = "+\(lead):refs/remotes/\(remote)/\(lead.dropFirst("refs/heads/".count))"
    return git.settings.contains { $0.key == "remote.\(remote).fetch" && $0.value == first }
  }

  private mutating func judge(backstop: GateExamination) {
    let path = places.place(of: "reference-transaction")
    switch backstop.state {
    case .judges: break
    case .absent:
      if let defect = HookFileDefect(path), case .absent = defect {
        guard !places.isGitLabs else { return }
        findings.add(
          "no-backstop", .advice,
          "no reference-transaction hook: tags and deletions that a forge's web pages make are not judged",
          next: "stagex-maint hook install --backstop")
      } else {
        findings.add(
          "backstop-open", .failsOpen, HookFileDefect(path)?.text(path) ?? "\(printable(path)) is not run",
          next: "stagex-maint hook install --backstop")
      }
    case .letsPass, .letsDeletionsPass, .unclear, .refusesOtherwise:
      findings.add(
        "backstop-open", .failsOpen,
        "reference-transaction ran, and a change of \(printable(backstop.passed ?? lead)) that nobody signed passed",
        next: "stagex-maint hook install --backstop")
    case .refusesEverything:
      findings.add(
        "backstop-refuses-everything", .refuses,
        "reference-transaction refuses also what nobody protects\(quoted(backstop.said))",
        next: "stagex-maint hook install --backstop")
    }
  }

  private func quoted(_ said: String) -> String {
    let lines = said.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }.prefix(3)
    return lines.isEmpty ? "" : ": \(printable(lines.joined(separator: " "), limit: 300))"
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

  // MARK: By looking

  /// Why the hook did not do what it should, as far as its files tell.
  private mutating func explain(_ effect: Finding.Effect) {
    if let setting = git.value("core.hooksPath") {
      findings.add(
        "hooks-path", effect,
        """
        core.hooksPath is set to \(printable(setting.value)) (in \(printable(setting.place))): \
        git takes hooks from there and not from this repository
        """,
        next: "git config --unset core.hooksPath, or install the hook there")
    }
    let paths =
      places.forgeFolder(hook) == nil ? [places.place(of: hook)] : ["\(places.folder)/\(hook)", places.place(of: hook)]
    for path in paths {
      if let defect = HookFileDefect(path) {
        findings.add("hook-file", effect, defect.text(path), next: defect.next(path))
      } else if let bytes = try? HookPlaces.readFile(path), !HookPlaces.isOurs(bytes), !HookChain(path: path).isThere,
        paths.count == 1
      {
        findings.add(
          "hook-not-ours", effect, "\(printable(path)) is not the hook that this program installs",
          next: "stagex-maint hook install")
      }
    }
  }

  /// Hooks that git is told by its configuration to run, or not to run (git 2.54 and later).
  private mutating func lookAtSwitches() {
    var events = [hook, "reference-transaction"]
    // A hook of ours that is named in the configuration has a switch of its own.
    events += git.settings.filter {
      $0.key.hasPrefix("hook.") && $0.key.hasSuffix(".command") && $0.value.contains("stagex-maint")
    }
    .map { String($0.key.dropFirst(5).dropLast(8)) }
    for name in events where git.isSwitchedOff(name) {
      let place = git.value("hook.\(name).enabled")?.place ?? ""
      findings.add(
        "hook-switched-off", .exposed,
        """
        hook.\(printable(name)).enabled is false (in \(printable(place))): \
        newer versions of git then leave this hook out, silently
        """,
        next: "git config --unset hook.\(shellWord(name)).enabled")
    }
    guard !git.isAtLeast(2, 54) else { return }
    for setting in git.settings
    where setting.key.hasPrefix("hook.") && setting.key.hasSuffix(".event") && events.contains(setting.value) {
      findings.add(
        "hook-in-configuration", .advice,
        """
        \(printable(setting.key)) names a hook for \(printable(setting.value)), \
        and git \(printable(git.version)) does not know such hooks
        """,
        next: "stagex-maint hook install")
    }
  }

  private mutating func lookAtRepository() {
    if repository.isShallow {
      findings.add(
        "shallow", .refuses, "the repository is shallow: nothing can be judged", next: "git fetch --unshallow")
    }
    if repository.isPartialClone {
      findings.add(
        "partial", .refuses, "the repository is a partial clone: objects may be missing",
        next: "git fetch --refetch --no-filter")
    }
    var status = stat()
    if unsafe stat(repository.gitDirectory, &status) == 0, status.st_uid != geteuid() {
      findings.add(
        "other-user", .unknown,
        "the repository belongs to another user: what was tried here may come out differently for that one",
        next: "run this as the user whom the server runs git as")
    }
  }

  private mutating func lookAtExposure() {
    var exposure = PathExposure(repositoryAt: repository.gitDirectory)
    let folder = repository.gitDirectory.trimmingSlash
    var paths = [folder] + ["HEAD", "config", "objects", "refs", "refs/heads", "packed-refs"].map { "\(folder)/\($0)" }
    paths += git.settings.compactMap(\.file) + [places.folder]
    for name in [hook, "reference-transaction", "update"] {
      let chain = HookChain(path: places.place(of: name))
      paths += ["\(places.folder)/\(name)", chain.path, chain.ours, chain.before]
      if let forge = places.forgeFolder(name) { paths += [forge] + folderNames(forge).map { "\(forge)/\($0)" } }
    }
    // gitolite keeps the hooks of a repository beside the script that runs them.
    paths += folderNames(places.folder).filter { $0.hasPrefix(hook + ".h") }.map { "\(places.folder)/\($0)" }
    if let gitolite {
      paths += [
        "\(gitolite.localCode)/VREF/stagex-maint", "\(gitolite.adminBase)/conf/gitolite.conf-compiled.pm",
        "\(folder)/gl-conf",
      ]
    }
    if places.isGitLabs {
      paths += [places.gitLabFolder] + folderNames(places.gitLabFolder).map { "\(places.gitLabFolder)/\($0)" }
    }
    if let alternates = try? readWholeFile("\(folder)/objects/info/alternates") {
      paths += alternates.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }
    paths += [repository.config("maint.registry"), repository.config("maint.policy")].compactMap { $0 }
    paths += [program, Programs.find("git"), Programs.find("gpg"), Programs.find("gpgv"), "/bin/sh"].compactMap { $0 }
    for path in paths { exposure.look(at: path) }
    for hole in exposure.holes {
      findings.add(
        "writable", .exposed, "\(printable(hole.path)) may be changed by \(hole.who)",
        next:
          "chmod go-w \(shellWord(hole.path)), and let root or the server's user own it: ls -ld \(shellWord(hole.path))"
      )
    }
  }
}
