internal import GitBridge

/// Makes the facts of steps of a branch that follows the lead, one at a time: what of it the lead has judged, and what not.
struct FollowerReader {
  let reader: StepReader
  let lead: LeadLine
  let refs: RefView
  let names: ProtectedNames
  /// The full name.
  let ref: [UInt8]

  private var repository: Repository { reader.repository }
  private var rule: BranchRule? { names.policy.branchRule(for: ref) }
  /// One that carried the rules is never deleted or moved aside, whatever pattern names it.
  var hasWildcard: Bool { rule?.name.hasWildcard ?? false && !names.isFormerLead(ref) }

  /// What a step needs to be judged under any rules: its commits, and the lead state below it.
  struct Gathered {
    let step: Step
    let table: CommitTable
    /// Where on the lead the newest state is that the step's new tip reaches.
    let base: Int?
    let checker: SignatureChecker
  }

  /// The new commits of one step.
  ///
  /// - Parameters:
  ///   - hint: A lead state that the step is known to reach.
  ///   - exact: See `Repository.walk`.
  func gather(
    from old: ObjectID, to new: ObjectID, hint: Int?, checker: SignatureChecker, exact: Bool
  ) throws(ReviewProblem) -> Gathered {
    let base = try lead.newestState(below: new, from: hint, in: repository)
    return try gather(from: old, to: new, over: base, checker: checker, exact: exact)
  }

  /// The same above a given lead state.
  func gather(
    from old: ObjectID, to new: ObjectID, over base: Int?, checker: SignatureChecker, exact: Bool
  ) throws(ReviewProblem) -> Gathered {
    var hidden = [old]
    // R40
    // Only a whole lead state is left out: an inner commit that the lead reaches was shown to nobody as a tip.
    if let base { hidden.append(lead.state(at: base)) }
    if let start = try start() { hidden.append(start) }
    let table = try CommitCollector(
      repository: repository, checker: checker, settings: reader.settings, workers: reader.workers
    ).collect(from: [new], hiding: hidden, exact: exact)
    return Gathered(
      step: Step(old: old, new: new, members: Array(table.records.indices)), table: table, base: base, checker: checker)
  }

  /// The start configured for the branch, if it is here.
  func start() throws(ReviewProblem) -> ObjectID? {
    guard let start = reader.settings.start(of: ref),
      try reading({ () throws(GitError) in try repository.kind(of: start) }) == .commit
    else { return nil }
    return start
  }

  /// The facts of a step under the rules of one lead state.
  ///
  /// - Parameters:
  ///   - states: States of the branch at or above the step's.
  func facts(
    _ gathered: Gathered, under terms: StepTerms, states: StatesAbove = .none
  ) throws(ReviewProblem) -> StepFacts {
    let (step, table) = (gathered.step, gathered.table)
    let surveyed = try reader.survey([step], of: table, under: terms.rules, beside: gathered.base.map(lead.state(at:)))
    var facts = try reader.facts(
      for: [step], surveyed[...], of: table, under: [terms], checkedBy: gathered.checker, states: states)[0]
    let (parents, tree) = try reading { () throws(GitError) in
      (try table.parents(of: step.new, in: repository), try table.tree(of: step.new, in: repository))
    }
    facts.follower = try follower(step, parents: parents, tree: tree, base: gathered.base)
    facts.sources = try sources.facts(parents: parents)
    if terms.rules.policy.kind == .signatures {
      facts.images = try ImageReader(reader: reader).findings(step, table, under: terms)
    }
    return facts
  }

  /// - Parameter tree: Of the step's new commit.
  func follower(
    _ step: Step, parents: [ObjectID], tree: ObjectID, base: Int?
  ) throws(ReviewProblem) -> FollowerStep {
    var follower = FollowerStep()
    follower.hasWildcard = hasWildcard
    follower.isLeadState = lead.contains(step.new)
    follower.base = base.map(lead.state(at:))
    follower.takesLeadStates = parents.count > 1 && parents.dropFirst().allSatisfy(lead.contains)
    follower.keepsRules = try keepsRules(step, tree: tree, base: follower.base)
    return follower
  }

  // R43
  private func keepsRules(_ step: Step, tree: ObjectID, base: ObjectID?) throws(ReviewProblem) -> Bool {
    func files(_ commit: ObjectID) throws(ReviewProblem) -> RuleFileIDs {
      try reader.rulebook.ruleFiles(tree: try reading { () throws(GitError) in try repository.treeOfCommit(commit) })
    }
    let own = try reader.rulebook.ruleFiles(tree: tree)
    if own == (try files(step.old)) { return true }
    guard let base else { return false }
    return own == (try files(base))
  }

  // MARK: States of other branches

  var sources: SourceReader {
    SourceReader(repository: repository, settings: reader.settings, lead: lead, refs: refs.current, names: names, ref: ref)
  }

  /// The other follower of which a commit is a state already, if any.
  // R46
  func stateOfOther(_ commit: ObjectID) throws(ReviewProblem) -> [UInt8]? {
    if lead.contains(commit) { return nil }
    let states = FollowerStates(repository: repository, lead: lead, settings: reader.settings)
    for (name, tip) in refs.current.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where name != ref && !names.isLead(name) && names.protectsBranch(name) {
      if try states.holds(commit, name: name, tip: tip) { return name }
    }
    return nil
  }
}

/// The states of branches that follow the lead: their first-parent lines, down to the lead or to a configured start.
struct FollowerStates {
  let repository: Repository
  let lead: LeadLine
  let settings: ReviewSettings

  /// Whether a commit is a state of the branch whose tip is given, the lead state that its line starts at included. A start
  /// that somebody configured is none.
  func holds(_ commit: ObjectID, name: [UInt8], tip: ObjectID) throws(ReviewProblem) -> Bool {
    if commit == tip {
      let start = try anchor(of: tip, name: name)
      return start != nil && (start != commit || lead.contains(commit))
    }
    // Costs little where the commit is newer than the branch, as it nearly always is.
    guard try reading({ () throws(GitError) in
      guard try repository.kind(of: tip) == .commit else { return false }
      return try repository.isAncestor(commit, of: tip)
    }) else { return false }
    var found = false
    let end = try walk(from: tip, name: name) { id in
      if id == commit { found = true }
    }
    return found && end != nil && (end != commit || lead.contains(commit))
  }

  /// The newest commit on a first-parent line that is a lead state, the start configured for the branch or an ancestor of
  /// that; nil when there is none.
  // R18, R21
  func anchor(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> ObjectID? {
    try walk(from: tip, name: name) { _ in }
  }

  /// The first-parent line from where it starts up to `tip`, oldest first, the start included; nil when it has none.
  func line(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> [ObjectID]? {
    var line: [ObjectID] = []
    guard try walk(from: tip, name: name, visit: { line.append($0) }) != nil else { return nil }
    return line.reversed()
  }

  private func walk(
    from tip: ObjectID, name: [UInt8], visit: (ObjectID) -> Void
  ) throws(ReviewProblem) -> ObjectID? {
    var start = settings.start(of: name)
    if let id = start, try reading({ () throws(GitError) in try repository.kind(of: id) }) != .commit { start = nil }
    var current = tip
    while true {
      try settings.checkDeadline()
      visit(current)
      if lead.contains(current) || current == start { return current }
      let commit = try reading { () throws(GitError) in try repository.commit(current) }
      if let start, try reading({ () throws(GitError) in try repository.isAncestor(current, of: start) }) { return current }
      guard let first = commit.parents.first else { return nil }
      current = first
    }
  }
}
