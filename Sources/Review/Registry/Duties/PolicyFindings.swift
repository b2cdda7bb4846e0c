extension Policy {
  /// Mistakes that a policy may hold although it can be read.
  ///
  /// - Parameter registry: The registry beside it, with the proofs that the policy asks for; nil when there is none.
  package func findings(_ registry: Registry?) -> [String] {
    var findings: [String] = []
    if ways.contains(.coSignature), repository == nil {
      findings.append("no \"repository\": co-signatures cannot be bound to this repository, so none will count")
    }
    let carries = Array("refs/heads/\(lead ?? Policy.usualLead)".utf8)
    if branchRule(for: carries)?.from.isEmpty == false {
      findings.append(
        "branch \(lead ?? Policy.usualLead) carries the rules, so its \"from\" is not asked: "
          + "name the branch that changes land on first as the lead")
    }
    if lead == nil, branches.contains(where: { $0.from.contains { $0.pattern == "staging" } }) {
      findings.append(
        "no \"lead\": main carries the rules; where changes land on staging first, say lead = \"staging\"")
    }
    if let clash = clash(carriedBy: Policy.usualLead) {
      findings.append("git cannot have both \(clash.name) and \(clash.other), or reads one as the other")
    }
    if threshold < 2 { findings.append("threshold \(threshold): one person alone can land any change") }
    for branch in branches where branch.threshold ?? threshold < 2 && threshold >= 2 {
      findings.append("branch \(branch.name.pattern), threshold 1: one person alone can land any change there")
    }
    for branch in branches {
      for source in branch.from
      where branches.allSatisfy({ $0.name != source && !$0.name.matches(Array(source.pattern.utf8)) }) {
        findings.append(
          "branch \(branch.name.pattern): no [[branch]] protects its source \(source.pattern), so it is none")
      }
    }
    if evidence == .off { findings.append("evidence \"off\": keys need not be on smartcards") }
    if !attestationRoots.isEmpty, !evidence.needsProof {
      findings.append(
        "attestation-roots: evidence \"\(evidence.rawValue)\" asks for no attestation, so they mean nothing")
    }
    let guarded = [MaintainersFile.path, "\(Registry.keysFolder)/x.asc", Policy.path]
    for path in guarded where !paths.contains(where: { $0.match.contains { $0.matches(Array(path.utf8)) } }) {
      findings.append(
        "no [[path]] rule covers \(path == guarded[1] ? "keys/*.asc" : path): "
          + "changing who counts takes no more than any other change")
    }
    guard let registry else { return findings }
    let maintainers = registry.maintainers(needing: evidence)
    let most =
      ([threshold] + paths.map(\.threshold) + branches.compactMap(\.threshold) + tags.map(\.threshold)).max()
      ?? threshold
    if evidence.needsProof, maintainers.count < threshold {
      findings.append(
        "evidence \"\(evidence.rawValue)\" is reached by the keys of "
          + "\(maintainers.count) of \(registry.people.count) people: "
          + "nothing will be accepted (stagex-maint keys list)")
    }
    if maintainers.count < most {
      findings.append(
        "\(most) maintainers are asked for and only \(maintainers.count) can endorse: "
          + maintainers.joined(separator: ", "))
    }
    for (group, members) in groups.sorted(by: { $0.key < $1.key }) {
      for member in members where !registry.people.contains(where: { $0.id == member }) {
        findings.append("group \(group): the registry lists nobody named \(member)")
      }
      if Set(members).isDisjoint(with: maintainers) {
        findings.append("group \(group): none of its members can endorse")
      }
    }
    findings += registry.warnings
    return findings
  }
}
