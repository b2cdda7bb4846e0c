import GitBridge
import OpenPGP
import Review
import RuleModel
import Support
import Synchronization

/// A history of the model as a git repository: real commits, certificates and signatures.
final class RealRepository {
  static let identity = "forge.example/model"
  let git: ScriptedRepository
  private(set) var ids: [CommitID: ObjectID] = [:]
  private var numbers: [ObjectID: CommitID] = [:]
  private let history: History
  private let created: [Key: Time]
  private var blobs: [Content: ScriptedFile] = [:]

  /// Whether the policies allow a signer without a card, so that a test may say who is at the keyboard.
  private let splitGPG: Bool

  init(_ history: History, splitGPG: Bool = false) throws {
    git = try ScriptedRepository()
    self.history = history
    self.splitGPG = splitGPG
    var created: [Key: Time] = [:]
    for commit in history.commits {
      for case .certificate(let certificate) in commit.tree.values { created[certificate.key] = certificate.created }
    }
    self.created = created
    for number in history.commits.indices { try write(number) }
  }

  func id(_ number: CommitID) -> ObjectID { ids[number]! }
  func number(_ id: ObjectID) -> CommitID { numbers[id] ?? -1 }

  static func name(_ ref: String) -> String { (ref.hasPrefix("tags/") ? "refs/" : "refs/heads/") + ref }

  /// What a ref's value is in git: a tag is an object of its own.
  func object(_ ref: String, _ value: Int?) throws -> ObjectID {
    guard let value else { return .zero }
    guard ref.hasPrefix("tags/") else { return id(value) }
    let tag = history.tags[value]
    return try git.tag(tag.name, target: id(tag.target), time: Int64(tag.signature?.date ?? 0)) { payload in
      tag.signature.map { self.sign(payload, $0) }
    }
  }

  func sign(_ payload: [UInt8], _ signature: RuleModel.Signature) -> [UInt8] {
    Keys.of(signature.key, created: created[signature.key] ?? Story.beginning - Story.day).subkey
      .sign(payload, at: Int64(signature.date))
  }

  private func write(_ number: CommitID) throws {
    let commit = history[number]
    var message = commit.parents.count > 1 ? "Merge\n" : commit.saysAdopt ? "Adopt what is below\n" : "change\n"
    if !commit.bounds.isEmpty {
      message += "\n"
      for bound in commit.bounds {
        switch bound {
        case .base(let base): message += "Reviewed-Base: \(base.map { id($0).hex } ?? "HEAD")\n"
        case .target(let ref): message += "Reviewed-Target: \(Self.name(ref))\n"
        }
      }
      message += "Reviewed-Repository: \(Self.identity)\n"
    }
    var files: [String: ScriptedFile] = [:]
    for (path, content) in commit.tree { files[try realPath(path, content)] = try file(content) }
    let made = try git.commit(
      files: Files(files), parents: commit.parents.map { self.id($0) }, time: Int64(commit.made), message: message,
      signedBy: commit.signature.map { signature in { self.sign($0, signature) } })
    // Two commits that are alike in all are one in git: a history must not hold them.
    precondition(numbers[made] == nil, "commits \(numbers[made] ?? 0) and \(number) are the same")
    ids[number] = made
    numbers[made] = number
  }

  func fingerprint(_ key: Key) -> String {
    Keys.of(key, created: created[key] ?? Story.beginning - Story.day).primary.fingerprint.hex
  }

  private func realPath(_ path: String, _ content: Content) throws -> String {
    if path.hasPrefix("keys/") { return "keys/\(fingerprint(String(path.dropFirst(5)))).asc" }
    guard case .statement(let statement) = content else { return path }
    let head = id(statement.head).hex
    return "\(head.prefix(2))/\(head)/\(fingerprint(statement.signature.key))"
  }

  private func file(_ content: Content) throws -> ScriptedFile {
    if let known = blobs[content] { return known }
    let file: ScriptedFile
    switch content {
    case .text(let number): file = .file("text \(number)\n")
    case .garbage: file = .file("garbage = [\n")
    case .registry(let entries): file = .file(registry(entries))
    case .policy(let policy): file = .file(text(of: policy))
    case .certificate(let certificate): file = ScriptedFile(content: Keys.certificate(certificate).armored)
    case .statement(let statement): file = ScriptedFile(content: try message(statement))
    }
    blobs[content] = file
    return file
  }

