internal import GitBridge
internal import Review

extension HookExamination {
  /// What the answers of all places mean together.
  mutating func judge() {
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
}
