internal import GitBridge
internal import OpenPGP

/// Replays a branch that follows the lead: the lead first, from the trust root, then the branch by the rules of today.
// R53
struct FollowerAudit {
  let reviewer: Reviewer
  let line: LeadLine
  let refs: RefView
  let scope: AuditScope
  /// The full name.
  let ref: [UInt8]

  private var repository: Repository { reviewer.repository }
  private var settings: ReviewSettings { reviewer.settings }

  func run(report: (Verdict) throws(ReviewProblem) -> Void) throws(ReviewProblem) -> AuditSummary {
    let rulebook = try reviewer.rulebook()
    let policy = try rulebook.policy(tree: try reviewer.treeOfCommit(line.tip), of: line.tip)
    let authority = Authority(
      lead: line, policy: policy, names: ProtectedNames(policy, LeadNames(lead: line.ref, former: line.former)))
    guard authority.names.protectsBranch(ref) else { throw .notProtected(scope.ref, names: authority.names.list) }

    // R50
    // A branch says nothing while the lead that it follows is not in order.
    var summary = AuditSummary()
    let leadScope = AuditScope(ref: line.name, tip: line.tip, start: line.root)
    let below = try LeadAudit(
      reviewer: reviewer, line: line, refs: refs, start: line.root, end: line.tip, scope: leadScope
    ).run { (verdict) throws(ReviewProblem) in
      guard verdict.outcome != .accepted else { return }
      summary.add(verdict)
      try report(verdict)
    }
    summary.note(
      "\(printable(line.name)) carries the rules; "
        + "its \(below.steps) \(below.steps == 1 ? "step was" : "steps were") judged first")
    if let standIn = settings.leadStandIn {
      summary.note("\(standIn.short) stands in for the tip of \(printable(line.name))")
    }
    for note in reviewer.pinNotes { summary.note(note) }

    let states = FollowerStates(repository: repository, lead: line, settings: settings)
    guard let whole = try states.line(of: scope.tip, name: ref) else {
      var facts = UpdateFacts(RefUpdate(ref: ref, old: .zero, new: scope.tip))
      var branch = BranchFacts()
      branch.line = .unanchored
      facts.object = .commit
      facts.subject = .branch(branch)
      let verdict = Verdict(
        updates: [ReviewedUpdate(ref: scope.ref, old: .zero, new: scope.tip, base: line.tip, threshold: 0)],
        refusals: Review.judge(facts))
      summary.add(verdict)
      try report(verdict)
      return summary
    }
    return try steps(whole, authority, &summary, report)
  }

  private func steps(
    _ whole: [ObjectID], _ authority: Authority, _ summary: inout AuditSummary,
    _ report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) -> AuditSummary {
    // Somebody may start further up.
    let first = whole.firstIndex(of: scope.start) ?? 0
    var line = Array(whole[(first + 1)...])
    if scope.whole, let tip = line.last { line = [tip] }
    let rulebook = try reviewer.rulebook()
    let rules = try authority.rules(rulebook, in: repository)
    let terms = authority.terms(for: ref, rules, settings)
    let index = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)
    let reader = FollowerReader(
      reader: StepReader(
        repository: repository, settings: settings, rulebook: rulebook, workers: reviewer.workers, ref: scope.ref,
        leadNames: authority.names.names, coSignatures: index),
      lead: authority.lead, followers: Followers(authority, refs, in: repository, settings), names: authority.names,
      ref: ref)
    let states = try StatesAbove(line, in: index)
    let steps = FollowerSteps(
      reviewer: reviewer, authority: authority, reader: reader, terms: terms, states: states,
      settles: Settlement(reviewer: reviewer, authority: authority, reader: reader, terms: terms, line: line))
    let selected = scope.selection(line) { id in try? repository.commit(id).committerTime }
    var place = 0
    try steps.run(line, from: whole[first]) { (verdict) throws(ReviewProblem) in
      defer { place += 1 }
      guard selected.contains(place) else {
        if scope.decidesAll { summary.leaveOut(verdict) }
        return
      }
      summary.add(verdict)
      try report(verdict)
    }
    return summary
  }
}
