internal import Basics

extension Policy {
  /// The policy file's path in the protected repository.
  package static let path = "review.toml"

  /// Reads a policy file. Unknown keys are errors: a misspelt key would silently weaken the policy.
  package static func read(_ bytes: [UInt8]) throws(FileDefect) -> Policy {
    let document = try readTOML(bytes, named: path)
    var reader = TableReader(document, place: path)
    var policy = Policy.standard
    guard let version = try reader.integer("version"), version >= 1 else {
      throw FileDefect("\(path): version must be a whole number from 1")
    }
    policy.version = version
    policy.repository = try reader.string("repository")
    policy.kind = try reader.choice("kind") ?? .source
    policy.threshold = try reader.integer("threshold", from: 1) ?? 2
    policy.evidence = try reader.choice("evidence") ?? .declared
    if let roots = try reader.strings("attestation-roots") {
      for root in roots where bytesOfHex(root)?.count != 32 {
        throw FileDefect(
          "\(path): attestation-roots: \(root) is not a SHA-256 digest of 64 hexadecimal digits in lower case")
      }
      guard Set(roots).count == roots.count else { throw FileDefect("\(path): attestation-roots names a root twice") }
      policy.attestationRoots = roots
    }
    if let ways = try reader.strings("endorsements") {
      policy.ways = []
      for name in ways {
        guard let way = Way(rawValue: name) else {
          throw FileDefect("\(path): endorsements: unknown way \"\(name)\"; known are adopt, co-signature, merge, own")
        }
        policy.ways.insert(way)
      }
      guard policy.ways.contains(.own) else {
        throw FileDefect("\(path): endorsements must contain \"own\": no merge at the end of a step could pass")
      }
    }
    if let lead = try reader.string("lead") {
      // Attack, or a slip: a branch that git can never make would have to carry the rules.
      guard isPlainRefName("refs/heads/" + lead), lead != "HEAD", !lead.hasPrefix("refs/") else {
        throw FileDefect("\(path): lead must be the name of a branch, such as \"staging\"")
      }
      policy.lead = lead
    }
    if let adoptions = try reader.string("adoptions") {
      guard adoptions == "bound" || adoptions == "any" else {
        throw FileDefect("\(path): adoptions must be \"any\" or \"bound\"")
      }
      policy.boundAdoptions = adoptions == "bound"
    }
    policy.allowsGitlinks = try reader.bool("gitlinks") ?? false
    policy.allowsSplitGPG = try reader.bool("split-gpg") ?? false
    if let ref = try reader.string("cosignatures") {
      guard isPlainRefName(ref) else {
        throw FileDefect("\(path): cosignatures must be a full ref name, such as refs/heads/cosignatures")
      }
      policy.coSignatureRef = ref
    }
    if let tables = try reader.tables("branch") { policy.branches = try tables.map(readBranch) }
    if let tables = try reader.tables("tag") { policy.tags = try tables.map(readTag) }
    if let groups = try reader.table("groups") { policy.groups = try readGroups(groups) }
    if let tables = try reader.tables("path") {
      policy.paths = try tables.map { (reader) throws(FileDefect) in
        try readPath(reader, groups: policy.groups, threshold: policy.threshold)
      }
    }
    try reader.finish()
    guard !policy.branches.isEmpty else {
      throw FileDefect("\(path): no branch is protected; leave [[branch]] out for the defaults")
    }
    let ref = Array(policy.coSignatureRef.utf8)
    let isLead = "refs/heads/\(policy.lead ?? Policy.usualLead)".utf8.elementsEqual(ref)
    guard policy.branchRule(for: ref) == nil, !policy.protectsTag(ref), !isReplacement(ref), !isLead else {
      throw FileDefect("\(path): the ref of the co-signatures cannot be a protected branch or tag")
    }
    return policy
  }
}

/// Whether a name could be a ref's full name (git-check-ref-format), without anything that means something in a
/// pattern.
private func isPlainRefName(_ name: String) -> Bool {
  let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  return parts.count >= 3 && parts[0].elementsEqual("refs".utf8)
    && parts.allSatisfy { !$0.isEmpty && $0.first != UInt8(ascii: ".") && !$0.suffix(5).elementsEqual(".lock".utf8) }
    && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"*?[\\^~:".utf8.contains($0) }
    && !name.contains("..") && !name.contains("@{") && name.utf8.last != UInt8(ascii: ".")
}

private func readBranch(_ table: TableReader) throws(FileDefect) -> BranchRule {
  var table = table
  let name = try Glob(try table.required("name"))
  var from: [Glob] = []
  for pattern in try table.strings("from") ?? [] { from.append(try Glob(pattern)) }
  let threshold = try table.integer("threshold", from: 1)
  let mayRewind = try table.bool("rewind") ?? false
  // A branch that everybody builds on never goes back; releases come and go by a pattern.
  guard !mayRewind || name.hasWildcard else {
    throw FileDefect(
      "\(table.place): rewind is for patterns such as \"release/*\", not for the one branch \(name.pattern)")
  }
  try table.finish()
  return BranchRule(name: name, from: from, threshold: threshold, mayRewind: mayRewind)
}

private func readTag(_ table: TableReader) throws(FileDefect) -> TagRule {
  var table = table
  let name = try Glob(try table.required("name"))
  let threshold = try table.integer("threshold", from: 1) ?? 1
  try table.finish()
  return TagRule(name: name, threshold: threshold)
}

private func readGroups(_ table: TableReader) throws(FileDefect) -> [String: [String]] {
  var table = table
  var groups: [String: [String]] = [:]
  for name in table.names {
    guard let members = try table.strings(name), !members.isEmpty else {
      throw FileDefect("\(Policy.path): the group \(name) has no members")
    }
    groups[name] = members
  }
  try table.finish()
  return groups
}

private func readPath(
  _ table: TableReader, groups: [String: [String]], threshold: Int
) throws(FileDefect) -> PathRule {
  var table = table
  guard let patterns = try table.strings("match"), !patterns.isEmpty else {
    throw FileDefect("\(table.place): match must list at least one pattern")
  }
  var match: [Glob] = []
  for pattern in patterns { match.append(try Glob(pattern, guardsFiles: true)) }
  let demanded = try table.integer("threshold", from: 1) ?? threshold
  let names = try table.strings("groups") ?? []
  for name in names where groups[name] == nil {
    throw FileDefect("\(table.place): the group \(name) is not defined under [groups]")
  }
  // A path rule asks for more. One that asks for less is a mistake that would look like protection.
  guard demanded >= threshold else {
    throw FileDefect("\(table.place): threshold \(demanded) is below the policy's \(threshold)")
  }
  try table.finish()
  return PathRule(match: match, threshold: demanded, groups: names)
}
