import OpenPGP
import Support

/// Keys that were taken back: why, when, by whom, and whether that can be checked.
extension StandingCase {
  static func revokedPrimary(
    _ name: String, reason: UInt8?, _ expected: Standing, signedAt: Int64 = signing, judged reference: Reference
  ) -> StandingCase {
    StandingCase("primary key \(name)", expected) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.certificate.revoke(reason: reason, at: revoking)
      subject.signedAt = signedAt
      subject.reference = reference
      return subject
    }
  }

  /// When keys are revoked here: 2023-11-14.
  static let revoking: Int64 = 1_700_000_000
  static let soft = Standing.revoked(revoking, hard: false)
  static let hard = Standing.revoked(revoking, hard: true)

  static let revocations = [
    revokedPrimary("superseded, judged now", reason: 1, soft, judged: .now(testNow)),
    revokedPrimary(
      "retired, signed before, judged now", reason: 3, soft, signedAt: revoking - 1, judged: .now(testNow)),
    revokedPrimary("superseded, signed before, judged then", reason: 1, .good, signedAt: revoking - 1, judged: .then),
    revokedPrimary("retired, signed before, judged then", reason: 3, .good, signedAt: revoking - 1, judged: .then),
    revokedPrimary("retired, signed in that second, judged then", reason: 3, soft, signedAt: revoking, judged: .then),
    revokedPrimary("retired, signed after, judged then", reason: 3, soft, judged: .then),
    revokedPrimary("compromised, signed before, judged then", reason: 2, hard, signedAt: revoking - 1, judged: .then),
    revokedPrimary(
      "revoked with reason 0, signed before, judged then", reason: 0, hard, signedAt: revoking - 1, judged: .then),
    revokedPrimary(
      "revoked without a reason, signed before, judged then", reason: nil, hard, signedAt: revoking - 1, judged: .then),
    revokedPrimary(
      "revoked for an unknown reason, signed before, judged then", reason: 99, hard, signedAt: revoking - 1,
      judged: .then),
    StandingCase("a subkey revoked as superseded, signed before, judged then", .good) {
      var subject = subkeySigns($0) {
        $0.addSubkey($1)
        $0.revokeSubkey($1, reason: 1, at: revoking)
      }
      subject.signedAt = revoking - 1
      subject.reference = .then
      return subject
    },
    StandingCase("a subkey revoked as superseded, judged now", soft) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.revokeSubkey($1, reason: 1, at: revoking)
      }
    },
    StandingCase("a subkey revoked as compromised", hard) {
      var subject = subkeySigns($0) {
        $0.addSubkey($1)
        $0.revokeSubkey($1, reason: 2, at: revoking)
      }
      subject.signedAt = revoking - 1
      subject.reference = .then
      return subject
    },
    StandingCase("a subkey bound again after its revocation", soft) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.revokeSubkey($1, reason: 1, at: revoking)
        $0.bind($1) { $0.created = revoking + 1000 }
      }
    },
    StandingCase("another subkey revoked", .good) { seed in
      subkeySigns(seed) {
        $0.addSubkey(stranger(seed))
        $0.revokeSubkey(stranger(seed), reason: 2, at: revoking)
        $0.addSubkey($1)
      }
    },
    StandingCase(
      "a subkey's revocation beside another subkey", hard, stricterBy: "a revocation counts wherever it stands"
    ) { seed in
      subkeySigns(seed) {
        $0.addSubkey($1)
        $0.addSubkey(stranger(seed))
        $0.revokeSubkey($1, reason: 2, at: revoking)
      }
    },
    StandingCase("a subkey of a revoked primary key", hard) {
      var subject = subkeySigns($0) { $0.addSubkey($1) }
      subject.certificate.revoke(reason: 2, at: revoking)
      return subject
    },
    StandingCase("a revocation forged by another key", .good) { seed in
      var subject = primarySigns(seed) { $0.addUser("a") }
      subject.certificate.revoke(reason: 2, at: revoking) { $0.key = stranger(seed) }
      return subject
    },
    StandingCase("a revocation with SHA-1 of 2023", hard) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.certificate.revoke(reason: 1, at: revoking) { $0.hash = .sha1 }
      return subject
    },
    StandingCase(
      "a revocation with a critical subpacket that nobody knows", hard,
      stricterBy: "a revocation counts also when it is not understood"
    ) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.certificate.revoke(reason: 1, at: revoking) {
        $0.hashed += OpenPGPEncoding.subpacket(101, [1], isCritical: true)
      }
      return subject
    },
    StandingCase(
      "a revocation with a hash that is not ours", hard,
      stricterBy: "a revocation counts also when it cannot be checked"
    ) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.certificate.revoke(reason: 1, at: revoking) { $0.hash = .ripemd160 }
      return subject
    },
    StandingCase(
      "a revocation by a designated revoker who is not at hand", hard,
      stricterBy: "a revocation counts also when it cannot be checked"
    ) { seed in
      designated(seed, by: stranger(seed))
    },
    StandingCase("a revocation by somebody who was not designated", .good) { seed in
      designated(seed, by: .ed25519(seed: 1003 + 10 * seed, created: creation))
    },
  ]

  private static func designated(_ seed: Int, by revoker: TestKey) -> Subject {
    var subject = primarySigns(seed) {
      $0.addDirect { $0.hashed += OpenPGPEncoding.subpacket(12, [0x80, 22] + stranger(seed).fingerprint.bytes) }
      $0.addUser("a")
    }
    var signature = TestSignature(by: revoker, at: revoking)
    signature.type = 0x20
    subject.certificate.insert(packet: signature.packet(over: primary(seed).hashed), at: 2)
    return subject
  }
}
