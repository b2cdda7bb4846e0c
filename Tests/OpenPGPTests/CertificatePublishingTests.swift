import OpenPGP
import Support
import Testing

/// A certificate as a registry keeps it: all that counts of it, and nothing that anybody could have added.
@Suite struct CertificatePublishingTests {
  static let primary = TestKey.ed25519(seed: 3100)
  static let subkey = TestKey.ed25519(seed: 3101)
  static let stranger = TestKey.ed25519(seed: 3102)

  static func certificate(_ build: (inout TestCertificate) -> Void = { _ in }) -> TestCertificate {
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("a", flags: 0x01)
    certificate.addSubkey(subkey)
    build(&certificate)
    return certificate
  }

  static func published(_ certificate: TestCertificate) throws -> [UInt8] { try certificate.read().published }

  /// Every case that standing depends on, expired, revoked, badly bound or good, stands as before.
  @Test(arguments: Array(StandingCase.all.enumerated())) func `every key stands as it stood`(
    _ index: Int, _ one: StandingCase
  ) throws {
    let subject = one.make(20_000 + index)
    guard let before = try? subject.certificate.read() else { return }
    let after = try Certificate.read(before.published)
    #expect(after.published == before.published)
    let kept = after.keys.contains { $0.fingerprint == subject.signer.fingerprint }
    let standing = after.standing(
      of: subject.signer.fingerprint, signedAt: subject.signedAt, judgedAt: subject.reference)
    if kept {
      #expect(standing == one.expected)
    } else {
      guard case .notBound = one.expected else { return #expect(standing == one.expected) }
    }
  }

  @Test func `it is armored as any reader wants it`() throws {
    let made = Self.certificate()
    #expect(try Self.published(made) == made.armored)
    #expect(try Certificate.read(made.armored).published == made.armored)
  }

  @Test func `what others have signed is left out`() throws {
    let good = try Self.published(Self.certificate())
    let flooded = Self.certificate { certificate in
      for number in 0..<100 {
        let user = certificate.primary.hashed + [0xB4, 0, 0, 0, 1] + Array("a".utf8)
        certificate.insert(
          packet: TestSignature(by: Self.stranger, at: 1_700_000_000 + Int64(number)).with { $0.type = 0x10 }.packet(
            over: user), at: 3)
      }
    }
    #expect(try Self.published(flooded) == good)
    #expect(CertificateSurvey(flooded.bytes).packets == 105)
  }

  /// Attack: packets that name the primary key as their maker, and are not by it.
  @Test func `what only claims to be the key's own is left out`() throws {
    let good = try Self.published(Self.certificate())
    let forged = Self.certificate { $0.bind(Self.subkey) { $0.key = Self.stranger } }
    #expect(try Self.published(forged) == good)
    let real = Self.certificate { $0.bind(Self.subkey) { $0.created! += 1 } }
    #expect(try Self.published(real) != good)
  }

  @Test func `user ids and subkeys that nothing vouches for are left out`() throws {
    let good = try Self.published(Self.certificate())
    let claimed = Self.certificate { certificate in
      certificate.append(packet: OpenPGPEncoding.packet(14, Self.stranger.body))
      certificate.insert(packet: OpenPGPEncoding.packet(13, Array("b".utf8)), at: 3)
    }
    #expect(try Self.published(claimed) == good)
  }

  @Test func `revocations stay, each with what it takes back`() throws {
    let other = TestKey.ed25519(seed: 3103)
    // Beside the wrong subkey: readers that go by the place would not see it.
    let revoked = Self.certificate { certificate in
      certificate.addSubkey(other)
      certificate.revokeSubkey(Self.subkey, reason: 2, at: testNow - 1000)
    }
    let text = try Self.published(revoked)
    let sorted = Self.certificate { certificate in
      certificate.revokeSubkey(Self.subkey, reason: 2, at: testNow - 1000)
      certificate.addSubkey(other)
    }
    #expect(text == sorted.armored)
    let gone = Self.certificate { $0.revoke(reason: 0, at: testNow - 1000) }
    #expect(try Self.published(gone) == gone.armored)
  }

  @Test func `a designated revoker's word stays, another's does not`() throws {
    func made(by key: TestKey) throws -> Certificate {
      let certificate = Self.certificate { certificate in
        let revoker = [0x80, key.algorithm.rawValue] + Self.stranger.fingerprint.bytes
        var direct = TestSignature(by: Self.primary, at: Self.primary.created)
        direct.type = 0x1F
        direct.hashed = OpenPGPEncoding.subpacket(12, revoker)
        certificate.insert(packet: direct.packet(over: Self.primary.hashed), at: 1)
        var revocation = TestSignature(by: key, at: testNow - 1000)
        revocation.type = 0x20
        certificate.insert(packet: revocation.packet(over: Self.primary.hashed), at: 2)
      }
      return try Certificate.read(try Self.published(certificate))
    }
    #expect(try made(by: Self.stranger).keys[0].revocation != nil)
    #expect(try made(by: TestKey.ed25519(seed: 3104)).keys[0].revocation == nil)
  }

  @Test func `a survey tells private keys and several certificates`() {
    let one = Self.certificate()
    #expect(CertificateSurvey(one.armored) == CertificateSurvey(one.bytes))
    #expect(!CertificateSurvey(one.bytes).seemsSecret && CertificateSurvey(one.bytes).certificates == 1)
    #expect(CertificateSurvey(one.bytes + one.bytes).certificates == 2)
    #expect(CertificateSurvey(one.armored + one.armored).certificates == 2)
    #expect(CertificateSurvey(one.bytes + OpenPGPEncoding.packet(7, [4])).seemsSecret)
    #expect(CertificateSurvey(Array("-----BEGIN RSA PRIVATE KEY-----\n".utf8)).seemsSecret)
    #expect(!CertificateSurvey(Array("-----BEGIN RSA PUBLIC KEY-----\n".utf8)).seemsSecret)
  }
}
