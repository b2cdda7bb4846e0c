package import GitBridge
package import Review

/// Judges what is checked out, by the branches of the project's own remote.
///
/// Attack: a commit by nobody replaces MAINTAINERS, keys and digest lists, and images are signed, counted and published
/// by it.
package struct HeadJudgement {
  private let reviewer: Reviewer
  private let remote: String?
  private var repository: Repository { reviewer.repository }

  /// - Parameter remote: The remote whose branches count; nil where there is none: then the trust root alone does.
  package init(_ reviewer: Reviewer, remote: String?) {
    self.reviewer = reviewer
    self.remote = remote
  }

  /// The rules in force.
  package func rules() throws(FlowError) -> JudgedRules {
    let root = try trustRoot()
    let lead = try asFlow { () throws(ReviewProblem) in try reviewer.protection().lead }
    try demandNotMovedBack(lead, root)
    if try !isBehind(lead, root), let judged = try judge(lead) {
      guard judged.verdict.outcome == .accepted else { throw refused(judged) }
      return JudgedRules(
        policy: judged.policy, registry: judged.registry,
        source: "\(printable(judged.leadRef.dropFirstHeads)) of \(printable(remote ?? "")), at \(judged.leadTip.short)")
    }
    let (policy, registry) = try asFlow { () throws(ReviewProblem) in
      (try reviewer.policy(at: root), try reviewer.registry(at: root))
    }
    return JudgedRules(policy: policy, registry: registry, source: "the trust root \(root.short)")
  }

  /// Attack: a server that shows the lead as it was, whose registry still lists who has left. Here `cosign` has seen a
  /// later one.
  private func demandNotMovedBack(_ lead: String, _ root: ObjectID) throws(FlowError) {
    guard let remote else { return }
    let tip = try reading { () throws(GitError) in
      try repository.resolve(ref: "refs/remotes/\(remote)/\(lead.dropFirstHeads)")
    }
    do throws(CosignError) {
      try JudgedMemory(repository, remote: remote).check(lead, tip ?? root, or: nil)
    } catch {
      throw FlowError(.refused, error.message, next: error.next)
    }
  }

  /// Demands that the rule accepts a commit: the trust root or what is below it, a state of a protected branch of the
  /// remote, or what such a branch would take as its next state.
  package func demand(_ commit: ObjectID) throws(FlowError) {
    let root = try trustRoot()
    if try reading({ () throws(GitError) in try repository.isAncestor(commit, of: root) }) { return }
    var objection: FlowError?
    for ref in try candidates() where try !isBehind(ref, root) {
      guard let judged = try judge(ref) else { continue }
      guard judged.verdict.outcome == .accepted else {
        objection = objection ?? refused(judged)
        continue
      }
      if try isState(commit, of: judged.tip, above: root) { return }
      let isAbove = try reading { () throws(GitError) in try repository.isAncestor(judged.tip, of: commit) }
      guard isAbove else { continue }
      let verdict = reviewer.judge(inThought: [RefUpdate(ref: Array(ref.utf8), old: judged.tip, new: commit)])
      if verdict.outcome == .accepted, !verdict.updates.isEmpty { return }
      let first = verdict.refusals.first.map { ": \(printable($0.message, limit: 300))" } ?? ""
      objection = FlowError(
        verdict.outcome == .undecided ? .impossible : .refused,
        "the rule does not accept HEAD (\(commit.short)) on \(printable(ref.dropFirstHeads))\(first)",
        next: "stagex-maint verify HEAD; or check out what was agreed to: git checkout \(judged.tip.hex)")
    }
    throw objection
      ?? FlowError(
        .refused,
        """
        HEAD (\(commit.short)) is no state of a protected branch\(remote.map { " of \(printable($0))" } ?? ""), \
        and the trust root does not hold it
        """,
        next: "git fetch, and check out a release, or staging or main, as the remote has it")
  }

  private func trustRoot() throws(FlowError) -> ObjectID {
    guard let root = reviewer.settings.trustRoot else {
      throw FlowError(
        .impossible, "no trust root is configured, so nothing tells whose digests and whose keys these are",
        next: "git config maint.trustRoot COMMIT (the one that the project publishes)")
    }
    guard try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit else {
      throw FlowError(.impossible, "maint.trustRoot is \(root), and there is no such commit here", next: "git fetch")
    }
    return root
  }

  /// The remote's branches that could be meant: the lead, the one that is checked out, then the others, few of which
  /// are protected.
  private func candidates() throws(FlowError) -> [String] {
    guard let remote else { return [] }
    let prefix = "refs/remotes/\(remote)/"
    let names = try reading { () throws(GitError) in try repository.references() }
      .compactMap { String(validating: $0.name, as: UTF8.self) }
      .filter { $0.hasPrefix(prefix) && $0 != prefix + "HEAD" }.map { "refs/heads/" + $0.dropFirst(prefix.count) }
    let protection = try asFlow { () throws(ReviewProblem) in try reviewer.protection() }
    var seen: Set<String> = []
    return ([protection.lead, repository.headBranch()].compactMap(\.self).filter(names.contains) + names.sorted())
      .filter { name in
        seen.insert(name).inserted && protection.protectsBranch(Array(name.utf8))
      }
  }

  /// A branch that was not fetched for long may be behind the trust root: nothing newer is known here than that.
  private func isBehind(_ ref: String, _ root: ObjectID) throws(FlowError) -> Bool {
    try reading { () throws(GitError) in
      guard let remote, let tip = try repository.resolve(ref: "refs/remotes/\(remote)/\(ref.dropFirstHeads)") else {
        return true
      }
      if tip == root { return false }
      return try repository.isAncestor(tip, of: root)
    }
  }

  /// Whether a commit is on the branch's own line: what a merge brought in was shown to nobody as a state.
  private func isState(_ commit: ObjectID, of tip: ObjectID, above root: ObjectID) throws(FlowError) -> Bool {
    try reading { () throws(GitError) in
      var at = tip
      while at != commit {
        guard at != root, let parent = try repository.readCommit(at).commit.parents.first else { return false }
        at = parent
      }
      return true
    }
  }

  /// Nil for a branch that the rules do not protect.
  private func judge(_ ref: String) throws(FlowError) -> JudgedBase? {
    try asFlow { () throws(ReviewProblem) in
      do throws(ReviewProblem) {
        return try reviewer.judgedBase(of: Array(ref.utf8))
      } catch .notProtected {
        return nil
      } catch {
        throw error
      }
    }
  }

  private func refused(_ judged: JudgedBase) -> FlowError {
    let first = judged.verdict.refusals.first
    return FlowError(
      judged.verdict.outcome == .undecided ? .impossible : .refused,
      """
      \(printable(judged.ref.dropFirstHeads)), as \(printable(remote ?? "the repository")) has it, \
      is not what the rule accepts from the trust root on
      """
        + (first.map { ": \(printable($0.message, limit: 300))" } ?? ""),
      next: first?.next ?? "stagex-maint audit \(shellWord(judged.ref.dropFirstHeads))")
  }

  private func asFlow<Value>(_ body: () throws(ReviewProblem) -> Value) throws(FlowError) -> Value {
    do throws(ReviewProblem) {
      return try body()
    } catch {
      let refusal = error.refusal(ref: "")
      throw FlowError(.impossible, printable(refusal.message, limit: 500), next: refusal.next)
    }
  }
}

extension String {
  /// A branch's ref without `refs/heads/`.
  fileprivate var dropFirstHeads: String { hasPrefix("refs/heads/") ? String(dropFirst(11)) : self }
}
