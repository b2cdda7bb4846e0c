package import GitBridge

/// What is to be said of a pull request before it is merged.
package struct GateAnswer: Sendable {
  /// What the request already has, and what keeps it out even if the best placed maintainer merged it.
  package var verdict: Verdict
  /// The maintainers by whose signed merge the rule would be satisfied, sorted.
  package var mergers: [String] = []
  /// Whether pushing the head itself as the branch's new tip would be accepted, without any merge.
  package var mayFastForward = false
  /// Whether merging conflicts.
  package var conflicts = false
  /// New commits that lack somebody, and would lack nobody with the merge of one of ``mergers``.
  package var waiting: Set<ObjectID> = []

  /// The verdict's, and a member `gate` with what else the answer holds: docs/verdict.md.
  package var json: JSONValue {
    guard case .object(var members) = verdict.json else { return verdict.json }
    members.append(
      .init(
        "gate",
        .object([
          "mergers": .strings(mergers), "fast-forward": .bool(mayFastForward), "conflicts": .bool(conflicts),
          "waiting": .strings(waiting.map(\.hex).sorted()),
        ])))
    return .object(members)
  }
}

extension Reviewer {
  /// Answers for a pull request: would the rule be satisfied, and who may make the merge?
  ///
  /// The merge is imagined, once for each maintainer, and judged like a real one.
  package func judge(pullRequest head: ObjectID, onto target: RefUpdate) -> GateAnswer {
    do throws(ReviewProblem) {
      var answer = try self.answer(head, target)
      answer.verdict.speakOfTheMerge(of: head)
      return answer
    } catch {
      return GateAnswer(verdict: Verdict(refusals: [error.refusal(ref: target.name)], notes: pinNotes))
    }
  }

  private func answer(_ head: ObjectID, _ target: RefUpdate) throws(ReviewProblem) -> GateAnswer {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let base = target.old
    var refs = try RefView(repository, push: [], remote: settings.remote)
    refs.suppose(target.ref, at: base)
    let reader = try leadReader()
    let state = try reader.state(refs.current)
    guard state.names.protectsBranch(target.ref) else { throw .notProtected(target.name, names: state.names.list) }
    guard case .here(let authority) = state else {
      if case .missing(let names, let why) = state { throw .leadMissing(why, next: fetchLead(names.names.lead)) }
      throw .trustRootMissing("no trust root is configured from which \(printable(target.ref)) could be judged")
    }
    if let unsound = try unsoundLead(authority) { return GateAnswer(verdict: unsound) }
    if try isAncestor(head, of: base) {
      return GateAnswer(
        verdict: Verdict(notes: ["\(printable(target.ref)) already holds \(head.short)"]), mayFastForward: true)
    }
    let direct = judge([RefUpdate(ref: target.ref, old: base, new: head)], isReal: false, leadIsSound: true)
    // One that carried the rules and stays where it is takes no merge either.
    if direct.refusals.contains(where: { $0.code == .formerLead }) { return GateAnswer(verdict: direct) }
    if direct.outcome == .accepted { return GateAnswer(verdict: direct, mayFastForward: true) }
    let merge = ImaginedMerge(reviewer: self, authority: authority, refs: refs, ref: target.ref, base: base, head: head)
    return try merge.answer()
  }
}

/// A clean, signed merge of a request that nobody has made yet, judged like a real one.
// R118
struct ImaginedMerge {
  let reviewer: Reviewer
  let authority: Authority
  let refs: RefView
  /// The full name of the branch that the request is bound for.
  let ref: [UInt8]
  let base: ObjectID
  let head: ObjectID

  private var repository: Repository { reviewer.repository }
  private var name: String { String(decoding: ref, as: UTF8.self) }
  private var isLead: Bool { authority.names.isLead(ref) }

