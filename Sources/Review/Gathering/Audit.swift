package import GitBridge

/// What part of a branch's history an audit replays.
package struct AuditScope: Sendable {
  /// The ref that the history belongs to, as it is named in verdicts.
  package var ref: String
  package var tip: ObjectID
  /// Trusted together with its ancestors; on the first-parent line of `tip`.
  package var start: ObjectID
  /// Judges everything since the start as one update: not the rule, but a way to see who endorsed what.
  package var whole = false
  /// Only steps whose commit is not older than this, in seconds since 1970.
  package var since: Int64?
  /// The commit whose registry is the newest at hand, if it is not the tip.
  package var newest: ObjectID?
  /// This part of so many parts, both from 1.
  package var shard: (part: Int, of: Int)?

  package init(ref: String, tip: ObjectID, start: ObjectID) {
    self.ref = ref
    self.tip = tip
    self.start = start
  }
}

/// What an audit found, in numbers.
package struct AuditSummary: Sendable {
  package private(set) var steps = 0
  package private(set) var verdicts: [String: Int] = [:]
  package private(set) var changes: [String: Int] = [:]
  package private(set) var endorsersPerChange: [Int: Int] = [:]
  package private(set) var refusals: [String: Int] = [:]
  package private(set) var notes: [String] = []

  package init() {}

  package mutating func add(_ verdict: Verdict) {
    steps += 1
    verdicts[verdict.outcome.rawValue, default: 0] += 1
    for change in verdict.updates.flatMap(\.changes) {
      changes["\(change.kind.rawValue) \(change.outcome.rawValue)", default: 0] += 1
      if change.kind == .ordinary || change.kind == .contentMerge {
        endorsersPerChange[change.endorserCount, default: 0] += 1
      }
    }
    for refusal in verdict.refusals { refusals[refusal.code.rawValue, default: 0] += 1 }
    for note in verdict.notes where !notes.contains(note) { notes.append(note) }
  }

  package var outcome: Outcome {
    if verdicts["refused"] != nil { return .refused }
    return verdicts["undecided"] != nil ? .undecided : .accepted
  }

  package var json: JSONValue {
    func counts(_ counts: [String: Int]) -> JSONValue {
      .object(counts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer(Int64($0.value))) })
    }
    let endorsers = endorsersPerChange.sorted { $0.key < $1.key }
      .map { JSONValue.Member(String($0.key), .integer(Int64($0.value))) }
    var members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/audit-summary/1")), .init("steps", .integer(Int64(steps))),
      .init("verdicts", counts(verdicts)), .init("changes", counts(changes)),
      .init("endorsers-per-change", .object(endorsers)), .init("refusals", counts(refusals)),
    ]
    if !notes.isEmpty { members.append(.init("notes", .strings(notes))) }
    return .object(members)
  }
}

extension Reviewer {
  /// Replays a branch from its trust root, step by step, by the same rule as a push.
  ///
  /// - Parameter report: Called for each step's verdict, oldest first.
  /// - Throws: What keeps the history from being judged at all. A problem with one step is that step's verdict.
  package func audit(
    _ scope: AuditScope, report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) -> AuditSummary {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let rulebook = try rulebook(newest: scope.newest ?? scope.tip)
    let tipTree = try reading { () throws(GitError) in try repository.treeOfCommit(scope.tip) }
    // The newest registry knows most keys. Where it cannot be read, each step's own will do.
    let checker = (try? rulebook.registry(tree: tipTree, of: scope.tip))?.checker
      ?? SignatureChecker(keyring: .empty, choice: settings.engines, reference: settings.reference)
    let policy = (try? rulebook.policy(tree: tipTree, of: scope.tip)) ?? .standard
    let refs = try RefView(repository, push: [], remote: settings.remote)
    let from = policy.branchRule(for: Array(scope.ref.utf8))?.from ?? []
    // Two branches that name each other would each be judged less what the other holds: such a source is judged here too.
    let sources = refs.sources(of: Array(scope.ref.utf8), matching: from) { name in
      policy.branchRule(for: name) != nil && !refs.leans(name, on: Array(scope.ref.utf8), policy)
    }
    let coSignatures = try CoSignatureIndex(repository, ref: policy.coSignatureRef, refs: refs.before)

    let cache = openCache()
    let table = try CommitCollector(repository: repository, checker: checker, settings: settings, cache: cache)
      .collect(from: [scope.tip], hiding: [scope.start] + sources.map(\.tip), exact: true)
    let line: [ObjectID]
    switch try table.firstParentLine(from: scope.tip, to: scope.start, in: repository, mayLeave: !sources.isEmpty) {
    case .line(let commits): line = commits
    case .foxtrot, .root:
      throw .trustRootMissing(
        "the trust root \(scope.start.short) is not on the first-parent line of \(printable(scope.ref)) (\(scope.tip.short))")
    }
    let steps = scope.select(table.steps(along: line, from: scope.start), table)
    let leansOn = sources.map { String(decoding: $0.name, as: UTF8.self) }
    let sourceReview = SourceReview(repository, ref: Array(scope.ref.utf8), refs: refs, start: scope.start) {
      policy.branchRule(for: $0) != nil
    }
    let context = AuditContext(
      table: table, checker: checker, scope: scope, rulebook: rulebook, coSignatures: coSignatures, leansOn: leansOn,
      cache: cache, sourceReview: sourceReview)
    var summary = AuditSummary()
    // Judged in runs, so that the facts of a long history are never all in memory.
    for run in stride(from: 0, to: steps.count, by: 4096) {
      let part = Array(steps[run..<min(run + 4096, steps.count)])
      for verdict in try judge(part, context) {
        summary.add(verdict)
        try report(verdict)
      }
    }
    cache?.save()
    return summary
  }

