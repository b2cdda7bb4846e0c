internal import GitBridge

/// Judges one step of a protected branch: all that the rule says about it. A pure function of the facts, so that hook,
/// gate, command and audit cannot differ.
// R23
package func judge(_ step: StepFacts) -> Verdict {
  var update = ReviewedUpdate(
    ref: step.ref, old: step.old, new: step.new, base: step.rules.leadState ?? step.old, threshold: step.threshold)
  update.time = step.time
  if let follower = step.follower {
    update.without = follower.base
    // R45
    // What the lead holds was judged there, and a branch of this kind may stand on any state of it.
    if follower.hasWildcard, follower.isLeadState { return Verdict(updates: [update]) }
  }
  let graph = ChangeGraph(step.changes.map { ($0.commit, $0.parents) })
  let changes = graph.order.map { step.changes[$0] }
  let endorsed = endorsements(of: changes, in: graph, of: step, signer: \.signer)

  var verdict = Verdict()
  for (change, endorsements) in zip(changes, endorsed) {
    let (reviewed, refusals) = judge(change, endorsedBy: endorsements, in: step)
    update.changes.append(reviewed)
    verdict.refusals += refusals
  }
  explainMissing(&verdict, changes: changes, graph: graph, step: step, endorsed: endorsed)
  // R22
  for change in changes where change.parents.isEmpty && change.defect == nil {
    verdict.refusals.append(unrelatedRoot(change.commit, ref: step.ref))
  }
  verdict.refusals += refusalsOfTheTip(step)
  for finding in step.images { verdict.refusals.append(finding.refusal(on: step.ref)) }
  if let change = step.ruleChange { verdict.refusals += refusals(of: change, in: step) }
  if let follower = step.follower { verdict.refusals += refusals(of: follower, in: step) }
  if let sources = step.sources { verdict.refusals += refusals(of: sources, in: step) }
  verdict.updates = [update]
  return verdict
}

/// What is said of a step's new tip beside what it brings.
private func refusalsOfTheTip(_ step: StepFacts) -> [Refusal] {
  var found: [Refusal] = []
  // R28
  if step.follower == nil,
    case .notGood(.futureSignature, _, let detail)? = step.changes.first(where: { $0.commit == step.new })?.signature
  {
    // Attack: it endorses nothing today, and in a year it would date the lead.
    found.append(
      Refusal(
        .futureSignature, commit: step.new, ref: step.ref,
        message: "\(step.new.short) is signed by a maintainer's key with a date that has yet to come: \(detail)",
        next: "set the clock, and sign again"))
  }
  if let lead = step.followsHandover {
    found.append(
      Refusal(
        .formerLead, commit: step.new, ref: step.ref,
        message:
          "\(printable(step.ref)) takes no further step: "
          + "a state below \(step.new.short) names \(printable(lead)) to carry the rules",
        next: "push \(step.new.short) to \(printable(lead)) instead"))
  }
  if !step.conflicts.isEmpty {
    let some = step.conflicts.prefix(3).map { printable($0) }.joined(separator: ", ")
    let more = step.conflicts.count > 3 ? " and \(step.conflicts.count - 3) more" : ""
    found.append(
      Refusal(
        .tooFewEndorsers, commit: step.changes.first?.commit, ref: step.ref,
        message:
          "merging conflicts in \(some)\(more): "
          + "the merge would have content of its own, which its one signature does not cover",
        next: "git rebase \(shellWord(shortName(Array(step.ref.utf8), under: "refs/heads/") ?? Array(step.ref.utf8)))"))
  }
  return found
}

/// The refusal of a root commit among the new commits.
func unrelatedRoot(_ root: ObjectID, ref: String) -> Refusal {
  Refusal(
    .unrelatedHistory, commit: root, ref: ref,
    message: "\(printable(ref)) would take in the root commit \(root.short) of an unrelated history",
    next: "git rebase --root --onto BRANCH, and push the result")
}

