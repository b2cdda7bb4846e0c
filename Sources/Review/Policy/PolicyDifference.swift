/// One thing in which two policies differ, and what that means for who can get something in.
package struct PolicyDifference: Sendable, Equatable {
  /// Whether a change asks for more, for less, or for something else.
  package enum Effect: String, Sendable {
    /// Less is asked, of somebody or somewhere.
    case weaker
    /// More is asked.
    case stronger
    /// Neither, or it depends.
    case other
  }

  /// Whether it asks for more, for less, or for something else.
  package let effect: Effect
  /// One sentence, safe to print.
  package let text: String
}

extension Policy {
  /// What taking `newer` instead of this policy would change.
  package func differences(to newer: Policy) -> [PolicyDifference] {
    var found: [PolicyDifference] = []
    func note(_ effect: PolicyDifference.Effect, _ text: String) {
      found.append(PolicyDifference(effect: effect, text: text))
    }
    func compare(_ old: Int, _ new: Int, _ what: String) {
      if old != new { note(new < old ? .weaker : .stronger, "\(what): \(new) instead of \(old)") }
    }
    if newer.version < version { note(.weaker, "version \(newer.version) after \(version): the hook refuses this") }
    if newer.version == version, fileText != newer.fileText {
      note(.other, "version stays \(version): raise it, so that nobody can go back")
    }
    compare(threshold, newer.threshold, "maintainers for each change")
    let levels = Evidence.allCases
    if evidence != newer.evidence, let old = levels.firstIndex(of: evidence),
      let new = levels.firstIndex(of: newer.evidence)
    {
      note(
        new < old ? .weaker : .stronger,
        "evidence of smartcards: \(newer.evidence.rawValue) instead of \(evidence.rawValue)")
    }
    for root in newer.attestationRoots.sorted() where !attestationRoots.contains(root) {
      note(.weaker, "attestations may also end in the certificate \(root)")
    }
    for root in attestationRoots.sorted() where !newer.attestationRoots.contains(root) {
      note(.stronger, "attestations may no longer end in the certificate \(root)")
    }
    for way in newer.ways.subtracting(ways).map(\.rawValue).sorted() {
      note(.weaker, "\(way) counts as an endorsement")
    }
    for way in ways.subtracting(newer.ways).map(\.rawValue).sorted() {
      note(.stronger, "\(way) no longer counts as an endorsement")
    }
    if allowsGitlinks != newer.allowsGitlinks {
      note(
        newer.allowsGitlinks ? .weaker : .stronger,
        newer.allowsGitlinks ? "submodules are allowed" : "submodules are refused")
    }
    if allowsSplitGPG != newer.allowsSplitGPG {
      let text =
        newer.allowsSplitGPG ? "keys behind Split GPG may sign" : "only keys on a card in a local reader may sign"
      note(newer.allowsSplitGPG ? .weaker : .stronger, text)
    }
    if kind != newer.kind { note(.other, "judged as a repository of \(newer.kind.rawValue), not of \(kind.rawValue)") }
    if repository != newer.repository {
      let name = newer.repository.map { "\"\($0)\"" } ?? "nothing"
      note(.other, "co-signatures bind to \(name): those made before no longer count")
    }
    if lead != newer.lead {
      note(
        .other,
        "the branch that carries the rules: \(newer.lead.map { "\"\($0)\"" } ?? "as before") "
          + "instead of \(lead.map { "\"\($0)\"" } ?? "as the server says")")
      // R37: as the lead it asked for the most that any branch asks for.
      let former = lead ?? Policy.usualLead
      let after = newer.threshold(for: Array("refs/heads/\(former)".utf8))
      if let named = newer.lead, named != former, after < leadThreshold {
        note(
          .weaker,
          "branch \(former): \(after) maintainers instead of \(leadThreshold), once it carries the rules no more")
      }
    }
    if boundAdoptions != newer.boundAdoptions {
      note(
        newer.boundAdoptions ? .stronger : .weaker,
        newer.boundAdoptions
          ? "adoptions count only where they say base, target and repository"
          : "adoptions that say nothing of base and target count again")
    }
    if coSignatureRef != newer.coSignatureRef {
      note(.other, "co-signatures are read from \(newer.coSignatureRef), not from \(coSignatureRef)")
    }
    found +=
      branchDifferences(to: newer) + tagDifferences(to: newer) + pathDifferences(to: newer)
      + groupDifferences(to: newer)
    return found
  }

  private func branchDifferences(to newer: Policy) -> [PolicyDifference] {
    var found: [PolicyDifference] = []
    func note(_ effect: PolicyDifference.Effect, _ text: String) {
      found.append(PolicyDifference(effect: effect, text: text))
    }
    let (old, new) = (branches.map(\.name.pattern), newer.branches.map(\.name.pattern))
    for name in old where !new.contains(name) {
      note(.weaker, "branch \(name): no longer protected by a table of its own")
    }
    for name in new where !old.contains(name) { note(.stronger, "branch \(name): protected") }
    if old.filter(new.contains) != new.filter(old.contains) {
      note(.other, "the [[branch]] tables come in another order, and the first that matches counts")
    }
    for branch in branches {
      guard let other = newer.branches.first(where: { $0.name == branch.name }) else { continue }
      let name = branch.name.pattern
      let (before, after) = (branch.threshold ?? threshold, other.threshold ?? newer.threshold)
      // Where only the policy's own threshold differs, that has been said.
      if before != after, branch.threshold != nil || other.threshold != nil {
        note(after < before ? .weaker : .stronger, "branch \(name): \(after) maintainers instead of \(before)")
      }
      if branch.mayRewind != other.mayRewind {
        note(
          other.mayRewind ? .weaker : .stronger,
          other.mayRewind
            ? "branch \(name): may be made anew until a protected tag holds it"
            : "branch \(name): never goes back or aside")
      }
      let (from, to) = (branch.from.map(\.pattern), other.from.map(\.pattern))
      switch (from.isEmpty, to.isEmpty) {
      case (false, true):
        note(.weaker, "branch \(name): takes anything, not only merges from \(from.joined(separator: ", "))")
      case (true, false): note(.stronger, "branch \(name): takes only merges from \(to.joined(separator: ", "))")
      default:
        for source in to where !from.contains(source) {
          note(.weaker, "branch \(name): also takes merges from \(source)")
        }
        for source in from where !to.contains(source) {
          note(.stronger, "branch \(name): no longer takes merges from \(source)")
        }
      }
    }
    return found
  }

  private func tagDifferences(to newer: Policy) -> [PolicyDifference] {
    let (old, new) = (tags.map(\.pattern), newer.tags.map(\.pattern))
    let asked = tags.compactMap { (tag) -> PolicyDifference? in
      guard let other = newer.tags.first(where: { $0.name == tag.name }), other.threshold != tag.threshold else {
        return nil
      }
      return PolicyDifference(
        effect: other.threshold < tag.threshold ? .weaker : .stronger,
        text: "tags \(tag.pattern): \(other.threshold) signers instead of \(tag.threshold)")
    }
    return asked
      + old.filter { !new.contains($0) }.map {
        PolicyDifference(effect: .weaker, text: "tags \($0): no longer protected")
      }
      + new.filter { !old.contains($0) }.map { PolicyDifference(effect: .stronger, text: "tags \($0): protected") }
  }

  private func pathDifferences(to newer: Policy) -> [PolicyDifference] {
    var found: [PolicyDifference] = []
    func note(_ effect: PolicyDifference.Effect, _ text: String) {
      found.append(PolicyDifference(effect: effect, text: text))
    }
    func name(_ rule: PathRule) -> String { rule.match.map(\.pattern).joined(separator: ", ") }
    for rule in paths {
      guard let other = newer.paths.first(where: { $0.match == rule.match }) else {
        note(.weaker, "paths \(name(rule)): no rule with these patterns any more")
        continue
      }
      if rule.threshold != other.threshold {
        note(
          other.threshold < rule.threshold ? .weaker : .stronger,
          "paths \(name(rule)): \(other.threshold) maintainers instead of \(rule.threshold)")
      }
      for group in rule.groups where !other.groups.contains(group) {
        note(.weaker, "paths \(name(rule)): nobody of \(group) is needed")
      }
      for group in other.groups where !rule.groups.contains(group) {
        note(.stronger, "paths \(name(rule)): one of \(group) is needed")
      }
    }
    for rule in newer.paths where !paths.contains(where: { $0.match == rule.match }) {
      let groups = rule.groups.isEmpty ? "" : ", and one of \(rule.groups.joined(separator: ", "))"
      note(.stronger, "paths \(name(rule)): \(rule.threshold) maintainers\(groups)")
    }
    return found
  }

  private func groupDifferences(to newer: Policy) -> [PolicyDifference] {
    var found: [PolicyDifference] = []
    for (group, members) in groups.sorted(by: { $0.key < $1.key }) {
      guard let others = newer.groups[group] else { continue }
      for person in others where !members.contains(person) {
        found.append(PolicyDifference(effect: .weaker, text: "group \(group): \(person) can answer for it"))
      }
      for person in members where !others.contains(person) {
        found.append(PolicyDifference(effect: .stronger, text: "group \(group): \(person) can no longer answer for it"))
      }
    }
    return found
  }
}
