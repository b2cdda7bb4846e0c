internal import GitBridge

/// Makes the facts of steps of a branch that follows the lead, one at a time:
/// what of it the lead has judged, and what not.
struct FollowerReader {
  let reader: StepReader
  let lead: LeadLine
  let followers: Followers
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
  ///   - hint: A lead state that the step is known to reach; its parents may be newer ones.
  ///   - exact: See `Repository.walk`.
  func gather(
    from old: ObjectID, to new: ObjectID, hint: Int?, checker: SignatureChecker, exact: Bool
  ) throws(ReviewProblem) -> Gathered {
    let parents = try reading { () throws(GitError) in try repository.commit(new).parents }
    let known = ([hint] + parents.map(lead.position)).compactMap(\.self).max()
    let base = try lead.newestState(below: new, from: known, in: repository)
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
  ///   - isWhole: Whether the step ends in its new commit; false for a request's, above which a merge is imagined.
  func facts(
    _ gathered: Gathered, under terms: StepTerms, states: StatesAbove = .none, isWhole: Bool = true
  ) throws(ReviewProblem) -> StepFacts {
    let (step, table) = (gathered.step, gathered.table)
    let surveyed = try reader.survey(
      [step], of: table, under: terms.rules, beside: gathered.base.map(lead.state(at:)), areWhole: isWhole)
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
    SourceReader(lead: lead, followers: followers, names: names, ref: ref)
  }
}
