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
  /// Whether steps that an earlier audit has accepted need not be reported again.
  package var mayRemember = false

  package init(ref: String, tip: ObjectID, start: ObjectID) {
    self.ref = ref
    self.tip = tip
    self.start = start
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

    let memory = MemoryPlace(repository, settings, scope, checker, policy, refs, leansOn: sources.map(\.name))
    let history: History
    if let new = try newHistory(of: scope, memory, checker) {
      history = new
    } else {
      history = try wholeHistory(of: scope, hiding: sources.map(\.tip), checker)
    }
    // An error below must not leave threads behind that still read this.
    defer { workers.finish() }
    let steps = scope.select(
      history.collected.table.steps(along: history.line, from: history.start), history.collected.table)
    let gatherer = FactGatherer(
      repository: repository, settings: settings, rulebook: rulebook, workers: workers, cache: history.cache)
    // Trees are read while the last signatures are being checked. Where one step cannot be read, each is looked at alone.
    let surveyed: [StepSurvey]?
    do throws(ReviewProblem) {
      surveyed = try gatherer.survey(steps, of: history.collected.table)
    } catch {
      if case .budgetSpent = error { throw error }
      surveyed = nil
    }
    let table = try history.collected.settled()
    let sourceReview = SourceReview(repository, ref: Array(scope.ref.utf8), refs: refs, start: scope.start) {
      policy.branchRule(for: $0) != nil
    }
    let context = AuditContext(
      table: table, checker: checker, scope: scope, rulebook: rulebook, gatherer: gatherer, coSignatures: coSignatures,
      leansOn: sources.map { String(decoding: $0.name, as: UTF8.self) }, sourceReview: sourceReview)
    var summary = history.memory?.summary ?? AuditSummary()
    summary.remembered = summary.steps
    var accepted = memory.map { _ in AcceptedSteps(summary) }
    // Judged in runs, so that the facts of a long history are never all in memory.
    for run in stride(from: 0, to: steps.count, by: 4096) {
      let part = run..<min(run + 4096, steps.count)
      for (step, judged) in zip(steps[part], try judge(Array(steps[part]), surveyed?[part], context)) {
        summary.add(judged.verdict)
        accepted?.add(step, judged)
        try report(judged.verdict)
      }
    }
    history.cache?.save()
    if let memory, let accepted, let surveyed {
      memory.keep(accepted, steps, surveyed, table, older: history.memory)
    }
    return summary
  }

  /// What an audit has to judge: the commits, and the first-parent line from `start`, oldest first, without it.
  private struct History {
    let collected: CollectedCommits
    let line: [ObjectID]
    let start: ObjectID
    let cache: FactCache?
    /// What is below `start` and need not be judged again.
    let memory: AuditMemory?
  }

  private func wholeHistory(
    of scope: AuditScope, hiding sources: [ObjectID], _ checker: SignatureChecker
  ) throws(ReviewProblem) -> History {
    let cache = settings.usesCache ? FactCache(repository: repository, version: settings.version) : nil
    let collected = try CommitCollector(
      repository: repository, checker: checker, settings: settings, workers: workers, cache: cache
    ).walk(from: [scope.tip], hiding: [scope.start] + sources, exact: true)
    switch try collected.table.firstParentLine(
      from: scope.tip, to: scope.start, in: repository, mayLeave: !sources.isEmpty)
    {
    case .line(let line):
      return History(collected: collected, line: line, start: scope.start, cache: cache, memory: nil)
    case .foxtrot, .root:
      workers.finish()
      throw .trustRootMissing(
        "the trust root \(scope.start.short) is not on the first-parent line of \(printable(scope.ref)) (\(scope.tip.short))")
    }
  }

  /// What has come since the last audit; nil where there was none, or where its tip is not on the line any more.
  private func newHistory(
    of scope: AuditScope, _ place: MemoryPlace?, _ checker: SignatureChecker
  ) throws(ReviewProblem) -> History? {
    guard let memory = place?.memory else { return nil }
    let found = try reading { () throws(GitError) in try memory.commitsAbove(from: scope.tip, in: repository) }
    guard let found else { return nil }
    let collected = try CommitCollector(repository: repository, checker: checker, settings: settings, workers: workers)
      .read(found)
    guard
      case .line(let line) = try collected.table.firstParentLine(
        from: scope.tip, to: memory.tip, in: repository, mayLeave: false)
    else { return nil }
    return History(collected: collected, line: line, start: memory.tip, cache: nil, memory: memory)
  }

  /// What all steps of one audit share.
  private struct AuditContext {
    let table: CommitTable
    let checker: SignatureChecker
    let scope: AuditScope
    let rulebook: Rulebook
    let gatherer: FactGatherer
    let coSignatures: CoSignatureIndex?
    let leansOn: [String]
    let sourceReview: SourceReview
  }

  /// - Parameter surveyed: What the steps' commits change; nil where it has to be looked at now.
  private func judge(
    _ steps: [Step], _ surveyed: ArraySlice<StepSurvey>?, _ context: AuditContext
  ) throws(ReviewProblem) -> [JudgedStep] {
    let (table, scope, rulebook, gatherer) = (context.table, context.scope, context.rulebook, context.gatherer)
    do throws(ReviewProblem) {
      let surveyed = if let surveyed { surveyed } else { try gatherer.survey(steps, of: table)[...] }
      let facts = try gatherer.facts(
        for: steps, surveyed, of: table, checkedBy: context.checker, ref: scope.ref, coSignatures: context.coSignatures,
        leansOn: context.leansOn)
      var result: [JudgedStep] = []
      let judged = concurrentMap(facts.count, threads: settings.threads) {
        JudgedStep(verdict: Review.judge(facts[$0]), mayChange: facts[$0].holdsFutureSignature)
      }
      for ((step, surveyed), judged) in zip(zip(steps, surveyed), judged) {
        var verdict = judged.verdict
        if !scope.whole {
          let (oldTree, newTree) = try reading { () throws(GitError) in
            (try table.tree(of: step.old, in: repository), try table.tree(of: step.new, in: repository))
          }
          let rules = surveyed.rules
          if surveyed.newFiles != rules.files || rules.policy.kind == .signatures {
            verdict.refusals += try RuleChangeReview(reviewer: self, rulebook: rulebook)
              .judge(step, ref: scope.ref, rules: rules, oldTree: oldTree, newTree: newTree)
          }
          verdict.refusals += try context.sourceReview.judge(step, table, under: rules)
          verdict.notes = pinNotes + rules.notes
        } else {
          verdict.notes = pinNotes
        }
        verdict.refusals += table.unrelatedRoots(in: step, ref: scope.ref)
        result.append(JudgedStep(verdict: verdict, mayChange: judged.mayChange))
      }
      return result
    } catch {
      // One step that cannot be judged does not hide the others: they are judged one by one.
      guard steps.count > 1 else {
        var verdict = Verdict(refusals: [error.refusal(ref: scope.ref)], notes: pinNotes)
        verdict.updates = steps.map { ReviewedUpdate(ref: scope.ref, old: $0.old, new: $0.new, base: $0.old, threshold: 0) }
        return [JudgedStep(verdict: verdict, mayChange: true)]
      }
      if case .budgetSpent = error { throw error }
      var result: [JudgedStep] = []
      for step in steps { result += try judge([step], nil, context) }
      return result
    }
  }
}

extension CommitTable {
  /// The refusals of root commits among a step's new commits.
  func unrelatedRoots(in step: Step, ref: String) -> [Refusal] {
    step.members.filter { records[$0].parents.isEmpty && records[$0].defect == nil }.map { unrelatedRoot(records[$0].id, ref: ref) }
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
