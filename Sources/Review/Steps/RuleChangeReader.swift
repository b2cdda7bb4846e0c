internal import GitBridge
internal import OpenPGP

/// Finds out what a step of the lead does to the rules that the next step is judged by.
struct RuleChangeReader {
  let reader: StepReader
  /// The refs that stand now; nil in an audit, which cannot know which stood then.
  let refs: RefView?
  /// Whether a commit is a lead state, those of the same push that have been judged included.
  let isLeadState: (ObjectID) -> Bool

  private var rulebook: Rulebook { reader.rulebook }
  private var repository: Repository { reader.repository }

  /// Nil where the step leaves the rules as they are.
  ///
  /// - Parameters:
  ///   - before, after: The files that hold the rules at the step's two ends.
  ///   - tree: Of the step's new commit.
  ///   - hardSoFar: Keys that states up to the step's own revoke for all time.
  func change(
    _ step: Step, from before: RuleFileIDs, to after: RuleFileIDs, tree: ObjectID, under terms: StepTerms,
    hardSoFar: Set<Fingerprint>
  ) throws(ReviewProblem) -> RuleChange? {
    guard before != after else { return nil }
    try reader.settings.checkDeadline()
    var change = RuleChange()
    let policy = try self.policy(after, tree, step, &change)
    try self.policyStep(before, after, terms.rules.policy, policy, &change)
    var revoked = terms.rules.revocations
    if before.keys != after.keys,
      let found = try readable(
        &change,
        { () throws(ReviewProblem) in
          try rulebook.revocations(after.keys, of: step.new)
        })
    {
      change.lostRevocations = lost(from: try rulebook.revocations(before.keys, of: step.old), in: found)
      revoked = found
    }
    let registry = try readable(&change) { () throws(ReviewProblem) in
      try rulebook.registry(tree: tree, of: step.new, files: after)
    }
    if let policy, !rulebook.isPolicyPinned, let lead = policy.lead, lead != terms.rules.policy.lead,
      "refs/heads/\(lead)" != terms.step.ref
    {
      change.namesLead = lead
    }
    if let policy, change.policy != nil, let branch = shortName(Array(terms.step.ref.utf8), under: "refs/heads/") {
      change.clash = policy.clash(carriedBy: String(decoding: branch, as: UTF8.self))
    }
    guard let policy, let registry, change.unreadable == nil else { return change }
    try count(policy, registry, revoked, tree, terms, hardSoFar, &change)
    if let refs, policy.fileText != terms.rules.policy.fileText || policy.lead != terms.rules.policy.lead {
      try self.names(policy, terms, refs, &change)
    }
    return change
  }

  private func policy(
    _ after: RuleFileIDs, _ tree: ObjectID, _ step: Step, _ change: inout RuleChange
  ) throws(ReviewProblem) -> Policy? {
    try readable(&change) { () throws(ReviewProblem) in try rulebook.policy(tree: tree, of: step.new, files: after) }
  }

  private func policyStep(
    _ before: RuleFileIDs, _ after: RuleFileIDs, _ old: Policy, _ new: Policy?, _ change: inout RuleChange
  ) throws(ReviewProblem) {
    guard !rulebook.isPolicyPinned, (before.policy, before.policyIsFile) != (after.policy, after.policyIsFile), let new
    else { return }
    change.policy = RuleChange.PolicyStep(version: (old.version, new.version), kind: (old.kind, new.kind))
  }

