internal import GitBridge
internal import Review

/// What is protected now, what is not, and the one thing to type next.
struct InitEnding {
  private let steps: InitSteps
  private var console: Console { steps.console }
  private var repository: Repository { steps.repository }

  init(_ steps: InitSteps) { self.steps = steps }

  func tell() {
    console.out("")
    let (protected, not) = repository.isBare ? server : clone
    console.out("protected now: \(protected.isEmpty ? "nothing" : protected.joined(separator: "; "))")
    for text in not { console.out("not protected: \(text)") }
    if !repository.isBare, steps.nobody == nil, let firstChange { return firstChange.forEach(console.out) }
    console.out("next: \(next)")
  }

  /// How a change lands, where the server is seen to have the trust root on its lead: it has been set up by somebody.
  private var firstChange: [String]? {
    let remote = repository.config("maint.remote") ?? "origin"
    let lead = steps.leadBranch ?? "main"
    guard let trusted = steps.trusted, steps.hosted == nil || steps.workflowPath != nil,
      repository.mayBeRef("refs/remotes/\(remote)/\(lead)"),
      let tip = (try? repository.resolve(ref: "refs/remotes/\(remote)/\(lead)")) ?? nil,
      (try? repository.isAncestor(trusted, of: tip)) == true
    else { return nil }
    let (server, branch) = (shellWord(remote), shellWord(lead))
    return [
      "next: a change, on a branch of its own:", "  git switch --create TOPIC",
      "  git commit --gpg-sign --message WHAT", "  git push \(server) TOPIC",
      "then another maintainer, who stands for it by merging it:", "  git fetch \(server)", "  git switch \(branch)",
      "  git merge --no-ff --gpg-sign --message 'Merge TOPIC' \(server)/TOPIC", "  git push \(server) \(branch)",
    ]
  }

  private var server: (protected: [String], not: [String]) {
    guard steps.hasHook, steps.trusted != nil else {
      return ([], ["pushes: \(steps.hasHook ? "no trust root is set" : "there is no hook")"])
    }
    return (
      ["pushes to the branches and tags that the policy of \(steps.leadBranch ?? "main") names"],
      [
        "tags and deletions on a forge's web pages, until: stagex-maint hook install --backstop",
        "git's own objects, unless: git config receive.fsckObjects true",
      ]
    )
  }

  private var clone: (protected: [String], not: [String]) {
    var protected: [String] = []
    if steps.hasHook, steps.trusted != nil {
      protected.append("your own pushes from this clone are judged before they leave")
    }
    var not = ["the server, until its hook is there (on a server of your own: stagex-maint hook install)"]
    not.append(
      steps.workflowPath == nil
        ? "a hosted forge, until a CI runs the gate: stagex-maint init --ci KIND"
        : "a hosted forge, until the gate's status is required there")
    return (protected, not)
  }

  /// In the order in which one leads to the other.
  private var next: String {
    if repository.isBare {
      if steps.trusted == nil { return "stagex-maint hook install --trust-root FULL-ID" }
      return steps.hasHook ? "stagex-maint hook doctor" : "stagex-maint hook install"
    }
    if let nobody = steps.nobody { return nobody.next }
    guard let trusted = steps.trusted else {
      let there = steps.elsewhere.map { "git switch \(shellWord($0)) && " } ?? ""
      return """
        \(there)git add \(MaintainersFile.path) \(Registry.keysFolder) \(Policy.path) && git commit --gpg-sign \
        --message "List the maintainers" && stagex-maint init
        """
    }
    if let hosted = steps.hosted, steps.workflowPath == nil {
      return """
        stagex-maint init --ci \(hosted.rawValue) --ci-program URL --ci-sha256 SUM, both from a release; \
        pushes to a hosted forge meet no hook of yours
        """
    }
    let lead = steps.leadBranch.map { $0 == "main" ? "" : " --lead \(shellWord($0))" } ?? ""
    return "on the server, in the bare repository: stagex-maint hook install --trust-root \(trusted.hex)\(lead)"
  }
}
