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
    console.out("next: \(next)")
  }

  private var server: (protected: [String], not: [String]) {
    guard steps.hasHook, steps.trusted != nil else { return ([], ["pushes: \(steps.hasHook ? "no trust root is set" : "there is no hook")"]) }
    return (
      ["pushes to the branches and tags that the policy of \(steps.leadBranch ?? "main") names"],
      ["tags and deletions on a forge's web pages, until: stagex-maint hook install --backstop", "git's own objects, unless: git config receive.fsckObjects true"]
    )
  }

  private var clone: (protected: [String], not: [String]) {
    var protected: [String] = []
    if steps.hasHook, steps.trusted != nil { protected.append("your own pushes from this clone are judged before they leave") }
    var not = ["the server, until its hook is there (on a server of your own: stagex-maint hook install)"]
    not.append(
      steps.workflowPath == nil ? "a hosted forge, until a CI runs the gate: stagex-maint init --ci KIND" : "a hosted forge, until the gate's status is required there")
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
      return "git add \(MaintainersFile.path) \(Registry.keysFolder) \(Policy.path) && git commit --gpg-sign --message \"List the maintainers\" && stagex-maint init"
    }
    return "on the server, in the bare repository: stagex-maint hook install --trust-root \(trusted.hex)"
  }
}
