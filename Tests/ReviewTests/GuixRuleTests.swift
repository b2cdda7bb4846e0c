import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// Guix's rule on scripted histories: for each refusal the exact state and commit, and a twin that is accepted.
@Suite struct GuixRuleTests {
  /// A project that Guix's rule protects: alice and bob sign with subkeys, carol with her primary key.
  final class Channel {
    struct Signer {
      let key: TestKey
      let certificate: TestCertificate
      var fingerprint: Fingerprint { key.fingerprint }
    }

    let git: ScriptedRepository
    let alice = Channel.withSubkey(501)
    let bob = Channel.withSubkey(502)
    let carol: Signer
    private var counter = 0
    /// Authorizes alice; alice has signed it.
    private(set) var introduction = ObjectID.zero

    init() throws {
      git = try ScriptedRepository()
      let key = TestKey.rsa()
      var certificate = TestCertificate(primary: key)
      certificate.addUser("carol")
      carol = Signer(key: key, certificate: certificate)
      let before = try git.commit(files: ["a": "old"])
      introduction = try commit([before], by: alice, list: [alice])
      try publish([
        "alice.key": alice.certificate.armored, "bob.key": bob.certificate.bytes, "carol.key": certificate.armored,
      ])
    }

    static func withSubkey(_ seed: Int) -> Signer {
      let (certificate, subkey) = TestCertificate.usual(seed: seed)
      return Signer(key: subkey, certificate: certificate)
    }

    func publish(_ files: [String: [UInt8]], at ref: String = "refs/heads/keyring") throws {
      try git.setRef(ref, to: try git.commit(files: Files(files.mapValues { ScriptedFile(content: $0) })))
    }

    static func list(_ fingerprints: [Fingerprint]) -> ScriptedFile {
      .file(
        """
        ; who may sign
        (authorizations
         (version 0)

         (\(fingerprints.map { "(\"\($0.hex)\"\n   (name \"x\"))" }.joined(separator: "\n  "))))

        """)
    }

    /// A commit with its first parent's tree and a file of its own.
    ///
    /// - Parameter list: The new `.guix-authorizations`; nil leaves the first parent's.
    func commit(_ parents: [ObjectID], by signer: Signer?, list: [Signer]? = nil, file: ScriptedFile? = nil) throws
      -> ObjectID
    {
      try commit(parents, by: signer, file: list.map { Channel.list($0.map(\.fingerprint)) } ?? file) { $0 }
    }

    func commit(
      _ parents: [ObjectID], by signer: Signer?, file: ScriptedFile?, spoil: @escaping (TestSignature) -> TestSignature
    ) throws -> ObjectID {
      counter += 1
      var entries = try parents.first.map { try git.repository.tree(try git.repository.treeOfCommit($0)) } ?? []
      func put(_ name: String, _ file: ScriptedFile) throws {
        entries.removeAll { $0.name == Array(name.utf8) }
        entries.append(TreeEntry(mode: file.mode, name: Array(name.utf8), id: try git.blob(file.content)))
      }
      try put("file\(counter)", "x")
      if let file { try put(GuixAuthorizations.path, file) }
      return try git.commit(tree: try git.repository.writeTree(entries), parents: parents) { payload in
        signer.map { spoil(TestSignature(by: $0.key)).armored(over: payload) }
      }
    }

    func removing(from parent: ObjectID, by signer: Signer) throws -> ObjectID {
      let entries = try git.repository.tree(try git.repository.treeOfCommit(parent)).filter {
        $0.name != Array(GuixAuthorizations.path.utf8)
      }
      return try git.commit(tree: try git.repository.writeTree(entries), parents: [parent]) {
        TestSignature(by: signer.key).armored(over: $0)
      }
    }

    func audit(
      _ tip: ObjectID, from start: ObjectID? = nil, by signer: Fingerprint? = nil, keyring name: String = "keyring",
      engines: EngineChoice = .native
    ) throws -> GuixAudit {
      var settings = ReviewSettings(clock: World.now, threads: 1)
      settings.engines = engines
      settings.moment = .then
      settings.usesCache = false
      let repository = try git.reopened()
      return try Reviewer(repository, settings).guixAudit(
        tip: tip, introduction: start ?? introduction, signer: signer ?? alice.fingerprint,
        keyring: try GuixKeyring.read(name, in: repository))
    }

    /// What is not accepted, and the outcome; empty only where all is accepted.
    func refusals(_ tip: ObjectID, from start: ObjectID? = nil, by signer: Fingerprint? = nil) throws -> [ObjectID:
      String]
    {
      let audit = try audit(tip, from: start, by: signer)
      let refusals = audit.commits.filter { !$0.isGood }
      #expect((audit.outcome == .accepted) == refusals.isEmpty)
      return Dictionary(uniqueKeysWithValues: refusals.map { ($0.commit, $0.state) })
    }
  }