  /// Counts who would still count, as the next step will.
  // R38
  private func count(
    _ policy: Policy, _ registry: (loaded: LoadedRegistry, own: Registry), _ revoked: Set<KeyRevocation>,
    _ tree: ObjectID,
    _ terms: StepTerms, _ hardSoFar: Set<Fingerprint>, _ change: inout RuleChange
  ) throws(ReviewProblem) {
    let proven = try rulebook.proven(registry.loaded, policy.evidence, by: policy, tree: tree)
    let people = Set(
      SignatureTerms(
        registry: proven.registry, own: registry.own.certificates, evidence: policy.evidence,
        time: terms.signatures.time,
        clock: reader.settings.clock, revocations: revoked, hardRevoked: hardSoFar
      ).countingPeople())
    change.counting = people.count
    if reader.settings.engines != .native, !rulebook.isRegistryPinned {
      change.unreadable = try missedByGnuPG(proven.registry, terms)
    }
    change.asked = max(policy.leadThreshold, policy.paths.map(\.threshold).max() ?? 0)
    if policy.kind == .signatures { change.asked = 1 }
    for group in Set(policy.paths.flatMap(\.groups)).sorted() where people.isDisjoint(with: policy.groups[group] ?? [])
    {
      change.emptyGroups.append(group)
    }
  }

  /// Attack: a certificate at which gpg gives up the keyring. Everybody sorted after it could never sign again, and the
  /// change could not be taken back.
  ///
  /// - Returns: Whose key gpg would know no more, in words.
  private func missedByGnuPG(_ registry: Registry, _ terms: StepTerms) throws(ReviewProblem) -> String? {
    let (clock, deadline) = (reader.settings.clock, reader.settings.deadline)
    let reading = registry.gnupgReading(at: clock, deadline: deadline)
    if let trouble = reading.trouble { throw .engine("GnuPG could not be asked about the new registry: \(trouble)") }
    guard !reading.misses.isEmpty else { return nil }
    // What it does not know already locks nobody out who was not before.
    let before = Set(terms.loaded.registry.gnupgReading(at: clock, deadline: deadline).misses.map(\.key))
    let known = Set(terms.loaded.registry.certificates.keys)
    guard let miss = reading.misses.first(where: { known.contains($0.primary) && !before.contains($0.key) }) else {
      return nil
    }
    return "GnuPG would no longer know the key \(miss.key): \(miss.reason)"
  }

  /// Refs that only the new policy protects and that stand on something that nobody judged.
  // R16
  private func names(_ new: Policy, _ terms: StepTerms, _ refs: RefView, _ change: inout RuleChange)
    throws(ReviewProblem)
  {
    let old = terms.rules.policy
    let (before, after) = (ProtectedNames(old, reader.leadNames), ProtectedNames(new, reader.leadNames))
    change.unjudged = try NewlyProtected(repository: repository, settings: reader.settings, isLeadState: isLeadState)
      .unjudged(in: refs, protectedBy: after, andNotBy: before)
    // A branch that is named to carry the rules goes on from here: one that stands elsewhere never could, and nobody
    // could change anything any more.
    if let lead = new.lead, lead != old.lead {
      let ref = Array("refs/heads/\(lead)".utf8)
      if "refs/heads/\(lead)" != terms.step.ref, let tip = refs.current[ref], !isLeadState(tip) {
        change.unreadable =
          "\(printable(ref)), which they name as the lead, stands on something else than a state of this one"
      }
    }
  }

  private func lost(from old: Set<KeyRevocation>, in new: Set<KeyRevocation>) -> [String] {
    old.filter { entry in
      !new.contains {
        $0.primary == entry.primary && $0.key == entry.key && weighsAsMuch($0.revocation, as: entry.revocation)
      }
    }.map { "\($0.key) was revoked at \(timestamp($0.revocation.time))" }.sorted()
  }

  private func weighsAsMuch(_ new: Revocation, as old: Revocation) -> Bool {
    new.isHard || !old.isHard && new.time <= old.time
  }

  /// Notes why something cannot be read, and goes on: every reason is told.
  private func readable<Value>(
    _ change: inout RuleChange, _ body: () throws(ReviewProblem) -> Value
  ) throws(ReviewProblem) -> Value? {
    do throws(ReviewProblem) {
      return try body()
    } catch .registry(let defect, _) {
      change.unreadable = change.unreadable ?? "the registry: \(defect.message)"
      return nil
    } catch .policy(let defect, _) {
      change.unreadable = change.unreadable ?? "the policy: \(defect.message)"
      return nil
    }
  }
}
