import GitBridge
import OpenPGP
import Review
import Support

/// A small project that is attacked: ann, bob and cat are its maintainers, `main` is the lead, `staging` and
/// `release/*` follow.
///
/// Honest work that comes before an attack is landed through the hook, and has to pass it.
final class Scene {
  let git = try! ScriptedRepository()
  var people: [Person]
  var settings: ReviewSettings
  private(set) var root = ObjectID.zero
  private var trees: [ObjectID: Files] = [:]
  private var counter = 0

  /// When everything is judged, unless a case waits.
  static let now = TestKey.defaultCreation + 100 * day
  static let day: Int64 = 86_400

  /// One person's key as the registry lists it.
  struct Person {
    var id: String
    var label = "card"
    var lines = ["devices = \"YubiKey 5\""]
    var certificate: TestCertificate
    var subkey: TestKey
    /// What lies in the certificate's file instead of the certificate.
    var file: [UInt8]?

    var fingerprint: Fingerprint { certificate.primary.fingerprint }

    /// - Parameter lifetime: in seconds after the key was made.
    init(
      _ id: String, label: String = "card", seed: Int? = nil, lifetime: Int? = nil,
      change: (inout TestCertificate) -> Void = { _ in }
    ) {
      self.id = id
      self.label = label
      let seed = seed ?? (id + label).utf8.reduce(5381) { ($0 * 33 + Int($1)) % 1_000_000_007 }
      let primary = TestKey.ed25519(seed: 2 * seed)
      subkey = TestKey.ed25519(seed: 2 * seed + 1)
      certificate = TestCertificate(primary: primary)
      certificate.addUser("\(id) <\(id)@example.org>", flags: 0x01, lifetime: lifetime)
      certificate.addSubkey(subkey)
      change(&certificate)
    }

    /// The same person with a revocation. Reason 2 is "compromised", 3 "retired".
    func revoked(_ reason: UInt8?, at time: Int64 = Scene.now - Scene.day) -> Person {
      var copy = self
      copy.certificate.revoke(reason: reason, at: time)
      return copy
    }
  }

  /// - Parameter change: of the people and the policy, before the trust root is written.
  init(
    policy: String? = nil, lead: String? = nil, files: [String: ScriptedFile] = [:],
    _ change: (inout [Person]) -> Void = { _ in }
  ) throws {
    people = ["ann", "bob", "cat"].map { Person($0) }
    settings = ReviewSettings(clock: Scene.now, threads: 1)
    settings.engines = .native
    settings.usesCache = false
    change(&people)
    var start = Scene.registry(people)
    if let policy { start.entries["review.toml"] = .file(policy) }
    start = start.with(["a": "a\n", "b": "b\n"]).with(files.mapValues { $0 })
    root = try write(start, [], by: nil, message: "start\n")
    settings.trustRoot = root
    settings.lead = lead
    for branch in ["main", "staging"] { try git.setRef("refs/heads/" + branch, to: root) }
  }

  subscript(id: String) -> Person {
    get { people[people.firstIndex { $0.id == id }!] }
    set { people[people.firstIndex { $0.id == id }!] = newValue }
  }

  // MARK: Registry

  static func registry(_ people: [Person]) -> Files {
    var lines: [String] = []
    var known: [String] = []
    for person in people where !known.contains(person.id) {
      known.append(person.id)
      lines.append("[people.\(person.id)]")
    }
    var files: [String: ScriptedFile] = [:]
    for person in people {
      lines += ["[keys.\(person.id).\(person.label)]", "id = \"\(person.fingerprint.hex)\""] + person.lines
      files["keys/\(person.fingerprint.hex).asc"] = ScriptedFile(content: person.file ?? person.certificate.armored)
    }
    files["MAINTAINERS"] = .file(lines.joined(separator: "\n") + "\n")
    return Files(files)
  }

  /// The changes that make these the maintainers. Certificates of people who are gone stay, unless `forgetting`.
  func listing(_ people: [Person], forgetting gone: [Person] = []) -> [String: ScriptedFile?] {
    var changes: [String: ScriptedFile?] = Scene.registry(people).entries.mapValues { $0 }
    for person in gone { changes.updateValue(nil, forKey: "keys/\(person.fingerprint.hex).asc") }
    return changes
  }

  // MARK: Commits

  typealias Changes = [String: ScriptedFile?]
  typealias Sign = ([UInt8]) -> [UInt8]

  func files(_ commit: ObjectID) -> Files { trees[commit] ?? Files() }

  /// A file that no other commit has.
  func fresh() -> Changes {
    counter += 1
    return ["packages/p\(counter)/Containerfile": .file("FROM \(counter)\n")]
  }