  private func registry(_ entries: [Key: Entry]) -> String {
    var lines = Set(entries.values.map(\.person)).sorted().map { "[people.\($0)]" }
    for (key, entry) in entries.sorted(by: { $0.key < $1.key }) {
      let label = String(key.map { $0 == "/" ? "-" : $0 })
      lines += ["[keys.\(entry.person).\(label)]", "id = \"\(fingerprint(key))\"", "devices = \"YubiKey 5\""]
      if entry.isMachine { lines.append("machine = true") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(of policy: RuleModel.Policy) -> String {
    var lines = ["version = \(policy.version)", "threshold = \(policy.threshold)", "repository = \"\(Self.identity)\""]
    if let lead = policy.lead { lines.append("lead = \"\(lead)\"") }
    if splitGPG { lines.append("split-gpg = true") }
    if policy.bindsAdoptions { lines.append("adoptions = \"bound\"") }
    for rule in policy.branches {
      lines += ["[[branch]]", "name = \"\(rule.name)\""]
      if !rule.from.isEmpty { lines.append("from = [\(rule.from.map { "\"\($0)\"" }.joined(separator: ", "))]") }
      if let threshold = rule.threshold { lines.append("threshold = \(threshold)") }
      if rule.mayRewind { lines.append("rewind = true") }
    }
    if policy.tagThreshold > 1 {
      lines += ["[[tag]]", "name = \"[0-9]*\"", "threshold = \(policy.tagThreshold)"]
    }
    let groups = policy.paths.enumerated().filter { !$0.element.group.isEmpty }
    if !groups.isEmpty { lines.append("[groups]") }
    for (place, rule) in groups {
      lines.append("g\(place) = [\(rule.group.sorted().map { "\"\($0)\"" }.joined(separator: ", "))]")
    }
    for (place, rule) in policy.paths.enumerated() {
      lines += ["[[path]]", "match = [\"\(rule.path)\"]", "threshold = \(rule.threshold)"]
      if !rule.group.isEmpty { lines.append("groups = [\"g\(place)\"]") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func message(_ statement: Statement) throws -> [UInt8] {
    let head = id(statement.head)
    let digest = try git.repository.treeDigestSHA512(git.repository.treeOfCommit(head))
    let bytes = CoSignatureStatement(
      repository: Self.identity, target: Self.name(statement.target), base: id(statement.base), head: head,
      treeDigest: digest,
      created: nil, creator: nil, pullRequest: nil
    ).bytes
    let key = Keys.of(statement.signature.key, created: created[statement.signature.key] ?? 0).subkey
    return TestMessage(bytes, by: key, at: Int64(statement.signature.date)).bytes
  }
}

/// Keys by their names, made once.
enum Keys {
  private static let made = Mutex<[String: (primary: TestKey, subkey: TestKey)]>([:])

  static func of(_ key: Key, created: Time) -> (primary: TestKey, subkey: TestKey) {
    made.withLock { known in
      if let found = known["\(key) \(created)"] { return found }
      let seed = key.utf8.reduce(5381) { ($0 * 33 + Int($1)) % 1_000_000_007 }
      let pair = (
        TestKey.ed25519(seed: 2 * seed, created: Int64(created)),
        TestKey.ed25519(seed: 2 * seed + 1, created: Int64(created))
      )
      known["\(key) \(created)"] = pair
      return pair
    }
  }

  static func certificate(_ model: RuleModel.Certificate) -> TestCertificate {
    let (primary, subkey) = of(model.key, created: model.created)
    var certificate = TestCertificate(primary: primary)
    let selfSignatures = model.selfSignatures.sorted { $0.date < $1.date }
    let user = "\(model.key) <\(model.key)@example.org>"
    for (place, signature) in selfSignatures.enumerated() {
      let lifetime = signature.expires.map { $0 - model.created }
      if place == 0 {
        certificate.addUser(user, flags: 0x01, lifetime: lifetime) { $0.created = Int64(signature.date) }
      } else {
        certificate.certifyUser(user, flags: 0x01, lifetime: lifetime) { $0.created = Int64(signature.date) }
      }
    }
    certificate.addSubkey(subkey)
    for revocation in model.revocations.sorted(by: { $0.date < $1.date }) {
      certificate.revoke(reason: revocation.isHard ? 2 : 3, at: Int64(revocation.date))
    }
    return certificate
  }
}
