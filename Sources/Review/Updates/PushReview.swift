internal import GitBridge
internal import OpenPGP

/// Judges the updates of one push one after another: each sees the refs as the earlier ones leave them.
///
/// Deletions and refs that nothing protects come first, then co-signatures, the lead,
/// the branches that follow it, tags.
final class PushReview {
  let reviewer: Reviewer
  private(set) var refs: RefView
  private let isReal: Bool
  private(set) var state = LeadState.rootless(ProtectedNames(.standard, LeadNames(lead: [])))
  /// Of the lead as it was last read.
  private var followers: Followers?
  /// Whether the lead itself came in with this push: what comes with it is judged as an audit judges it.
  private var leadIsNew = false
  /// Branches of this push that carry the rules when it is over, or did in between:
  /// each is named by the new tip of one before.
  private var successors: Set<[UInt8]> = []
  /// Of the registry under which steps were accepted.
  private var acceptedBy: SignatureChecker?

  init(_ reviewer: Reviewer, _ refs: RefView, isReal: Bool) {
    self.reviewer = reviewer
    self.refs = refs
    self.isReal = isReal
  }

  var repository: Repository { reviewer.repository }
  var settings: ReviewSettings { reviewer.settings }

  /// Reads the lead anew from the refs as they stand now.
  func readLead() throws(ReviewProblem) {
    state = try reviewer.leadReader().state(refs.current)
    followers = nil
  }

  private func accept(_ update: RefUpdate) {
    refs.accept(update)
    followers?.move(update.ref, to: update.new)
  }

  private func followers(_ authority: Authority) -> Followers {
    let found = followers ?? Followers(authority, refs, in: repository, settings)
    followers = found
    return found
  }

  /// The lead has been read.
  func judge(_ push: [RefUpdate]) throws(ReviewProblem) -> [Verdict] {
    try findSuccessors(push)
    var results = [Verdict](repeating: Verdict(), count: push.count)
    var waiting = lastFirst(Array(push.indices), push)
    // Refused for what its sources held then; asked again when others have moved, all of them at once.
    var again: [Int] = []
    var hasMoved = false
    while true {
      if hasMoved, !again.isEmpty, waiting.last.map({ phase(of: push[$0]) > .sourced }) ?? true {
        waiting = lastFirst(waiting + again, push)
        (again, hasMoved) = ([], false)
      }
      guard let index = waiting.popLast() else { break }
      let update = push[index]
      let isLead = state.names.isLead(update.ref)
      do throws(ReviewProblem) {
        results[index] = try judge(update)
      } catch {
        results[index] = Verdict(refusals: [error.refusal(ref: update.name)])
      }
      guard results[index].outcome == .accepted else {
        if isLead { waiting = lastFirst(waiting, push) }
        if phase(of: update) == .sourced { again.append(index) }
        continue
      }
      accept(update)
      if isLead {
        try readLead()
        waiting = lastFirst(waiting, push)
      }
      if phase(of: update) == .sourced || phase(of: update) == .follower { hasMoved = true }
    }
    return results
  }

  /// What a later process need not find out again. Called when all is accepted.
  func keep() {
    acceptedBy?.keepKeybox()
    guard case .here(let authority) = state, let root = settings.trustRoot,
      let first = try? reviewer.leadReader().firstName(root),
      let place = LeadMemoryPlace(repository, settings, root: root, lead: first)
    else { return }
    authority.lead.remember(place, clock: settings.clock)
  }

  private func findSuccessors(_ push: [RefUpdate]) throws(ReviewProblem) {
    var current = state.names.names.lead
    while let update = push.first(where: { $0.ref == current && !$0.new.isZero }),
      let named = try namedLead(update.new), named != current, successors.insert(named).inserted
    {
      current = named
    }
  }

  /// The full name of the branch that a commit's policy names as the lead.
  private func namedLead(_ commit: ObjectID) throws(ReviewProblem) -> [UInt8]? {
    guard try reading({ () throws(GitError) in try repository.kind(of: commit) }) == .commit else { return nil }
    let rulebook = try reviewer.rulebook()
    let tree = try reviewer.treeOfCommit(commit)
    let lead = try readable { () throws(ReviewProblem) in try rulebook.policy(tree: tree, of: commit) }?.lead
    return lead.map { Array("refs/heads/\($0)".utf8) }
  }

  // MARK: Order

  // R2
  private enum Phase: Int, Comparable {
    case free, coSignatures, lead, successor, afterLead, follower, sourced, tag

    static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
  }

  private func phase(of update: RefUpdate) -> Phase {
    let names = state.names
    if names.isLead(update.ref), !update.new.isZero { return .lead }
    // A branch that this push names to carry the rules is judged when it has been named.
    if successors.contains(update.ref), !update.new.isZero { return .successor }
    // What the lead's policy protects is known once it is here. Attack: a push brings the lead, and with it a tag that
    // only the policy at its tip protects.
    guard case .here = state else { return update.new.isZero ? .free : .afterLead }
    if update.new.isZero || !names.protects(update.ref) { return .free }
    // Where the lead has just come, its rules say who may make statements, and it may have needed them.
    if names.isCoSignatureRef(update.ref) { return leadIsNew ? .afterLead : .coSignatures }
    if names.protectsTag(update.ref) { return .tag }
    return names.policy.branchRule(for: update.ref)?.from.isEmpty == false ? .sourced : .follower
  }