  func signature(_ id: String, at date: Int64? = nil, _ change: @escaping (inout TestSignature) -> Void = { _ in })
    -> Sign
  {
    let key = self[id].subkey
    return { TestSignature(by: key, at: date ?? Scene.now - 3600).with(change).armored(over: $0) }
  }

  func write(
    _ tree: Files, _ parents: [ObjectID], by id: String?, at date: Int64? = nil, message: String = "change\n",
    sign: Sign? = nil,
    headers: [(key: String, value: String)] = []
  ) throws -> ObjectID {
    let commit = try git.commit(
      files: tree, parents: parents, time: date ?? Scene.now - 3600, message: message, extraHeaders: headers,
      signedBy: sign ?? id.map { signature($0, at: date) })
    trees[commit] = tree
    return commit
  }

  func commit(
    _ parent: ObjectID, by id: String? = nil, _ changes: Changes? = nil, at date: Int64? = nil,
    message: String = "change\n",
    sign: Sign? = nil, headers: [(key: String, value: String)] = []
  ) throws -> ObjectID {
    try write(
      files(parent).with(changes ?? fresh()), [parent], by: id, at: date, message: message, sign: sign, headers: headers
    )
  }

  func adopt(_ parent: ObjectID, by id: String?, at date: Int64? = nil, message: String = "Adopt\n", sign: Sign? = nil)
    throws -> ObjectID
  {
    try write(files(parent), [parent], by: id, at: date, message: message, sign: sign)
  }

  /// A clean merge, file by file, with changes on top by hand.
  func merge(
    _ parents: [ObjectID], by id: String?, _ changes: Changes = [:], at date: Int64? = nil, message: String = "Merge\n",
    sign: Sign? = nil
  ) throws -> ObjectID {
    var merged = files(parents[0])
    for parent in parents.dropFirst() {
      let base = try git.repository.mergeBases(parents[0], parent).first.map { files($0) } ?? Files()
      let theirs = files(parent)
      for path in Set(theirs.entries.keys).union(base.entries.keys) where theirs.entries[path] != base.entries[path] {
        merged.entries[path] = theirs.entries[path]
      }
    }
    return try write(merged.with(changes), parents, by: id, at: date, message: message, sign: sign)
  }

  /// Takes in a commit that was written past this scene.
  func know(_ commit: ObjectID, _ tree: Files) { trees[commit] = tree }

  // MARK: Honest work

  func tip(_ ref: String) throws -> ObjectID { try git.repository.resolve(ref: full(ref)) ?? .zero }

  /// Work by two maintainers on top of a branch: one adopts, the other merges.
  func work(
    on ref: String, _ changes: Changes? = nil, inside: [Changes] = [], by pair: (String, String) = ("ann", "bob"),
    at date: Int64? = nil
  ) throws -> ObjectID {
    let base = try tip(ref)
    var head = base
    for changes in inside { head = try commit(head, changes, at: date) }
    head = try commit(head, changes, at: date)
    head = try adopt(head, by: pair.0, at: date)
    return try merge([base, head], by: pair.1, at: date)
  }

  /// Lands what is honest; the hook has to take it.
  @discardableResult
  func land(_ ref: String, _ new: ObjectID, clock: Int64? = nil) throws -> ObjectID {
    let before = settings.clock
    if let clock { settings.clock = clock }
    defer { settings.clock = before }
    let verdict = push([(ref, new)])
    guard verdict.outcome == .accepted else {
      throw Unready(text: "\(ref): \(verdict.refusals.map { "\($0.code.rawValue): \($0.message)" })")
    }
    try set(ref, new)
    return new
  }

  /// Honest work did not pass: the case proves nothing.
  struct Unready: Error { let text: String }

  func set(_ ref: String, _ new: ObjectID) throws { try git.setRef(full(ref), to: new.isZero ? nil : new) }

  func tag(
    _ name: String, _ target: ObjectID, by id: String, at date: Int64? = nil, inner: String? = nil, sign: Sign? = nil
  ) throws -> ObjectID {
    try git.tag(
      inner ?? name, target: target, time: date ?? Scene.now - 3600, signedBy: sign ?? signature(id, at: date))
  }

  func full(_ ref: String) -> String {
    ref.hasPrefix("refs/") ? ref : ref.hasPrefix("tags/") ? "refs/" + ref : "refs/heads/" + ref
  }

  // MARK: Judging

  var reviewer: Reviewer { Reviewer(git.repository, settings) }

  func push(_ updates: [(ref: String, new: ObjectID)]) -> Verdict {
    reviewer.judge(
      push: updates.map { RefUpdate(ref: Array(full($0.ref).utf8), old: (try? tip($0.ref)) ?? .zero, new: $0.new) })
  }
}