extension StepFacts {
  /// Whether a step brings nothing but a clean merge of lead states.
  // R55
  package var isTake: Bool {
    guard let follower, follower.takesLeadStates, changes.count == 1, let change = changes.first else { return false }
    return change.commit == new && change.kind == .cleanMerge && change.defect == nil
  }
}

/// What one new commit needs, held against what it has.
private func judge(
  _ change: ChangeFacts, endorsedBy endorsements: [Endorsement], in step: StepFacts
) -> (ReviewedChange, [Refusal]) {
  let kind = change.kind
  // R93, R94, R95, R96
  let base = kind == .ordinary || kind == .contentMerge ? step.threshold : 1
  let demands = step.policy.paths.isEmpty ? [] : pathDemands(change, step.policy, step.threshold)
  let required = max(base, demands.map(\.threshold).max() ?? 0)
  let endorsers = endorsements.map {
    Endorser(
      person: $0.signer.person, via: $0.via, by: $0.by, key: $0.signer.key, subkey: $0.signer.subkey,
      time: $0.signer.time)
  }.sorted { ($0.person, $0.via.rawValue) < ($1.person, $1.via.rawValue) }
  // R98
  let people = Set(endorsers.map(\.person))

  var refusals: [Refusal] = []
  func refuse(_ code: RefusalCode, _ message: String, next: String) {
    refusals.append(Refusal(code, commit: change.commit, ref: step.ref, message: message, next: next))
  }
  let short = change.commit.short

  if let defect = change.defect {
    refuse(.malformedCommit, "commit \(short) is malformed: \(defect)", next: "git cat-file commit \(short)")
  }
  switch change.signature {
  // R78
  case .bad(let person, let key):
    refuse(
      .badSignature, "commit \(short) carries a bad signature that names \(person)'s key \(key)",
      next: "git cat-file commit \(short)")
  case .disagreed(let detail):
    refuse(
      .enginesDisagree, "the two engines disagree on commit \(short): \(detail)", next: "stagex-maint explain \(short)")
  // R76
  case .unjudged(let detail):
    refuse(
      .engineFailed, "the signature of commit \(short) could not be checked: \(detail)",
      next: "stagex-maint hook doctor")
  case .none, .good, .notGood: break
  }
  // R102
  if !step.policy.allowsGitlinks {
    for path in change.ownPaths where path.newMode == gitlinkMode {
      refuse(
        .gitlink,
        "commit \(short) adds or moves the submodule \(printable(path.path)), which the policy does not allow",
        next: "git show --stat \(short)")
    }
  }
  if people.count < base {
    // R97
    let code: RefusalCode = kind == .cleanMerge && people.isEmpty ? .unsignedMerge : .tooFewEndorsers
    refuse(code, tooFew(change, has: people, of: base), next: howToEndorse(people, step))
  } else if people.count < required {
    let worst = demands.first { $0.threshold > people.count }
    refuse(
      .pathNeedsMore,
      "commit \(short) has \(people.count) of \(required) maintainers "
        + "that \(printable(worst?.path ?? [])) needs: \(list(people))",
      next: howToEndorse(people, step))
  }
  for group in Set(demands.flatMap(\.groups)).sorted()
  where people.isDisjoint(with: step.policy.groups[group] ?? []) {
    let path = demands.first { $0.groups.contains(group) }?.path ?? []
    refuse(
      .pathNeedsMore,
      "commit \(short) touches \(printable(path)): "
        + "needs one of the group \(group): \(list(step.policy.groups[group] ?? []))",
      next: howToEndorse(people, step, of: step.policy.groups[group] ?? []))
  }
  let reviewed = ReviewedChange(
    commit: change.commit, kind: kind, required: required, endorsers: endorsers, paths: demands,
    outcome: refusals.isEmpty ? .accepted : .refused)
  return (reviewed, refusals)
}

/// The mode of a submodule's entry in a tree.
let gitlinkMode: UInt32 = 0o160000

