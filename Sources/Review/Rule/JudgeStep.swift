internal import GitBridge

/// Judges one step of a protected branch: the whole of "Who endorses what" and "What each new commit
/// needs". A pure function of the facts, so that hook, gate, command and audit cannot differ.
package func judge(_ step: StepFacts) -> Verdict {
  let graph = ChangeGraph(step.changes.map { ($0.commit, $0.parents) })
  let changes = graph.order.map { step.changes[$0] }
  let endorsed = endorsements(
    of: changes, in: graph, coSignatures: step.coSignatures, ways: step.policy.ways, signer: \.signer)

  var verdict = Verdict()
  var update = ReviewedUpdate(
    ref: step.ref, old: step.old, new: step.new, base: step.old, threshold: step.threshold)
  update.leansOn = step.leansOn
  for (change, endorsements) in zip(changes, endorsed) {
    let (reviewed, refusals) = judge(change, endorsedBy: endorsements, in: step)
    update.changes.append(reviewed)
    verdict.refusals += refusals
  }
  explainMissing(&verdict, changes: changes, graph: graph, step: step, endorsed: endorsed)
  verdict.updates = [update]
  return verdict
}

/// What one new commit needs, held against what it has.
private func judge(
  _ change: ChangeFacts, endorsedBy endorsements: [Endorsement], in step: StepFacts
) -> (ReviewedChange, [Refusal]) {
  let kind = change.kind
  let base = kind == .ordinary || kind == .contentMerge ? step.threshold : 1
  let demands = step.policy.paths.isEmpty ? [] : pathDemands(change, step.policy, step.threshold)
  let required = max(base, demands.map(\.threshold).max() ?? 0)
  let endorsers = endorsements.map {
    Endorser(
      person: $0.signer.person, via: $0.via, by: $0.by, key: $0.signer.key, subkey: $0.signer.subkey,
      time: $0.signer.time)
  }.sorted { ($0.person, $0.via.rawValue) < ($1.person, $1.via.rawValue) }
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
  case .bad(let person, let key):
    refuse(
      .badSignature, "commit \(short) carries a bad signature that names \(person)'s key \(key)",
      next: "git cat-file commit \(short)")
  case .disagreed(let detail):
    refuse(.enginesDisagree, "the two engines disagree on commit \(short): \(detail)", next: "stagex-maint explain \(short)")
  case .unjudged(let detail):
    refuse(.engineFailed, "the signature of commit \(short) could not be checked: \(detail)", next: "stagex-maint hook doctor")
  case .none, .good, .notGood: break
  }
  if !step.policy.allowsGitlinks {
    for path in change.ownPaths where path.newMode == gitlinkMode {
      refuse(
        .gitlink, "commit \(short) adds or moves the submodule \(printable(path.path)), which the policy does not allow",
        next: "git show --stat \(short)")
    }
  }
  if people.count < base {
    let code: RefusalCode = kind == .cleanMerge && people.isEmpty ? .unsignedMerge : .tooFewEndorsers
    refuse(code, tooFew(change, has: people, of: base), next: howToEndorse(people, step))
  } else if people.count < required {
    let worst = demands.first { $0.threshold > people.count }
    refuse(
      .pathNeedsMore,
      "commit \(short) has \(people.count) of \(required) maintainers that \(printable(worst?.path ?? [])) needs: \(list(people))",
      next: howToEndorse(people, step))
  }
  for group in Set(demands.flatMap(\.groups)).sorted()
  where people.isDisjoint(with: step.policy.groups[group] ?? []) {
    let path = demands.first { $0.groups.contains(group) }?.path ?? []
    refuse(
      .pathNeedsMore,
      "commit \(short) touches \(printable(path)): needs one of the group \(group): \(list(step.policy.groups[group] ?? []))",
      next: howToEndorse(people, step))
  }
  let reviewed = ReviewedChange(
    commit: change.commit, kind: kind, required: required, endorsers: endorsers, paths: demands,
    outcome: refusals.isEmpty ? .accepted : .refused)
  return (reviewed, refusals)
}

/// The mode of a submodule's entry in a tree.
let gitlinkMode: UInt32 = 0o160000

/// The paths of this change for which the policy asks more than for the rest.
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
  let wouldBe = endorsements(
    of: changes, in: graph, coSignatures: step.coSignatures, ways: step.policy.ways
  ) { fact in
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
    return "merge \(short) has content of its own and \(people.count) of \(required) maintainers\(colonList(people))"
  case .adopt:
    return "adoption \(short) carries no maintainer's signature"
  case .ordinary, .cleanMerge:
    return "commit \(short) has \(people.count) of \(required) maintainers\(colonList(people))"
  }
}

/// The next command, and who may type it.
private func howToEndorse(_ people: Set<String>, _ step: StepFacts) -> String {
  let remaining = step.maintainers.filter { !people.contains($0) }
  guard !remaining.isEmpty else { return "stagex-maint keys list   (no maintainer remains who could endorse it)" }
  return "stagex-maint cosign PR-N   (by one of: \(list(remaining)))"
}

private func list(_ people: some Collection<String>) -> String {
  people.isEmpty ? "none" : people.sorted().map { printable(Array($0.utf8)) }.joined(separator: ", ")
}

private func colonList(_ people: Set<String>) -> String { people.isEmpty ? "" : ": \(list(people))" }
