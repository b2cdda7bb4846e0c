import OpenPGP
import Review
import Support
import Testing

/// `keys add`: what may come into the registry, and what it does to what is there.
@Suite struct KeyAdditionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: KeyRefusal.Code
    let change: @Sendable (inout Handed) -> Void

    init(_ name: String, _ code: KeyRefusal.Code, _ change: @escaping @Sendable (inout Handed) -> Void) {
      (testDescription, self.code, self.change) = (name, code, change)
    }
  }

  static let primary = TestKey.ed25519(seed: 901_000)
  static let signer = TestKey.ed25519(seed: 901_001)

  /// A primary key that certifies, with what `build` adds.
  static func certifier(_ build: (inout TestCertificate) -> Void) -> TestCertificate {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("Dan", flags: 0x01)
    build(&certificate)
    return certificate
  }

  static let refusals = [
    Case("an armored private key", .secretKey) {
      $0.bytes = OpenPGPEncoding.armor([0xC5, 0x01, 0x04], label: "PGP PRIVATE KEY BLOCK")
    },
    Case("a private key in octets", .secretKey) { $0.bytes = OpenPGPEncoding.packet(5, [4, 0, 0, 0, 0, 22]) },
    Case("a private subkey behind a certificate", .secretKey) {
      $0.bytes = $0.certificate.bytes + OpenPGPEncoding.packet(7, [4])
    },
    Case("a private key behind a second certificate", .secretKey) {
      $0.bytes = $0.certificate.bytes + $0.team["bob"].certificate.bytes + OpenPGPEncoding.packet(5, [4])
    },
    Case("a private key in armor behind a certificate", .secretKey) {
      $0.bytes = $0.certificate.armored + OpenPGPEncoding.armor([0xC5, 0x01, 0x04], label: "PGP PRIVATE KEY BLOCK")
    },
    Case("a private key of ssh", .secretKey) { $0.bytes = Array("-----BEGIN OPENSSH PRIVATE KEY-----\n".utf8) },
    Case("two certificates", .severalCertificates) {
      $0.bytes = $0.certificate.bytes + $0.team["bob"].certificate.bytes
    },
    Case("two armors", .severalCertificates) { $0.bytes = $0.certificate.armored + $0.team["bob"].certificate.armored },
    Case("two certificates, one of them listed for somebody else", .severalCertificates) {
      $0.bytes = $0.certificate.bytes + $0.team["bob"].certificate.bytes
      $0.request.person = "ann"
    },
    Case("two certificates, and the key of neither", .severalCertificates) {
      $0.bytes = $0.certificate.bytes + $0.team["bob"].certificate.bytes
      $0.request.key = signer.fingerprint
    },
    Case("one certificate, and another key", .usage) { $0.request.key = signer.fingerprint },
    Case("nothing", .unreadable) { $0.bytes = [] },
    Case("a text", .unreadable) { $0.bytes = Array("hello\n".utf8) },
    Case("a certificate that is cut off", .unreadable) { $0.bytes = $0.certificate.bytes.dropLast() },
    Case("no subkey", .noSigningKey) { $0.certificate = certifier { _ in } },
    Case("a subkey for encryption", .noSigningKey) { $0.certificate = certifier { $0.addSubkey(signer, flags: 0x0C) } },
    Case("a subkey that has not signed back", .notBound) {
      $0.certificate = certifier { $0.addSubkey(signer, back: .missing) }
    },
    Case("a subkey bound with SHA-1 in 2024", .notBound) {
      $0.certificate = certifier {
        $0.addSubkey(signer) { signature in
          signature.hash = .sha1
          signature.created = 1_704_067_200
        }
      }
    },
    Case("RSA of 1024 bits", .weakKey) { $0.certificate = certifier { $0.addSubkey(.rsa(bits: 1024)) } },
    Case("an algorithm that is not supported", .unsupportedKey) {
      $0.certificate = certifier {
        $0.addSubkey(.opaque(.ed448, material: [UInt8](repeating: 1, count: 57)), back: .missing)
      }
    },
    Case("expired", .expired) { $0.certificate = certifier { $0.addSubkey(signer, lifetime: Handed.year) } },
    Case("expired this very second", .expired) {
      $0.certificate = certifier { $0.addSubkey(signer, lifetime: Int(Handed.now - signer.created)) }
    },
    Case("a primary key that expired", .expired) {
      $0.certificate = TestCertificate(primary: primary)
      $0.certificate.addUser("Dan", flags: 0x01, lifetime: Handed.year)
      $0.certificate.addSubkey(signer)
    },
    Case("a subkey that was revoked", .revoked) {
      $0.certificate = certifier {
        $0.addSubkey(signer); $0.revokeSubkey(signer, reason: 1, at: Handed.now - 1000)
      }
    },
    Case("revoked as a whole", .revoked) { $0.certificate.revoke(reason: 2, at: Handed.now - 1000) },
    Case("another person's key", .taken) { $0.certificate = $0.team["bob"].certificate },
    Case("another person's subkey", .taken) { $0.certificate.addSubkey($0.team["bob"].subkey) },
    Case("another person's subkey, which has not signed back", .taken) {
      $0.certificate.addSubkey($0.team["bob"].subkey, back: .missing)
    },
    Case("another person's primary key as a subkey", .taken) {
      $0.certificate.addSubkey($0.team["bob"].certificate.primary)
    },
    Case("a label that exists", .labelExists) { $0.request = KeyRequest(person: "bob", label: "card") },
    Case("a person who can be taken for another", .lookalike) { $0.request.person = "Bob" },
    Case("no person", .usage) { $0.request.person = nil },
    Case("no label", .usage) { $0.request.label = nil },
    Case("a name for somebody who has one", .usage) {
      $0.request = KeyRequest(person: "bob", label: "two", name: "Bob")
    },
    Case("a label of two words", .badText) { $0.request.label = "my card" },
    Case("a person with a dot", .badText) { $0.request.person = "dan.x" },
    Case("an empty person", .badText) { $0.request.person = "" },
    Case("a name with a line of its own", .badText) { $0.request.name = "Dan\"\n[people.eve]" },
    Case("a name that reads backwards", .badText) { $0.request.name = "Dan\u{202E}" },
    Case("a device that is blank", .badText) { $0.request.devices = [" "] },
    Case("a machine's key", .wouldBreak) {
      $0.team.rest = ["[machines.x.y]", "id = \"\($0.certificate.primary.fingerprint.hex)\""]
    },
    Case("a registry that cannot be read", .registryInvalid) { $0.team.rest = ["[keys.ann.other]"] },
    Case("people in one line", .wouldBreak) {
      let bob = $0.team["bob"]
      $0.files["MAINTAINERS"] = Array("people = { bob = {} }\n[keys.bob.card]\nid = \"\(bob.fingerprint)\"\n".utf8)
    },
  ]

  @Test(arguments: refusals) func `refused`(_ wrong: Case) {
    #expect(Handed().changed(wrong.change).refusal == wrong.code)
  }

  /// The twins of all refusals: the same with the one thing as it should be.
  @Test func `accepted`() throws {
    #expect(Handed().refusal == nil)
    #expect(Handed().changed { $0.bytes = $0.certificate.bytes }.refusal == nil)
    let good: [(inout TestCertificate) -> Void] = [
      { $0.addSubkey(Self.signer) }, { $0.addSubkey(Self.signer, lifetime: 10 * Handed.year) },
      { $0.addSubkey(Self.signer, lifetime: Int(Handed.now - Self.signer.created) + 1) }, { $0.addSubkey(.rsa()) },
      // A bad subkey beside a good one takes nothing away.
      {
        $0.addSubkey(Self.signer); $0.addSubkey(.ed25519(seed: 901_002), lifetime: 1)
      },
    ]
    for build in good { #expect(Handed().changed { $0.certificate = Self.certifier(build) }.refusal == nil) }
    let primarySigns = Handed().changed {
      $0.certificate = TestCertificate(primary: Self.primary)
      $0.certificate.addUser("Dan")
    }
    #expect(primarySigns.refusal == nil)
    #expect(Handed().changed { $0.request = KeyRequest(person: "bob", label: "two") }.refusal == nil)
    #expect(Handed().changed { $0.request.person = "bobby" }.refusal == nil)
    #expect(Handed().changed { $0.request.name = "Dan \"the\" O'Möre \\" }.refusal == nil)
    #expect(
      Handed().changed { $0.team.rest = ["[machines.x.y]", "id = \"\(Self.primary.fingerprint.hex)\""] }.refusal == nil)
    #expect(
      Handed().changed {
        let bob = $0.team["bob"]
        $0.files["MAINTAINERS"] = Array("[people]\nbob = {}\n[keys.bob.card]\nid = \"\(bob.fingerprint)\"\n".utf8)
      }.refusal == nil)
  }

  @Test func `a new person's key comes with an entry, and counts`() throws {
    let handed = Handed().changed { $0.request.devices = ["YubiKey 5", "Nitrokey 3"] }
    let addition = try handed.plan()
    #expect(addition.kind == .newPerson)
    let fingerprint = handed.certificate.primary.fingerprint
    #expect(addition.files.map(\.path) == ["keys/\(fingerprint).asc", "MAINTAINERS"])
    #expect(
      addition.lines == [
        "[people.dan]", "name = \"Dan\"", "[keys.dan.card]", "id = \"\(fingerprint)\"", "algorithm = \"ED25519\"",
        "devices = \"YubiKey 5, Nitrokey 3\"",
      ])
    let registry = try #require(try handed.registry(after: addition))
    #expect(registry.maintainers(needing: .declared) == ["ann", "bob", "cat", "dan"])
    #expect(registry.people.first { $0.id == "dan" }?.name == "Dan")
  }

  @Test func `another key of a person changes neither the person nor the other key`() throws {
    let handed = Handed().changed { $0.request = KeyRequest(person: "bob", label: "two", devices: ["Nitrokey 3"]) }
    let addition = try handed.plan()
    #expect(addition.kind == .newKey)
    #expect(
      try #require(try handed.registry(after: addition)).keys.filter { $0.person == "bob" }.map(\.label) == [
        "card", "two",
      ])
  }

  @Test func `the first key of a project makes the list`() throws {
    let handed = Handed()
    let source = RegistrySource(files: [:])
    let addition = try KeyAddition.plan(handed.certificate.bytes, handed.request, in: source, now: Handed.now)
    #expect(
      addition.text("MAINTAINERS") == """
        [people]

        [people.dan]
        name = "Dan"

        [keys]

        [keys.dan.card]
        id = "\(handed.certificate.primary.fingerprint)"
        algorithm = "ED25519"
        devices = "YubiKey 5"

        """)
    #expect(try Registry.readIfPresent(source.replacing(addition.files))?.maintainers(needing: .declared) == ["dan"])
  }

  @Test func `a subkey that nothing vouches for is left out, whosever it is`() throws {
    let handed = Handed().changed {
      $0.certificate.append(packet: OpenPGPEncoding.packet(14, $0.team["bob"].subkey.body))
    }
    let addition = try handed.plan()
    #expect(addition.certificate.keys.count == 2)
    #expect(addition.notes.contains { $0.hasPrefix("left out: 1 packet ") }, "\(addition.notes)")
    #expect(try Handed().plan().notes == [])
  }
}
