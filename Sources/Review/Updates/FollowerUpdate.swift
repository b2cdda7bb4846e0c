internal import GitBridge
internal import OpenPGP

/// Judges an update of a branch that follows the lead.
struct FollowerUpdate {
  let reviewer: Reviewer
  let authority: Authority
  let refs: RefView
  let followers: Followers
  /// Whether it is judged as an audit judges it: on an empty server it comes with its whole past, and a clone looks
  /// later than the hook did.
  let asAudit: Bool

  private var repository: Repository { reviewer.repository }
  private var settings: ReviewSettings { reviewer.settings }
  private var lead: LeadLine { authority.lead }

  func judge(_ update: RefUpdate, _ facts: UpdateFacts) throws(ReviewProblem) -> (Verdict, SignatureChecker?) {
    var facts = facts
    let states = FollowerStates(repository: repository, lead: lead, settings: settings)
    let reader = try followerReader(update.ref)
    var branch = BranchFacts()
    branch.isFormerLead = authority.names.isFormerLead(update.ref)
    branch.isNamed = authority.policy.branchRule(for: update.ref) != nil
    branch.hasWildcard = reader.hasWildcard
    branch.oldIsLeadState = !update.old.isZero && lead.contains(update.old)
    branch.newIsLeadState = !update.new.isZero && lead.contains(update.new)
    func refused() -> Verdict? {
      facts.subject = .branch(branch)
      let refusals = Review.judge(facts)
      return refusals.isEmpty ? nil : Verdict(refusals: refusals)
    }
    if update.new.isZero || facts.object != .commit || branch.isFormerLead && !branch.isNamed {
      return (refused() ?? Verdict(), nil)
    }
    if branch.holdsNothing, branch.newIsLeadState { return (refused() ?? Verdict(), nil) }
    if !update.old.isZero { branch.isForward = try reviewer.isAncestor(update.old, of: update.new) }
    if !update.old.isZero, authority.policy.branchRule(for: update.ref)?.mayRewind == true {
      branch.mayRewind = true
      branch.isBeside = branch.isForward ? try isBeside(update) : true
      if branch.isBeside {
        branch.isBackward = try reviewer.isAncestor(update.new, of: update.old)
        branch.publishedBy = try PublishedState(
          states: states, refs: refs, names: authority.names, repository: repository
        )
        .tag(holding: update.old, of: update.ref)
      }
    }
    if let verdict = refused() { return (verdict, nil) }

    let start: ObjectID
    if update.old.isZero || branch.isMadeAnew {
      guard let anchor = try states.anchor(of: update.new, name: update.ref) else {
        branch.line = .unanchored
        return (refused() ?? Verdict(), nil)
      }
      start = anchor
    } else {
      // What was there before anybody judged begins somewhere else, and would drag that in for ever.
      let anchored = try states.anchor(of: update.old, name: update.ref) != nil
      var goesThere = false
      if !anchored { goesThere = try passes(update, states) }
      guard anchored || goesThere else {
        branch.line = .unanchored
        return (refused() ?? Verdict(), nil)
      }
      start = update.old
    }
    let line: [ObjectID]
    switch try CommitTable().firstParentLine(from: update.new, to: start, in: repository, mayLeave: true) {
    case .line(let commits): line = commits
    case .foxtrot(let commit):
      branch.line = .foxtrot(at: commit, start: start)
      return (refused() ?? Verdict(), nil)
    case .root(let commit):
      branch.line = .root(commit)
      return (refused() ?? Verdict(), nil)
    }
    // Attack: a name for the next release that is made to hold what another release signed, and can then never move.
    branch.stateOf = try followers.holder(of: line.isEmpty ? [update.new] : line, besides: update.ref)
    if branch.stateOf != nil { branch.newIsLeadState = false }
    if let verdict = refused() { return (verdict, nil) }
    if line.isEmpty { return (Verdict(), nil) }
    return try judge(line, from: start, reader, update)
  }

