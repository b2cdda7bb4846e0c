internal import GitBridge

/// Judges the update of one protected branch: the ref's own rules, then every step.
struct BranchReview {
  let reviewer: Reviewer
  let refs: RefView
  let names: ProtectedNames

  private var repository: Repository { reviewer.repository }

  func judge(_ update: RefUpdate) throws(ReviewProblem) -> Verdict {
    let shown = printable(update.ref)
    func refused(_ code: RefusalCode, commit: ObjectID? = nil, _ message: String, next: String) -> Verdict {
      Verdict(refusals: [Refusal(code, commit: commit, ref: update.name, message: message, next: next)])
    }
    if update.new.isZero {
      return refused(.deletion, "\(shown) is protected and cannot be deleted", next: "leave it, or ask an admin to change the policy first")
    }
    if update.new == update.old { return Verdict() }
    switch try reading({ () throws(GitError) in try repository.kind(of: update.new) }) {
    case .commit: break
    case nil: throw .git(.missingObject(update.new, promised: repository.isPartialClone))
    default: return refused(.notACommit, "\(shown) would point to \(update.new.short), which is not a commit", next: "git cat-file -t \(update.new.short)")
    }
    let start: ObjectID
    let root: ObjectID?
    if update.old.isZero {
      switch try startOfNewBranch(update) {
      case .commit(let commit):
        start = commit
        root = try trustRoot(broughtBy: update.new, to: start)
      case .refused(let refusal): return Verdict(refusals: [refusal])
      }
    } else {
      guard try isAncestor(update.old, of: update.new) else {
        return refused(
          .rewind, commit: update.new, "\(shown) would lose commits: \(update.old.short) is not an ancestor of \(update.new.short)",
          next: "git fetch, then merge or rebase onto \(shown)")
      }
      root = try trustRoot(broughtBy: update.new, to: update.old)
      start = try later(of: root, and: update.old, below: update.new)
    }
    if start == update.new { return Verdict() }
    return try judgeSteps(update, from: start, trusting: root)
  }

  /// Everything up to the trust root is trusted; judging starts there when the branch was behind it
  /// and the root is on its first-parent line.
  private func later(
    of root: ObjectID?, and old: ObjectID, below new: ObjectID
  ) throws(ReviewProblem) -> ObjectID {
    guard let root, try isAncestor(old, of: root) else { return old }
    var commit = new
    while commit != root {
      let parents = try reading { () throws(GitError) in try repository.commit(commit).parents }
      guard commit != old, let first = parents.first else { return old }
      commit = first
    }
    return root
  }

  /// The trust root, if it is among the commits that are new to the branch. Where the branch holds it already, all
  /// that it vouches for is old anyway.
  private func trustRoot(broughtBy new: ObjectID, to old: ObjectID) throws(ReviewProblem) -> ObjectID? {
    guard let root = reviewer.settings.trustRoot,
      try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit,
      try mayBeNew(root, from: old, to: new), try isAncestor(root, of: new)
    else { return nil }
    return root
  }

