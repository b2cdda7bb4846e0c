internal import GitBridge
internal import OpenPGP

/// Makes the facts of steps, for hook, gate, command and audit alike. Nobody else does.
struct StepReader {
  let repository: Repository
  let settings: ReviewSettings
  let rulebook: Rulebook
  let workers: Workers
  /// The branch's full name.
  let ref: String
  var leadNames = LeadNames(lead: [])
  var cache: FactCache?
  var coSignatures: CoSignatureIndex?

  /// The facts of each step, in the order of the steps.
  ///
  /// - Parameters:
  ///   - surveyed: What the steps' commits change.
  ///   - terms: Of each step.
  ///   - checker: Under whose keyring the table's signatures were checked.
  ///   - states: States of the branch at or above each step's, of which somebody may have made a statement.
  func facts(
    for steps: [Step], _ surveyed: ArraySlice<StepSurvey>, of table: CommitTable, under terms: [StepTerms],
    checkedBy checker: SignatureChecker, states: StatesAbove = .none
  ) throws(ReviewProblem) -> [StepFacts] {
    remember(steps, table, surveyed, checkedBy: checker.cacheKey)
    let known = surveyed.startIndex
    // Only a signature that must be checked again, or a co-signature, takes another look into the repository.
    let quick: [StepFacts?] =
      coSignatures != nil
      ? Array(repeating: nil, count: steps.count)
      : concurrentMap(steps.count, threads: settings.threads) { index in
        Self.facts(
          of: steps[index], surveyed[known + index], table, terms[index], coSignatures: { _ in [] },
          bounds: { _ in nil }, signature: { terms[index].loaded.fact(of: $0.signature, terms[index].signatures) })
      }
    var result: [StepFacts] = []
    result.reserveCapacity(steps.count)
    for (index, quick) in quick.enumerated() {
      if let quick {
        result.append(quick)
        continue
      }
      try settings.checkDeadline()
      let (step, terms) = (steps[index], terms[index])
      let slow = try Self.facts(
        of: step, surveyed[known + index], table, terms,
        coSignatures: { commits throws(ReviewProblem) in
          try coSignatures?.facts(
            for: commits, states: states, of: step, target: terms.step.ref, terms: terms, settings: settings) ?? []
        },
        bounds: { record throws(ReviewProblem) in
          try record.bounds.map { (bounds) throws(ReviewProblem) in try BoundFacts(bounds, in: step, table, repository)
          }
        },
        signature: { record throws(ReviewProblem) in try fact(of: record, terms) })
      // Attack: whatever makes a step's facts come out as nothing would let the step pass unjudged.
      guard let slow else { throw .git(.malformedObject(step.new, reason: "the facts of its step cannot be told")) }
      result.append(slow)
    }
    return result
  }

  /// - Parameter signature: What a commit's signature is worth;
  ///   nil where it cannot be told, and then neither can the facts.
  private static func facts<Failure>(
    of step: Step, _ surveyed: StepSurvey, _ table: CommitTable, _ terms: StepTerms,
    coSignatures: ([ObjectID]) throws(Failure) -> [CoSignatureFact],
    bounds: (CommitRecord) throws(Failure) -> BoundFacts?,
    signature: (CommitRecord) throws(Failure) -> SignatureFact?
  ) throws(Failure) -> StepFacts? {
    var changes: [ChangeFacts] = []
    changes.reserveCapacity(step.members.count)
    for (place, shape) in zip(step.members, surveyed.shapes) {
      let record = table.records[place]
      guard let signature = try signature(record) else { return nil }
      let found = try bounds(record)
      // Lines that narrow were said, and what they mean is not known here.
      if record.bounds != nil, found == nil { return nil }
      changes.append(
        ChangeFacts(
          commit: record.id, parents: record.parents, defect: record.defect?.rawValue ?? shape.treeDefect,
          isAdoption: shape.isAdoption, signature: signature, merge: shape.merge, touched: shape.touched, bounds: found,
          remergeFailure: shape.because))
    }
    var facts = StepFacts(
      rules: terms.step, old: step.old, new: step.new, changes: changes,
      coSignatures: try coSignatures(changes.map(\.commit)))
    facts.time = terms.signatures.time ?? 0
    return facts
  }