/// The paths of this change for which the policy asks more than for the rest.
// R99
private func pathDemands(_ change: ChangeFacts, _ policy: Policy, _ threshold: Int) -> [PathDemand] {
  var demands: [PathDemand] = []
  for touched in change.ownPaths {
    let rules = policy.paths.filter { rule in rule.match.contains { $0.matches(touched.path) } }
    guard !rules.isEmpty else { continue }
    demands.append(
      PathDemand(
        path: touched.path, threshold: max(threshold, rules.map(\.threshold).max() ?? 0),
        groups: Set(rules.flatMap(\.groups)).sorted()))
  }
  return demands
}

/// Adds to each refusal for missing endorsers the signatures that would have counted, had they been good.
// R77
private func explainMissing(
  _ verdict: inout Verdict, changes: [ChangeFacts], graph: ChangeGraph, step: StepFacts, endorsed: [[Endorsement]]
) {
  if verdict.refusals.isEmpty { return }
  let lacking: Set<RefusalCode> = [.tooFewEndorsers, .unsignedMerge, .pathNeedsMore]
  guard verdict.refusals.contains(where: { lacking.contains($0.code) }) else { return }
  var reasons: [ObjectID: Because] = [:]
  func note(_ id: ObjectID, _ fact: SignatureFact) {
    guard case .notGood(let code, let person, let detail) = fact else { return }
    reasons[id] = Because(code: code, commit: id, person: person, detail: detail)
  }
  for change in changes { note(change.commit, change.signature) }
  for statement in step.coSignatures { note(statement.statement, statement.signature) }
  guard !reasons.isEmpty else { return }
  let wouldBe = endorsements(of: changes, in: graph, of: step) { fact in
    // Only the person is compared; the fingerprints of a signature that is not good are not reported.
    // Where nobody looked for the person, each reason stands for somebody else.
    guard case .notGood(let code, let person, let detail) = fact else { return nil }
    return Signer(person: person ?? "?\(code.rawValue) \(detail)", key: .unknown, subkey: .unknown, time: 0)
  }
  for index in verdict.refusals.indices where lacking.contains(verdict.refusals[index].code) {
    guard let commit = verdict.refusals[index].commit, let place = graph.place(of: commit) else { continue }
    verdict.refusals[index].because = Set(wouldBe[place].compactMap { reasons[$0.by] })
      .sorted { ($0.commit, $0.code.rawValue) < ($1.commit, $1.code.rawValue) }
  }
}

private func tooFew(_ change: ChangeFacts, has people: Set<String>, of required: Int) -> String {
  let short = change.commit.short
  switch change.kind {
  case .cleanMerge where people.isEmpty:
    return "merge \(short) carries no maintainer's signature"
  case .contentMerge:
    let why = change.remergeFailure.map { " counts as one with content (\($0))" } ?? " has content of its own"
    return "merge \(short)\(why) and \(people.count) of \(required) maintainers\(colonList(people))"
  case .adopt:
    return "adoption \(short) carries no maintainer's signature"
  case .ordinary, .cleanMerge:
    return "commit \(short) has \(people.count) of \(required) maintainers\(colonList(people))"
  }
}

/// The next command, and who may type it.
///
/// - Parameter group: Of whom one is asked; nil for anybody.
private func howToEndorse(_ people: Set<String>, _ step: StepFacts, of group: [String]? = nil) -> String {
  let remaining = step.maintainers.filter { !people.contains($0) && group?.contains($0) ?? true }
  guard !remaining.isEmpty else { return "stagex-maint keys list   (no maintainer remains who could endorse it)" }
  return "stagex-maint cosign PR-N   (by one of: \(list(remaining)))"
}

private func list(_ people: some Collection<String>) -> String {
  people.isEmpty ? "none" : people.sorted().map { printable(Array($0.utf8)) }.joined(separator: ", ")
}

private func colonList(_ people: Set<String>) -> String { people.isEmpty ? "" : ": \(list(people))" }
