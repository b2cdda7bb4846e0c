package import GitBridge

/// A protected branch of the server's, as this clone sees it, judged before anybody leans on it.
package struct JudgedBase: Sendable {
  /// The full name.
  package let ref: String
  /// Where the branch stands.
  package let tip: ObjectID
  /// Whether it carries the rules itself: its steps are judged by the rules below each (R24).
  package let isLead: Bool
  /// The branch that carries the rules, by its full name.
  package let leadRef: String
  /// The lead's newest state; the same as ``tip`` where this is the lead.
  package let leadTip: ObjectID
  /// The policy at the lead's tip. A branch's own says nothing.
  package let policy: Policy
  /// The registry at the lead's tip.
  package let registry: Registry
  /// How many maintainers a change to this branch needs.
  package let threshold: Int
  /// Accepted only if the lead is, from the trust root on, and this branch too.
  package let verdict: Verdict
}

/// What the rules protect in a repository.
package struct Protection: Sendable {
  private let names: ProtectedNames

  init(_ names: ProtectedNames) { self.names = names }

  /// The branch that carries the rules, by its full name.
  package var lead: String { String(decoding: names.names.lead, as: UTF8.self) }
  /// The protected names and patterns, for people.
  package var list: [String] { names.list }
  /// The policy at the lead's tip, at the trust root where the lead is not here, the usual one where there is no root.
  package var policy: Policy { names.policy }
  /// Whether a ref, by its full name, is a protected branch or tag, or the ref of co-signatures.
  package func protects(_ ref: [UInt8]) -> Bool { names.protects(ref) }
  /// Whether a ref, by its full name, is a protected branch: the lead, a former one, or one that is named (R3).
  package func protectsBranch(_ ref: [UInt8]) -> Bool { names.protectsBranch(ref) }
}

extension Reviewer {
  /// What is protected by the policy at the lead's tip, or by the trust root's where the lead is not here.
  package func protection() throws(ReviewProblem) -> Protection {
    let refs = try RefView(repository, push: [], remote: settings.remote)
    let reader = try leadReader()
    return Protection(try reader.state(refs.current).names)
  }

  /// Judges a branch of the server's from the trust root on, as an audit does. What an earlier run accepted of the lead
  /// is not judged again.
  ///
  /// - Throws: ``ReviewProblem/notProtected(_:names:)`` for a branch that the lead's policy does not protect,
  ///   ``ReviewProblem/leadMissing(_:next:)``, and whatever else keeps it from being judged.
  package func judgedBase(of ref: [UInt8]) throws(ReviewProblem) -> JudgedBase {
    let name = String(decoding: ref, as: UTF8.self)
    let refs = try RefView(repository, push: [], remote: settings.remote)
    let reader = try leadReader()
    let state = try reader.state(refs.current)
    guard state.names.protectsBranch(ref) else { throw .notProtected(name, names: state.names.list) }
    guard case .here(let authority) = state, let root = settings.trustRoot else {
      if case .missing(let names, let why) = state { throw .leadMissing(why, next: fetchLead(names.names.lead)) }
      throw .trustRootMissing("no trust root is configured from which \(printable(ref)) could be judged")
    }
    guard let tip = authority.names.isLead(ref) ? authority.lead.tip : refs.current[ref] else {
      throw .leadMissing("there is no \(printable(ref)) here", next: fetchLead(ref))
    }
    var found = Verdict()
    var scope = AuditScope(ref: name, tip: tip, start: root)
    scope.mayRemember = true
    let summary = try auditing.audit(scope) { (verdict) throws(ReviewProblem) in
      if verdict.outcome != .accepted { found.append(verdict) }
    }
    for note in summary.notes where !found.notes.contains(note) { found.notes.append(note) }
    let rules = try authority.rules(try rulebook(), in: repository)
    return JudgedBase(
      ref: name, tip: tip, isLead: authority.names.isLead(ref), leadRef: authority.lead.name,
      leadTip: authority.lead.tip,
      policy: authority.policy, registry: rules.loaded.registry,
      threshold: authority.names.isLead(ref) ? authority.policy.leadThreshold : authority.policy.threshold(for: ref),
      verdict: found)
  }

  /// The same repository, judged as an audit does: keys as they were, whatever has expired by now.
  var auditing: Reviewer {
    if settings.moment == .then { return self }
    var settings = settings
    settings.moment = .then
    return Reviewer(repository, settings)
  }
}
