import OpenPGP
import Review
import Support
import Testing

/// `keys audit`: each finding, and the registry without the one thing that is wrong.
@Suite struct RegistryAuditTests {
  /// 2026-01-01.
  static let now = Handed.now
  static let day: Int64 = 86_400

  /// Three people with a key each, and a policy that asks for two.
  struct Scene {
    var team = Team("ann", "bob", "cat")
    var policy = Policy.standard

    func audit(now: Int64 = RegistryAuditTests.now) throws -> RegistryAudit {
      let source = RegistrySource(files: team.files.entries.mapValues(\.content))
      return RegistryAudit(try #require(try Registry.readIfPresent(source)), policy, now: now)
    }

    /// Gives bob another certificate under the same primary key.
    mutating func rebuild(_ build: (inout TestCertificate, TestKey) -> Void) {
      rebuild(primary: team["bob"].certificate.primary, build)
    }

    mutating func rebuild(
      primary: TestKey, flags: UInt8 = 0x01, lifetime: Int? = nil, _ build: (inout TestCertificate, TestKey) -> Void
    ) {
      var certificate = TestCertificate(primary: primary)
      certificate.addUser("Bob", flags: flags, lifetime: lifetime)
      build(&certificate, team["bob"].subkey)
      team["bob"].certificate = certificate
    }
  }

  /// `severity code person`.
  static func lines(_ audit: RegistryAudit) -> Set<String> {
    Set(audit.findings.map { "\($0.severity.rawValue) \($0.code.rawValue) \($0.person ?? "all")" })
  }

  static let usual: Set = ["warning no-spare ann", "warning no-spare bob", "warning no-spare cat"]
  /// What follows when bob cannot endorse.
  static let withoutBob: Set = [
    "warning no-spare ann", "warning no-spare cat", "error no-key-counts bob", "warning nobody-to-spare all",
  ]

  @Test func `a registry in order lacks only spares`() throws {
    let audit = try Scene().audit()
    #expect(Self.lines(audit) == Self.usual)
    #expect(audit.outcome == .accepted && audit.maintainers == ["ann", "bob", "cat"])
    var spare = Scene()
    for person in ["ann", "bob", "cat"] {
      spare.team[person].certificate.addSubkey(.ed25519(seed: 5000 + person.utf8.reduce(0) { $0 + Int($1) }))
    }
    #expect(Self.lines(try spare.audit()) == [])
  }

  @Test(arguments: cases) func `finds`(_ one: Case) throws {
    var scene = Scene()
    one.change(&scene)
    let audit = try scene.audit()
    var expected = one.expected
    if scene.team["bob"].lines.contains("machine = true") { expected.insert("note machine-key bob") }
    #expect(Self.lines(audit) == expected)
    #expect(audit.outcome == (expected.contains { $0.hasPrefix("error") } ? .refused : .accepted))
    #expect(
      audit.maintainers.contains("bob") == !expected.contains {
        $0 == "error no-key-counts bob" || $0 == "note bot bob"
      })
  }

  @Test func `a key that several people share is noted, and counts for nobody`() throws {
    var scene = Scene()
    scene.team["bob"].lines.append("shared = true")
    #expect(Self.lines(try scene.audit()) == Self.withoutBob.union(["note shared-key bob"]))
  }

  @Test func `two keys are a spare for each other`() throws {
    var scene = Scene()
    scene.team.keys.append(Team.Key("bob", label: "spare"))
    #expect(Self.lines(try scene.audit()) == ["warning no-spare ann", "warning no-spare cat"])
    scene.team.keys[3].lines = []
    #expect(Self.lines(try scene.audit()) == Self.usual.union(["error no-device bob"]))
  }