  /// What all steps of one audit share.
  private struct AuditContext {
    let table: CommitTable
    let checker: SignatureChecker
    let scope: AuditScope
    let rulebook: Rulebook
    let coSignatures: CoSignatureIndex?
    let leansOn: [String]
    let cache: FactCache?
    let sourceReview: SourceReview
  }

  private func openCache() -> FactCache? {
    settings.usesCache ? FactCache(repository: repository, version: settings.version) : nil
  }

  private func judge(_ steps: [Step], _ context: AuditContext) throws(ReviewProblem) -> [Verdict] {
    let (table, scope, rulebook) = (context.table, context.scope, context.rulebook)
    let gatherer = FactGatherer(repository: repository, settings: settings, rulebook: rulebook, cache: context.cache)
    do throws(ReviewProblem) {
      let facts = try gatherer.facts(
        for: steps, of: table, checkedBy: context.checker, ref: scope.ref, coSignatures: context.coSignatures,
        leansOn: context.leansOn)
      var verdicts: [Verdict] = []
      let judged = concurrentMap(facts.count, threads: settings.threads) { Review.judge(facts[$0]) }
      for (step, judged) in zip(steps, judged) {
        var verdict = judged
        if !scope.whole {
          let (oldTree, newTree) = try reading { () throws(GitError) in
            (try table.tree(of: step.old, in: repository), try table.tree(of: step.new, in: repository))
          }
          let rules = try gatherer.rules(at: step.old, table)
          let newFiles = table[step.new]?.remembered?.ruleFiles
          if newFiles == nil || newFiles != rules.files || rules.policy.kind == .signatures {
            verdict.refusals += try RuleChangeReview(reviewer: self, rulebook: rulebook)
              .judge(step, ref: scope.ref, rules: rules, oldTree: oldTree, newTree: newTree)
          }
          verdict.refusals += try context.sourceReview.judge(step, table, policy: rules.policy)
          verdict.notes = pinNotes + rules.notes
        } else {
          verdict.notes = pinNotes
        }
        verdict.refusals += table.unrelatedRoots(in: step, ref: scope.ref)
        verdicts.append(verdict)
      }
      return verdicts
    } catch {
      // One step that cannot be judged does not hide the others: they are judged one by one.
      guard steps.count > 1 else {
        var verdict = Verdict(refusals: [error.refusal(ref: scope.ref)], notes: pinNotes)
        verdict.updates = steps.map { ReviewedUpdate(ref: scope.ref, old: $0.old, new: $0.new, base: $0.old, threshold: 0) }
        return [verdict]
      }
      if case .budgetSpent = error { throw error }
      var verdicts: [Verdict] = []
      for step in steps { verdicts += try judge([step], context) }
      return verdicts
    }
  }
}

extension CommitTable {
  /// The refusals of root commits among a step's new commits.
  func unrelatedRoots(in step: Step, ref: String) -> [Refusal] {
    step.members.map { records[$0] }.filter { $0.parents.isEmpty && $0.defect == nil }.map { unrelatedRoot($0.id, ref: ref) }
  }
}

/// The refusal of a root commit among the new commits.
func unrelatedRoot(_ root: ObjectID, ref: String) -> Refusal {
  Refusal(
    .unrelatedHistory, commit: root, ref: ref,
    message: "\(printable(ref)) would take in the root commit \(root.short) of an unrelated history",
    next: "git rebase --root --onto BRANCH, and push the result")
}

extension AuditScope {
  /// The steps that are asked for.
  func select(_ steps: [Step], _ table: CommitTable) -> [Step] {
    if whole, let last = steps.last {
      return [Step(old: start, new: last.new, members: steps.flatMap(\.members))]
    }
    var selected = steps
    if let since {
      selected = selected.filter { step in (table[step.new]?.time ?? since) >= since }
    }
    if let (part, parts) = shard {
      let size = (selected.count + parts - 1) / parts
      selected = Array(selected.dropFirst((part - 1) * size).prefix(size))
    }
    return selected
  }
}
