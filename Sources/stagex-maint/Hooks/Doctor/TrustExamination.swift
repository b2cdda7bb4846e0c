internal import GitBridge
internal import Review

extension HookExamination {
  /// The trust root, the lead, and the rules that are in force.
  mutating func lookAtTrust() {
    let branches = ((try? repository.references()) ?? []).map { String(decoding: $0.name, as: UTF8.self) }
      .filter { $0.hasPrefix("refs/heads/") }
    lookAtRoot(isEmpty: branches.isEmpty)
    if branches.contains("refs/heads/staging"), branches.contains("refs/heads/main"),
      repository.config("maint.lead") == nil, LeadChoice.named(in: repository) == nil
    {
      findings.add(
        "no-lead", .advice,
        """
        both staging and main are here, and maint.lead is not set: main carries the rules; \
        where changes land on staging first, staging may be the lead
        """,
        next: "git config maint.lead staging   (or main, to say so)")
    }
    lookAtRules()
  }

  private mutating func lookAtRoot(isEmpty: Bool) {
    let next = "git config maint.trustRoot $(git rev-parse COMMIT)"
    guard let root = repository.config("maint.trustRoot") else {
      findings.add(
        "no-trust-root", .refuses,
        "maint.trustRoot is not set: the first push of a branch cannot be judged, nor can an audit", next: next)
      return
    }
    let shown = printable(root)
    guard let id = ObjectID(hexString: root) else {
      findings.add(
        "trust-root-invalid", .refuses, "maint.trustRoot is \(shown), which is not the full id of a commit", next: next)
      return
    }
    guard (try? repository.kind(of: id)) == .commit else {
      if isEmpty {
        findings.add(
          "trust-root-not-here", .advice,
          "maint.trustRoot is \(shown), which is not here yet: the first push of the lead brings it",
          next: "push \(printable(lead))")
      } else {
        findings.add(
          "trust-root-invalid", .refuses,
          "maint.trustRoot is \(shown), and there is no such commit here: every push is refused",
          next: next)
      }
      return
    }
    guard let tip = try? repository.resolve(ref: lead) else { return }
    if (try? repository.isAncestor(id, of: tip)) == false {
      findings.add(
        "trust-root-elsewhere", .refuses, "maint.trustRoot is \(shown), which \(printable(lead)) does not hold",
        next: next)
    }
  }

  private mutating func lookAtRules() {
    guard let tip = (try? repository.resolve(ref: lead)) ?? nil else { return }
    do {
      let session = try HookRunning.session(repository)
      let policy = try session.reviewer.policy(at: tip)
      let registry = try session.reviewer.registry(at: tip)
      for finding in policy.findings(registry) {
        findings.add("policy", .advice, printable(finding, limit: 500), next: "stagex-maint policy lint")
      }
      let able = registry.maintainers(needing: policy.evidence)
      if able.count < policy.threshold {
        findings.add(
          "too-few-maintainers", .refuses,
          """
          only \(able.count) of the \(policy.threshold) maintainers that each change needs can endorse: \
          every push is refused
          """,
          next: "stagex-maint keys list")
      }
    } catch {
      let (text, next) = Self.words(error)
      findings.add("rules-unreadable", .refuses, text, next: next)
    }
  }
}
