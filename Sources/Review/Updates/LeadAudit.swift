internal import GitBridge
internal import OpenPGP

/// Replays the lead step by step, each by the rules at its first parent and at its own time.
// R50, R51
struct LeadAudit {
  let reviewer: Reviewer
  let line: LeadLine
  let refs: RefView
  /// Trusted together with its ancestors; a state of the line.
  let start: ObjectID
  let end: ObjectID
  /// What part of it is asked for; nil: all of it.
  var scope: AuditScope?

  private var repository: Repository { reviewer.repository }
  private var settings: ReviewSettings { reviewer.settings }

  /// - Parameter report: Called for each step's verdict, oldest first.
  // R52: docs/rule.md and `audit --help` say what a lead that no hook guards leaves open.
  func run(report: (Verdict) throws(ReviewProblem) -> Void) throws(ReviewProblem) -> AuditSummary {
    let rulebook = try reviewer.rulebook(newest: end)
    let tipTree = try reviewer.treeOfCommit(end)
    // The newest registry knows most keys. Where it cannot be read, each step's own will do.
    let newest = try readable { () throws(ReviewProblem) in try rulebook.registry(tree: tipTree, of: end) }
    let checker =
      newest?.loaded.checker
      ?? SignatureChecker(keyring: .empty, choice: settings.engines, reference: settings.reference)
    let policy = try readable { () throws(ReviewProblem) in try rulebook.policy(tree: tipTree, of: end) } ?? .standard
    let coSignatures = try CoSignatureIndex(repository, ref: policy.coSignatureRef, refs: refs.after)

    let memory = scope.flatMap { MemoryPlace(repository, settings, $0, line, checker, policy, refs) }
    let history: History
    if let new = try newHistory(memory, checker) { history = new } else { history = try wholeHistory(checker) }
    // An error below must not leave threads behind that still read this.
    defer { reviewer.workers.finish() }
    let all = history.collected.table.steps(along: history.line, from: history.start)
    let steps = scope?.isWholeLine == true ? [Step(old: history.start, new: end, members: all.flatMap(\.members))] : all
    let reader = StepReader(
      repository: repository, settings: settings, rulebook: rulebook, workers: reviewer.workers, ref: line.name,
      leadNames: LeadNames(lead: line.ref, former: line.former), cache: history.cache, coSignatures: coSignatures)
    // Trees are read while the last signatures are being checked.
    // Where one step cannot be read, each is looked at alone.
    let surveyed: [StepSurvey]?
    do throws(ReviewProblem) {
      surveyed = try reader.survey(steps, of: history.collected.table)
    } catch {
      if case .budgetSpent = error { throw error }
      surveyed = nil
    }
    let table = try history.collected.settled()
    let states = try StatesAbove(history.line, in: coSignatures)
    var summary = history.memory?.summary ?? AuditSummary()
    summary.remembered = summary.steps
    var accepted = memory.map { _ in AcceptedSteps(summary) }
    var terms = try LeadTerms(reader, .then, lead: line, start: history.start)
    if let newest = history.memory?.newest { terms.startFrom(newest) }
    let selected = scope?.selection(steps, table) ?? steps.indices
    // Judged in runs, so that the facts of a long history are never all in memory.
    for run in stride(from: 0, to: steps.count, by: 4096) {
      let part = run..<min(run + 4096, steps.count)
      let judged = try judge(Array(steps[part]), surveyed?[part], table, checker, reader, &terms, states)
      for (index, judged) in zip(part, judged) {
        accepted?.add(steps[index], judged)
        guard selected.contains(index) else {
          if scope?.decidesAll == true { summary.leaveOut(judged.verdict) }
          continue
        }
        summary.add(judged.verdict)
        try report(judged.verdict)
      }
    }
    history.cache?.save()
    if let memory, let accepted, let surveyed { memory.keep(accepted, steps, surveyed, table, older: history.memory) }
    return summary
  }