  func answer() throws(ReviewProblem) -> GateAnswer {
    let merged = try reading { () throws(GitError) in try repository.mergeAgain(parents: [base, head]) }
    var tree = try reviewer.treeOfCommit(base)
    var conflicts: [[UInt8]]?
    switch merged {
    case .clean(let clean): tree = clean
    case .conflict(let paths): conflicts = paths
    }
    var (facts, terms) = isLead ? try leadFacts(tree) : try followerFacts(tree)
    facts.conflicts = conflicts.map { $0.isEmpty ? [Array("unrelated histories".utf8)] : $0 } ?? []
    try mergeAgain()
    let touched = try self.touched(tree, terms.rules.policy)
    let unexplained = conflicts == nil ? try self.unexplained(tree, facts) : []

    let bare = judged(facts, mergedBy: nil, touched, unexplained)
    var answer = GateAnswer(verdict: bare)
    answer.conflicts = conflicts != nil
    var best: Verdict?
    for person in terms.signatures.countingPeople() {
      let verdict = judged(facts, mergedBy: person, touched, unexplained)
      if verdict.refusals.isEmpty { answer.mergers.append(person) }
      if verdict.refusals.count < best?.refusals.count ?? .max { best = verdict }
    }
    if !answer.mergers.isEmpty {
      answer.waiting = Set(bare.updates.flatMap(\.changes).filter { $0.outcome != .accepted }.map(\.commit))
    }
    answer.verdict.refusals = answer.mergers.isEmpty ? (best ?? bare).refusals : []
    answer.verdict.notes = reviewer.pinNotes + terms.rules.notes
    return answer
  }

  /// Its result can be read until the next merge is done again, and other questions do that.
  private func mergeAgain() throws(ReviewProblem) {
    _ = try reading { () throws(GitError) in try repository.mergeAgain(parents: [base, head]) }
  }

  private func stepReader(_ coSignatures: CoSignatureIndex?) throws(ReviewProblem) -> StepReader {
    StepReader(
      repository: repository, settings: reviewer.settings, rulebook: try reviewer.rulebook(), workers: reviewer.workers,
      ref: name, leadNames: authority.names.names, coSignatures: coSignatures)
  }

