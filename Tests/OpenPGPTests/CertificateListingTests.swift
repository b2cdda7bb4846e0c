import OpenPGP
import Support
import Testing

@Suite struct CertificateListingTests {
  @Test func `a list shows each key with what holds for it`() throws {
    let year = 365 * 86_400
    let primary = TestKey.rsa(bits: 2048)
    let signing = TestKey.ed25519(seed: 1)
    let retired = TestKey.ed25519(seed: 2)
    let encryption = TestKey.opaque(.x25519, material: [UInt8](repeating: 9, count: 32))
    var made = TestCertificate(primary: primary)
    made.addUser("A Maintainer <a@example.org>", flags: 0x01, lifetime: 10 * year)
    made.addSubkey(signing, lifetime: 20 * year)
    made.addSubkey(retired, lifetime: 5 * year)
    made.revokeSubkey(retired, reason: 3, at: primary.created + 50)
    made.addSubkey(encryption, flags: 0x0C, back: .missing)
    let listing = try made.read().listing(at: testNow)

    let end = primary.created + Int64(10 * year)
    #expect(listing.keys.map(\.fingerprint) == [primary, signing, retired, encryption].map(\.fingerprint))
    #expect(listing.keys.map(\.algorithmName) == ["RSA", "Ed25519", "Ed25519", "X25519"])
    #expect(listing.keys.map(\.bits) == [2048, 256, 256, 256])
    #expect(listing.keys.map(\.isPrimary) == [true, false, false, false])
    #expect(listing.keys.map(\.expires) == [end, end, primary.created + Int64(5 * year), end])
    #expect(listing.keys.map { $0.revocation?.time } == [nil, nil, primary.created + 50, nil])
    #expect(listing.keys.map { $0.revocation?.isHard } == [nil, nil, false, nil])
    #expect(
      listing.keys.map(\.standing) == [
        .cannotSign, .good, .revoked(primary.created + 50, hard: false), .unsupported("X25519"),
      ])
    #expect(listing.signingKeys.map(\.fingerprint) == [signing.fingerprint])
    #expect(listing.userIDs == [Array("A Maintainer <a@example.org>".utf8)])
    #expect(listing.warnings == [])
  }
}