  /// What there is to judge: the commits, and the first-parent line from `start`, oldest first, without it.
  private struct History {
    let collected: CollectedCommits
    let line: [ObjectID]
    let start: ObjectID
    let cache: FactCache?
    /// What is below `start` and need not be judged again.
    let memory: AuditMemory?
  }

  private func wholeHistory(_ checker: SignatureChecker) throws(ReviewProblem) -> History {
    let cache = settings.usesCache ? FactCache(repository: repository, version: settings.version) : nil
    let collected = try CommitCollector(
      repository: repository, checker: checker, settings: settings, workers: reviewer.workers, cache: cache
    ).walk(from: [end], hiding: [start], exact: true)
    switch try collected.table.firstParentLine(from: end, to: start, in: repository, mayLeave: false) {
    case .line(let line): return History(collected: collected, line: line, start: start, cache: cache, memory: nil)
    case .foxtrot, .root:
      reviewer.workers.finish()
      throw .trustRootMissing(
        "the trust root \(start.short) is not on the first-parent line of \(printable(line.name)) (\(end.short))")
    }
  }

  /// What has come since the last audit; nil where there was none, or where its tip is not on the line any more.
  private func newHistory(_ place: MemoryPlace?, _ checker: SignatureChecker) throws(ReviewProblem) -> History? {
    guard let memory = place?.memory else { return nil }
    let found = try reading { () throws(GitError) in try memory.commitsAbove(from: end, in: repository) }
    guard let found else { return nil }
    let collected = try CommitCollector(
      repository: repository, checker: checker, settings: settings, workers: reviewer.workers
    )
    .read(found)
    guard
      case .line(let line) = try collected.table.firstParentLine(
        from: end, to: memory.tip, in: repository, mayLeave: false)
    else { return nil }
    return History(collected: collected, line: line, start: memory.tip, cache: nil, memory: memory)
  }

  /// - Parameter surveyed: What the steps' commits change; nil where it has to be looked at now.
  private func judge(
    _ steps: [Step], _ surveyed: ArraySlice<StepSurvey>?, _ table: CommitTable, _ checker: SignatureChecker,
    _ reader: StepReader, _ terms: inout LeadTerms, _ states: StatesAbove
  ) throws(ReviewProblem) -> [JudgedStep] {
    var going = terms
    do throws(ReviewProblem) {
      let surveyed = if let surveyed { surveyed } else { try reader.survey(steps, of: table)[...] }
      let found = try LeadSteps(reader: reader, refs: nil, lead: line).facts(
        steps, surveyed, of: table, checkedBy: checker, terms: &going, states: states,
        isWhole: scope?.isWholeLine == true)
      terms = going
      return concurrentMap(found.count, threads: settings.threads) { index in
        let (facts, notes) = found[index]
        var verdict = Review.judge(facts)
        verdict.notes = notes
        return JudgedStep(verdict: verdict, mayChange: facts.holdsFutureSignature)
      }.map { judged in
        var verdict = judged.verdict
        verdict.notes = reviewer.pinNotes + verdict.notes
        return JudgedStep(verdict: verdict, mayChange: judged.mayChange)
      }
    } catch {
      // One step that cannot be judged does not hide the others: they are judged one by one.
      guard steps.count > 1 else {
        var verdict = Verdict(refusals: [error.refusal(ref: line.name)], notes: reviewer.pinNotes)
        verdict.updates = steps.map {
          ReviewedUpdate(ref: line.name, old: $0.old, new: $0.new, base: $0.old, threshold: 0)
        }
        return [JudgedStep(verdict: verdict, mayChange: true)]
      }
      if case .budgetSpent = error { throw error }
      var result: [JudgedStep] = []
      for step in steps { result += try judge([step], nil, table, checker, reader, &terms, states) }
      return result
    }
  }
}

/// Nil for rules that cannot be read; whatever else goes wrong is thrown.
func readable<Value>(_ body: () throws(ReviewProblem) -> Value) throws(ReviewProblem) -> Value? {
  do throws(ReviewProblem) {
    return try body()
  } catch .registry, .policy {
    return nil
  }
}