  /// Puts into the cache what was found out of the steps' commits.
  private func remember(
    _ steps: [Step], _ table: CommitTable, _ surveyed: ArraySlice<StepSurvey>, checkedBy checker: CacheKey
  ) {
    guard let cache else { return }
    for (step, surveyed) in zip(steps, surveyed) {
      for (place, shape) in zip(step.members, surveyed.shapes) {
        let record = table.records[place]
        var remembered: FactRecord.Shape?
        if shape.treeDefect == nil, shape.touched.isEmpty, shape.merge == nil || shape.merge == .clean {
          remembered = FactRecord.Shape(
            policy: surveyed.rules.policyKey, isAdoption: shape.isAdoption,
            isCleanMerge: shape.merge.map { $0 == .clean })
        }
        var ruleFiles = record.id == step.new ? surveyed.newFiles : nil
        if ruleFiles?.areFiles == false { ruleFiles = nil }
        if let old = record.remembered, old.shape == remembered, old.ruleFiles == ruleFiles { continue }
        if let new = record.toRemember(keyring: checker, shape: remembered, ruleFiles: ruleFiles) { cache.add(new) }
      }
    }
  }

  // MARK: Shape: adoption, merge done again, paths

  /// Looks at what every step's commits change, and at the rules for it. Reading trees and merging again is what costs
  /// here, so it is spread over the threads. Needs no signature.
  ///
  /// - Parameters:
  ///   - given: The rules of all the steps; nil where they are those of each step's first parent.
  ///   - state: The lead state below a follower's step.
  ///   - areWhole: Whether each step ends in its new commit; false for a request's, above which a merge is imagined.
  func survey(
    _ steps: [Step], of table: CommitTable, under given: Rules? = nil, beside state: ObjectID? = nil,
    areWhole: Bool = true
  ) throws(ReviewProblem) -> [StepSurvey] {
    // One piece of work for each commit, and one for a step that brings none.
    var work: [(step: Int, place: Int?)] = []
    work.reserveCapacity(table.records.count)
    for (index, step) in steps.enumerated() {
      if step.members.isEmpty { work.append((index, nil)) }
      for place in step.members { work.append((index, place)) }
    }
    let found = try workers.map(work.count, repository, settings) {
      [work, reopened = rulebook.reopened, given, deadline = settings.deadline]
      (index, repository) throws(ReviewProblem) -> Surveyed in
      let item = work[index]
      let rulebook = reopened(repository)
      let step = steps[item.step]
      let rules: Rules
      if let given {
        rules = given
      } else {
        rules = try rulebook.rules(
          tree: try reading { () throws(GitError) in try table.tree(of: step.old, in: repository) }, of: step.old,
          files: table[step.old]?.remembered?.ruleFiles)
      }
      guard let place = item.place else { return Surveyed(rules: rules, shape: nil, newFiles: nil) }
      let record = table.records[place]
      let shape: Shape
      if let known = record.remembered?.shape, known.policy == rules.policyKey {
        // What the cache knows is not looked at again.
        shape = Shape(isAdoption: known.isAdoption, merge: known.isCleanMerge == true ? .clean : nil)
      } else {
        shape = try Shape(of: record, table, rules.policy, repository, deadline: deadline)
      }
      var newFiles: RuleFileIDs?
      if record.id == step.new, record.defect == nil, shape.treeDefect == nil {
        if let known = record.remembered?.ruleFiles {
          newFiles = known
        } else {
          newFiles = try rulebook.ruleFiles(tree: record.tree)
        }
      }
      return Surveyed(rules: rules, shape: shape, newFiles: newFiles)
    }
    var result: [StepSurvey] = []
    result.reserveCapacity(steps.count)
    var next = 0
    for step in steps {
      let part = found[next..<(next + max(1, step.members.count))]
      next += part.count
      // One piece of work at least was made for each step.
      let rules = part[part.startIndex].rules
      result.append(
        StepSurvey(rules: rules, shapes: part.compactMap(\.shape), newFiles: part.lazy.compactMap(\.newFiles).first))
    }
    return areWhole ? try explained(result, steps, of: table, beside: state) : result
  }

