internal import GitBridge

/// The branches that carry the rules, or did.
struct LeadNames: Sendable {
  /// Full names.
  let lead: [UInt8]
  var former: [[UInt8]] = []
}

/// What is protected in a repository: the lead, and what the policy at its tip names.
struct ProtectedNames: Sendable {
  let policy: Policy
  let names: LeadNames

  init(_ policy: Policy, _ names: LeadNames) {
    self.policy = policy
    self.names = names
  }

  // R3
  func protectsBranch(_ ref: [UInt8]) -> Bool {
    ref == names.lead || names.former.contains(ref) || policy.branchRule(for: ref) != nil
  }
  func protectsTag(_ ref: [UInt8]) -> Bool { policy.protectsTag(ref) }
  func isCoSignatureRef(_ ref: [UInt8]) -> Bool { Array(policy.coSignatureRef.utf8) == ref }
  func protects(_ ref: [UInt8]) -> Bool { protectsBranch(ref) || protectsTag(ref) || isCoSignatureRef(ref) }
  func isLead(_ ref: [UInt8]) -> Bool { ref == names.lead }
  func isFormerLead(_ ref: [UInt8]) -> Bool { !isLead(ref) && names.former.contains(ref) }

  /// In a clone: what a tag is read before, where somebody writes the short name of a protected branch of the remote
  /// (gitrevisions(7): tags come first).
  func shadowed(by ref: [UInt8], ofRemote remote: String) -> String? {
    guard let name = shortName(ref, under: "refs/tags/") else { return nil }
    if name.elementsEqual(remote.utf8) { return remote }
    let folder = Array("\(remote)/".utf8)
    guard name.starts(with: folder) else { return nil }
    let branch = Array(name.dropFirst(folder.count))
    guard protectsBranch(Array("refs/heads/".utf8) + branch) else { return nil }
    return "\(remote)/" + String(decoding: branch, as: UTF8.self)
  }

  /// The protected name that an unprotected ref could be taken for, if any.
  func lookalike(of ref: [UInt8]) -> String? {
    guard !protects(ref) else { return nil }
    return policy.lookalike(of: ref, also: leads)
  }

  /// The protected name in whose way an unprotected ref would stand, if any.
  func inTheWay(_ ref: [UInt8]) -> String? {
    guard !protects(ref) else { return nil }
    return nameInTheWay(
      ref, branches: policy.branches.map(\.name) + leads.compactMap { try? Glob($0) }, tags: policy.tags.map(\.name),
      others: [policy.coSignatureRef])
  }

  /// The protected names and patterns, for people.
  var list: [String] {
    var found = leads.map { "refs/heads/\($0)" }
    for branch in policy.branches where !found.contains("refs/heads/\(branch.name.pattern)") {
      found.append("refs/heads/\(branch.name.pattern)")
    }
    return found + policy.tags.map { "refs/tags/\($0.pattern)" } + [policy.coSignatureRef]
  }

  /// Without `refs/heads/`, where they can be patterns that stand for themselves.
  private var leads: [String] {
    ([names.lead] + names.former).compactMap { shortName($0, under: "refs/heads/") }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
