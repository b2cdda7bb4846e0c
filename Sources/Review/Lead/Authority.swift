internal import GitBridge
internal import OpenPGP

/// The lead as the refs show it, and the rules at its tip: what everything but the lead's own steps is judged by.
struct Authority {
  let lead: LeadLine
  let policy: Policy
  let names: ProtectedNames

  /// The rules at the lead's tip. Read when somebody asks: a push of the lead alone has no need of them.
  func rules(_ rulebook: Rulebook, in repository: Repository) throws(ReviewProblem) -> Rules {
    if let keys = lead.keysAtTip { rulebook.keep(lead.revocationsAtTip, of: keys) }
    return try rulebook.rules(
      tree: try reading { () throws(GitError) in try repository.treeOfCommit(lead.tip) }, of: lead.tip)
  }

  /// The terms of any step of a branch that follows the lead, and of a tag:
  /// the rules at the lead's tip, and the time now.
  // R41
  func terms(
    for ref: [UInt8], _ rules: Rules, _ settings: ReviewSettings
  ) -> StepTerms {
    // R42
    let now = max(settings.pushClock, lead.newestFutureDate(clock: settings.clock) ?? 0)
    let name = String(decoding: ref, as: UTF8.self)
    return StepTerms(
      rules: rules, signatures: rules.terms(settings, time: now, hardRevoked: lead.hardRevoked()),
      step: StepRules(
        ref: name, policy: rules.policy, threshold: rules.policy.threshold(for: ref),
        maintainers: rules.loaded.registry.maintainers(needing: rules.policy.evidence, without: lead.hardRevoked()),
        leadState: lead.tip))
  }
}

/// What is known of the lead at one moment of a push.
enum LeadState {
  case here(Authority)
  /// There is a trust root, and the lead is not here, or does not hold it: the names are those that the trust root's
  /// policy protects, as far as it is here.
  case missing(ProtectedNames, why: String)
  /// There is no trust root: nothing can be judged. The names are the usual ones.
  case rootless(ProtectedNames)

  var names: ProtectedNames {
    switch self {
    case .here(let authority): authority.names
    case .missing(let names, _), .rootless(let names): names
    }
  }
}

extension LeadReader {
  /// - Parameter refs: Where the branches stand.
  func state(_ refs: [[UInt8]: ObjectID]) throws(ReviewProblem) -> LeadState {
    guard let root = settings.trustRoot else {
      let lead = Array("refs/heads/\(settings.lead ?? rulebook.pinnedPolicy?.lead ?? Policy.usualLead)".utf8)
      return .rootless(ProtectedNames(rulebook.pinnedPolicy ?? .standard, LeadNames(lead: lead)))
    }
    let isHere = try reading { () throws(GitError) in try repository.kind(of: root) } == .commit
    guard isHere else {
      let lead = Array("refs/heads/\(settings.lead ?? rulebook.pinnedPolicy?.lead ?? Policy.usualLead)".utf8)
      let names = ProtectedNames(rulebook.pinnedPolicy ?? .standard, LeadNames(lead: lead))
      return .missing(names, why: "the trust root is \(root), and there is no such commit here")
    }
    switch try read(refs, root: root) {
    case .line(let line):
      let policy = try rulebook.policy(
        tree: try reading { () throws(GitError) in try repository.treeOfCommit(line.tip) }, of: line.tip)
      return .here(
        Authority(
          lead: line, policy: policy, names: ProtectedNames(policy, LeadNames(lead: line.ref, former: line.former))))
    case .missing(let ref, let why):
      let policy = try rulebook.policy(
        tree: try reading { () throws(GitError) in try repository.treeOfCommit(root) }, of: root)
      return .missing(ProtectedNames(policy, LeadNames(lead: ref)), why: why)
    }
  }
}
