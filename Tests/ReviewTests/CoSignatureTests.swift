import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// rule.md, "Who endorses what", 4: signed statements about base, head and tree; and the ref that holds them.
@Suite struct CoSignatureTests {
  static let policy = "version = 1\nrepository = \"forge.example/stagex\"\n"
  static let ref = "refs/heads/cosignatures"
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World(policy: CoSignatureTests.policy) }

  /// One file on the ref, each part of it open to being wrong.
  struct Statement {
    var repository = "forge.example/stagex"
    var target = "refs/heads/main"
    var base: ObjectID
    var head: ObjectID
    var digest: [UInt8]?
    var person = "cat"
    /// Changes the bytes before they are signed.
    var spoil: ([UInt8]) -> [UInt8] = { $0 }
    /// Changes the message.
    var wrap: (TestMessage) -> [UInt8] = { $0.bytes }
    /// The file's path; nil for the right one.
    var path: String?
  }

  private func file(_ statement: Statement) throws -> (path: String, bytes: [UInt8]) {
    let digest =
      try statement.digest ?? world.repository.treeDigestSHA512(world.repository.treeOfCommit(statement.head))
    let bytes = CoSignatureStatement(
      repository: statement.repository, target: statement.target, base: statement.base, head: statement.head,
      treeDigest: digest, created: 1_700_000_500, creator: "stagex-maint 1", pullRequest: "7"
    ).bytes
    let key = world.team[statement.person]
    let message = TestMessage(statement.spoil(bytes), by: key.subkey)
    let path = "\(statement.head.hex.prefix(2))/\(statement.head.hex)/\(key.fingerprint.hex)"
    return (statement.path ?? path, statement.wrap(message))
  }

  /// A commit for the ref that holds these statements on top of what is there.
  private func write(_ statements: [Statement], on parent: ObjectID? = nil) throws -> ObjectID {
    var files = parent.map { world.files(of: $0) } ?? Files()
    for statement in statements {
      let (path, bytes) = try file(statement)
      files.entries[path] = ScriptedFile(content: bytes)
    }
    return try world.write(files, parents: parent.map { [$0] } ?? [], by: nil)
  }

  private func put(_ statements: Statement...) throws {
    try world.git.setRef(Self.ref, to: nil)
    try world.git.setRef(Self.ref, to: try write(statements))
  }

  /// A change by ann that bob's second key could not help: one endorser lacks.
  private func lacking() throws -> (change: ObjectID, merge: ObjectID) {
    let change = try world.commit(on: root)
    return (change, try world.merge(root, change, by: "bob"))
  }

  // MARK: What endorses

  @Test func `a statement endorses what lies between its base and its head`() throws {
    let (change, merge) = try lacking()
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    try put(Statement(base: root, head: change))
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(change) == ["bob merge", "cat co-signature"])
    let endorser = try #require(verdict.change(change)?.endorsers.last)
    #expect(endorser.key == world.team["cat"].fingerprint)
    #expect(endorser.subkey == world.team["cat"].subkey.fingerprint)
    #expect(endorser.by == (try blob(Statement(base: root, head: change))))
    #expect(try world.audit(tip: merge).map(\.findings) == [[]])
  }

  @Test func `a statement about the merge signs the merge too`() throws {
    let change = try world.commit(on: root, by: "ann")
    let merge = try world.merge(root, change)
    #expect(world.push("main", merge).findings == [Finding(.unsignedMerge, merge), Finding(.tooFewEndorsers, change)])
    try put(Statement(base: root, head: merge))
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(merge) == ["cat co-signature"])
  }

  @Test func `a statement may arrive in the same push, and falls with it`() throws {
    let (change, merge) = try lacking()
    let good = try write([Statement(base: root, head: change)])
    #expect(world.push([("main", merge), (Self.ref, good)]).findings == [])
    let bad = try write([Statement(base: root, head: change, wrap: { $0.bytes + [0] })])
    let found = world.push([("main", merge), (Self.ref, bad)]).findings
    #expect(found == [Finding(.tooFewEndorsers, change), Finding(.coSignatureInvalid, bad)])
  }

  @Test func `too-few-endorsers: the statement's signer has endorsed already`() throws {
    let (change, merge) = try lacking()
    try put(Statement(base: root, head: change, person: "bob"))
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.endorsers(change) == ["bob co-signature", "bob merge"])
  }

  @Test func `too-few-endorsers: co-signatures do not count where the policy says so`() throws {
    let world = try World(policy: Self.policy + "endorsements = [\"own\", \"merge\", \"adopt\"]\n")
    let change = try world.commit(on: world.root)
    let merge = try world.merge(world.root, change, by: "bob")
    let tests = CoSignatureTests(world)
    try tests.put(Statement(base: world.root, head: change))
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
  }

  private init(_ world: World) { self.world = world }

  /// Attack: co-sign, then push another commit on top (a race that forges have lost).
  @Test func `too-few-endorsers: nothing above the head, nothing below the base`() throws {
    let first = try world.commit(on: root)
    let second = try world.commit(on: first)
    let third = try world.commit(on: second)
    let merge = try world.merge(root, third, by: "bob")
    try put(Statement(base: first, head: second))
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, first), Finding(.tooFewEndorsers, third)])
    try put(Statement(base: root, head: third))
    #expect(world.push("main", merge).findings == [])
  }

  // MARK: Statements that are about something else

  @Test(arguments: [
    "another repository", "a repository in other letters", "another target", "a target without refs/heads",
    "another digest",
    "a base that is not here", "a base beside the head", "a base above the head", "a base that is a tree",
  ])
  func `too-few-endorsers: a good signature on a statement about something else`(_ mistake: String) throws {
    let (change, merge) = try lacking()
    var statement = Statement(base: root, head: change)
    switch mistake {
    case "another repository": statement.repository = "forge.example/signatures"
    case "a repository in other letters": statement.repository = "forge.example/Stagex"
    case "another target": statement.target = "refs/heads/staging"
    case "a target without refs/heads": statement.target = "main"
    case "another digest": statement.digest = [UInt8](repeating: 7, count: 64)
    case "a base that is not here": statement.base = ObjectID(hexString: String(repeating: "ab", count: 20))!
    case "a base beside the head": statement.base = try world.commit(on: root)
    case "a base above the head": statement.base = merge
    default: statement.base = try world.repository.treeOfCommit(root)
    }
    try put(statement)
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.because == [Finding(.coSignatureInvalid, try blob(statement))])
    #expect(verdict.endorsers(change) == ["bob merge"])
  }

  @Test func `too-few-endorsers: the policy names no repository`() throws {
    let tests = CoSignatureTests(try World())
    let (change, merge) = try tests.lacking()
    try tests.put(Statement(base: tests.root, head: change))
    #expect(tests.world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
  }

  /// Attack: a good statement moved to another head's folder, or to another maintainer's name.
  @Test func `too-few-endorsers: a statement in the wrong place`() throws {
    let (change, merge) = try lacking()
    let other = try world.commit(on: root)
    let (cat, ann) = (world.team["cat"].fingerprint.hex, world.team["ann"].fingerprint.hex)
    let folder = "\(change.hex.prefix(2))/\(change.hex)"
    for (statement, path) in [
      (Statement(base: root, head: other), "\(folder)/\(cat)"),
      (Statement(base: root, head: change), "\(folder)/\(ann)"),
      (Statement(base: root, head: change), "\(folder)/\(cat.lowercased())"),
      (Statement(base: root, head: change), "\(folder)/\(cat).sig"),
      (Statement(base: root, head: change), "\(change.hex)/\(cat)"),
      (Statement(base: root, head: change), "00/\(change.hex)/\(cat)"),
    ] {
      var moved = statement
      moved.path = path
      try put(moved)
      #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    }
  }

  // MARK: Signatures on statements that do not count

  @Test(arguments: [RefusalCode.expiredKey, .weakSignature, .futureSignature, .malformedSignature, .coSignatureInvalid])
  func `too-few-endorsers: the statement's signature is not good, and why`(_ code: RefusalCode) throws {
    let (change, merge) = try lacking()
    var statement = Statement(base: root, head: change)
    statement.wrap = { message in
      var message = message
      switch code {
      case .expiredKey: message.signature.created = TestKey.defaultCreation - 1
      case .weakSignature: message.signature.hash = .sha1
      case .futureSignature: message.signature.created = World.now + 4000
      case .malformedSignature: message.signature.type = 1
      default: message.signedContent = message.content + [10]
      }
      return message.bytes
    }
    try put(statement)
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    // What cannot be read as a signed message is an invalid co-signature; a key made later is unusable.
    let expected: RefusalCode =
      switch code {
      case .expiredKey: .unusableKey
      case .futureSignature: .futureSignature
      default: .coSignatureInvalid
      }
    #expect(verdict.because == [Finding(expected, try blob(statement))])
  }

  @Test func `too-few-endorsers: a stranger's statement`() throws {
    let (change, merge) = try lacking()
    let stranger = Team.Key("mallory").subkey
    var statement = Statement(base: root, head: change)
    statement.wrap = { TestMessage($0.content, by: stranger).bytes }
    try put(statement)
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    statement.wrap = { TestMessage.compressed($0.bytes) }
    try put(statement)
    #expect(world.push("main", merge).findings == [])
  }

  private func blob(_ statement: Statement) throws -> ObjectID { try world.git.blob(file(statement).bytes) }

  // MARK: The ref

  @Test func `the ref grows by good statements`() throws {
    let (change, _) = try lacking()
    let first = try write([Statement(base: root, head: change)])
    #expect(world.push(Self.ref, first).findings == [])
    try world.git.setRef(Self.ref, to: first)
    let second = try write([Statement(base: root, head: change, person: "ann")], on: first)
    #expect(world.push(Self.ref, second).findings == [])
  }

  @Test func `co-signature-removed: a file taken away, changed, or the ref deleted`() throws {
    let (change, _) = try lacking()
    let first = try write([Statement(base: root, head: change)])
    try world.git.setRef(Self.ref, to: first)
    #expect(world.push(Self.ref, .zero).findings == [Finding(.coSignatureRemoved)])
    let path = try file(Statement(base: root, head: change)).path
    let files = world.files(of: first)
    let content = files.entries[path]!.content
    for changed in [
      nil, ScriptedFile(content: content + [0]), ScriptedFile(mode: FileMode.executable, content: content),
    ] {
      let next = try world.write(files.with([path: changed]), parents: [first], by: nil)
      #expect(world.push(Self.ref, next).findings == [Finding(.coSignatureRemoved, next)])
    }
    // Again about the same head, with other words: the first statement stays.
    let again = try write([Statement(base: change, head: change)], on: first)
    #expect(world.push(Self.ref, again).findings == [Finding(.coSignatureRemoved, again)])
  }

  @Test func `rewind of the ref of the co-signatures`() throws {
    let (change, _) = try lacking()
    let first = try write([Statement(base: root, head: change)])
    try world.git.setRef(Self.ref, to: first)
    let beside = try write([Statement(base: root, head: change), Statement(base: root, head: change, person: "ann")])
    #expect(world.push(Self.ref, beside).findings == [Finding(.rewind, beside)])
    let blob = try world.git.blob([1])
    #expect(world.push(Self.ref, blob).findings == [Finding(.notACommit, blob)])
  }

  @Test func `co-signature-invalid: what is no good statement in its place`() throws {
    let (change, _) = try lacking()
    let good = Statement(base: root, head: change)
    let folder = "\(change.hex.prefix(2))/\(change.hex)"
    let stranger = Team.Key("mallory").subkey
    let (cat, ann) = (world.team["cat"].fingerprint.hex, world.team["ann"].fingerprint.hex)
    let changes: [(String, (inout Statement) -> Void)] = [
      ("another repository", { $0.repository = "forge.example/other" }),
      ("spoilt", { $0.wrap = { $0.bytes.dropLast() } }),
      ("text", { $0.wrap = { _ in Array("reviewed\n".utf8) } }),
      ("empty", { $0.wrap = { _ in [] } }),
      ("armored", { $0.wrap = { OpenPGPEncoding.armor($0.bytes, label: "PGP MESSAGE") } }),
      ("detached", { $0.wrap = { $0.signaturePacket } }),
      ("a stranger's", { $0.wrap = { TestMessage($0.content, by: stranger).bytes } }),
      (
        "bad",
        {
          $0.wrap = {
            var m = $0; m.signedContent = [1]; return m.bytes
          }
        }
      ),
      ("not canonical", { $0.spoil = { $0 + [10] } }),
      ("somebody else's name", { $0.path = "\(folder)/\(ann)" }),
      ("lower case", { $0.path = "\(folder)/\(cat.lowercased())" }),
      ("another folder", { $0.path = "\(change.hex.prefix(2))/\(root.hex)/\(cat)" }),
      ("the top", { $0.path = "README" }),
      ("too deep", { $0.path = "\(folder)/\(cat)/x" }),
      ("an upper case folder", { $0.path = "\(change.hex.prefix(2))/\(change.hex.uppercased())/\(cat)" }),
    ]
    for (what, spoil) in changes {
      var statement = good
      spoil(&statement)
      let commit = try write([statement])
      #expect(world.push(Self.ref, commit).findings == [Finding(.coSignatureInvalid, commit)], "\(what)")
    }
    let (path, bytes) = try file(good)
    let executable = try world.write(
      [path: ScriptedFile(mode: FileMode.executable, content: bytes)], parents: [], by: nil)
    #expect(world.push(Self.ref, executable).findings == [Finding(.coSignatureInvalid, executable)])
    #expect(world.push(Self.ref, try write([good])).findings == [])
  }

  @Test func `the policy says which ref holds the co-signatures`() throws {
    let policy = Self.policy + "cosignatures = \"refs/heads/approvals\"\n"
    let tests = CoSignatureTests(try World(policy: policy))
    let (change, merge) = try tests.lacking()
    let made = try tests.write([Statement(base: tests.root, head: change)])
    try tests.world.git.setRef(Self.ref, to: made)
    #expect(tests.world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    #expect(tests.world.push(Self.ref, .zero).findings == [])
    try tests.world.git.setRef("refs/heads/approvals", to: made)
    #expect(tests.world.push("main", merge).findings == [])
    #expect(tests.world.push("refs/heads/approvals", .zero).findings == [Finding(.coSignatureRemoved)])
  }
}
