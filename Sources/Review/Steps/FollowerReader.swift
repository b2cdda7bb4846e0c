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
    SourceReader(repository: repository, settings: reader.settings, lead: lead, refs: refs, names: names, ref: ref)
  }

  /// The other follower of which one of some commits is a state already, if any: of the oldest of them.
  ///
  /// - Parameter line: Along first parents, oldest first.
  // R46
  func stateOfOther(_ line: [ObjectID]) throws(ReviewProblem) -> [UInt8]? {
    let states = FollowerStates(repository: repository, lead: lead, settings: reader.settings)
    var found: (place: Int, name: [UInt8])?
    for (name, tip) in refs.followers(names) where name != ref {
      guard let held = try states.held(of: line, name: name, tip: tip) else { continue }
      // None of the lead's own, which a branch with a wildcard may hold.
      let place = line.indices.first { held.contains(line[$0]) && !lead.contains(line[$0]) }
      if let place, place < found?.place ?? .max { found = (place, name) }
    }
    return found?.name
  }
}

/// The states of branches that follow the lead: their first-parent lines, down to the lead or to a configured start.
struct FollowerStates {
  let repository: Repository
  let lead: LeadLine
  let settings: ReviewSettings

  /// A branch with more states is first asked whether it reaches a commit at all: nearly always that is newer.
  private static let few = 256

  /// Whether a commit is a state of the branch whose tip is given, the lead state that its line starts at included. A start
  /// that somebody configured is none.
  func holds(_ commit: ObjectID, name: [UInt8], tip: ObjectID) throws(ReviewProblem) -> Bool {
    try held(of: [commit], name: name, tip: tip)?.contains(commit) ?? false
  }

  /// The states of a branch, where one of some commits may be among them; nil where none of them is.
  ///
  /// - Parameter line: Along first parents, oldest first: what a branch does not reach of them, it reaches nothing newer.
  func held(of line: [ObjectID], name: [UInt8], tip: ObjectID) throws(ReviewProblem) -> Set<ObjectID>? {
    guard let oldest = line.first,
      try reading({ () throws(GitError) in try repository.kind(of: tip) }) == .commit
    else { return nil }
    var states: [ObjectID]
    switch try walk(from: tip, name: name, most: Self.few) {
    case .anchored(let line): states = line
    case .unanchored: return nil
    case .long:
      guard try reading({ () throws(GitError) in try repository.isAncestor(oldest, of: tip) }),
        case .anchored(let line) = try walk(from: tip, name: name)
      else { return nil }
      states = line
    }
    if let anchor = states.last, !lead.contains(anchor) { states.removeLast() }
    return Set(states)
  }

  /// The newest commit on a first-parent line that is a lead state, the start configured for the branch or an ancestor of
  /// that; nil when there is none.
  // R18, R21
  func anchor(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> ObjectID? {
    guard case .anchored(let line) = try walk(from: tip, name: name) else { return nil }
    return line.last
  }

  /// The first-parent line from where it starts up to `tip`, oldest first, the start included; nil when it has none.
  func line(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> [ObjectID]? {
    guard case .anchored(let line) = try walk(from: tip, name: name) else { return nil }
    return line.reversed()
  }

  private enum Walk {
    /// Newest first; the last is where the line starts.
    case anchored([ObjectID])
    case unanchored
    /// Longer than was to be looked at.
    case long
  }

  private func walk(from tip: ObjectID, name: [UInt8], most: Int = .max) throws(ReviewProblem) -> Walk {
    var start = settings.start(of: name)
    if let id = start, try reading({ () throws(GitError) in try repository.kind(of: id) }) != .commit { start = nil }
    func isBelowStart(_ id: ObjectID) throws(ReviewProblem) -> Bool {
      guard let start else { return false }
      return try reading { () throws(GitError) in try repository.isAncestor(id, of: start) }
    }
    var line: [ObjectID] = []
    var current = tip
    while true {
      try settings.checkDeadline()
      line.append(current)
      if lead.contains(current) || current == start { break }
      // What is below the start stays so further down: asking at each doubling of the way keeps a long line linear.
      if line.count & (line.count - 1) == 0, try isBelowStart(current) { break }
      guard line.count < most else { return .long }
      let parents = try reading { () throws(GitError) in try repository.commit(current).parents }
      guard let first = parents.first else {
        guard try isBelowStart(current) else { return .unanchored }
        break
      }
      current = first
    }
    guard current != start, try isBelowStart(current) else { return .anchored(line) }
    // The newest that is below the start is somewhere on the way here.
    var (above, below) = (-1, line.count - 1)
    while above + 1 < below {
      let middle = (above + below) / 2
      if try isBelowStart(line[middle]) { below = middle } else { above = middle }
    }
    return .anchored(Array(line[...below]))
  }
}