  /// Whether what a branch was has been merged below its new line: rebased onto a state of the lead that took it.
  private func isBeside(_ update: RefUpdate) throws(ReviewProblem) -> Bool {
    switch try CommitTable().firstParentLine(from: update.new, to: update.old, in: repository, mayLeave: true) {
    case .line: false
    case .foxtrot, .root: true
    }
  }

  /// Whether a branch that begins beside the lead comes onto it by this update, before it brings anything of its own.
  private func passes(_ update: RefUpdate, _ states: FollowerStates) throws(ReviewProblem) -> Bool {
    guard let anchor = try states.anchor(of: update.new, name: update.ref) else { return false }
    return try reviewer.isAncestor(update.old, of: anchor)
  }

  private func followerReader(_ ref: [UInt8]) throws(ReviewProblem) -> FollowerReader {
    let reader = StepReader(
      repository: repository, settings: settings, rulebook: try reviewer.rulebook(), workers: reviewer.workers,
      ref: String(decoding: ref, as: UTF8.self), leadNames: authority.names.names)
    return FollowerReader(reader: reader, lead: lead, followers: followers, names: authority.names, ref: ref)
  }

  private func judge(
    _ line: [ObjectID], from start: ObjectID, _ reader: FollowerReader, _ update: RefUpdate
  ) throws(ReviewProblem) -> (Verdict, SignatureChecker?) {
    let rulebook = try reviewer.rulebook()
    let rules = try authority.rules(rulebook, in: repository)
    rules.loaded.checker.warmUp()
    let terms = authority.terms(for: update.ref, rules, settings)
    let index = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)
    var stepReader = reader.reader
    stepReader.coSignatures = index
    let follower = FollowerReader(
      reader: stepReader, lead: lead, followers: followers, names: authority.names, ref: update.ref)
    let states = try StatesAbove(line, in: index)
    let steps = FollowerSteps(
      reviewer: reviewer, authority: authority, reader: follower, terms: terms, states: states,
      settles: asAudit
        ? Settlement(reviewer: reviewer, authority: authority, reader: follower, terms: terms, line: line) : nil)
    var verdict = Verdict()
    try steps.run(line, from: start) { (step) throws(ReviewProblem) in verdict.append(step) }
    reviewer.reportDisagreements(in: &verdict, rules.loaded.registry.keyring)
    return (verdict, rules.loaded.checker)
  }
}

/// Judges the steps of a follower one after another by the rules at the lead's tip, for push and audit alike.
struct FollowerSteps {
  let reviewer: Reviewer
  let authority: Authority
  let reader: FollowerReader
  let terms: StepTerms
  let states: StatesAbove
  /// What else an audit asks of a step that today's rules refuse; nil in a push.
  let settles: Settlement?

  func run(
    _ line: [ObjectID], from start: ObjectID, report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) {
    var old = start
    var hint = authority.lead.position(of: start)
    for new in line {
      try reviewer.settings.checkDeadline()
      let (verdict, base) = try judge(old, new, hint: hint)
      hint = base ?? hint
      try report(verdict)
      old = new
    }
  }

  private func judge(
    _ old: ObjectID, _ new: ObjectID, hint: Int?
  ) throws(ReviewProblem) -> (Verdict, base: Int?) {
    func attempt(exact: Bool) throws(ReviewProblem) -> (Verdict, FollowerReader.Gathered) {
      let gathered = try reader.gather(
        from: old, to: new, hint: hint, checker: terms.loaded.checker, exact: exact)
      let facts = try reader.facts(gathered, under: terms, states: states)
      var verdict = Review.judge(facts)
      if verdict.outcome != .accepted, let settles { verdict = try settles.settle(verdict, gathered, states: states) }
      return (verdict, gathered)
    }
    var (verdict, gathered) = try attempt(exact: false)
    if verdict.outcome != .accepted {
      var held = [old]
      if let base = gathered.base { held.append(authority.lead.state(at: base)) }
      if try reviewer.namesOldCommit(verdict, held) { (verdict, gathered) = try attempt(exact: true) }
    }
    for note in terms.rules.notes where !verdict.notes.contains(note) { verdict.notes.append(note) }
    return (verdict, gathered.base)
  }
}
