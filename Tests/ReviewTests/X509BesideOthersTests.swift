@testable import Review
import Support
import Testing

/// Our reader of X.509 beside swift-certificates, over certificates that are made and then broken.
@Suite struct X509BesideOthersTests {
  static let root = TestIssuer.root("Test Root")
  static let device = root.issuing("Test Device", pathLength: 0, extra: [(oid: [1, 2, 3, 4], critical: false)])
  static let silent = root.issuing("Says nothing", isAuthority: nil).der
  static let certificates: [[UInt8]] =
    [root.der, device.der, root.issuing("No authority", isAuthority: false).der, silent]
    + [TestKey.ed25519(seed: 1), .p256(seed: 1), .p384(seed: 1), .p521(seed: 1), .rsa(seed: 1)].map {
      device.stating(TestStatement($0))
    }

  /// Ours, in the form of the other; nil where it is refused.
  private func ours(_ der: [UInt8]) -> [OtherX509.Extension]? {
    (try? X509Certificate(der: der))?.extensions.map {
      OtherX509.Extension(oid: $0.oid.description, isCritical: $0.isCritical, value: Array($0.value))
    }
  }

  @Test(arguments: certificates)
  func `both read a sound certificate, and read the same`(_ der: [UInt8]) throws {
    let certificate = try X509Certificate(der: der)
    let other = try #require(OtherX509(der: der))
    #expect(ours(der) == other.extensions)
    // All but the one that says nothing say something.
    #expect(other.extensions.isEmpty == (der == Self.silent))
    #expect(try certificate.authority().isOne == other.isAuthority)
    #expect(try certificate.maySignCertificates() == other.mayCertify)
  }

  /// What is broken in a way that two readers could take for two things is read by neither.
  @Test(arguments: certificates)
  func `what is no DER is refused by both`(_ der: [UInt8]) {
    let body = Array(der[4...])
    for (what, broken) in [
      ("an octet behind the end", der + [0]), ("the last octet is missing", Array(der.dropLast())),
      ("a length without a size", [0x30, 0x80] + body + [0, 0]),
      ("a length with a zero in front", [0x30, 0x83, 0] + der[2...]),
      ("a set, not a sequence", [0x31] + der[1...]), ("nothing", []),
    ] {
      #expect(ours(broken) == nil && OtherX509(der: broken) == nil, "\(what)")
    }
  }

  @Test func `of broken ones, what both read they read alike`() throws {
    var chance = SeededChance(seed: 20_261_129)
    var (both, oursOnly, refused) = (0, 0, 0)
    for der in Self.certificates {
      for _ in 0..<1_500 {
        let broken = Mutation.mutate(der, &chance)
        guard let certificate = try? X509Certificate(der: broken) else {
          refused += 1
          continue
        }
        // Serial number, dates and names it reads, and ours does not: nothing goes by them.
        guard let other = OtherX509(der: broken) else {
          oursOnly += 1
          continue
        }
        both += 1
        #expect(ours(broken) == other.extensions, "\(broken)")
        if let authority = try? certificate.authority(), let said = other.isAuthority {
          #expect(authority.isOne == said, "\(broken)")
        }
        if let may = try? certificate.maySignCertificates(), let said = other.mayCertify {
          #expect(may == said, "\(broken)")
        }
      }
    }
    #expect(both > 500 && refused > 2_000, "\(both) \(oursOnly) \(refused)")
  }
}
