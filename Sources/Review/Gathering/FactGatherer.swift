internal import GitBridge
internal import OpenPGP

/// Turns records of new commits into the facts that the rule judges.
struct FactGatherer {
  let repository: Repository
  let settings: ReviewSettings
  let rulebook: Rulebook
  let workers: Workers
  var cache: FactCache?

  /// The facts of each step, in the order of the steps.
  ///
  /// - Parameter checker: Under whose keyring the table's signatures were checked.
  func facts(
    for steps: [Step], of table: CommitTable, checkedBy checker: SignatureChecker, ref: String,
    coSignatures: CoSignatureIndex?, leansOn: [String]
  ) throws(ReviewProblem) -> [StepFacts] {
    try facts(
      for: steps, try survey(steps, of: table)[...], of: table, checkedBy: checker, ref: ref, coSignatures: coSignatures,
      leansOn: leansOn)
  }

  /// The facts of steps whose changes have been looked at.
  func facts(
    for steps: [Step], _ surveyed: ArraySlice<StepSurvey>, of table: CommitTable, checkedBy checker: SignatureChecker,
    ref: String, coSignatures: CoSignatureIndex?, leansOn: [String]
  ) throws(ReviewProblem) -> [StepFacts] {
    remember(steps, table, surveyed, checkedBy: checker.cacheKey)
    let known = surveyed.startIndex
    let terms = StepTerms.list(for: surveyed, ref: ref, leansOn: leansOn, settings)
    // Only a signature that must be checked again, or a co-signature, takes another look into the repository.
    let quick: [StepFacts?] =
      coSignatures != nil
      ? Array(repeating: nil, count: steps.count)
      : concurrentMap(steps.count, threads: settings.threads) { index in
        Self.facts(
          of: steps[index], surveyed[known + index], table, terms[index], coSignatures: { _ in [] },
          signature: { terms[index].loaded.fact(of: $0.signature, terms[index].signatures) })
      }
    var result: [StepFacts] = []
    result.reserveCapacity(steps.count)
    for (index, quick) in quick.enumerated() {
      if let quick {
        result.append(quick)
        continue
      }
      try settings.checkDeadline()
      let (rules, terms) = (surveyed[known + index].rules, terms[index])
      let facts = try Self.facts(
        of: steps[index], surveyed[known + index], table, terms,
        coSignatures: { commits throws(ReviewProblem) in
          try coSignatures?.facts(for: commits, target: ref, rules: rules, settings: settings) ?? []
        },
        signature: { record throws(ReviewProblem) in try fact(of: record, terms.loaded, terms.signatures) })
      if let facts { result.append(facts) }
    }
    return result
  }

  /// - Parameter signature: What a commit's signature is worth; nil where it cannot be told, and then neither can the facts.
  private static func facts<Failure>(
    of step: Step, _ surveyed: StepSurvey, _ table: CommitTable, _ terms: StepTerms,
    coSignatures: ([ObjectID]) throws(Failure) -> [CoSignatureFact],
    signature: (CommitRecord) throws(Failure) -> SignatureFact?
  ) throws(Failure) -> StepFacts? {
    var changes: [ChangeFacts] = []
    changes.reserveCapacity(step.members.count)
    for (place, shape) in zip(step.members, surveyed.shapes) {
      let record = table.records[place]
      guard let signature = try signature(record) else { return nil }
      changes.append(
        ChangeFacts(
          commit: record.id, parents: record.parents, defect: record.defect?.rawValue ?? shape.treeDefect, isAdoption: shape.isAdoption,
          signature: signature, merge: shape.merge, touched: shape.touched))
    }
    return StepFacts(
      rules: terms.rules, old: step.old, new: step.new, changes: changes,
      coSignatures: try coSignatures(changes.map(\.commit)))
  }

  /// What is the same for all steps under the same rules.
  private final class StepTerms: Sendable {
    let loaded: LoadedRegistry
    let signatures: SignatureTerms
    let rules: StepRules

    init(loaded: LoadedRegistry, signatures: SignatureTerms, rules: StepRules) {
      self.loaded = loaded
      self.signatures = signatures
      self.rules = rules
    }

    static func list(
      for surveyed: ArraySlice<StepSurvey>, ref: String, leansOn: [String], _ settings: ReviewSettings
    ) -> [StepTerms] {
      var known: [ObjectIdentifier: StepTerms] = [:]
      return surveyed.map { step in
        let rules = step.rules
        if let terms = known[ObjectIdentifier(rules)] { return terms }
        let terms = StepTerms(
          loaded: rules.loaded, signatures: rules.terms(settings),
          rules: StepRules(
            ref: ref, policy: rules.policy, threshold: rules.policy.threshold(for: Array(ref.utf8)),
            maintainers: rules.loaded.registry.maintainers(needing: rules.policy.evidence), leansOn: leansOn))
        known[ObjectIdentifier(rules)] = terms
        return terms
      }
    }
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
            policy: surveyed.rules.policyKey, isAdoption: shape.isAdoption, isCleanMerge: shape.merge.map { $0 == .clean })
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
  func survey(_ steps: [Step], of table: CommitTable) throws(ReviewProblem) -> [StepSurvey] {
    // One piece of work for each commit, and one for a step that brings none.
    var work: [(step: Int, place: Int?)] = []
    work.reserveCapacity(table.records.count)
    for (index, step) in steps.enumerated() {
      if step.members.isEmpty { work.append((index, nil)) }
      for place in step.members { work.append((index, place)) }
    }
    let found = try workers.map(work.count, repository, settings) {
      [work, reopened = rulebook.reopened, deadline = settings.deadline] (index, repository) throws(ReviewProblem) -> Surveyed in
      let item = work[index]
      let rulebook = reopened(repository)
      let step = steps[item.step]
      let rules = try rulebook.rules(
        tree: try reading { () throws(GitError) in try table.tree(of: step.old, in: repository) }, of: step.old,
        files: table[step.old]?.remembered?.ruleFiles)
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
        if let known = record.remembered?.ruleFiles { newFiles = known } else { newFiles = try rulebook.ruleFiles(tree: record.tree) }
      }
      return Surveyed(rules: rules, shape: shape, newFiles: newFiles)
    }
    var result: [StepSurvey] = []
    result.reserveCapacity(steps.count)
    var next = 0
    for step in steps {
      let part = found[next..<(next + max(1, step.members.count))]
      next += part.count
      guard let rules = part.first?.rules else { continue }
      result.append(
        StepSurvey(rules: rules, shapes: part.compactMap(\.shape), newFiles: part.lazy.compactMap(\.newFiles).first))
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

  /// What a commit's signature is worth under one registry.
  func fact(
    of record: CommitRecord, _ loaded: LoadedRegistry, _ terms: SignatureTerms
  ) throws(ReviewProblem) -> SignatureFact {
    try loaded.fact(of: record.signature, terms) { () throws(ReviewProblem) in
      // Checked before under a keyring that did not know the keys this registry lists: look again.
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
}

/// The rules for a step, and the shapes of its members, in their order.
struct StepSurvey: Sendable {
  let rules: Rules
  let shapes: [Shape]
  /// The rules' files in the tree of the step's new commit; nil where that commit is not among the members.
  let newFiles: RuleFileIDs?
}
