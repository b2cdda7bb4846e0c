import Glibc
@testable import OpenPGP
import Support
import Testing

/// Attack: a certificate of a mebibyte, out of a push that nobody has agreed to, whose reading takes the server an
/// hour. What it may ask for grows no faster than the file.
@Suite struct CertificateMeasureTests {
  static let primary = TestKey.ed25519(seed: 4100)
  static let subkey = TestKey.ed25519(seed: 4101)
  static let stranger = TestKey.ed25519(seed: 4102)

  /// `subkeys` subkeys behind a good one, and as many revocations of none of them, which name the primary key as their
  /// maker.
  static func certificate(subkeys: Int, revocations: Int) -> TestCertificate {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(subkey)
    for number in 0..<revocations { certificate.append(packet: revocation(by: stranger, number: number)) }
    for number in 1..<subkeys {
      certificate.append(packet: OpenPGPEncoding.packet(14, subkey.recreated(at: subkey.created + Int64(number)).body))
    }
    return certificate
  }

  static func revocation(by key: TestKey, number: Int = 0) -> [UInt8] {
    var signature = TestSignature(by: key, at: testNow - 1000)
    signature.type = 0x28
    signature.issuerFingerprint = primary.fingerprint
    signature.issuerKeyID = primary.fingerprint.keyID
    if number > 0 { signature.unhashed = OpenPGPEncoding.subpacket(100, OpenPGPEncoding.number(number, octets: 4)) }
    return signature.packet(over: primary.hashed + subkey.hashed)
  }

  static func standing(_ certificate: TestCertificate) throws -> Standing {
    try certificate.read().standing(of: subkey.fingerprint, signedAt: testNow, judgedAt: .now(testNow))
  }

  static func refusal(_ certificate: TestCertificate) -> String? {
    do {
      _ = try certificate.read()
      return nil
    } catch {
      return (error as? CertificateDefect)?.message
    }
  }

