internal import GitBridge
internal import OpenPGP

/// What an audit asks of a step of a follower that today's rules refuse: whether those of its time took it, and whether
/// anything shows that it is of that time.
struct Settlement {
  let reviewer: Reviewer
  let authority: Authority
  let reader: FollowerReader
  /// Today's.
  let terms: StepTerms
  /// The branch's states, oldest first.
  let line: [ObjectID]
  /// Shared by all steps that are refused.
  let past: LeadPast

  init(reviewer: Reviewer, authority: Authority, reader: FollowerReader, terms: StepTerms, line: [ObjectID]) {
    self.reviewer = reviewer
    self.authority = authority
    self.reader = reader
    self.terms = terms
    self.line = line
    past = LeadPast(reviewer: reviewer, lead: authority.lead)
  }

  private var lead: LeadLine { authority.lead }
  private var repository: Repository { reviewer.repository }

  /// - Parameter refused: What today's rules say.
  func settle(
    _ refused: Verdict, _ gathered: FollowerReader.Gathered, states: StatesAbove
  ) throws(ReviewProblem) -> Verdict {
    guard refused.outcome == .refused, let base = gathered.base else { return refused }
    var tried: Set<Circumstances> = []
    // R54
    for position in try past.changes(from: base) {
      try reviewer.settings.checkDeadline()
      guard let then = try termsThen(position, time: try past.time(of: position)) else { continue }
      // Rules that came back, and count the same keys: asked once.
      let circumstances = Circumstances(rules: ObjectIdentifier(then.rules), counting: try counting(gathered, then))
      guard tried.insert(circumstances).inserted else { continue }
      let facts = try reader.facts(gathered, under: then, states: states)
      let verdict = Review.judge(facts)
      guard verdict.outcome == .accepted else { continue }
      return Review.settle(
        today: refused, then: verdict, under: lead.state(at: position), isSettled: try isSettled(facts, gathered.step),
        step: gathered.step.new, ref: reader.reader.ref)
    }
    return refused
  }

  /// The terms that a lead state gave; nil where its rules cannot be read.
  private func termsThen(_ position: Int, time: Int64) throws(ReviewProblem) -> StepTerms? {
    let state = lead.state(at: position)
    let rules: Rules
    do throws(ReviewProblem) {
      rules = try reader.reader.rulebook.rules(tree: try reviewer.treeOfCommit(state), of: state)
    } catch .registry, .policy {
      return nil
    }
    let name = reader.reader.ref
    return StepTerms(
      rules: rules, signatures: rules.terms(reviewer.settings, time: time, hardRevoked: lead.hardRevoked()),
      step: StepRules(
        ref: name, policy: rules.policy, threshold: rules.policy.threshold(for: reader.ref),
        maintainers: rules.loaded.registry.maintainers(needing: rules.policy.evidence), leadState: state))
  }

  /// Whose rules, and which of the step's signatures count under them.
  private struct Circumstances: Hashable {
    let rules: ObjectIdentifier
    let counting: [Bool]
  }

  private func counting(_ gathered: FollowerReader.Gathered, _ terms: StepTerms) throws(ReviewProblem) -> [Bool] {
    try gathered.table.records.map { (record) throws(ReviewProblem) in
      try reader.reader.fact(of: record, terms).signer != nil
    }
  }

  /// Whether something shows that the step was made when the older rules held. That a later lead state reaches it shows
  /// nothing: nobody was shown an inner commit as a tip.
  private func isSettled(_ facts: StepFacts, _ step: Step) throws(ReviewProblem) -> Bool {
    // R57
    if let ledger = reviewer.settings.ledger, ledger(reader.ref, step.old, step.new) { return true }
    // R56
    guard facts.isTake, let place = line.firstIndex(of: step.new) else { return false }
    for state in line[(place + 1)...] {
      let record = try CommitCollector(
        repository: repository, checker: terms.loaded.checker, settings: reviewer.settings, workers: reviewer.workers
      ).read([state]).settled().records[0]
      if try reader.reader.fact(of: record, terms).signer != nil { return true }
    }
    return false
  }
}
