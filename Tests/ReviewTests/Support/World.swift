import GitBridge
import OpenPGP
import Review
import Support

/// A small project in a repository of its own: registry and policy in the tree, `main` and `staging`
/// on the trust root. Histories are written commit by commit, then pushed or audited.
///
///     let world = try World()
///     let change = try world.commit(on: world.root, by: "ann")
///     let merge = try world.merge(world.root, change, by: "bob")
///     #expect(world.push("main", merge).findings == [])
final class World {
  let git: ScriptedRepository
  let team: Team
  /// The trust root: holds the registry, and the policy if there is one.
  private(set) var root = ObjectID.zero
  var settings: ReviewSettings
  private var files: [ObjectID: Files] = [:]
  private var counter = 0

  /// When everything is judged: a day after the keys were made.
  static let now = TestKey.defaultCreation + 86_400
  static let branches = ["main", "staging"]

  /// - Parameters:
  ///   - policy: The text of `review.toml`; nil for none.
  ///   - extra: Further files of the trust root; nil takes one of the registry's away.
  init(
    _ team: Team = Team("ann", "bob", "cat"), policy: String? = nil, files extra: [String: ScriptedFile?] = [:]
  ) throws {
    git = try ScriptedRepository()
    self.team = team
    settings = ReviewSettings(clock: World.now, threads: 1)
    settings.engines = .native
    var start = team.files
    if let policy { start.entries["review.toml"] = .file(policy) }
    start = start.with(extra)
    root = try write(start, parents: [], by: nil, message: "start\n", time: nil, sign: nil)
    for branch in World.branches { try git.setRef("refs/heads/\(branch)", to: root) }
    settings.trustRoot = root
  }

  var repository: Repository { git.repository }
  var reviewer: Reviewer { Reviewer(git.repository, settings) }

  // MARK: Histories

  /// A commit on one parent. Without `changes` it brings a file that nothing else has.
  func commit(
    on parent: ObjectID, by person: String? = nil, _ changes: [String: ScriptedFile?]? = nil,
    message: String = "change\n", time: Int64? = nil, sign: Sign? = nil
  ) throws -> ObjectID {
    try write(
      files(of: parent).with(changes ?? fresh()), parents: [parent], by: person, message: message, time: time,
      sign: sign)
  }

  /// A commit with its parent's tree.
  func adopt(
    _ parent: ObjectID, by person: String? = nil, message: String = "Adopt\n", sign: Sign? = nil
  ) throws -> ObjectID {
    try write(files(of: parent), parents: [parent], by: person, message: message, time: nil, sign: sign)
  }

  /// A merge that takes in what the other parents have added, and what is put on top by hand.
  func merge(
    _ parents: ObjectID..., by person: String? = nil, _ changes: [String: ScriptedFile?] = [:],
    message: String = "Merge\n", time: Int64? = nil, sign: Sign? = nil
  ) throws -> ObjectID {
    try merge(parents: parents, by: person, changes, message: message, time: time, sign: sign)
  }

  func merge(
    parents: [ObjectID], by person: String? = nil, _ changes: [String: ScriptedFile?] = [:],
    message: String = "Merge\n", time: Int64? = nil, sign: Sign? = nil
  ) throws -> ObjectID {
    var merged = files(of: parents[0])
    for parent in parents.dropFirst() {
      let base = try repository.mergeBases(parents[0], parent).first.map { files(of: $0) } ?? Files()
      let theirs = files(of: parent)
      for path in Set(theirs.entries.keys).union(base.entries.keys) where theirs.entries[path] != base.entries[path] {
        merged.entries[path] = theirs.entries[path]
      }
    }
    return try write(merged.with(changes), parents: parents, by: person, message: message, time: time, sign: sign)
  }

  /// Somebody's first key revoked in the registry, by Ann and Cat. Returns the merge; the team stays as it is.
  func revoke(
    _ person: String, at time: Int64, reason: UInt8 = 3, on parent: ObjectID
  ) throws -> ObjectID {
    var key = team[person]
    key.certificate.revoke(reason: reason, at: time)
    let revoking = try commit(
      on: parent, by: "ann",
      ["keys/\(key.fingerprint.hex).asc": ScriptedFile(content: key.certificate.armored)])
    return try merge(parent, revoking, by: "cat")
  }

  /// A commit with any tree and any parents.
  func write(
    _ tree: Files, parents: [ObjectID], by person: String?, message: String = "change\n", time: Int64? = nil,
    sign: Sign? = nil
  ) throws -> ObjectID {
    let sign = sign ?? person.map { name in signature(of: name) }
    let id = try git.commit(files: tree, parents: parents, time: time, message: message, signedBy: sign)
    files[id] = tree
    return id
  }

  /// A commit from bytes that are spoilt between signing and writing.
  func commitRaw(
    on parents: [ObjectID], by person: String, message: String = "change\n", spoil: ([UInt8]) -> [UInt8]
  ) throws -> ObjectID {
    let tree = files(of: parents[0]).with(fresh())
    let payload = git.commitBytes(tree: try git.tree(tree), parents: parents, message: message)
    let id = try git.commit(raw: spoil(ScriptedRepository.signed(payload, signature(of: person)(payload))))
    files[id] = tree
    return id
  }

  func files(of commit: ObjectID) -> Files { files[commit] ?? Files() }

  /// Takes in a commit that was written past this world.
  func know(_ commit: ObjectID, _ tree: Files) { files[commit] = tree }

  /// A file that no other commit of this world has.
  func fresh() -> [String: ScriptedFile?] {
    counter += 1
    return ["packages/p\(counter)/Containerfile": .file("FROM \(counter)\n")]
  }

  // MARK: Signatures

  typealias Sign = ([UInt8]) -> [UInt8]

  /// What this person's card makes of a payload.
  func signature(of person: String, change: @escaping (inout TestSignature) -> Void = { _ in }) -> Sign {
    let key = team[person].subkey
    return { TestSignature(by: key).with(change).armored(over: $0) }
  }

  // MARK: Judging

  /// What a push of one ref would be told. `old` is where the ref stands.
  func push(_ ref: String, _ new: ObjectID) -> Verdict { push([(ref, new)]) }

  func push(_ updates: [(ref: String, new: ObjectID)]) -> Verdict {
    reviewer.judge(push: updates.map { RefUpdate(ref: Array(full($0.ref).utf8), old: tip($0.ref), new: $0.new) })
  }

  /// Pushes, and moves the refs if that is accepted.
  func land(_ ref: String, _ new: ObjectID) throws -> Verdict {
    let verdict = push(ref, new)
    if verdict.outcome == .accepted { try git.setRef(full(ref), to: new.isZero ? nil : new) }
    return verdict
  }

  /// The verdicts of all steps since `start`, oldest first.
  func audit(
    _ ref: String = "main", tip: ObjectID, from start: ObjectID? = nil, moment: Moment = .then
  ) throws -> [Verdict] {
    var settings = settings
    settings.moment = moment
    var verdicts: [Verdict] = []
    _ = try Reviewer(repository, settings).audit(AuditScope(ref: full(ref), tip: tip, start: start ?? root)) {
      verdicts.append($0)
    }
    return verdicts
  }

  func tip(_ ref: String) -> ObjectID { (try? repository.resolve(ref: full(ref))).flatMap { $0 } ?? .zero }

  private func full(_ ref: String) -> String { ref.hasPrefix("refs/") ? ref : "refs/heads/" + ref }
}