  /// False when a commit is surely not among the new ones. Costs what the push brings, where asking whether the trust
  /// root is an ancestor costs the whole history since then, and each push would pay it.
  private func mayBeNew(_ commit: ObjectID, from old: ObjectID, to new: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in
      var found = false
      try unsafe repository.walk(from: [new], hiding: [old], exact: false) { id, _, _ in
        if id == commit { found = true }
      }
      return found
    }
  }

  // MARK: Creation

  private enum Start {
    case commit(ObjectID)
    case refused(Refusal)
  }

  /// A new branch starts at its newest merge base with the protected branches (or with the trust
  /// root), which must be on its first-parent line.
  private func startOfNewBranch(_ update: RefUpdate) throws(ReviewProblem) -> Start {
    let shown = printable(update.ref)
    var held = names.protectedTips(in: refs.before).map(\.tip)
    if let root = reviewer.settings.trustRoot,
      try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit
    {
      held.append(root)
    }
    guard !held.isEmpty else {
      throw .trustRootMissing("\(shown) is the first protected branch here and no trust root is configured")
    }
    var bases: [ObjectID] = []
    for tip in Set(held).sorted() {
      for base in try reading({ () throws(GitError) in try repository.mergeBases(update.new, tip) })
      where !bases.contains(base) {
        bases.append(base)
      }
    }
    guard !bases.isEmpty else {
      return .refused(
        Refusal(
          .unrelatedHistory, commit: update.new, ref: update.name,
          message: "\(shown) shares no history with any protected branch", next: "start it from one: git switch -c NAME BRANCH"))
    }
    // The newest is the one that has all others below it.
    var newest = bases[0]
    for base in bases.dropFirst() where try isAncestor(newest, of: base) { newest = base }
    for base in bases where base != newest {
      guard try isAncestor(base, of: newest) else {
        return .refused(
          Refusal(
            .foxtrot, commit: update.new, ref: update.name,
            message: "\(shown) has several newest merge bases with the protected branches: \(newest.short), \(base.short)",
            next: "start it from a protected branch: git switch -c NAME BRANCH"))
      }
    }
    return .commit(newest)
  }

  // MARK: Steps

  private func judgeSteps(
    _ update: RefUpdate, from start: ObjectID, trusting root: ObjectID?
  ) throws(ReviewProblem) -> Verdict {
    let settings = reviewer.settings
    let rulebook = try reviewer.rulebook()
    let startTree = try reading { () throws(GitError) in try repository.treeOfCommit(start) }
    let loaded = try rulebook.registry(tree: startTree, of: start)
    loaded.checker.warmUp()
    let rule = try rulebook.policy(tree: startTree, of: start).branchRule(for: update.ref)
    let sources = refs.sources(of: update.ref, matching: rule?.from ?? [], isProtected: names.protectsBranch)
    let coSignatures = try CoSignatureIndex(repository, ref: try rulebook.policy(tree: startTree, of: start).coSignatureRef, refs: refs.after)

    // The trust root and its ancestors are trusted wherever they come in.
    let trusted = root.map { [$0] } ?? []

    func attempt(exact: Bool) throws(ReviewProblem) -> Verdict {
      let table = try CommitCollector(
        repository: repository, checker: loaded.checker, settings: settings, workers: reviewer.workers
      ).collect(from: [update.new], hiding: [start] + trusted + sources.map(\.tip), exact: exact)
      let line: [ObjectID]
      switch try table.firstParentLine(from: update.new, to: start, in: repository, mayLeave: !sources.isEmpty || !trusted.isEmpty) {
      case .line(let commits): line = commits
      case .foxtrot(let commit):
        return Verdict(refusals: [
          Refusal(
            .foxtrot, commit: commit, ref: update.name,
            message: "\(start.short) is not on the first-parent line of \(update.new.short): the merge was made the wrong way round",
            next: "git switch --detach \(start.short) && git merge -S \(update.new.short)^1")
        ])
      case .root(let commit): return Verdict(refusals: [unrelatedRoot(commit, ref: update.name)])
      }
      let steps = table.steps(along: line, from: start)
      let gatherer = FactGatherer(repository: repository, settings: settings, rulebook: rulebook, workers: reviewer.workers)
      let facts = try gatherer.facts(
        for: steps, of: table, checkedBy: loaded.checker, ref: update.name, coSignatures: coSignatures,
        leansOn: sources.map { String(decoding: $0.name, as: UTF8.self) })
      let sourceReview = SourceReview(repository, ref: update.ref, refs: refs, start: start, isProtected: names.protectsBranch)
      var verdict = Verdict()
      for (step, facts) in zip(steps, facts) {
        verdict.append(Review.judge(facts))
        verdict.refusals += table.unrelatedRoots(in: step, ref: update.name)
        let (oldTree, newTree) = try reading { () throws(GitError) in
          (try table.tree(of: step.old, in: repository), try table.tree(of: step.new, in: repository))
        }
        let rules = try rulebook.rules(tree: oldTree, of: step.old)
        verdict.refusals += try RuleChangeReview(reviewer: reviewer, rulebook: rulebook)
          .judge(step, ref: update.name, rules: rules, oldTree: oldTree, newTree: newTree)
        verdict.refusals += try sourceReview.judge(step, table, under: rules)
        for note in rules.notes where !verdict.notes.contains(note) { verdict.notes.append(note) }
      }
      return verdict
    }

    var verdict = try attempt(exact: false)
    for index in verdict.refusals.indices where verdict.refusals[index].code == .enginesDisagree {
      guard let commit = verdict.refusals[index].commit,
        let folder = DisagreementReport(repository: repository).write(commit, keyring: loaded.registry.keyring)
      else { continue }
      verdict.notes.append("the bytes over which the engines disagree are kept in \(folder): please report them")
    }
    if verdict.outcome != .accepted, try namesOldCommit(verdict, [start] + trusted + sources.map(\.tip)) {
      verdict = try attempt(exact: true)
    }
    if verdict.outcome == .accepted { reviewer.acceptedBy = loaded.checker }
    return verdict
  }

  /// Whether a refused commit is held by the branch already: the quick walk takes too much for new
  /// where clocks were wrong, and nobody shall be refused for that.
  private func namesOldCommit(_ verdict: Verdict, _ held: [ObjectID]) throws(ReviewProblem) -> Bool {
    for commit in Set(verdict.refusals.compactMap(\.commit)).sorted().prefix(64) {
      for tip in held where try isAncestor(commit, of: tip) { return true }
    }
    return false
  }

  private func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in try repository.isAncestor(ancestor, of: commit) }
  }
}