  /// Takes merges at the ends of steps for what they are where they bring back what no new commit has put there.
  func explained(
    _ surveyed: [StepSurvey], _ steps: [Step], of table: CommitTable, beside state: ObjectID? = nil
  ) throws(ReviewProblem) -> [StepSurvey] {
    var result = surveyed
    for (index, step) in steps.enumerated() where UnexplainedPaths.mayBringBack(step.members, table) {
      guard let tip = step.members.firstIndex(where: { table.records[$0].id == step.new }),
        surveyed[index].shapes[tip].merge == .clean,
        // What is malformed refuses by itself, and its tree explains nothing.
        step.members.allSatisfy({ table.records[$0].defect == nil })
      else { continue }
      try settings.checkDeadline()
      let isClean = Dictionary(
        zip(step.members, surveyed[index].shapes.map { $0.merge == .clean }), uniquingKeysWith: { first, _ in first })
      let paths = try reading { () throws(GitError) in
        try UnexplainedPaths(repository: repository, table: table).find(
          from: try table.tree(of: step.old, in: repository), to: table.records[step.members[tip]].tree,
          members: step.members,
          isContent: { isClean[$0] == false },
          beside: try state.map { (state) throws(GitError) in try repository.treeOfCommit(state) })
      }
      guard !paths.isEmpty else { continue }
      result[index].setUnexplained(paths, at: tip)
    }
    return result
  }

  /// What one thread has found out of one commit.
  private struct Surveyed: Sendable {
    let rules: Rules
    let shape: Shape?
    let newFiles: RuleFileIDs?
  }

  // MARK: Signatures

  /// What a commit's signature is worth under one step's terms.
  func fact(of record: CommitRecord, _ terms: StepTerms) throws(ReviewProblem) -> SignatureFact {
    try terms.loaded.fact(of: record.signature, terms.signatures) { () throws(ReviewProblem) in
      try check(again: record, terms.loaded)
    }
  }

  /// Checks a signature that was checked before under a keyring that did not know the keys of this registry.
  func check(again record: CommitRecord, _ loaded: LoadedRegistry) throws(ReviewProblem) -> SignatureCheck {
    try reading { () throws(GitError) in
      let bytes = try repository.read(record.id, as: .commit)
      return unsafe bytes.withUnsafeBytes { raw in
        guard let parse = unsafe CommitParse.parse(raw), let signature = parse.signature else { return .unsigned }
        let job = SignatureJob(
          armor: unsafe parse.signatureArmor(in: raw),
          payload: (0..<signature.lowerBound, signature.upperBound..<raw.count))
        return unsafe loaded.checker.check([job], in: raw)[0]
      }
    }
  }
}

/// The rules for a step, and the shapes of its members, in their order.
struct StepSurvey: Sendable {
  let rules: Rules
  private(set) var shapes: [Shape]
  /// The rules' files in the tree of the step's new commit; nil where that commit is not among the members.
  let newFiles: RuleFileIDs?

  init(rules: Rules, shapes: [Shape], newFiles: RuleFileIDs?) {
    self.rules = rules
    self.shapes = shapes
    self.newFiles = newFiles
  }

  /// Takes a clean merge for one with content: these paths stand in it as no new commit has put them.
  mutating func setUnexplained(_ paths: [PathChange], at place: Int) {
    shapes[place].merge = .content(paths: paths.filter { rules.policy.concerns($0) })
    let some = paths.prefix(3).map { printable($0.path, limit: 100) }.joined(separator: ", ")
    shapes[place].because =
      "it brings back what no new commit has put there: \(some)\(paths.count > 3 ? " and more" : "")"
  }
}
