import OpenPGP
import Support
import Testing

/// Every way in which a signature packet is refused, each with the twin that is admitted.
@Suite struct SignaturePacketTests {
  static let key = TestKey.ed25519(seed: 1)
  static let other = TestKey.ed25519(seed: 2)
  static let rsa = TestKey.rsa(bits: 2048)
  static let base = TestSignature(by: key)

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String?
    let packet: [UInt8]

    init(_ name: String, _ code: String?, _ packet: [UInt8]) {
      (testDescription, self.code, self.packet) = (name, code, packet)
    }

    init(
      _ name: String, _ code: String?, by key: TestKey = SignaturePacketTests.key,
      _ change: (inout TestSignature) -> Void
    ) {
      self.init(name, code, TestSignature(by: key).with(change).packet(over: samplePayload))
    }
  }

  static let good = base.packet(over: samplePayload)
  static let body = base.body(over: samplePayload)
  static let hashedSalt = OpenPGPEncoding.notation("salt@example.org", "x")

  static let cases: [Case] = [
    Case("as it should be", nil, good),
    Case("old format, one octet of length", nil, OpenPGPEncoding.oldPacket(2, body, lengthOctets: 1)),
    Case("old format, four octets of length", nil, OpenPGPEncoding.oldPacket(2, body, lengthOctets: 4)),
    Case("new format, five octets of length", nil, [0xC2, 255] + OpenPGPEncoding.number(body.count, octets: 4) + body),

    // Framing.
    Case("nothing", "malformed-signature", []),
    Case("the same packet twice", "malformed-signature", good + good),
    Case("a bad packet after a good one", "malformed-signature", good + TestSignature(by: other).packet(over: [1])),
    Case("a good packet after a bad one", "malformed-signature", TestSignature(by: other).packet(over: [1]) + good),
    Case("an unknown packet after it", "malformed-signature", good + OpenPGPEncoding.packet(60, [1, 2])),
    Case("a marker before it", "malformed-signature", OpenPGPEncoding.packet(10, Array("PGP".utf8)) + good),
    Case("octets after it", "malformed-signature", good + [0]),
    Case("cut short", "malformed-signature", good.dropLast()),
    Case("open length", "malformed-signature", [0x80 | 2 << 2 | 3] + body),
    Case(
      "partial lengths", "malformed-signature",
      [0xC2, 0xE6] + body.prefix(64) + OpenPGPEncoding.length(body.count - 64) + body.dropFirst(64)),
    Case("another packet type", "malformed-signature", OpenPGPEncoding.packet(11, body)),
    Case("no packet", "malformed-signature", [0x00] + good),
    Case(
      "an inline message", "malformed-signature",
      [0xC4, 13, 3, 0, 10, 22] + [UInt8](repeating: 0, count: 8) + [1] + good),

    // Versions and types.
    Case("version 3", "unknown-key-format") { $0.version = 3 },
    Case("version 5", "unknown-key-format") { $0.version = 5 },
    Case("version 6", "unknown-key-format") { $0.version = 6 },
    Case("text mode", "malformed-signature") { $0.type = 1 },
    Case("standalone", "malformed-signature") { $0.type = 2 },
    Case("a certification", "malformed-signature") { $0.type = 0x13 },

    // Algorithms.
    Case("SHA-256", nil) { $0.hash = .sha256 },
    Case("SHA-384", nil) { $0.hash = .sha384 },
    Case("MD5", "weak-signature") { $0.hash = .md5 },
    Case("SHA-1", "weak-signature") { $0.hash = .sha1 },
    Case("RIPEMD-160", "weak-signature") { $0.hash = .ripemd160 },
    Case("SHA-224", "weak-signature") { $0.hash = .sha224 },
    Case("SHA3-256", "weak-signature") { $0.hash = HashAlgorithm(rawValue: 12) },
    Case("RSA", nil, by: rsa) { _ in },
    Case("RSA, sign only", nil, by: rsa) { $0.algorithm = .rsaSignOnly },
    Case("DSA", "weak-signature") { $0.algorithm = .dsa },
    Case("ElGamal", "weak-signature") { $0.algorithm = .elGamalSign },
    Case("Ed448", "unknown-key-format") { $0.algorithm = .ed448 },
    Case("an unknown algorithm", "unknown-key-format") { $0.algorithm = PublicKeyAlgorithm(rawValue: 99) },

    // Creation time.
    Case("no creation time", "malformed-signature") { $0.created = nil },
    Case("creation time unhashed only", "malformed-signature") {
      $0.created = nil
      $0.unhashed = OpenPGPEncoding.subpacket(2, OpenPGPEncoding.number(1_700_001_000, octets: 4))
    },
    Case("creation time unhashed too", nil) {
      $0.unhashed = OpenPGPEncoding.subpacket(2, OpenPGPEncoding.number(1, octets: 4))
    },
    Case("two creation times", "malformed-signature") {
      $0.hashed = OpenPGPEncoding.subpacket(2, OpenPGPEncoding.number(1_700_001_000, octets: 4))
    },
    Case("a creation time of three octets", "malformed-signature") {
      $0.created = nil
      $0.hashed = OpenPGPEncoding.subpacket(2, [1, 2, 3])
    },
    Case("critical creation time", nil) {
      $0.created = nil
      $0.hashed = OpenPGPEncoding.subpacket(2, OpenPGPEncoding.number(1_700_001_000, octets: 4), isCritical: true)
    },
    Case("it expires", "weak-signature") { $0.hashed = OpenPGPEncoding.subpacket(3, [0, 1, 0, 0]) },
    Case("it expires never", nil) { $0.hashed = OpenPGPEncoding.subpacket(3, [0, 0, 0, 0]) },

    // Issuer.
    Case("issuer fingerprint only", nil) { $0.issuerKeyID = nil },
    Case("key id only", nil) { $0.issuerFingerprint = nil },
    Case("hashed key id", nil) {
      $0.issuerKeyID = nil
      $0.hashed = OpenPGPEncoding.subpacket(16, Array(key.fingerprint.bytes.suffix(8)))
    },
    Case("unhashed key id of another key", "malformed-signature") { $0.issuerKeyID = other.fingerprint.keyID },
    Case("unhashed fingerprint of another key", "malformed-signature") {
      $0.unhashed = OpenPGPEncoding.subpacket(33, [4] + other.fingerprint.bytes)
    },
    Case("unhashed fingerprint, no hashed one", nil) {
      $0.issuerFingerprint = nil
      $0.unhashed = OpenPGPEncoding.subpacket(33, [4] + key.fingerprint.bytes)
    },
    Case("two key ids", "malformed-signature") {
      $0.hashed = OpenPGPEncoding.subpacket(16, Array(other.fingerprint.bytes.suffix(8)))
    },
    Case("a fingerprint of version 6", "malformed-signature") {
      $0.issuerFingerprint = nil
      $0.hashed = OpenPGPEncoding.subpacket(33, [6] + [UInt8](repeating: 7, count: 32))
    },
    Case("a fingerprint of the wrong length", "malformed-signature") {
      $0.issuerFingerprint = nil
      $0.hashed = OpenPGPEncoding.subpacket(33, [4] + key.fingerprint.bytes.dropLast())
    },
    Case("a key id of the wrong length", "malformed-signature") {
      $0.unhashed = OpenPGPEncoding.subpacket(16, [1, 2, 3, 4])
    },

    // Other subpackets.
    Case("a notation", nil) { $0.hashed = hashedSalt },
    Case("an unhashed notation", nil) { $0.unhashed = hashedSalt },
    Case("a critical notation", "malformed-signature") {
      $0.hashed = OpenPGPEncoding.notation("review@example.org", "x", isCritical: true)
    },
    Case("the signer's user id", nil) { $0.hashed = OpenPGPEncoding.subpacket(28, Array("a@example.org".utf8)) },
    Case("an unknown subpacket", nil) { $0.hashed = OpenPGPEncoding.subpacket(101, [1]) },
    Case("a critical unknown subpacket", "malformed-signature") {
      $0.hashed = OpenPGPEncoding.subpacket(101, [1], isCritical: true)
    },
    Case("an unhashed critical unknown subpacket", "malformed-signature") {
      $0.unhashed = OpenPGPEncoding.subpacket(101, [1], isCritical: true)
    },
    Case("a subpacket longer than its area", "malformed-signature") { $0.hashed = [9, 101, 1] },
    Case("a subpacket of length zero", "malformed-signature") { $0.hashed = [0] },
    Case("a subpacket of two octets of length", nil) {
      $0.hashed = OpenPGPEncoding.subpacket(101, [UInt8](repeating: 1, count: 300))
    },

    // Numbers.
    Case("octets after the numbers", "malformed-signature") { $0.trailing = [0] },
    Case("one number missing", "malformed-signature") { $0.numbers = OpenPGPEncoding.multiprecisionInteger([1]) },
    Case("three numbers", "malformed-signature") {
      $0.numbers = [1, 2, 3].flatMap { OpenPGPEncoding.multiprecisionInteger([$0]) }
    },
    Case("a bit count too small", "malformed-signature") { $0.numbers = [0, 7, 0x80, 0, 1, 1] },
    Case("a bit count too large", nil) { $0.numbers = [0, 8, 0x40, 0, 1, 1] },
    Case("a bit count that fits", nil) { $0.numbers = [0, 8, 0x80, 0, 1, 1] },
    Case("leading zeros", nil) { $0.numbers = [0, 16, 0, 0x80, 0, 1, 1] },
    Case("a number of zero", "malformed-signature") { $0.numbers = [0, 0, 0, 1, 1] },
    Case("a number larger than the curve", "malformed-signature") {
      $0.numbers = OpenPGPEncoding.multiprecisionInteger([UInt8](repeating: 0xFF, count: 33)) + [0, 1, 1]
    },
    Case("a number of more bits than any has", "malformed-signature") {
      $0.numbers = [0x40, 1] + [UInt8](repeating: 0, count: 2048) + [1, 0, 1, 1]
    },
    Case("octets after an RSA number", "malformed-signature", by: rsa) { $0.trailing = [0] },
    Case("an RSA number of 20,000 bits", "malformed-signature", by: rsa) {
      $0.numbers = OpenPGPEncoding.multiprecisionInteger([UInt8](repeating: 0xFF, count: 2500))
    },
    Case("Ed25519 of RFC 9580", nil, by: .ed25519(seed: 1, algorithm: .ed25519)) { _ in },
    Case("Ed25519 of RFC 9580, an octet short", "malformed-signature", by: .ed25519(seed: 1, algorithm: .ed25519)) {
      $0.numbers = [UInt8](repeating: 1, count: 63)
    },
    Case("Ed25519 of RFC 9580, an octet long", "malformed-signature", by: .ed25519(seed: 1, algorithm: .ed25519)) {
      $0.trailing = [0]
    },
  ]

  @Test(arguments: cases)
  func `a signature packet`(_ test: Case) {
    guard let code = test.code else {
      #expect(throws: Never.self) { try SignaturePacket(packet: test.packet) }
      return
    }
    let defect = #expect(throws: SignatureDefect.self) { try SignaturePacket(packet: test.packet) }
    #expect(defect?.code == code)
  }

  @Test func `an admitted packet tells what it says`() throws {
    let packet = try SignaturePacket(packet: Self.good)
    #expect(packet.packet == Self.good)
    #expect(packet.created == TestKey.defaultCreation + 1000)
    #expect(packet.issuerFingerprint == Self.key.fingerprint)
    #expect(packet.issuerKeyID == Self.key.fingerprint.keyID)
    #expect(packet.keyAlgorithm == .eddsaLegacy)
    #expect(packet.hashAlgorithm == .sha512)
    #expect(packet.version == 4)
  }

  /// Whoever sees a defect sees our words, whatever the bytes were.
  @Test(arguments: cases)
  func `a defect never quotes the bytes`(_ test: Case) {
    do {
      _ = try SignaturePacket(packet: test.packet)
    } catch {
      #expect(error.message.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
      #expect(!error.message.contains("example.org"))
    }
  }
}
