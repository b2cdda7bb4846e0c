@testable import OpenPGP
import Support
import Testing

@Suite struct CertificateReadingTests {
  static let primary = TestKey.ed25519(seed: 1)
  static let subkey = TestKey.ed25519(seed: 2)
  static let other = TestKey.ed25519(seed: 3)

  static let usual: TestCertificate = {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("Maintainer <m@example.org>", flags: 0x01)
    certificate.addSubkey(subkey)
    return certificate
  }()

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let defect: CertificateDefect?
    let bytes: [UInt8]

    init(_ name: String, _ defect: CertificateDefect?, _ bytes: [UInt8]) {
      (testDescription, self.defect, self.bytes) = (name, defect, bytes)
    }

    /// The usual certificate with a packet put in at `index`.
    init(_ name: String, _ defect: CertificateDefect?, packet: [UInt8], at index: Int) {
      var certificate = usual
      certificate.insert(packet: packet, at: index)
      self.init(name, defect, certificate.bytes)
    }
  }

  static func certification(by key: TestKey, version: UInt8 = 4) -> [UInt8] {
    TestSignature(by: key).with {
      $0.type = 0x10
      $0.version = version
    }.packet(over: [1])
  }

  /// Version 3: 5, type, time, key id, algorithms, start of the digest, numbers.
  static func versionThree(by key: TestKey, type: UInt8, version: UInt8 = 3) -> [UInt8] {
    let head: [UInt8] = [version, 5, type] + OpenPGPEncoding.number(1_700_000_000, octets: 4)
    return OpenPGPEncoding.packet(2, head + key.fingerprint.bytes.suffix(8) + [1, 8, 0, 0, 0, 1, 1])
  }

  static let misplaced = CertificateDefect.malformed("a self-signature that stands in the wrong place")

  static let revocation = TestSignature(by: primary).with { $0.type = 0x20 }.packet(over: primary.hashed)
  static let foreignRevocation = TestSignature(by: other).with { $0.type = 0x20 }.packet(over: primary.hashed)

  static func broken(_ key: TestKey) -> [UInt8] {
    TestSignature(by: key).with {
      $0.type = 0x10
      $0.numbers = [1, 255, 1]
    }.packet(over: [1])
  }

  /// With a subpacket that is longer than its area.
  static func brokenSubpacket(by key: TestKey?, _ type: UInt8) -> [UInt8] {
    TestSignature(by: key ?? other).with {
      $0.type = type
      if key == nil { ($0.issuerKeyID, $0.issuerFingerprint) = (nil, nil) }
      $0.hashed = [9, 101]
    }.packet(over: [1])
  }

  /// As `sq key attest-certifications` makes it.
  static let attestation = TestSignature(by: primary).with { $0.type = 0x16 }.packet(over: [1])

  static let cases: [Case] = [
    Case("armored", nil, usual.armored),
    Case("not armored", nil, usual.bytes),
    Case("empty", .malformed("it is empty"), []),
    Case("text", .malformed("an armor that does not begin as one"), Array("hello".utf8)),
    Case("two certificates", .malformed("more than one certificate"), usual.bytes + usual.bytes),
    Case("two armors", .malformed("a second armor"), usual.armored + usual.armored),
    Case("a signature's armor", .malformed("an armor that does not begin as one"), OpenPGPEncoding.armor(usual.bytes)),
    Case("a private key", .secretKey, OpenPGPEncoding.packet(5, primary.body + [0, 0, 0])),
    Case("a private key's armor", .secretKey, OpenPGPEncoding.armor(usual.bytes, label: "PGP PRIVATE KEY BLOCK")),
    Case("a private subkey", .secretKey, packet: OpenPGPEncoding.packet(7, other.body), at: 5),
    Case(
      "a subkey first", .malformed("it does not begin with a primary key"), OpenPGPEncoding.packet(14, primary.body)),
    Case("a trust packet", .malformed("a trust packet"), packet: OpenPGPEncoding.packet(12, [1, 2]), at: 3),
    Case("a marker", nil, packet: OpenPGPEncoding.packet(10, Array("PGP".utf8)), at: 1),
    Case("a packet that may be passed over", nil, packet: OpenPGPEncoding.packet(60, []), at: 5),
    Case(
      "a packet that may not be passed over", .malformed("a packet of type 39"), packet: OpenPGPEncoding.packet(39, []),
      at: 5),
    Case("padding", nil, packet: OpenPGPEncoding.packet(21, [1, 2, 3]), at: 3),
    Case("a marker first", nil, packet: OpenPGPEncoding.packet(10, Array("PGP".utf8)), at: 0),
    Case("compressed data", .malformed("a packet of type 8"), packet: OpenPGPEncoding.packet(8, [1, 2]), at: 5),
    Case(
      "a user id after a subkey", .malformed("a user id after a subkey"), packet: OpenPGPEncoding.packet(13, [65]),
      at: 5),
    Case("a user id before a subkey", nil, packet: OpenPGPEncoding.packet(13, [65]), at: 3),
    Case("octets after it", .malformed("no packet begins where one should"), usual.bytes + [0]),
    Case("cut short", .malformed("it ends too early"), usual.bytes.dropLast()),
    Case(
      "longer than a mebibyte", .malformed("it is longer than a mebibyte"), [UInt8](repeating: 0xC6, count: 1 << 20 + 1)
    ),
    Case(
      "a key of version 3", .unknownFormat("keys of version 3 are not understood"),
      OpenPGPEncoding.packet(6, [3] + primary.body.dropFirst())),
    Case(
      "a key of version 6", .unknownFormat("keys of version 6 are not understood"),
      OpenPGPEncoding.packet(6, [6] + primary.body.dropFirst())),
    Case("a subkey of version 6", nil, packet: OpenPGPEncoding.packet(14, [6] + other.body.dropFirst()), at: 3),
    Case("a certification by somebody else", nil, packet: certification(by: other), at: 3),
    Case("a certification of version 6", nil, packet: certification(by: other, version: 6), at: 3),
    Case("a certification of version 3 by somebody else", nil, packet: versionThree(by: other, type: 0x10), at: 3),
    Case(
      "a revocation of version 3 by the key itself", .unknownFormat("self-signatures of version 3 are not understood"),
      packet: versionThree(by: primary, type: 0x20), at: 1),
    Case(
      "a certification of version 33", nil,
      packet: certification(by: other, version: 33), at: 3),
    Case("a certification before the user ids", misplaced, packet: usual.packets[2], at: 1),
    Case("a binding among the user ids", misplaced, packet: usual.packets[4], at: 3),
    Case("a certification among the subkeys", misplaced, packet: usual.packets[2], at: 5),
    Case("a revocation among the user ids", misplaced, packet: revocation, at: 3),
    Case("a revocation among the subkeys", misplaced, packet: revocation, at: 5),
    Case("a revocation by somebody else among the subkeys", nil, packet: foreignRevocation, at: 5),
    Case(
      "a self-signature with a number longer than itself", .malformed("it ends too early"),
      packet: broken(primary), at: 3),
    Case("a certification by somebody else with a number longer than itself", nil, packet: broken(other), at: 3),
    Case("a picture", nil, packet: OpenPGPEncoding.packet(17, [1, 2, 3]), at: 3),
    Case(
      "a certification by somebody else with a broken subpacket", nil, packet: brokenSubpacket(by: other, 0x10), at: 3),
    Case("a revocation by somebody else with a broken subpacket", nil, packet: brokenSubpacket(by: other, 0x20), at: 1),
    Case(
      "a self-signature with a broken subpacket", .malformed("a signature in it: it ends too early"),
      packet: brokenSubpacket(by: primary, 0x10), at: 3),
    Case("a certification by nobody with a broken subpacket", nil, packet: brokenSubpacket(by: nil, 0x10), at: 3),
    Case(
      "a revocation by nobody with a broken subpacket", .malformed("a signature in it: it ends too early"),
      packet: brokenSubpacket(by: nil, 0x28), at: 5),
    Case(
      "a certification of version 2 by somebody else", nil, packet: versionThree(by: other, type: 0x10, version: 2),
      at: 3),
    Case(
      "a certification of version 3 that is cut short", nil, packet: OpenPGPEncoding.packet(2, [3, 5, 0x10, 0, 0]),
      at: 3),
    Case(
      "a revocation of version 3 that is cut short", .unknownFormat("self-signatures of version 3 are not understood"),
      packet: OpenPGPEncoding.packet(2, [3, 5, 0x20, 0, 0]), at: 1),
    Case("an attestation of certifications", nil, packet: attestation, at: 3),
    Case(
      "a user id of 2,049 octets", nil, packet: OpenPGPEncoding.packet(13, [UInt8](repeating: 65, count: 2049)), at: 3),
    Case("a subkey twice", nil, usual.bytes + usual.packets[3] + usual.packets[4]),
    Case(
      "more user ids than anybody has", .malformed("it has more than 1024 user ids"),
      usual.packets[..<3].flatMap(\.self) + (0..<1024).flatMap { OpenPGPEncoding.packet(13, Array("\($0)".utf8)) }),
    Case(
      "more signatures than anybody makes", .malformed("it has more than 1024 signatures in its own name"),
      usual.packets[..<3].flatMap(\.self)
        + (0..<1024).flatMap { number in
          var packet = usual.packets[2]
          packet[packet.count - 1] = UInt8(truncatingIfNeeded: number)
          packet[packet.count - 2] = UInt8(truncatingIfNeeded: number >> 8)
          return packet
        }),
    Case(
      "an Ed25519 key too short", .malformed("an Ed25519 key that is not a native point"),
      TestCertificate(
        primary: .opaque(.eddsaLegacy, material: [9, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01, 0, 7, 0x40])
      ).bytes),
    Case(
      "octets after a key", .malformed("octets after a key"),
      TestCertificate(primary: .opaque(.eddsaLegacy, material: primary.material + [0])).bytes),
    Case(
      "a point that is not on its curve", .malformed("an ECDSA key that is not a point of its curve"),
      TestCertificate(primary: .opaque(.ecdsa, material: TestKey.p256(seed: 1).material.dropLast() + [0])).bytes),
  ]

  @Test(arguments: cases)
  func `a certificate`(_ test: Case) throws {
    guard let defect = test.defect else {
      let certificate = try Certificate.read(test.bytes)
      #expect(certificate.primary == Self.primary.fingerprint)
      #expect(certificate.standing(of: Self.subkey.fingerprint, signedAt: testNow, judgedAt: .then) == .good)
      return
    }
    #expect(throws: defect) { try Certificate.read(test.bytes) }
  }

  @Test func `what is kept for GnuPG has only what decides`() throws {
    var made = Self.usual
    made.insert(packet: Self.certification(by: Self.other), at: 3)
    made.insert(packet: OpenPGPEncoding.packet(17, [1, 2, 3]), at: 4)
    made.addSubkey(TestKey.opaque(.x25519, material: [UInt8](repeating: 9, count: 32)), flags: 0x0C, back: .missing)
    #expect(try made.read().gnupgPackets(claimed: true) == Self.usual.bytes)
  }

  /// What a subkey only claims need not be looked into where nobody else has it; where somebody has, it must be.
  @Test func `a forged back signature goes to GnuPG only where it can hide nobody`() throws {
    var made = TestCertificate(primary: Self.primary)
    made.addUser("Maintainer <m@example.org>", flags: 0x01)
    made.addSubkey(Self.other, back: .by(Self.primary))
    let forged = try made.read()
    #expect(forged.gnupgPackets(claimed: true)!.count > forged.gnupgPackets(claimed: false)!.count)
    var owner = TestCertificate(primary: Self.subkey)
    owner.addUser("Owner", flags: 0x01)
    #expect(Keyring([forged, try owner.read()]).gnupgKeyring == forged.gnupgPackets(claimed: true)! + owner.bytes)
    owner.addSubkey(Self.other)
    #expect(Keyring([forged, try owner.read()]).gnupgKeyring == forged.gnupgPackets(claimed: false)! + owner.bytes)
  }

  @Test func `only user ids that the key has certified are shown`() throws {
    var made = TestCertificate(primary: Self.primary)
    made.addUser("certified")
    made.append(packet: OpenPGPEncoding.packet(13, Array("claimed".utf8)))
    made.addUser("revoked")
    made.revokeUser("revoked") { $0.created! += 10 }
    #expect(try made.read().userIDs == [Array("certified".utf8)])
  }

  @Test func `a subkey of another version is mentioned`() throws {
    var made = Self.usual
    made.append(packet: OpenPGPEncoding.packet(14, [6] + Self.other.body.dropFirst()))
    #expect(try made.read().warnings == ["a subkey of version 6 is left out"])
    #expect(try Self.usual.read().warnings == [])
  }

  @Test func `self-signatures with SHA-1 are mentioned`() throws {
    var made = TestCertificate(primary: Self.primary)
    made.addUser("a") { $0.hash = .sha1 }
    #expect(
      try made.read().warnings == [
        "it has self-signatures that use SHA-1",
        "a self-signature of it does not count: it uses SHA-1 and was made after January 2023",
      ])
  }

  @Test func `a key is told by name and size`() throws {
    let expected: [(TestKey, String, Int?)] = [
      (.ed25519(seed: 1), "Ed25519", 256), (.ed25519(seed: 1, algorithm: .ed25519), "Ed25519", 256),
      (.p256(seed: 1), "NIST P-256", 256), (.p384(seed: 1), "NIST P-384", 384), (.p521(seed: 1), "NIST P-521", 521),
      (.rsa(bits: 2048), "RSA", 2048),
      (
        .opaque(.dsa, material: OpenPGPEncoding.multiprecisionInteger([0x80] + [UInt8](repeating: 1, count: 127))),
        "DSA", 1024
      ),
      (.opaque(.ed448, material: [UInt8](repeating: 1, count: 57)), "Ed448", 456),
      (
        .opaque(.ecdsa, material: [9, 0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07, 0, 8, 0x80]),
        "ECDSA Brainpool P-256", nil
      ),
      (.opaque(PublicKeyAlgorithm(rawValue: 99), material: [1]), "algorithm 99", nil),
    ]
    for (key, name, bits) in expected {
      let certificate = try Certificate.read(TestCertificate(primary: key).bytes)
      #expect(certificate.keys[0].algorithmName == name)
      #expect(certificate.keys[0].bits == bits)
      #expect(certificate.keys[0].fingerprint == key.fingerprint)
      #expect(certificate.keys[0].created == key.created)
    }
  }

  @Test(arguments: [
    (TestKey.opaque(.dsa, material: [0, 8, 0x80]), Standing.weakKey("DSA-8")),
    (.opaque(.elGamal, material: [0, 8, 0x80]), .weakKey("ElGamal-8")),
    (.opaque(.ed448, material: [UInt8](repeating: 1, count: 57)), .unsupported("Ed448")),
    (.opaque(.rsa, material: [0, 8, 0x81, 0, 2, 3]), .weakKey("RSA-8")),
    (
      .opaque(
        .rsa,
        material: OpenPGPEncoding.multiprecisionInteger([UInt8](repeating: 0xFF, count: 255) + [0xFE]) + [0, 2, 3]),
      .unsupported("RSA")
    ),
  ])
  func `a primary key that cannot be used says why`(key: TestKey, expected: Standing) throws {
    var made = TestCertificate(primary: key)
    made.addUser("a")
    #expect(try made.read().standing(of: key.fingerprint, signedAt: testNow, judgedAt: .now(testNow)) == expected)
  }
}
