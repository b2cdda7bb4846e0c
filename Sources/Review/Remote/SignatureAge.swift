package import GitBridge
internal import OpenPGP

/// What the registry of one lead state says of when keys ended,
/// held against when somebody who watched saw what they signed.
struct SignatureAge {
  /// When each key was revoked, where that does not condemn all that it ever signed.
  let ends: [Fingerprint: Int64]

  /// - Parameter state: Of the lead. What other branches hold is never read.
  init(_ reviewer: Reviewer, at state: ObjectID) throws(ReviewProblem) {
    // A state that was refused may have none that can be read. What the disk does not give is no such answer.
    guard let registry = try readable({ () throws(ReviewProblem) in try reviewer.registry(at: state) }) else {
      ends = [:]
      return
    }
    var ends: [Fingerprint: Int64] = [:]
    for certificate in registry.certificates.values {
      guard certificate.keys.contains(where: { $0.revocation != nil }) else { continue }
      let whole = certificate.keys.first?.revocation?.time
      for key in certificate.keys {
        if let end = [whole, key.revocation?.time].compactMap(\.self).min() { ends[key.fingerprint] = end }
      }
    }
    // R34: those that lie beside the certificates.
    let rulebook = try reviewer.rulebook()
    let tree = try reading { () throws(GitError) in try reviewer.repository.treeOfCommit(state) }
    let folder = try rulebook.ruleFiles(tree: tree).keys
    for entry in try readable({ () throws(ReviewProblem) in try rulebook.revocations(folder, of: state) }) ?? [] {
      let end = entry.revocation.time
      let keys =
        entry.key == entry.primary ? registry.certificates[entry.primary]?.keys.map(\.fingerprint) ?? [] : [entry.key]
      for key in keys { ends[key] = min(ends[key] ?? end, end) }
    }
    self.ends = ends
  }

  /// What is to be said against a step that the rule accepts.
  func refusals(of step: ReviewedUpdate, broughtBy move: SeenMove?, ref: String) -> [Refusal] {
    guard !ends.isEmpty else { return [] }
    return step.changes.compactMap { judgeAge(of: $0, ends: ends, broughtBy: move, ref: ref) }
  }

  /// Adds to a verdict that accepts what is to be said against its steps.
  ///
  /// - Parameter seen: What somebody who watched knows of when they came.
  func object(to verdict: inout Verdict, seen: any FirstSeen) {
    guard verdict.outcome == .accepted else { return }
    for step in verdict.updates {
      let move = seen.firstSeen(ref: Array(step.ref.utf8), at: step.new)
      verdict.refusals += refusals(of: step, broughtBy: move, ref: step.ref)
    }
  }
}

extension Reviewer {
  /// An audit that asks besides whether signatures can be as old as they say, by the keys of the lead as it stands.
  ///
  /// - Parameter seen: What somebody who watched knows.
  package func audit(
    _ scope: AuditScope, seen: any FirstSeen, report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) -> AuditSummary {
    // A lead that is not here is the audit's own to tell.
    guard let state = try leadTip(auditing: scope) else { return try audit(scope, report: report) }
    return try audit(scope, seen: seen, keysOf: state, report: report)
  }

  /// One commit's judgement, with what an audit that knows the same would say of the step that brought it in.
  ///
  /// - Parameter seen: What somebody who watched knows.
  // R123: `explain` and `audit` give one answer.
  package func review(
    of commit: ObjectID, on ref: String, tip: ObjectID, seen: any FirstSeen
  ) throws(ReviewProblem) -> CommitReview {
    let found = try review(of: commit, on: ref, tip: tip)
    let scope = AuditScope(ref: ref, tip: tip, start: settings.trustRoot ?? tip)
    guard case .step = found.place, let state = try leadTip(auditing: scope) else { return found }
    var verdict = found.verdict
    try SignatureAge(self, at: state).object(to: &verdict, seen: seen)
    return CommitReview(commit: found.commit, place: found.place, verdict: verdict, answer: found.answer)
  }

  /// Where the lead stands for an audit, which reads it in the same way; nil where it is not here.
  private func leadTip(auditing scope: AuditScope) throws(ReviewProblem) -> ObjectID? {
    guard case .line(let line) = try lead(auditing: scope).found else { return nil }
    return line.tip
  }

  /// An audit that asks besides whether signatures can be as old as they say.
  ///
  /// - Parameters:
  ///   - seen: What somebody who watched knows; nothing is concluded from what it does not know.
  ///   - state: The lead state whose registry says when keys ended.
  // R123
  package func audit(
    _ scope: AuditScope, seen: any FirstSeen, keysOf state: ObjectID, report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) -> AuditSummary {
    let age = try SignatureAge(self, at: state)
    guard !age.ends.isEmpty else { return try audit(scope, report: report) }
    var scope = scope
    // What was accepted before may have been so without this knowledge.
    scope.mayRemember = false
    var found: [Verdict] = []
    var summary = try audit(scope) { (verdict) throws(ReviewProblem) in
      var judged = verdict
      age.object(to: &judged, seen: seen)
      if judged.outcome != verdict.outcome { found.append(judged) }
      try report(judged)
    }
    for verdict in found { summary.takeBack(verdict) }
    return summary
  }
}