  @Test func `more subkeys than anybody has are refused`() throws {
    let most = CertificateTree.mostSubkeys
    #expect(try Self.standing(Self.certificate(subkeys: most, revocations: 0)) == .good)
    #expect(
      Self.refusal(Self.certificate(subkeys: most + 1, revocations: 0))
        == "the certificate is malformed: it has more than 256 subkeys")
  }

  /// Each revocation is held against every subkey, for it counts wherever it stands.
  @Test func `more revocations than can be held against each subkey are refused`() throws {
    #expect(try Self.standing(Self.certificate(subkeys: 64, revocations: 128)) == .good)
    #expect(
      Self.refusal(Self.certificate(subkeys: 64, revocations: 129))
        == "the certificate is malformed: it has too many revocations for its number of subkeys")
  }

  /// The twin of being left alone: a true one among the forged, at the end and beside another subkey.
  @Test func `a true revocation among many forged ones takes its subkey back`() throws {
    var certificate = Self.certificate(subkeys: 64, revocations: 100)
    certificate.append(packet: Self.revocation(by: Self.primary))
    #expect(try Self.standing(certificate) == .revoked(testNow - 1000, hard: true))
    #expect(try Certificate.read(certificate.read().published).keys[1].revocation != nil)
  }

  /// Thousands of bindings that are not the key's own are checked once each, beside their own subkey, when a
  /// certificate is read and when it is made ready for a registry; else this test would not end.
  @Test func `forged bindings are left out`() throws {
    let good = Self.certificate(subkeys: 1, revocations: 0)
    var flooded = good
    for number in 1..<200 {
      let other = Self.subkey.recreated(at: Self.subkey.created + Int64(number))
      flooded.addSubkey(other) {
        $0.key = Self.stranger; $0.issuerKeyID = Self.primary.fingerprint.keyID; $0.issuerFingerprint = nil
      }
      for _ in 0..<20 { flooded.append(packet: flooded.packets[flooded.packets.count - 1]) }
    }
    #expect(try flooded.read().published == good.read().published)
  }

  /// A binding counts beside its own subkey only; a registry's copy must not make it count.
  @Test func `a binding that stands beside another subkey binds nothing, in the registry either`() throws {
    let other = TestKey.ed25519(seed: 4103)
    var apart = TestCertificate(primary: Self.primary)
    apart.addUser("a", flags: 0x01)
    apart.append(packet: OpenPGPEncoding.packet(14, other.body))
    apart.addSubkey(Self.subkey)
    apart.bind(other)
    var together = TestCertificate(primary: Self.primary)
    together.addUser("a", flags: 0x01)
    together.addSubkey(other)
    together.addSubkey(Self.subkey)
    func stands(_ certificate: Certificate) -> Bool {
      certificate.standing(of: other.fingerprint, signedAt: testNow, judgedAt: .now(testNow)) == .good
    }
    #expect(try !stands(apart.read()) && !stands(Certificate.read(apart.read().published)))
    #expect(try stands(together.read()) && stands(Certificate.read(together.read().published)))
  }

  /// gpg exports a revocation before the binding; a registry's copy must not differ for that only.
  @Test(arguments: [true, false]) func `signatures keep their order`(revokedFirst: Bool) throws {
    var certificate = TestCertificate(primary: Self.primary)
    certificate.addUser("a", flags: 0x01)
    certificate.append(packet: OpenPGPEncoding.packet(14, Self.subkey.body))
    if revokedFirst { certificate.revokeSubkey(Self.subkey, reason: 1, at: testNow - 1000) }
    certificate.bind(Self.subkey)
    if !revokedFirst { certificate.revokeSubkey(Self.subkey, reason: 1, at: testNow - 1000) }
    #expect(try certificate.read().published == certificate.armored)
  }

  /// Of this thread, so that other work on the machine does not matter.
  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Attack: six certificates of ninety subkeys with as many forged revocations, each stated to fit its subkey; they
  /// took an hour, for each pair was checked, at each reading.
  @Test func `ninety subkeys and ninety forged revocations, six times, again and again`() throws {
    let start = Self.processorSeconds
    for number in 0..<6 {
      let primary = TestKey.ed25519(seed: 4110 + number)
      var made = TestCertificate(primary: primary)
      made.addUser("a", flags: 0x01)
      for place in 0..<90 {
        let subkey = Self.subkey.recreated(at: Self.subkey.created + Int64(place))
        made.append(packet: OpenPGPEncoding.packet(14, subkey.body))
        var forged = TestSignature(by: Self.stranger, at: testNow - 1000)
        forged.type = 0x28
        (forged.issuerKeyID, forged.issuerFingerprint) = (primary.fingerprint.keyID, primary.fingerprint)
        made.append(packet: forged.packet(over: primary.hashed + subkey.hashed))
      }
      for _ in 0..<8 {
        let certificate = try made.read()
        #expect(certificate.keys.count == 91 && certificate.keys.allSatisfy { $0.revocation == nil })
        #expect(Keyring([certificate.adding(selfSignaturesOf: certificate)]).gnupgKeyring.count < 1000)
      }
      #expect(KeyRevocation.all(in: [made.bytes]).isEmpty)
    }
    // What it takes without optimization on a full machine, three times; it took a hundred.
    #expect(Self.processorSeconds - start < 30)
  }

  /// Attack: bindings that the key has truly made, each with hundreds of signatures inside.
  @Test func `signatures inside of signatures are counted`() throws {
    func certificate(inside: Int) throws -> Certificate {
      var made = TestCertificate(primary: Self.primary)
      made.addUser("a", flags: 0x01)
      var back = TestSignature(by: Self.stranger, at: Self.subkey.created)
      back.type = 0x19
      let embedded = OpenPGPEncoding.subpacket(32, back.body(over: [1]))
      made.addSubkey(Self.subkey) { $0.unhashed += (0..<inside / 2).flatMap { _ in embedded } }
      made.bind(Self.subkey) {
        $0.created! += 1
        $0.unhashed += (0..<(inside - inside / 2)).flatMap { _ in embedded }
      }
      return try made.read()
    }
    #expect(try certificate(inside: 1000).work > 1000)
    #expect(throws: CertificateDefect.malformed("it has more than 1024 signatures in its own name")) {
      try certificate(inside: 1020)
    }
  }
}
