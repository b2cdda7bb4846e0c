internal import GitBridge
internal import OpenPGP

/// Makes the facts of steps of the lead, for push and audit alike.
// R24
struct LeadSteps {
  let reader: StepReader
  /// The refs that stand now; nil in an audit, which cannot know which stood then.
  let refs: RefView?
  /// As it was before these steps; in an audit the whole line.
  let lead: LeadLine?

  private var repository: Repository { reader.repository }

  /// The facts of each step, with what must be said beside them.
  ///
  /// - Parameters:
  ///   - steps: Oldest first, without a gap.
  ///   - surveyed: What their commits change; nil where it has to be looked at now.
  func facts(
    _ steps: [Step], _ surveyed: ArraySlice<StepSurvey>? = nil, of table: CommitTable,
    checkedBy checker: SignatureChecker,
    clock: StepClock, ahead: Set<Fingerprint> = [], states: StatesAbove = .none
  ) throws(ReviewProblem) -> [(facts: StepFacts, notes: [String])] {
    guard let first = steps.first else { return [] }
    var terms = try LeadTerms(reader, clock, lead: lead, start: first.old, ahead: ahead)
    let surveyed = if let surveyed { surveyed } else { try reader.survey(steps, of: table)[...] }
    return try facts(steps, surveyed, of: table, checkedBy: checker, terms: &terms, states: states)
  }

  /// The same for a part of the steps; `terms` goes on from those below.
  func facts(
    _ steps: [Step], _ surveyed: ArraySlice<StepSurvey>, of table: CommitTable, checkedBy checker: SignatureChecker,
    terms: inout LeadTerms, states: StatesAbove = .none, isWhole: Bool = false
  ) throws(ReviewProblem) -> [(facts: StepFacts, notes: [String])] {
    var found: [(terms: StepTerms, hardSoFar: Set<Fingerprint>)] = []
    found.reserveCapacity(steps.count)
    for (step, surveyed) in zip(steps, surveyed) { found.append(try terms.next(step, surveyed, table)) }
    var facts = try reader.facts(
      for: steps, surveyed, of: table, under: found.map(\.terms), checkedBy: checker, states: states)
    var handover: String?
    var passed: Set<ObjectID> = []
    for index in facts.indices where !isWhole {
      let (step, surveyed) = (steps[index], surveyed[surveyed.startIndex + index])
      let (terms, hardSoFar) = found[index]
      passed.insert(step.new)
      // From here on the line is the named branch's own.
      if let named = handover, terms.step.ref == "refs/heads/\(named)" { handover = nil }
      facts[index].followsHandover = handover
      let isImages = terms.rules.policy.kind == .signatures
      let after = surveyed.newFiles ?? terms.rules.files
      if after != terms.rules.files {
        let changes = RuleChangeReader(reader: reader, refs: refs) { [passed] in
          passed.contains($0) || lead?.contains($0) ?? false
        }
        let tree = try reading { () throws(GitError) in try table.tree(of: step.new, in: repository) }
        let change = try changes.change(
          step, from: terms.rules.files, to: after, tree: tree, under: terms, hardSoFar: hardSoFar)
        facts[index].ruleChange = change
        handover = handover ?? change?.namesLead
        // One signature moves images; who may sign them is changed as everywhere else.
        if isImages { facts[index].demands(terms.rules.policy.threshold) }
      }
      if isImages { facts[index].images = try ImageReader(reader: reader).findings(step, table, under: terms) }
      facts[index].mergedRefs = try mergedRefs(facts[index], table)
    }
    return zip(facts, found).map { ($0, $1.terms.rules.notes) }
  }

  /// The followers of which a step merges a state, where an endorsement is bound to another branch than the lead.
  func mergedRefs(_ facts: StepFacts, _ table: CommitTable) throws(ReviewProblem) -> Set<String> {
    let bound = Set(facts.changes.flatMap { $0.bounds?.targets ?? [] }).subtracting([facts.ref])
    guard !bound.isEmpty, let lead else { return [] }
    let parents = try reading { () throws(GitError) in try table.parents(of: facts.new, in: repository) }
    return try reader.mergedRefs(among: bound, parents: parents, lead: lead, refs: refs)
  }
}

extension StepReader {
  /// The refs that a push has left so far, or in an audit those that stand now.
  func current(_ refs: RefView?) throws(ReviewProblem) -> [[UInt8]: ObjectID] {
    if let refs { return refs.current }
    return try RefView(repository, push: [], remote: settings.remote).current
  }

  /// Those of some branches of which a merge has a state among its further parents.
  func mergedRefs(
    among bound: Set<String>, parents: [ObjectID], lead: LeadLine, refs: RefView?
  ) throws(ReviewProblem) -> Set<String> {
    let current = try current(refs)
    let states = FollowerStates(repository: repository, lead: lead, settings: settings)
    var merged: Set<String> = []
    for name in bound {
      guard let tip = current[Array(name.utf8)] else { continue }
      for parent in parents.dropFirst() where try states.holds(parent, name: Array(name.utf8), tip: tip) {
        merged.insert(name)
      }
    }
    return merged
  }
}