  /// By phase, then by name; the next one at the end. A push may have thousands of refs: each is looked at once.
  private func lastFirst(_ waiting: [Int], _ push: [RefUpdate]) -> [Int] {
    waiting.map { (index: $0, phase: phase(of: push[$0])) }.sorted { a, b in
      a.phase == b.phase
        ? push[b.index].ref.lexicographicallyPrecedes(push[a.index].ref) : b.phase < a.phase
    }.map(\.index)
  }

  // MARK: One update

  private func judge(_ update: RefUpdate) throws(ReviewProblem) -> Verdict {
    let names = state.names
    var facts = UpdateFacts(update)
    facts.isStale = isReal && refs.isStale(update)
    facts.isReplacement = isReplacement(update.ref)
    facts.symbolicTarget = refs.symbolic[update.ref]
    facts.lookalike = names.lookalike(of: update.ref)
    if facts.lookalike == nil {
      // R112. Attack on a clone: a server's tag origin/main, which `git merge origin/main` takes.
      facts.inTheWayOf =
        names.inTheWay(update.ref) ?? settings.remote.flatMap { names.shadowed(by: update.ref, ofRemote: $0) }
        ?? tagHidden(by: update)
    }
    let early = Review.judge(facts)
    guard early.isEmpty, names.protects(update.ref) else { return Verdict(refusals: early) }
    if update.new == update.old, !update.new.isZero { return Verdict() }
    // Not before: what is not protected passes, however long the rest took.
    try settings.checkDeadline()
    // From here on signatures are looked at; gpg starts while the registry is read.
    if settings.engines != .native, !update.new.isZero { GnuPGStandby.start(keybox: settings.keyboxes?.kept) }
    if !update.new.isZero { facts.object = try object(update.new) }
    guard case .here(let authority) = state else { return try judgeWithoutLead(update, facts) }

    if names.isCoSignatureRef(update.ref) {
      let terms = try terms(authority, for: update.ref)
      facts.subject = .coSignatures(
        try CoSignatureRefReader(reviewer: reviewer, terms: terms).facts(update, object: facts.object))
      return Verdict(refusals: Review.judge(facts), notes: terms.rules.notes)
    }
    if names.protectsTag(update.ref) {
      let terms = try terms(authority, for: update.ref)
      let reader = TagReader(
        reviewer: reviewer, authority: authority, refs: refs, followers: followers(authority), terms: terms)
      facts.subject = .tag(try reader.facts(update, object: facts.object))
      return Verdict(refusals: Review.judge(facts), notes: terms.rules.notes)
    }
    if names.isLead(update.ref) { return try judgeLead(update, facts, authority) }
    return try judgeFollower(update, facts, authority)
  }

  /// A protected tag in whose place `git clone --branch NAME` and `git switch NAME` would take a new branch.
  // R112
  private func tagHidden(by update: RefUpdate) -> String? {
    guard settings.remote == nil, update.old.isZero, let name = shortName(update.ref, under: "refs/heads/") else {
      return nil
    }
    let tag = Array("refs/tags/".utf8) + name
    guard refs.current[tag] != nil, state.names.protectsTag(tag), !state.names.protects(update.ref) else { return nil }
    return String(decoding: tag, as: UTF8.self)
  }

  private func object(_ id: ObjectID) throws(ReviewProblem) -> UpdateFacts.NewObject {
    switch try reading({ () throws(GitError) in try repository.kind(of: id) }) {
    case .commit: return .commit
    case .tag: return .tag
    case nil: throw .git(.missingObject(id, promised: repository.isPartialClone))
    default: return .other
    }
  }

  private func terms(_ authority: Authority, for ref: [UInt8]) throws(ReviewProblem) -> StepTerms {
    authority.terms(for: ref, try authority.rules(try reviewer.rulebook(), in: repository), settings)
  }

  // MARK: The lead

  private func judgeLead(
    _ update: RefUpdate, _ facts: UpdateFacts, _ authority: Authority
  ) throws(ReviewProblem) -> Verdict {
    var facts = facts
    var branch = BranchFacts()
    branch.isLead = true
    // One that was named by another's state begins at that state, wherever its own ref stands.
    let start = authority.lead.tip
    if !update.new.isZero, facts.object == .commit {
      if !update.old.isZero { branch.isForward = try reviewer.isAncestor(update.old, of: update.new) }
      if branch.isForward, authority.lead.contains(update.new), update.new != start {
        // Behind the state that named it: it has yet to come up to there.
        branch.isForward = update.old != start
      }
    }
    facts.subject = .branch(branch)
    let refusals = Review.judge(facts)
    guard refusals.isEmpty, !update.new.isZero, !authority.lead.contains(update.new) else {
      return Verdict(refusals: refusals)
    }
    let review = LeadUpdate(reviewer: reviewer, authority: authority, refs: refs)
    let (verdict, checker) = try review.judge(update, facts, branch, from: start)
    if verdict.outcome == .accepted { acceptedBy = checker }
    return verdict
  }

