package import GitBridge

extension Policy {
  /// The policy as a policy file that reads back as the same policy.
  package var fileText: String {
    var lines = [
      "version = \(max(1, version))",
      repository.map { "repository = \(tomlString($0))" } ?? "# repository = \"forge.example/owner/name\"   (co-signatures need it)",
      "kind = \(tomlString(kind.rawValue))",
      lead.map { "lead = \(tomlString($0))" } ?? "# lead = \"\(Policy.usualLead)\"   (the branch that carries the rules)",
      "threshold = \(threshold)",
      "evidence = \(tomlString(evidence.rawValue))",
      "endorsements = \(tomlList(ways.map(\.rawValue).sorted()))",
      "adoptions = \(tomlString(boundAdoptions ? "bound" : "any"))",
      "gitlinks = \(allowsGitlinks)",
      "split-gpg = \(allowsSplitGPG)",
      "cosignatures = \(tomlString(coSignatureRef))",
    ]
    if !attestationRoots.isEmpty { lines.append("attestation-roots = \(tomlList(attestationRoots))") }
    if tags.isEmpty { lines.append("tag = []") }
    for branch in branches {
      lines += ["", "[[branch]]", "name = \(tomlString(branch.name.pattern))"]
      if !branch.from.isEmpty { lines.append("from = \(tomlList(branch.from.map(\.pattern)))") }
      if let threshold = branch.threshold { lines.append("threshold = \(threshold)") }
      if branch.mayRewind { lines.append("rewind = true") }
    }
    for tag in tags {
      lines += ["", "[[tag]]", "name = \(tomlString(tag.pattern))"]
      if tag.threshold > 1 { lines.append("threshold = \(tag.threshold)") }
    }
    for path in paths {
      lines += ["", "[[path]]", "match = \(tomlList(path.match.map(\.pattern)))", "threshold = \(path.threshold)"]
      if !path.groups.isEmpty { lines.append("groups = \(tomlList(path.groups))") }
    }
    if !groups.isEmpty {
      lines += ["", "[groups]"]
      for (name, members) in groups.sorted(by: { $0.key < $1.key }) { lines.append("\(tomlString(name)) = \(tomlList(members))") }
    }
    return lines.joined(separator: "\n")
  }

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
        "branch \(lead ?? Policy.usualLead) carries the rules, so its \"from\" is not asked: name the branch that changes land on first as the lead")
    }
    if lead == nil, branches.contains(where: { $0.from.contains { $0.pattern == "staging" } }) {
      findings.append("no \"lead\": main carries the rules; where changes land on staging first, say lead = \"staging\"")
    }
    if threshold < 2 { findings.append("threshold \(threshold): one person alone can land any change") }
    for branch in branches where branch.threshold ?? threshold < 2 && threshold >= 2 {
      findings.append("branch \(branch.name.pattern), threshold 1: one person alone can land any change there")
    }
    for branch in branches {
      for source in branch.from where branches.allSatisfy({ $0.name != source && !$0.name.matches(Array(source.pattern.utf8)) }) {
        findings.append("branch \(branch.name.pattern): no [[branch]] protects its source \(source.pattern), so it is none")
      }
    }
    if evidence == .off { findings.append("evidence \"off\": keys need not be on smartcards") }
    if !attestationRoots.isEmpty, !evidence.needsProof {
      findings.append("attestation-roots: evidence \"\(evidence.rawValue)\" asks for no attestation, so they mean nothing")
    }
    let guarded = [MaintainersFile.path, "\(Registry.keysFolder)/x.asc", Policy.path]
    for path in guarded where !paths.contains(where: { $0.match.contains { $0.matches(Array(path.utf8)) } }) {
      findings.append("no [[path]] rule covers \(path == guarded[1] ? "keys/*.asc" : path): changing who counts takes no more than any other change")
    }
    guard let registry else { return findings }
    let maintainers = registry.maintainers(needing: evidence)
    let most = ([threshold] + paths.map(\.threshold) + branches.compactMap(\.threshold) + tags.map(\.threshold)).max() ?? threshold
    if evidence.needsProof, maintainers.count < threshold {
      findings.append(
        "evidence \"\(evidence.rawValue)\" is reached by the keys of \(maintainers.count) of \(registry.people.count) people: nothing will be accepted (stagex-maint keys list)")
    }
    if maintainers.count < most {
      findings.append("\(most) maintainers are asked for and only \(maintainers.count) can endorse: \(maintainers.joined(separator: ", "))")
    }
    for (group, members) in groups.sorted(by: { $0.key < $1.key }) {
      for member in members where !registry.people.contains(where: { $0.id == member }) {
        findings.append("group \(group): the registry lists nobody named \(member)")
      }
      if Set(members).isDisjoint(with: maintainers) { findings.append("group \(group): none of its members can endorse") }
    }
    findings += registry.warnings
    return findings
  }

  /// Reads a policy file of the file system.
  package static func read(path: String) throws(FileDefect) -> Policy {
    guard let bytes = try readWholeFile(path) else { throw FileDefect("there is no \(path)") }
    return try Policy.read(bytes)
  }

  /// The policy in a folder of the file system; the standard one where there is none.
  package static func read(folder: String) throws(FileDefect) -> Policy {
    guard let bytes = try readWholeFile("\(folder)/\(path)") else { return .standard }
    return try Policy.read(bytes)
  }
}

extension Registry {
  /// The registry in a folder of the file system; nil when there is none.
  package static func readIfPresent(folder: String) throws -> Registry? {
    guard try readWholeFile(folder + "/" + MaintainersFile.path) != nil else { return nil }
    return try read(from: FolderFiles(folder: folder))
  }
}

extension Reviewer {
  /// The policy that a commit's tree holds, or the pinned one.
  package func policy(at commit: ObjectID) throws(ReviewProblem) -> Policy {
    try rulebook().policy(tree: try treeOfCommit(commit), of: commit)
  }

  /// The registry in force for a step whose first parent is this commit, with the proofs that the policy asks for.
  ///
  /// - Parameter level: Proofs for this level instead.
  package func registry(at commit: ObjectID, proving level: Evidence? = nil) throws(ReviewProblem) -> Registry {
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(commit) }
    let rulebook = try rulebook()
    let loaded = try rulebook.registry(tree: tree, of: commit).loaded
    let policy = try rulebook.policy(tree: tree, of: commit)
    return try rulebook.proven(loaded, level ?? policy.evidence, by: policy, tree: tree).registry
  }
}

/// A text as a TOML string. Whatever JSON escapes, TOML reads, but for characters beyond U+FFFF that cannot be seen.
func tomlString(_ text: String) -> String { JSONValue.string(text).text }
private func tomlList(_ items: [String]) -> String { "[" + items.map(tomlString).joined(separator: ", ") + "]" }
