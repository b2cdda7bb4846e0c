internal import GitBridge
internal import OpenPGP

/// Turns records of new commits into the facts that the rule judges.
struct FactGatherer {
  let repository: Repository
  let settings: ReviewSettings
  let rulebook: Rulebook
  var cache: FactCache?

  /// The facts of each step, in the order of the steps.
  ///
  /// - Parameter checker: Under whose keyring the table's signatures were checked.
  func facts(
    for steps: [Step], of table: CommitTable, checkedBy checker: SignatureChecker, ref: String,
    coSignatures: CoSignatureIndex?, leansOn: [String]
  ) throws(ReviewProblem) -> [StepFacts] {
    var rules: [Rules] = []
    rules.reserveCapacity(steps.count)
    for step in steps {
      try settings.checkDeadline()
      rules.append(try self.rules(at: step.old, table))
    }
    let shapes = try shapes(of: steps, table, rules)
    remember(steps, table, rules, shapes, checkedBy: checker.cacheKey)
    var result: [StepFacts] = []
    result.reserveCapacity(steps.count)
    var first = 0
    for (step, rules) in zip(steps, rules) {
      try settings.checkDeadline()
      let terms = rules.terms(settings)
      var changes: [ChangeFacts] = []
      changes.reserveCapacity(step.members.count)
      for (offset, place) in step.members.enumerated() {
        let record = table.records[place]
        let shape = shapes[first + offset]
        changes.append(
          ChangeFacts(
            commit: record.id, parents: record.parents, defect: record.defect?.rawValue,
            isAdoption: shape.isAdoption, signature: try fact(of: record, rules.loaded, terms), merge: shape.merge,
            touched: shape.touched))
      }
      first += step.members.count
      let statements = try coSignatures?.facts(
        for: changes.map(\.commit), target: ref, rules: rules, settings: settings) ?? []
      result.append(
        StepFacts(
          ref: ref, old: step.old, new: step.new, policy: rules.policy,
          threshold: rules.policy.threshold(for: Array(ref.utf8)),
          maintainers: rules.loaded.registry.maintainers(needing: rules.policy.evidence), changes: changes,
          coSignatures: statements, leansOn: leansOn))
    }
    return result
  }

  /// The rules in the tree of a commit, new or old.
  func rules(at commit: ObjectID, _ table: CommitTable) throws(ReviewProblem) -> Rules {
    let tree = try reading { () throws(GitError) in try table.tree(of: commit, in: repository) }
    return try rulebook.rules(tree: tree, of: commit, files: ruleFiles(rememberedOf: commit, table))
  }

  private func ruleFiles(rememberedOf commit: ObjectID, _ table: CommitTable) -> RuleFileIDs? {
    table[commit]?.remembered?.ruleFiles ?? cache?.record(commit)?.ruleFiles
  }

  /// Puts into the cache what was found out of the steps' commits.
  private func remember(
    _ steps: [Step], _ table: CommitTable, _ rules: [Rules], _ shapes: [Shape], checkedBy checker: CacheKey
  ) {
    guard let cache else { return }
    var first = 0
    for (index, step) in steps.enumerated() {
      // The rules of a step's own tree are those of the next step.
      let files = index + 1 < rules.count ? rules[index + 1].files : nil
      for (offset, place) in step.members.enumerated() {
        let record = table.records[place]
        let shape = shapes[first + offset]
        var remembered: FactRecord.Shape?
        if shape.touched.isEmpty, shape.merge == nil || shape.merge == .clean {
          remembered = FactRecord.Shape(
            policy: rules[index].policyKey, isAdoption: shape.isAdoption, isCleanMerge: shape.merge.map { $0 == .clean })
        }
        let ruleFiles = record.id == step.new ? files ?? record.remembered?.ruleFiles : nil
        if let old = record.remembered, old.shape == remembered, old.ruleFiles == ruleFiles { continue }
        if let new = record.toRemember(keyring: checker, shape: remembered, ruleFiles: ruleFiles) { cache.add(new) }
      }
      first += step.members.count
    }
  }

  // MARK: Shape: adoption, merge done again, paths

  private struct Shape: Sendable {
    var isAdoption = false
    var merge: MergeFact?
    var touched: [PathChange] = []
  }