  @Test func `a key that the parent lists may sign, another may not`() throws {
    let channel = try Channel()
    let good = try channel.commit([channel.introduction], by: channel.alice)
    let bad = try channel.commit([channel.introduction], by: channel.bob)
    #expect(try channel.refusals(good) == [:])
    #expect(try channel.refusals(bad) == [bad: "unauthorized"])
    #expect(try channel.audit(bad).outcome == .refused)
    #expect(try channel.audit(good).commits.map(\.commit) == [channel.introduction, good])
    #expect(try channel.audit(good).commits.map(\.subkey) == [channel.alice.fingerprint, channel.alice.fingerprint])
  }

  @Test func `every parent of a merge must list the key`() throws {
    let channel = try Channel()
    let both = try channel.commit([channel.introduction], by: channel.alice, list: [channel.alice, channel.bob])
    let one = try channel.commit([channel.introduction], by: channel.alice)
    let other = try channel.commit([both], by: channel.bob)
    for parents in [[one, other], [other, one]] {
      let bad = try channel.commit(parents, by: channel.bob)
      #expect(try channel.refusals(bad) == [bad: "unauthorized"])
      #expect(try #require(channel.audit(bad).commits.last).detail.contains(one.short))
      #expect(try channel.refusals(try channel.commit(parents, by: channel.alice)) == [:])
    }
    let sibling = try channel.commit([both], by: channel.alice)
    #expect(try channel.refusals(try channel.commit([sibling, other], by: channel.bob)) == [:])
  }

  @Test func `an authorization does not count in the commit that brings it`() throws {
    let channel = try Channel()
    let own = try channel.commit([channel.introduction], by: channel.bob, list: [channel.alice, channel.bob])
    #expect(try channel.refusals(own) == [own: "unauthorized"])
    let given = try channel.commit([channel.introduction], by: channel.alice, list: [channel.alice, channel.bob])
    #expect(try channel.refusals(try channel.commit([given], by: channel.bob)) == [:])
  }

  @Test func `an authorization that is taken away counts in that commit for the last time`() throws {
    let channel = try Channel()
    let farewell = try channel.commit([channel.introduction], by: channel.alice, list: [channel.bob])
    #expect(try channel.refusals(farewell) == [:])
    let late = try channel.commit([farewell], by: channel.alice)
    #expect(try channel.refusals(late) == [late: "unauthorized"])
    #expect(try channel.refusals(try channel.commit([farewell], by: channel.bob)) == [:])
  }

  /// Else the list that a refused commit brings would make all that follows look good.
  @Test func `nothing after a refused commit is accepted`() throws {
    let channel = try Channel()
    let intruder = try channel.commit([channel.introduction], by: channel.bob, list: [channel.alice, channel.bob])
    let next = try channel.commit([intruder], by: channel.bob)
    let beside = try channel.commit([channel.introduction], by: channel.alice)
    let merge = try channel.commit([beside, next], by: channel.alice)
    #expect(try channel.refusals(merge) == [intruder: "unauthorized", next: "after-refused", merge: "after-refused"])
    #expect(try #require(channel.audit(merge).commits.last).detail.contains(intruder.short))
    // The twin: alice signs the first one.
    let invited = try channel.commit([channel.introduction], by: channel.alice, list: [channel.alice, channel.bob])
    let guest = try channel.commit([invited], by: channel.bob)
    #expect(try channel.refusals(try channel.commit([beside, guest], by: channel.alice)) == [:])
  }

  @Test func `what follows a removed list is refused`() throws {
    let channel = try Channel()
    let without = try channel.removing(from: channel.introduction, by: channel.alice)
    #expect(try channel.refusals(without) == [:])
    let next = try channel.commit([without], by: channel.alice)
    let later = try channel.commit([next], by: channel.alice)
    #expect(try channel.refusals(later) == [next: "authorizations-removed", later: "authorizations-missing"])
    // A list that comes back does not heal what lies between.
    let back = try channel.commit([without], by: channel.alice, list: [channel.alice])
    #expect(try channel.refusals(try channel.commit([back], by: channel.alice))[back] == "authorizations-removed")
    let kept = try channel.commit([channel.introduction], by: channel.alice)
    #expect(try channel.refusals(try channel.commit([kept], by: channel.alice)) == [:])
  }

