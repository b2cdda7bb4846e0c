import OpenPGP
import Support
import Testing

/// A certificate, a signature by one of its keys, and how that key must stand. Each attack is beside a twin that
/// passes.
struct StandingCase: Sendable, CustomTestStringConvertible {
  /// What a case is about, built from a seed of its own so that no two certificates share a key.
  struct Subject {
    var certificate: TestCertificate
    var signer: TestKey
    var signedAt: Int64 = StandingCase.signing
    var reference = Reference.now(testNow)
  }

  let testDescription: String
  let expected: Standing
  /// The rule by which we refuse what GnuPG 2.2.40 lets pass; `nil` where both say the same.
  let stricterBy: String?
  /// How GnuPG is brought to say the same, where the certificate as it is would not do.
  let laxerBy: String?
  let make: @Sendable (Int) -> Subject

  init(
    _ name: String, _ expected: Standing, stricterBy rule: String? = nil, laxerBy remedy: String? = nil,
    _ make: @escaping @Sendable (Int) -> Subject
  ) {
    (testDescription, self.expected, stricterBy, laxerBy, self.make) = (name, expected, rule, remedy, make)
  }

  /// Keys of these tests are made at 2020-09-13, signatures at 2024-06-01 unless a case says otherwise.
  static let creation: Int64 = 1_600_000_000
  static let signing: Int64 = 1_717_200_000
  static let year = 365 * 86_400
  /// 2022-12-01 and 2024-01-01: before and after SHA-1 ends.
  static let beforeSHA1Ends: Int64 = 1_669_852_800
  static let afterSHA1Ends: Int64 = 1_704_067_200

  static func primary(_ seed: Int) -> TestKey { .ed25519(seed: 1000 + 10 * seed, created: creation) }
  static func subkey(_ seed: Int) -> TestKey { .ed25519(seed: 1001 + 10 * seed, created: creation) }
  static func stranger(_ seed: Int) -> TestKey { .ed25519(seed: 1002 + 10 * seed, created: creation) }

  /// A primary key that certifies and signs, with the user ids and direct signatures that `build` adds.
  static func primarySigns(_ seed: Int, _ build: (inout TestCertificate) -> Void) -> Subject {
    var certificate = TestCertificate(primary: primary(seed))
    build(&certificate)
    return Subject(certificate: certificate, signer: primary(seed))
  }

  /// A primary key with one user id, and a subkey that signs, added by `build`.
  static func subkeySigns(_ seed: Int, _ build: (inout TestCertificate, TestKey) -> Void) -> Subject {
    var certificate = TestCertificate(primary: primary(seed))
    certificate.addUser("Maintainer \(seed)", flags: 0x01)
    build(&certificate, subkey(seed))
    return Subject(certificate: certificate, signer: subkey(seed))
  }

  static let all = flags + odd + bindings + backSignatures + selfSignatures + expiries + revocations + kinds

  static let flags = [
    StandingCase("a subkey with the signing flag", .good) { subkeySigns($0) { $0.addSubkey($1) } },
    StandingCase("a subkey for encryption", .cannotSign) { subkeySigns($0) { $0.addSubkey($1, flags: 0x0C) } },
    StandingCase("a subkey for authentication", .cannotSign) { subkeySigns($0) { $0.addSubkey($1, flags: 0x20) } },
    StandingCase("a subkey without flags", .cannotSign, stricterBy: "the signing flag must be stated") {
      subkeySigns($0) { $0.addSubkey($1, flags: nil) }
    },
    StandingCase("a primary key with the signing flag", .good) { primarySigns($0) { $0.addUser("a", flags: 0x03) } },
    StandingCase("a primary key that only certifies", .cannotSign) {
      primarySigns($0) { $0.addUser("a", flags: 0x01) }
    },
    StandingCase("a primary key without flags", .cannotSign, stricterBy: "the signing flag must be stated") {
      primarySigns($0) { $0.addUser("a", flags: nil) }
    },
    StandingCase("a direct signature's flags go before a user id's", .cannotSign) {
      primarySigns($0) {
        $0.addDirect(flags: 0x01)
        $0.addUser("a", flags: 0x03) { $0.created! += 1000 }
      }
    },
    StandingCase("the newest user id's flags count", .cannotSign) {
      primarySigns($0) {
        $0.addUser("a", flags: 0x01) { $0.created! += 1000 }
        $0.addUser("b", flags: 0x03)
      }
    },
    StandingCase("the newest user id's flags count, the other way round", .good) {
      primarySigns($0) {
        $0.addUser("a", flags: 0x01)
        $0.addUser("b", flags: 0x03) { $0.created! += 1000 }
      }
    },
  ]