  /// The shape of every step's members, one after the other. Reading trees and merging again is what
  /// costs here, so it is spread over the threads.
  private func shapes(of steps: [Step], _ table: CommitTable, _ rules: [Rules]) throws(ReviewProblem) -> [Shape] {
    var work: [(place: Int, policy: Int)] = []
    var policies: [Policy] = []
    var keys: [CacheKey] = []
    var policyOf: [ObjectIdentifier: Int] = [:]
    for (step, rules) in zip(steps, rules) {
      let policy = policyOf[ObjectIdentifier(rules), default: policies.count]
      if policy == policies.count {
        policyOf[ObjectIdentifier(rules)] = policy
        policies.append(rules.policy)
        keys.append(rules.policyKey)
      }
      for place in step.members { work.append((place, policy)) }
    }
    // What the cache knows is not looked at again.
    var shapes = [Shape](repeating: Shape(), count: work.count)
    var open: [Int] = []
    for (index, item) in work.enumerated() {
      if let known = table.records[item.place].remembered?.shape, known.policy == keys[item.policy] {
        shapes[index].isAdoption = known.isAdoption
        shapes[index].merge = known.isCleanMerge == true ? .clean : nil
      } else {
        open.append(index)
      }
    }
    let found = try parallelMap(open.count, repository, settings) {
      [open, work, policies] (index, repository) throws(ReviewProblem) in
      let item = work[open[index]]
      return try Self.shape(of: table.records[item.place], table, policies[item.policy], repository)
    }
    for (index, shape) in zip(open, found) { shapes[index] = shape }
    return shapes
  }

  private static func shape(
    of record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository
  ) throws(ReviewProblem) -> Shape {
    var shape = Shape()
    guard record.defect == nil else { return shape }
    if record.parents.count >= 2 {
      shape.merge = try reading { () throws(GitError) in
        try mergeFact(of: record, table, policy, repository)
      }
      return shape
    }
    try reading { () throws(GitError) in
      let parentTree: ObjectID?
      if let parent = record.parents.first {
        parentTree = try table.tree(of: parent, in: repository)
      } else {
        parentTree = nil
      }
      shape.isAdoption = parentTree == record.tree && record.saysAdopt
      guard parentTree != record.tree else { return }
      shape.touched = try repository.changes(from: parentTree, to: record.tree).filter { policy.concerns($0) }
    }
    return shape
  }

  /// Does the merge again and tells what of the commit's tree cannot come from its parents.
  private static func mergeFact(
    of record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository
  ) throws(GitError) -> MergeFact {
    switch try repository.mergeAgain(parents: record.parents) {
    case .clean(let tree) where tree == record.tree: return .clean
    case .clean(let tree):
      return .content(paths: try repository.changes(from: tree, to: record.tree).filter { policy.concerns($0) })
    case .conflict(let conflicts):
      // Conflicting paths, and all that differ from every parent.
      var common: [[UInt8]: PathChange]?
      var fromFirst: [[UInt8]: PathChange] = [:]
      for (index, parent) in record.parents.enumerated() {
        let parentTree = try table.tree(of: parent, in: repository)
        var changed: [[UInt8]: PathChange] = [:]
        for change in try repository.changes(from: parentTree, to: record.tree) { changed[change.path] = change }
        if index == 0 { fromFirst = changed }
        common = common?.filter { changed[$0.key] != nil } ?? changed
      }
      var paths = common ?? [:]
      for path in conflicts where paths[path] == nil {
        // Resolved to one parent's side: the path still is a decision of the merge.
        let entry = try repository.entry(tree: record.tree, path: path)
        paths[path] = fromFirst[path] ?? PathChange(unchangedSideOf: path, in: entry)
      }
      return .content(paths: paths.values.filter { policy.concerns($0) }.sorted { $0.path.lexicographicallyPrecedes($1.path) })
    }
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

extension Policy {
  /// Whether the rule looks at this changed path at all. Others are not kept.
  func concerns(_ change: PathChange) -> Bool {
    if !allowsGitlinks, change.newMode == gitlinkMode { return true }
    return paths.contains { rule in rule.match.contains { $0.matches(change.path) } }
  }
}

extension PathChange {
  /// A path whose conflict was resolved to the first parent's side.
  init(unchangedSideOf path: [UInt8], in entry: TreeEntry?) {
    let (mode, id) = (entry?.mode ?? 0, entry?.id ?? .zero)
    self.init(path: path, oldMode: mode, newMode: mode, oldID: id, newID: id)
  }
}
