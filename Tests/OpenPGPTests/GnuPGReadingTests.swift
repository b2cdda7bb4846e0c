@testable import OpenPGP
import Support
import Testing

/// What the machine's GnuPG knows of a registry, before anybody relies on it.
@Suite struct GnuPGReadingTests {
  static func certificate(_ primary: TestKey, subkey: TestKey? = nil) throws -> Certificate {
    var made = TestCertificate(primary: primary)
    made.addUser("a", flags: subkey == nil ? 0x03 : 0x01)
    if let subkey { made.addSubkey(subkey) }
    return try made.read()
  }

  static let kinds: [TestKey] = [
    .ed25519(seed: 4800), .p256(seed: 4800), .p384(seed: 4800), .p521(seed: 4800), .rsa(), .rsa(bits: 4096),
    .rsa(bits: 3072).signOnly,
  ]

  @Test func `every kind of key that counts is known`() throws {
    let certificates =
      try Self.kinds.map { try Self.certificate($0) } + [
        Self.certificate(.ed25519(seed: 4801), subkey: .p256(seed: 4801))
      ]
    #expect(GnuPGReading.of(Keyring(certificates), at: testNow) == GnuPGReading())
  }

  /// Good for us, and for no gpg before 2.5.
  @Test func `algorithm 27 is told`() throws {
    let primary = TestKey.ed25519(seed: 4802)
    let subkey = TestKey.ed25519(seed: 4803, algorithm: .ed25519)
    let other = TestKey.ed25519(seed: 4804, algorithm: .ed25519)
    let keyring = Keyring([
      try Self.certificate(primary, subkey: subkey), try Self.certificate(other),
      try Self.certificate(.p256(seed: 4801)),
    ])
    #expect(
      GnuPGReading.of(keyring, at: testNow).misses == [
        .init(
          primary: primary.fingerprint, key: subkey.fingerprint,
          reason: "GnuPG lacks the algorithm (Ed25519, algorithm 27)"),
        .init(
          primary: other.fingerprint, key: other.fingerprint,
          reason: "GnuPG lacks the algorithm (Ed25519, algorithm 27)"),
      ])
  }

  /// Who is behind one that GnuPG cannot parse is lost to it, and that is seen.
  @Test func `a keyring at which GnuPG gives up is told`() throws {
    let (made, signer) = TestCertificate.usual(seed: 2302)
    var settings = GnuPGEngine.Settings()
    settings.keyringFile = PoisonedKeyringTests.poisons[0].bytes + made.bytes
    let keyring = Keyring([try made.read()])
    #expect(GnuPGReading.of(keyring, at: testNow, settings: settings).misses.map(\.key) == [signer.fingerprint])
    settings.keyringFile = made.bytes
    #expect(GnuPGReading.of(keyring, at: testNow, settings: settings) == GnuPGReading())
  }

  @Test func `a GnuPG that does not answer is trouble`() throws {
    var settings = GnuPGEngine.Settings()
    settings.program = "/nonexistent/gpg"
    let reading = GnuPGReading.of(
      Keyring([try TestCertificate.usual(seed: 2302).certificate.read()]), at: testNow, settings: settings)
    #expect(reading == GnuPGReading(trouble: "starting gpg failed (errno 2)"))
  }
}