  static let bindings = [
    StandingCase("no binding", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { certificate, subkey in certificate.append(packet: OpenPGPEncoding.packet(14, subkey.body)) }
    },
    StandingCase("a binding forged by another key", .notBound("the primary key has not bound the subkey")) { seed in
      subkeySigns(seed) { certificate, subkey in
        certificate.addSubkey(subkey) {
          let real = $0
          $0 = TestSignature(by: stranger(seed), at: real.created!)
          $0.type = real.type
          $0.hashed = real.hashed
          $0.issuerFingerprint = real.issuerFingerprint
          $0.issuerKeyID = real.issuerKeyID
        }
      }
    },
    StandingCase("a binding of another subkey", .notBound("the primary key has not bound the subkey")) { seed in
      subkeySigns(seed) { certificate, subkey in
        var other = TestCertificate(primary: primary(seed))
        other.addSubkey(stranger(seed))
        certificate.append(packet: OpenPGPEncoding.packet(14, subkey.body))
        certificate.append(packet: other.packets[2])
      }
    },
    StandingCase(
      "a binding that names its issuer by fingerprint only", .good,
      laxerBy: "GnuPG 2.2 is shown the key id that is missing"
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.issuerKeyID = nil } }
    },
    StandingCase(
      "a user id's self-signature that names its issuer by fingerprint only", .good,
      laxerBy: "GnuPG 2.2 is shown the key id that is missing"
    ) {
      primarySigns($0) { $0.addUser("a") { $0.issuerKeyID = nil } }
    },
    StandingCase("a binding that names its issuer by key id only", .good) {
      subkeySigns($0) { $0.addSubkey($1) { $0.issuerFingerprint = nil } }
    },
    StandingCase("a binding that names nobody", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.issuerFingerprint = nil
          $0.issuerKeyID = nil
        }
      }
    },
    StandingCase("a binding older than the primary key", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { $0.addSubkey($1) { $0.created = creation - 1 } }
    },
    StandingCase("a newer binding takes the signing flag away", .cannotSign) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1, flags: 0x20) { $0.created! += 1000 }
      }
    },
    StandingCase("an older binding without the signing flag", .good) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1, flags: 0x20)
        $0.bind($1) { $0.created! += 1000 }
      }
    },
    StandingCase(
      "a binding with a critical subpacket that nobody knows",
      .notBound(
        """
        the newest binding of the subkey does not count: it has a critical subpacket of type 101, \
        which is not understood
        """)
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(101, [1], isCritical: true) } }
    },
    StandingCase("a binding with a subpacket that nobody knows", .good) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(101, [1]) } }
    },
    StandingCase(
      "a newer binding with such a critical subpacket",
      .notBound(
        """
        the newest binding of the subkey does not count: it has a critical subpacket of type 101, \
        which is not understood
        """),
      stricterBy: "the newest self-signature counts, also when it is not understood"
    ) {
      subkeySigns($0) {
        $0.addSubkey($1)
        $0.bind($1) {
          $0.created! += 1000
          $0.hashed += OpenPGPEncoding.subpacket(101, [1], isCritical: true)
        }
      }
    },
    StandingCase(
      "a binding that says its flags twice",
      .notBound("the newest binding of the subkey does not count: it says the same thing twice (subpacket 27)"),
      stricterBy: "nothing is said twice"
    ) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(27, [0x02]) } }
    },
  ]

  static let unsigned = Standing.notBound("the subkey has not signed back")

  static let backSignatures = [
    StandingCase("no back signature", unsigned) { subkeySigns($0) { $0.addSubkey($1, back: .missing) } },
    StandingCase("a back signature by another key", unsigned) { seed in
      subkeySigns(seed) { $0.addSubkey($1, back: .by(stranger(seed))) }
    },
    StandingCase("a back signature by another key in the subkey's name", unsigned) { seed in
      let subkey = subkey(seed)
      return subkeySigns(seed) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.key = stranger(seed)
            $0.issuerFingerprint = subkey.fingerprint
          })
      }
    },
    StandingCase("a back signature of the wrong type", unsigned) {
      subkeySigns($0) { $0.addSubkey($1, back: .changed { $0.type = 0x18 }) }
    },
    StandingCase("a back signature outside what was signed", .good) { seed in
      subkeySigns(seed) { certificate, subkey in
        var back = TestSignature(by: subkey, at: creation)
        back.type = 0x19
        let body = back.body(over: primary(seed).hashed + subkey.hashed)
        certificate.addSubkey(subkey, back: .missing) { $0.unhashed = OpenPGPEncoding.subpacket(32, body) }
      }
    },
    StandingCase("a newer back signature that is bad", unsigned) { seed in
      subkeySigns(seed) { certificate, subkey in
        var back = TestSignature(by: stranger(seed), at: creation + 1000)
        back.type = 0x19
        back.issuerFingerprint = subkey.fingerprint
        let body = back.body(over: primary(seed).hashed + subkey.hashed)
        certificate.addSubkey(subkey) { $0.unhashed = OpenPGPEncoding.subpacket(32, body) }
      }
    },
    StandingCase("another person's subkey", unsigned) { seed in
      // Mallory lists Alice's signing subkey, to be taken for the maker of Alice's signatures.
      var alice = TestCertificate(primary: stranger(seed))
      alice.addUser("Alice", flags: 0x01)
      alice.addSubkey(subkey(seed))
      return subkeySigns(seed) { certificate, subkey in certificate.addSubkey(subkey, back: .missing) }
    },
    StandingCase(
      "a back signature with SHA-1 of 2024", unsigned,
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      subkeySigns($0) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.hash = .sha1
            $0.created = afterSHA1Ends
          })
      }
    },
    StandingCase("a back signature with SHA-1 of 2022", .good) {
      subkeySigns($0) {
        $0.addSubkey(
          $1,
          back: .changed {
            $0.hash = .sha1
            $0.created = beforeSHA1Ends
          })
      }
    },
  ]

  static let sha1 = "it uses SHA-1 and was made after January 2023"
  static let noSelfSignature = Standing.notBound("the certificate has no valid self-signature")

  static let selfSignatures = [
    StandingCase("no self-signature", noSelfSignature) {
      primarySigns($0) { $0.append(packet: OpenPGPEncoding.packet(13, Array("a".utf8))) }
    },
    StandingCase("a self-signature forged by another key", noSelfSignature) { seed in
      primarySigns(seed) {
        $0.addUser("a") { real in
          real.key = stranger(seed)
        }
      }
    },
    StandingCase("a self-signature over another user id", noSelfSignature) { seed in
      var other = TestCertificate(primary: primary(seed))
      other.addUser("b")
      let signature = other.packets[2]
      return primarySigns(seed) {
        $0.append(packet: OpenPGPEncoding.packet(13, Array("a".utf8)))
        $0.append(packet: signature)
      }
    },
    StandingCase("a self-signature with SHA-1 of 2022", .good) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = beforeSHA1Ends
        }
      }
    },
    StandingCase(
      "a self-signature with SHA-1 of 2024",
      .notBound("the newest self-signature of the certificate does not count: \(sha1)"),
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase(
      "a self-signature with SHA-1 of 2024 after one with SHA-512",
      .notBound("the newest self-signature of the certificate does not count: \(sha1)"),
      stricterBy: "the newest self-signature counts, also when its hash does not"
    ) {
      primarySigns($0) {
        $0.addUser("a")
        $0.certifyUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase("a self-signature with SHA-512 after one with SHA-1 of 2024", .good) {
      primarySigns($0) {
        $0.addUser("a") {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
        $0.certifyUser("a") { $0.created = afterSHA1Ends + 1 }
      }
    },
    StandingCase(
      "a binding with SHA-1 of 2024", .notBound("the newest binding of the subkey does not count: \(sha1)"),
      stricterBy: "SHA-1 ended on 2023-02-01"
    ) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.hash = .sha1
          $0.created = afterSHA1Ends
        }
      }
    },
    StandingCase("a binding with SHA-1 of 2022", .good) {
      subkeySigns($0) {
        $0.addSubkey($1) {
          $0.hash = .sha1
          $0.created = beforeSHA1Ends
        }
      }
    },
    StandingCase("a direct signature and no user id", .good) { primarySigns($0) { $0.addDirect() } },
    StandingCase("all user ids revoked", noSelfSignature, stricterBy: "a revoked user id vouches for nothing") {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
      }
    },
    StandingCase("a user id revoked and certified again", .good) {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.certifyUser("a") { $0.created = creation + 2000 }
      }
    },
    StandingCase("one user id of two revoked", .good) {
      primarySigns($0) {
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.addUser("b")
      }
    },
    StandingCase("all user ids revoked beside a direct signature", .good) {
      primarySigns($0) {
        $0.addDirect()
        $0.addUser("a")
        $0.revokeUser("a") { $0.created = creation + 1000 }
      }
    },
    StandingCase(
      "a self-signature that has itself expired", noSelfSignature,
      stricterBy: "an expired self-signature vouches for nothing"
    ) {
      primarySigns($0) { $0.addUser("a") { $0.hashed += OpenPGPEncoding.subpacket(3, [0, 1, 0, 0]) } }
    },
    StandingCase("a binding that has itself expired", .notBound("the primary key has not bound the subkey")) {
      subkeySigns($0) { $0.addSubkey($1) { $0.hashed += OpenPGPEncoding.subpacket(3, [0, 1, 0, 0]) } }
    },
  ]

  /// When a key of these tests that lives one year expires.
  static let end = creation + Int64(year)

  static let expiries = [
    StandingCase("a primary key that has expired", .expired(end)) {
      primarySigns($0) { $0.addUser("a", lifetime: year) }
    },
    StandingCase("a primary key that has not expired yet", .good) {
      primarySigns($0) { $0.addUser("a", lifetime: 50 * year) }
    },
    StandingCase("an expiry extended by a newer self-signature", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.certifyUser("a", lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry taken away by a newer self-signature", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.certifyUser("a") { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry shortened by a newer self-signature", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year)
        $0.certifyUser("a", lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("an expiry on one user id only, the older one", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.addUser("b") { $0.created! += 1000 }
      }
    },
    StandingCase("different expiries, the newer one past", .expired(end)) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year)
        $0.addUser("b", lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("different expiries, the older one past", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: 50 * year) { $0.created! += 1000 }
        $0.addUser("b", lifetime: year)
      }
    },
    StandingCase("an expiry on a revoked user id", .good) {
      primarySigns($0) {
        $0.addUser("a", lifetime: year)
        $0.revokeUser("a") { $0.created = creation + 1000 }
        $0.addUser("b")
      }
    },
    StandingCase("a direct signature's expiry goes before a user id's", .expired(end)) {
      primarySigns($0) {
        $0.addDirect(lifetime: year)
        $0.addUser("a", lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("a direct signature without expiry does not lift a user id's", .expired(end)) {
      primarySigns($0) {
        $0.addDirect()
        $0.addUser("a", lifetime: year)
      }
    },
    StandingCase("a subkey that has expired", .expired(end)) { subkeySigns($0) { $0.addSubkey($1, lifetime: year) } },
    StandingCase("a subkey extended by a newer binding", .good) {
      subkeySigns($0) {
        $0.addSubkey($1, lifetime: year)
        $0.bind($1, lifetime: 50 * year) { $0.created! += 1000 }
      }
    },
    StandingCase("a subkey shortened by a newer binding", .expired(end)) {
      subkeySigns($0) {
        $0.addSubkey($1, lifetime: 50 * year)
        $0.bind($1, lifetime: year) { $0.created! += 1000 }
      }
    },
    StandingCase("a subkey of a primary key that has expired", .expired(end)) { seed in
      var certificate = TestCertificate(primary: primary(seed))
      certificate.addUser("a", flags: 0x01, lifetime: year)
      certificate.addSubkey(subkey(seed))
      return Subject(certificate: certificate, signer: subkey(seed))
    },
    StandingCase("judged then, signed before the key expired", .good) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end - 1
      subject.reference = .then
      return subject
    },
    StandingCase("judged then, signed when the key expired", .expired(end)) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end
      subject.reference = .then
      return subject
    },
    StandingCase("judged now, signed before the key expired", .expired(end)) {
      var subject = primarySigns($0) { $0.addUser("a", lifetime: year) }
      subject.signedAt = end - 1
      return subject
    },
  ]

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

  static let kinds = [
    StandingCase("RSA of 1,024 bits", .weakKey("RSA-1024"), stricterBy: "RSA under 2,048 bits never counts") { _ in
      rsa(bits: 1024)
    },
    StandingCase("RSA of 2,048 bits", .good) { _ in rsa(bits: 2048) },
    StandingCase(
      "a weak subkey of a strong key", .weakKey("RSA-1024"), stricterBy: "RSA under 2,048 bits never counts"
    ) { seed in
      var certificate = TestCertificate(primary: primary(seed))
      certificate.addUser("a", flags: 0x01)
      let subkey = TestKey.rsa(bits: 1024, seed: 1, created: creation)
      certificate.addSubkey(subkey)
      return Subject(certificate: certificate, signer: subkey)
    },
    StandingCase(
      "a strong subkey of a weak key", .weakKey("RSA-1024"), stricterBy: "RSA under 2,048 bits never counts"
    ) { seed in
      var certificate = TestCertificate(primary: .rsa(bits: 1024, seed: 2, created: creation))
      certificate.addUser("a", flags: 0x01)
      certificate.addSubkey(subkey(seed))
      return Subject(certificate: certificate, signer: subkey(seed))
    },
    StandingCase("a signature older than its key", .beforeKeyCreation) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.signedAt = creation - 1
      return subject
    },
    StandingCase("a signature as old as its key", .good) {
      var subject = primarySigns($0) { $0.addUser("a") }
      subject.signedAt = creation
      return subject
    },
    StandingCase("a key that is not in the certificate", .notBound("it is not a key of this certificate")) { seed in
      var subject = primarySigns(seed) { $0.addUser("a") }
      subject.signer = stranger(seed)
      return subject
    },
  ]

  private static func rsa(bits: Int) -> Subject {
    let key = TestKey.rsa(bits: bits, created: creation)
    var certificate = TestCertificate(primary: key)
    certificate.addUser("a")
    return Subject(certificate: certificate, signer: key)
  }
}
