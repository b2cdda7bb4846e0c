import OpenPGP
import Support
import Testing

/// The newest registry at hand adds to what a certificate said earlier: the key itself has signed it.
@Suite struct CertificateMergingTests {
  static let primary = TestKey.ed25519(seed: 1)
  static let subkey = TestKey.ed25519(seed: 2)
  static let year = 365 * 86_400

  static func certificate(_ build: (inout TestCertificate) -> Void) throws -> Certificate {
    var made = TestCertificate(primary: primary)
    build(&made)
    return try made.read()
  }

  static func standing(_ certificate: Certificate, of key: TestKey = primary) -> Standing {
    certificate.standing(of: key.fingerprint, signedAt: testNow, judgedAt: .then)
  }

  let old: Certificate

  init() throws { old = try Self.certificate { $0.addUser("a", lifetime: Self.year) } }

  @Test func `expiry is extended`() throws {
    let newer = try Self.certificate { $0.addUser("a", lifetime: 50 * Self.year) { $0.created! += 1000 } }
    #expect(Self.standing(old) == .expired(Self.primary.created + Int64(Self.year)))
    #expect(Self.standing(old.adding(selfSignaturesOf: newer)) == .good)
    #expect(Self.standing(newer.adding(selfSignaturesOf: old)) == .good)
  }

  @Test func `an older self-signature does not undo a newer one`() throws {
    let older = try Self.certificate { $0.addUser("a", lifetime: 50 * Self.year) }
    let newer = try Self.certificate { $0.addUser("a", lifetime: Self.year) { $0.created! += 1000 } }
    #expect(Self.standing(older) == .good)
    #expect(Self.standing(newer.adding(selfSignaturesOf: older)) == .expired(Self.primary.created + Int64(Self.year)))
  }

  @Test func `a revocation arrives`() throws {
    let revoked = try Self.certificate {
      $0.addUser("a")
      $0.revoke(reason: 2, at: testNow + 1000)
    }
    let good = try Self.certificate { $0.addUser("a") }
    #expect(Self.standing(good) == .good)
    #expect(Self.standing(good.adding(selfSignaturesOf: revoked)) == .revoked(testNow + 1000, hard: true))
  }

  @Test func `a subkey and its binding arrive`() throws {
    let newer = try Self.certificate {
      $0.addUser("b", flags: 0x01)
      $0.addSubkey(Self.subkey)
    }
    let good = try Self.certificate { $0.addUser("a") }
    #expect(Self.standing(good, of: Self.subkey) == .notBound("it is not a key of this certificate"))
    let merged = good.adding(selfSignaturesOf: newer)
    #expect(Self.standing(merged, of: Self.subkey) == .good)
    #expect(merged.userIDs == [Array("a".utf8), Array("b".utf8)])
  }

  @Test func `nothing arrives twice`() throws {
    let good = try Self.certificate {
      $0.addUser("a", flags: 0x01)
      $0.addSubkey(Self.subkey)
    }
    #expect(good.adding(selfSignaturesOf: good).content == good.content)
  }

  @Test func `another key's certificate adds nothing`() throws {
    var other = TestCertificate(primary: Self.subkey)
    other.addUser("a")
    other.revoke(reason: 2, at: testNow)
    let good = try Self.certificate { $0.addUser("a") }
    #expect(good.adding(selfSignaturesOf: try other.read()).content == good.content)
  }

  /// Attack: a newer copy that differs only in a revocation, where readers that look for differences might not see it.
  @Test func `a revocation behind a packet that is passed over is content`() throws {
    let (plain, subkey) = TestCertificate.usual(seed: 2700)
    var newer = plain
    newer.append(packet: OpenPGPEncoding.packet(60, [1]))
    newer.revokeSubkey(subkey, reason: 2, at: testNow - 1000)
    let (old, new) = (try plain.read(), try newer.read())
    #expect(old.content != new.content)
    for certificate in [new, old.adding(selfSignaturesOf: new), try Certificate.read(new.published)] {
      #expect(
        certificate.standing(of: subkey.fingerprint, signedAt: testNow, judgedAt: .now(testNow))
          == .revoked(testNow - 1000, hard: true))
    }
  }
}