  private func leadFacts(_ tree: ObjectID) throws(ReviewProblem) -> (StepFacts, StepTerms) {
    let rules = try authority.rules(try reviewer.rulebook(), in: repository)
    let index = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)
    let reader = try stepReader(index)
    let table = try CommitCollector(
      repository: repository, checker: rules.loaded.checker, settings: reviewer.settings, workers: reviewer.workers
    ).collect(from: [head], hiding: [base], exact: true)
    let step = Step(old: base, new: head, members: Array(table.records.indices))
    let surveyed = try reader.survey([step], of: table, areWhole: false)[0]
    try mergeAgain()
    let files = try reader.rulebook.ruleFiles(tree: tree)
    let merged = StepSurvey(rules: surveyed.rules, shapes: surveyed.shapes, newFiles: files)
    var terms = try LeadTerms(reader, .now, lead: authority.lead, start: base)
    // The request's head is no state: it dates nothing.
    let (found, hardSoFar) = try terms.next(Step(old: base, new: .zero), merged, table)
    try mergeAgain()
    var facts = try reader.facts(
      for: [step], [surveyed], of: table, under: [found], checkedBy: rules.loaded.checker)[0]
    try mergeAgain()
    if files != surveyed.rules.files {
      facts.ruleChange = try RuleChangeReader(reader: reader, refs: refs) { authority.lead.contains($0) }.change(
        step, from: surveyed.rules.files, to: files, tree: tree, under: found, hardSoFar: hardSoFar)
      if found.rules.policy.kind == .signatures { facts.demands(found.rules.policy.threshold) }
    }
    if found.rules.policy.kind == .signatures {
      facts.images = try ImageReader(reader: reader).findings(step, table, under: found)
    }
    let bound = Set(facts.changes.flatMap { $0.bounds?.targets ?? [] }).subtracting([name])
    if !bound.isEmpty {
      facts.mergedRefs = try reader.mergedRefs(among: bound, parents: [base, head], lead: authority.lead, refs: refs)
    }
    return (facts, found)
  }

  private func followerFacts(_ tree: ObjectID) throws(ReviewProblem) -> (StepFacts, StepTerms) {
    let rules = try authority.rules(try reviewer.rulebook(), in: repository)
    let terms = authority.terms(for: ref, rules, reviewer.settings)
    let index = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)
    let reader = FollowerReader(
      reader: try stepReader(index), lead: authority.lead,
      followers: Followers(authority, refs, in: repository, reviewer.settings), names: authority.names, ref: ref)
    // Below the merge is whatever either side reaches.
    let side = try authority.lead.newestState(below: head, in: repository)
    let below = try authority.lead.newestState(below: base, in: repository)
    let newest = [side, below].compactMap(\.self).max()
    var gathered = try reader.gather(
      from: base, to: head, hint: nil, checker: rules.loaded.checker, exact: true)
    if let newest, newest != gathered.base {
      gathered = try reader.gather(from: base, to: head, over: newest, checker: rules.loaded.checker, exact: true)
    }
    var facts = try reader.facts(gathered, under: terms, isWhole: false)
    try mergeAgain()
    facts.follower = try reader.follower(
      Step(old: base, new: .zero), parents: [base, head], tree: tree, base: newest)
    facts.sources = try reader.sources.facts(parents: [base, head])
    return (facts, terms)
  }

  /// What the merge itself touches under a path rule: what a rename has carried into a guarded folder.
  private func touched(_ tree: ObjectID, _ policy: Policy) throws(ReviewProblem) -> [PathChange] {
    guard !policy.paths.isEmpty || !policy.allowsGitlinks else { return [] }
    return try reading { () throws(GitError) in
      let ours = try repository.changes(from: try repository.treeOfCommit(base), to: tree).filter {
        policy.concerns($0)
      }
      guard !ours.isEmpty else { return [] }
      let theirs = Set(try repository.changes(from: try repository.treeOfCommit(head), to: tree).map(\.path))
      return ours.filter { theirs.contains($0.path) }
    }
  }

  /// What the merge would bring back although no new commit has put it there.
  private func unexplained(_ tree: ObjectID, _ facts: StepFacts) throws(ReviewProblem) -> [PathChange] {
    let state = facts.follower?.base
    let content = Set(facts.changes.lazy.filter { $0.kind == .contentMerge }.map(\.commit))
    let hidden = [base] + (state.map { [$0] } ?? [])
    let table = try CommitCollector(
      repository: repository,
      checker: SignatureChecker(keyring: .empty, choice: .native, reference: reviewer.settings.reference),
      settings: reviewer.settings, workers: reviewer.workers
    ).collect(from: [head], hiding: hidden, exact: true)
    guard table.records.contains(where: { $0.parents.count >= 2 }) else { return [] }
    return try reading { () throws(GitError) in
      let parents = [try repository.treeOfCommit(base), try repository.treeOfCommit(head)]
      return try UnexplainedPaths(repository: repository, table: table).find(
        from: parents[0], to: tree, members: Array(table.records.indices),
        isContent: { content.contains(table.records[$0].id) },
        own: try repository.ownContent(of: tree, beside: parents).changes,
        beside: try state.map { (state) throws(GitError) in try repository.treeOfCommit(state) })
    }
  }

  /// Judges the request as if this person had made the merge.
  /// What the imagined merge itself would lack is left out when nobody makes it.
  private func judged(
    _ facts: StepFacts, mergedBy person: String?, _ touched: [PathChange], _ unexplained: [PathChange]
  ) -> Verdict {
    let merge = ChangeFacts(
      commit: .zero, parents: [facts.old, head],
      signature: person.map {
        .good(Signer(person: $0, key: .unknown, subkey: .unknown, time: reviewer.settings.clock))
      } ?? .none,
      merge: unexplained.isEmpty ? .clean : .content(paths: unexplained), touched: touched)
    var imagined = StepFacts(
      rules: facts.rules, old: facts.old, new: .zero, changes: facts.changes + [merge], coSignatures: facts.coSignatures
    )
    imagined.ruleChange = facts.ruleChange
    imagined.follower = facts.follower
    imagined.images = facts.images
    imagined.sources = facts.sources
    imagined.mergedRefs = facts.mergedRefs
    imagined.conflicts = facts.conflicts
    imagined.time = facts.time
    var verdict = Review.judge(imagined)
    for index in verdict.updates.indices {
      verdict.updates[index].changes.removeAll { $0.commit == .zero }
      verdict.updates[index] = verdict.updates[index].renamed(to: head)
    }
    if person == nil { verdict.refusals.removeAll { $0.commit == .zero } }
    return verdict
  }
}

extension ReviewedUpdate {
  /// The same update to another tip: of an imagined merge nobody knows the id.
  fileprivate func renamed(to head: ObjectID) -> ReviewedUpdate {
    var update = ReviewedUpdate(ref: ref, old: old, new: head, base: base, threshold: threshold)
    update.changes = changes
    update.without = without
    update.time = time
    return update
  }
}
