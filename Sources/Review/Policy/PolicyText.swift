extension Policy {
  /// The policy as a policy file that reads back as the same policy.
  package var fileText: String {
    var lines = [
      "version = \(max(1, version))",
      repository.map { "repository = \(tomlString($0))" }
        ?? "# repository = \"forge.example/owner/name\"   (co-signatures need it)",
      "kind = \(tomlString(kind.rawValue))",
      lead.map { "lead = \(tomlString($0))" }
        ?? "# lead = \"\(Policy.usualLead)\"   (the branch that carries the rules)",
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
      for (name, members) in groups.sorted(by: { $0.key < $1.key }) {
        lines.append("\(tomlString(name)) = \(tomlList(members))")
      }
    }
    return lines.joined(separator: "\n")
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
