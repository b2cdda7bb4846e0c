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