  /// What there is to say while the lead is not here: deletions are refused, and the lead may come.
  private func judgeWithoutLead(_ update: RefUpdate, _ facts: UpdateFacts) throws(ReviewProblem) -> Verdict {
    var facts = facts
    let names = state.names
    let shown = printable(update.ref)
    if update.new.isZero {
      var branch = BranchFacts()
      branch.hasWildcard = names.policy.branchRule(for: update.ref)?.name.hasWildcard ?? false
      facts.subject =
        names.protectsBranch(update.ref)
        ? .branch(branch)
        : names.protectsTag(update.ref) ? .tag(TagFacts(name: [])) : .coSignatures(CoSignatureRefFacts())
      return Verdict(refusals: Review.judge(facts))
    }
    switch state {
    case .here: return Verdict()
    case .rootless:
      throw .trustRootMissing("\(shown) is protected, and no trust root is configured from which it could be judged")
    case .missing(_, let why):
      let lead = String(decoding: names.names.lead, as: UTF8.self)
      guard names.isLead(update.ref), facts.object == .commit, let root = settings.trustRoot,
        try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit
      else {
        if facts.object != .commit, names.protectsBranch(update.ref) {
          facts.subject = .branch(BranchFacts())
          return Verdict(refusals: Review.judge(facts))
        }
        if why.hasPrefix("the trust root is") { throw .trustRootMissing("\(shown) cannot be judged: \(why)") }
        throw .leadMissing(
          "\(shown) cannot be judged: \(why), and \(printable(lead)) carries the rules",
          next: "push \(printable(lead)) first, or together with it; or git config maint.lead BRANCH")
      }
      return try judgeNewLead(update, facts, root)
    }
  }

  /// The lead comes first on an empty server, and is judged as an audit judges it.
  // R62
  private func judgeNewLead(_ update: RefUpdate, _ facts: UpdateFacts, _ root: ObjectID) throws(ReviewProblem)
    -> Verdict
  {
    var facts = facts
    var branch = BranchFacts()
    branch.isLead = true
    if !update.old.isZero { branch.isForward = try reviewer.isAncestor(update.old, of: update.new) }
    var supposed = refs
    supposed.suppose(update.ref, at: update.new)
    guard branch.isForward, case .line(let line) = try reviewer.leadReader().read(supposed.current, root: root) else {
      if branch.isForward {
        let below = try reviewer.isAncestor(root, of: update.new)
        branch.line = below ? .foxtrot(at: update.new, start: root) : .unanchored
      }
      facts.subject = .branch(branch)
      return Verdict(refusals: Review.judge(facts))
    }
    leadIsNew = true
    let audit = LeadAudit(reviewer: reviewer.auditing, line: line, refs: supposed, start: root, end: update.new)
    var verdict = Verdict()
    _ = try audit.run { (step) throws(ReviewProblem) in verdict.append(step) }
    facts.subject = .branch(try unjudged(line, supposed, branch))
    verdict.refusals += Review.judge(facts)
    if line.tip != update.new, !line.contains(update.new) {
      branch.isFormerLead = true
      branch.isNamed = false
      facts.subject = .branch(branch)
      verdict.refusals += Review.judge(facts)
    }
    return verdict
  }

  /// With the refs that were here before the lead, and that nobody asked about: its policy was not known then.
  private func unjudged(_ line: LeadLine, _ supposed: RefView, _ branch: BranchFacts) throws(ReviewProblem)
    -> BranchFacts
  {
    let tree = try reviewer.treeOfCommit(line.tip)
    let rulebook = try reviewer.rulebook()
    // A policy that cannot be read is refused by the audit.
    guard let policy = try readable({ () throws(ReviewProblem) in try rulebook.policy(tree: tree, of: line.tip) })
    else { return branch }
    var branch = branch
    branch.unjudged = try NewlyProtected(repository: repository, settings: settings) { line.contains($0) }.unjudged(
      in: supposed, protectedBy: ProtectedNames(policy, LeadNames(lead: line.ref, former: line.former)),
      andNotBy: state.names)
    return branch
  }

  // MARK: Followers

  private func judgeFollower(
    _ update: RefUpdate, _ facts: UpdateFacts, _ authority: Authority
  ) throws(ReviewProblem) -> Verdict {
    let review = FollowerUpdate(
      reviewer: leadIsNew ? reviewer.auditing : reviewer, authority: authority, refs: refs,
      followers: followers(authority), asAudit: leadIsNew || settings.pushedSince != nil)
    let (verdict, checker) = try review.judge(update, facts)
    if verdict.outcome == .accepted, let checker { acceptedBy = checker }
    return verdict
  }
}