  @Test func `an expiry is told with its date and with what extends it`() throws {
    var scene = Scene()
    let primary = scene.team["bob"].certificate.primary
    let lifetime = Int(Self.now + 30 * Self.day - primary.created)
    scene.rebuild { $0.addSubkey($1, lifetime: lifetime) }
    let (fingerprint, subkey) = (primary.fingerprint.hex, scene.team["bob"].subkey.fingerprint.hex)
    let bring = "gpg --armor --export \(fingerprint) | stagex-maint keys add - --person bob --label card"
    let finding = try #require(try scene.audit().findings.first { $0.code == .expiresSoon })
    #expect(finding.message == "the subkey \(subkey) expires on 2026-01-31")
    #expect(finding.next.map(\.text) == ["gpg --quick-set-expire \(fingerprint) 2y \(subkey)", bring])
    // A subkey that outlives its primary key is no use.
    scene.rebuild(primary: primary, lifetime: lifetime) { $0.addSubkey($1, lifetime: lifetime) }
    let both = try #require(try scene.audit().findings.first { $0.code == .expiresSoon })
    #expect(
      both.next.map(\.text) == [
        "gpg --quick-set-expire \(fingerprint) 2y", "gpg --quick-set-expire \(fingerprint) 2y \(subkey)", bring,
      ])
  }

  @Test func `the clock is the one that is given`() throws {
    var scene = Scene()
    scene.rebuild { $0.addSubkey($1, lifetime: 2 * Handed.year) }
    let end = scene.team["bob"].subkey.created + Int64(2 * Handed.year)
    #expect(Self.lines(try scene.audit(now: end - 91 * Self.day)) == Self.usual)
    #expect(Self.lines(try scene.audit(now: end - 1)) == Self.usual.union(["warning expires-soon bob"]))
    #expect(Self.lines(try scene.audit(now: end)) == Self.withoutBob.union(["error expired bob"]))
  }

  @Test func `what the policy asks for in places is held against the registry too`() throws {
    var scene = Scene()
    scene.policy = try Self.policy(keys: 3)
    let tight = try #require(try scene.audit().findings.first { $0.code == .nobodyToSpare })
    #expect(tight.message == "3 people can endorse, and as many are needed: one absence stops whatever needs 3")
    scene.policy = try Self.policy(keys: 4)
    #expect(Self.lines(try scene.audit()) == Self.usual.union(["error too-few-maintainers all"]))
  }

  static func policy(keys threshold: Int) throws -> Policy {
    try Policy.read(Array("version = 1\n[[path]]\nmatch = [\"keys/**\"]\nthreshold = \(threshold)\n".utf8))
  }

  /// Attack: names from outside, in what is printed and in what is typed.
  @Test func `ids from outside are quoted in commands`() throws {
    var scene = Scene()
    scene.team.people[1].id = "\"x; rm -rf\""
    scene.team["bob"].isPublished = false
    let index = try #require(scene.team.keys.firstIndex { $0.person == "bob" })
    scene.team.keys[index].person = "\"x; rm -rf\""
    let finding = try #require(try scene.audit().findings.first { $0.code == .noCertificate })
    #expect(finding.next.map(\.text).joined().hasSuffix("--person 'x; rm -rf' --label card"))
  }

  /// Good for us, unknown to the GnuPG of these machines.
  @Test func `a key that GnuPG does not know does not count where it is asked`() throws {
    var scene = Scene()
    scene.rebuild { certificate, _ in certificate.addSubkey(.ed25519(seed: 5100, algorithm: .ed25519)) }
    let registry = try #require(
      try Registry.readIfPresent(RegistrySource(files: scene.team.files.entries.mapValues(\.content))))
    let reading = registry.gnupgReading(at: Self.now)
    let asked = RegistryAudit(registry, scene.policy, now: Self.now, reading: reading)
    #expect(Self.lines(asked) == Self.withoutBob.union(["error gnupg bob"]))
    #expect(Self.lines(RegistryAudit(registry, scene.policy, now: Self.now)) == Self.usual)
    // Beside a key that it knows, that is only noted.
    scene.rebuild { certificate, subkey in
      certificate.addSubkey(.ed25519(seed: 5100, algorithm: .ed25519))
      certificate.addSubkey(subkey)
    }
    let both = try #require(
      try Registry.readIfPresent(RegistrySource(files: scene.team.files.entries.mapValues(\.content))))
    #expect(
      Self.lines(RegistryAudit(both, scene.policy, now: Self.now, reading: both.gnupgReading(at: Self.now))).contains(
        "note gnupg bob"))
    #expect(
      RegistryAudit(both, scene.policy, now: Self.now, reading: both.gnupgReading(at: Self.now)).maintainers == [
        "ann", "bob", "cat",
      ])
  }

  @Test func `without GnuPG nobody is said to count`() throws {
    let registry = try #require(
      try Registry.readIfPresent(RegistrySource(files: Scene().team.files.entries.mapValues(\.content))))
    let audit = RegistryAudit(
      registry, Scene().policy, now: Self.now, reading: GnuPGReading(trouble: "starting gpg failed (errno 2)"))
    #expect(Self.lines(audit) == Self.usual.union(["error gnupg all"]) && audit.outcome == .refused)
  }

  /// What gpg heeds of them is little, and here it is less: said aloud, not found out on the day of a theft.
  @Test func `designated revokers are told`() throws {
    let revoker = OpenPGPEncoding.subpacket(12, [0x80, 22] + TestKey.ed25519(seed: 5101).fingerprint.bytes)
    func lines(_ build: (inout TestCertificate, TestKey) -> Void) throws -> (Set<String>, [String]) {
      var scene = Scene()
      scene.rebuild(build)
      let audit = try scene.audit()
      return (Self.lines(audit), audit.findings.filter { $0.code == .designatedRevoker }.map(\.message))
    }
    let expected = Self.usual.union(["warning designated-revoker bob"])
    let direct = try lines {
      $0.addSubkey($1); $0.insert(packet: Self.direct($0.primary, revoker), at: 1)
    }
    #expect(direct.0 == expected && direct.1.count == 1, "\(direct)")
    let inUser = try lines { certificate, subkey in
      certificate.certifyUser("Bob", flags: 0x01) {
        $0.hashed += revoker; $0.created! += 10
      }
      certificate.addSubkey(subkey)
    }
    #expect(inUser.0 == expected && inUser.1.first?.hasSuffix("is not heard") == true, "\(inUser)")
    // A subkey taken back by the revoker, and a revocation that says by nobody.
    for (type, issuer) in [(UInt8(0x28), true), (0x20, false)] {
      let found = try lines { certificate, subkey in
        certificate.insert(packet: Self.direct(certificate.primary, revoker), at: 1)
        certificate.addSubkey(subkey)
        var signature = TestSignature(by: .ed25519(seed: 5101), at: Self.now - 1000)
        signature.type = type
        if !issuer { (signature.issuerKeyID, signature.issuerFingerprint) = (nil, nil) }
        let packet = signature.packet(over: certificate.primary.hashed + (type == 0x28 ? subkey.hashed : []))
        certificate.insert(packet: packet, at: type == 0x28 ? certificate.packets.count : 2)
      }
      #expect(found.0 == expected && found.1.count == 2, "\(type): \(found)")
    }
    #expect(try lines { $0.addSubkey($1) }.0 == Self.usual)
  }

  private static func direct(_ key: TestKey, _ subpacket: [UInt8]) -> [UInt8] {
    var signature = TestSignature(by: key, at: key.created)
    signature.type = 0x1F
    signature.hashed += OpenPGPEncoding.subpacket(27, [0x01]) + subpacket
    return signature.packet(over: key.hashed)
  }
}
