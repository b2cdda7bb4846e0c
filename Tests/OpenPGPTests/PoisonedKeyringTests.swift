@testable import OpenPGP
import Support
import Testing

/// Attack: one listed certificate that GnuPG cannot parse, at which it gives up the keyring. Everybody sorted behind it
/// would be locked out, and with them the change that takes it away again. Most of these need no secret of anybody's.
@Suite struct PoisonedKeyringTests {
  static let (victim, signer) = TestCertificate.usual(seed: 2300)
  static let primary = TestKey.ed25519(seed: 4700)
  static let subkey = TestKey.ed25519(seed: 4701)
  static let stranger = TestKey.ed25519(seed: 4702)

  struct Poison: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
  }

  static func number(bits: Int) -> [UInt8] {
    var octets = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
    octets[0] = UInt8(truncatingIfNeeded: 0xFF >> (7 - (bits - 1) % 8))
    return OpenPGPEncoding.number(bits, octets: 2) + octets
  }

  /// Keys that GnuPG 2.2.40 cannot parse, though they are well framed.
  static let keys: [(name: String, key: TestKey)] = [
    ("RSA of 16,385 bits", .opaque(.rsa, material: number(bits: 16_385) + [0, 17, 1, 0, 1])),
    ("an exponent of 60,000 bits", .opaque(.rsa, material: number(bits: 2048) + number(bits: 60_000))),
    ("a curve's name of no octets", .opaque(.ecdsa, material: [0] + number(bits: 515))),
    (
      "a curve's name of 255 octets",
      .opaque(.ecdsa, material: [255] + [UInt8](repeating: 1, count: 255) + number(bits: 515))
    ),
    ("RSA to sign with of 16,385 bits", .opaque(.rsaSignOnly, material: number(bits: 16_385) + [0, 17, 1, 0, 1])),
    ("an unknown curve", .opaque(.eddsaLegacy, material: [3, 1, 2, 3] + number(bits: 263))),
    ("ECDH with a curve's name of no octets", .opaque(.ecdh, material: [0] + number(bits: 515) + [3, 1, 8, 9])),
    ("DSA of 20,000 bits", .opaque(.dsa, material: number(bits: 20_000))),
    ("algorithm 99", .opaque(PublicKeyAlgorithm(rawValue: 99), material: [1, 2, 3])),
    ("ML-DSA", .opaque(PublicKeyAlgorithm(rawValue: 30), material: [UInt8](repeating: 7, count: 1984))),
  ]

  /// As a subkey that the primary key has bound for signing, with whatever back signature.
  static func bound(_ key: TestKey, flags: UInt8 = 0x02, by issuer: TestKey? = nil, isRevoked: Bool = false)
    -> TestCertificate
  {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(key, flags: flags, back: .by(stranger)) {
      if let issuer {
        $0.key = issuer; ($0.issuerKeyID, $0.issuerFingerprint) = (primary.fingerprint.keyID, primary.fingerprint)
      }
    }
    if isRevoked { certificate.revokeSubkey(key, reason: 2, at: testNow - 1000) }
    certificate.addSubkey(subkey)
    return certificate
  }

  static func usual(_ change: (inout TestCertificate) -> Void) -> [UInt8] {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(subkey)
    change(&certificate)
    return certificate.bytes
  }

  static let poisons: [Poison] =
    keys.flatMap { name, key -> [Poison] in
      var alone = TestCertificate(primary: key)
      alone.append(packet: OpenPGPEncoding.packet(13, [65]))
      return [
        Poison(testDescription: "\(name), as the primary key", bytes: alone.bytes),
        Poison(testDescription: "\(name), as a subkey", bytes: bound(key).bytes),
        Poison(testDescription: "\(name), revoked", bytes: bound(key, isRevoked: true).bytes),
        Poison(testDescription: "\(name), for encryption", bytes: bound(key, flags: 0x0C).bytes),
        Poison(testDescription: "\(name), with a forged binding", bytes: bound(key, by: stranger).bytes),
      ]
    } + [
      Poison(
        testDescription: "a user id of 2,049 octets",
        bytes: usual { $0.insert(packet: OpenPGPEncoding.packet(13, [UInt8](repeating: 65, count: 2049)), at: 3) }),
      Poison(
        testDescription: "a hashed area of 12,000 octets",
        bytes: usual {
          $0.certifyUser("a", flags: 0x01) {
            $0.hashed += OpenPGPEncoding.notation("x@example.org", String(repeating: "x", count: 12_000))
          }
        }),
      Poison(
        testDescription: "a hashed area of 60,000 octets in a binding",
        bytes: usual {
          $0.bind(subkey) {
            $0.hashed += OpenPGPEncoding.notation("x@example.org", String(repeating: "x", count: 60_000))
          }
        }),
      Poison(
        testDescription: "an area of 12,000 octets that nobody signs",
        bytes: usual {
          $0.bind(subkey) {
            $0.unhashed += OpenPGPEncoding.notation("x@example.org", String(repeating: "x", count: 12_000))
          }
        }),
      Poison(
        testDescription: "a forged self-signature with a number that is declared too long",
        bytes: usual {
          $0.certifyUser("a") { $0.numbers = [0x4E, 0x20] + [UInt8](repeating: 0, count: 2499) + [1, 0, 1, 1] }
        }),
      Poison(
        testDescription: "an Ed448 point and a picture",
        bytes: usual {
          $0.append(packet: OpenPGPEncoding.packet(14, TestKey.opaque(.ed448, material: [1]).body))
          $0.append(packet: OpenPGPEncoding.packet(17, [UInt8](repeating: 255, count: 100_000)))
        }),
    ]

  /// What this engine says of a good signature by the victim, whose certificate stands behind the other's.
  static func answer(behind other: Certificate?, settings: GnuPGEngine.Settings = .init()) throws -> Answer {
    let engine = GnuPGEngine(keyring: Keyring([other].compactMap(\.self) + [try victim.read()]), settings: settings)
    let signature = try admit(signer.sign(samplePayload, at: testNow - 5000))
    return Question.asking(signature, over: samplePayload) { engine.judge($0) }
  }

  static let good = Answer.good(key: signer.fingerprint, primary: victim.primary.fingerprint, time: testNow - 5000)

  @Test(arguments: poisons)
  func `nobody is locked out by`(_ poison: Poison) throws {
    // One that cannot be read costs its own key only.
    let other = try? Certificate.read(poison.bytes)
    #expect(try Self.answer(behind: other) == Self.good)
    guard let other else { return }
    let reading = GnuPGReading.of(Keyring([other, try Self.victim.read()]), at: testNow)
    #expect(reading == GnuPGReading())
  }

  /// The twin: shown as they are, they do take the others from GnuPG. Else the tests above would show nothing.
  @Test func `GnuPG gives up a keyring over them`() throws {
    var lost: [String] = []
    for poison in Self.poisons {
      var settings = GnuPGEngine.Settings()
      settings.keyringFile = poison.bytes + Self.victim.bytes
      if try Self.answer(behind: nil, settings: settings) != Self.good { lost.append(poison.testDescription) }
    }
    for name in [
      "RSA of 16,385 bits, as the primary key", "an exponent of 60,000 bits, with a forged binding",
      "a curve's name of no octets, revoked", "a curve's name of 255 octets, for encryption",
      "algorithm 99, as a subkey",
    ] {
      #expect(lost.contains(name))
    }
  }

  /// Damage of every kind: whatever is read of it, GnuPG sees the one behind.
  @Test func `nobody is locked out by what is damaged`() throws {
    var chance = SeededChance(seed: 20_261_130)
    var certificates: [Certificate] = []
    for seed in 0..<24 {
      let primary: TestKey =
        seed % 3 == 0
        ? .rsa(bits: 2048, seed: 0, created: TestKey.defaultCreation + Int64(seed)) : .ed25519(seed: 4720 + seed)
      var made = TestCertificate(primary: primary)
      made.addUser("Somebody \(seed)", flags: 0x01)
      made.addSubkey(.p256(seed: 4720 + seed))
      for _ in 0..<120 {
        // One packet's body is damaged, the framing holds: else nothing would be read.
        let place = Int.random(in: 1..<made.packets.count, using: &chance)
        var packets = made.packets
        let body = Array(packets[place].dropFirst(packets[place].count > 195 ? 3 : 2))
        packets[place] = OpenPGPEncoding.packet(packets[place][0] & 0x3F, Mutation.mutate(body, &chance))
        if let read = try? Certificate.read(packets.flatMap(\.self)) { certificates.append(read) }
      }
    }
    #expect(certificates.count > 500)
    let engine = GnuPGEngine(keyring: Keyring(certificates + [try Self.victim.read()]))
    let signature = try admit(Self.signer.sign(samplePayload, at: testNow - 5000))
    #expect(Question.asking(signature, over: samplePayload) { engine.judge($0) } == Self.good)
  }
}