  @Test func `a history beside the introduction authorizes nobody`() throws {
    let channel = try Channel()
    let root = try channel.commit([], by: channel.alice, list: [channel.alice])
    let merge = try channel.commit([channel.introduction, root], by: channel.alice)
    #expect(try channel.refusals(merge) == [root: "authorizations-missing", merge: "after-refused"])
    let old = try #require(channel.git.repository.commit(channel.introduction).parents.first)
    let branch = try channel.commit([old], by: channel.alice, list: [channel.alice])
    #expect(
      try channel.refusals(try channel.commit([channel.introduction, branch], by: channel.alice))[branch]
        == "authorizations-missing")
    let side = try channel.commit([channel.introduction], by: channel.alice)
    #expect(try channel.refusals(try channel.commit([channel.introduction, side], by: channel.alice)) == [:])
  }

  @Test func `unsigned, spoilt and foreign signatures`() throws {
    let channel = try Channel()
    let start = channel.introduction
    let stranger = Channel.withSubkey(599)
    let known = try channel.commit([start], by: channel.alice, list: [channel.alice, stranger])
    let unsigned = try channel.commit([start], by: nil)
    let unknown = try channel.commit([known], by: stranger)
    let weak = try channel.commit([start], by: channel.alice, file: nil) { $0.with { $0.hash = .sha1 } }
    let bad = try channel.commit([start], by: channel.alice, file: nil) {
      $0.with {
        $0.issuerFingerprint = channel.bob.fingerprint; $0.issuerKeyID = channel.bob.fingerprint.keyID
      }
    }
    #expect(try channel.refusals(unsigned) == [unsigned: "unsigned"])
    #expect(try channel.refusals(unknown) == [unknown: "unknown-key"])
    #expect(try channel.refusals(weak) == [weak: "weak-signature"])
    #expect(try channel.refusals(bad) == [bad: "bad-signature"])
    #expect(
      try channel.refusals(try channel.commit([start], by: channel.alice, file: nil) { $0.with { $0.hash = .sha256 } })
        == [:])
    try channel.publish(["alice.key": channel.alice.certificate.armored, "stranger.key": stranger.certificate.armored])
    #expect(try channel.refusals(unknown) == [:])
  }

  /// Guix looks the signature's own key up in the list, not its certificate's primary key.
  @Test func `the key that signs is the one that must be listed`() throws {
    let channel = try Channel()
    let primary = channel.bob.certificate.primary.fingerprint
    let listsPrimary = try channel.commit([channel.introduction], by: channel.alice, file: Channel.list([primary]))
    let bad = try channel.commit([listsPrimary], by: channel.bob)
    #expect(try channel.refusals(bad) == [bad: "unauthorized"])
    #expect(try #require(channel.audit(bad).commits.last).detail.contains("the key that signs must be"))
    let listsSubkey = try channel.commit([channel.introduction], by: channel.alice, list: [channel.bob])
    let good = try channel.commit([listsSubkey], by: channel.bob)
    #expect(try channel.refusals(good) == [:])
    #expect(try #require(channel.audit(good).commits.last).key == primary)
    // A primary key may sign by itself.
    let listsCarol = try channel.commit([channel.introduction], by: channel.alice, list: [channel.carol])
    #expect(try channel.refusals(try channel.commit([listsCarol], by: channel.carol)) == [:])
  }

  @Test func `the introduction must be signed by the key that is named`() throws {
    let channel = try Channel()
    let next = try channel.commit([channel.introduction], by: channel.alice)
    #expect(try channel.refusals(next, by: channel.alice.fingerprint) == [:])
    let wrong = [channel.introduction: "wrong-introduction-signer", next: "after-refused"]
    #expect(try channel.refusals(next, by: channel.bob.fingerprint) == wrong)
    #expect(try channel.refusals(next, by: channel.alice.certificate.primary.fingerprint) == wrong)
    let unsigned = try channel.commit([channel.introduction], by: nil)
    #expect(try channel.refusals(unsigned, from: unsigned) == [unsigned: "unsigned"])
    #expect(try channel.refusals(channel.introduction) == [:])
  }

  @Test func `a branch without the introduction is refused`() throws {
    let channel = try Channel()
    let old = try #require(channel.git.repository.commit(channel.introduction).parents.first)
    let elsewhere = try channel.commit([], by: channel.alice, list: [channel.alice])
    let beside = try channel.commit([elsewhere], by: channel.alice)
    for tip in [old, elsewhere, beside] { #expect(try channel.refusals(tip) == [tip: "unrelated-history"]) }
    #expect(try channel.refusals(beside, from: elsewhere) == [:])
  }

  @Test func `a list that is not understood authorizes nobody`() throws {
    let channel = try Channel()
    let whole = Channel.list([channel.alice.fingerprint])
    let short = String(channel.alice.fingerprint.hex.suffix(16))
    var link = whole
    link.mode = FileMode.symbolicLink
    let spoilt: [ScriptedFile] = [
      link, .file(""), .file("(authorizations (version 0) ((\"\(short)\")))"),
      .file(String(decoding: whole.content.dropLast(2), as: UTF8.self)),
      .file(String(decoding: whole.content, as: UTF8.self) + String(repeating: ";", count: 65_536)),
    ]
    for file in spoilt {
      let parent = try channel.commit([channel.introduction], by: channel.alice, file: file)
      #expect(try channel.refusals(parent) == [:])
      let bad = try channel.commit([parent], by: channel.alice)
      #expect(try channel.refusals(bad) == [bad: "authorizations-invalid"])
      #expect(try #require(channel.audit(bad).commits.last).detail.contains(parent.short))
    }
    let parent = try channel.commit([channel.introduction], by: channel.alice, file: whole)
    #expect(try channel.refusals(try channel.commit([parent], by: channel.alice)) == [:])
  }
}
