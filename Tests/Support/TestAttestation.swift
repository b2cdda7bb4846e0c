import Crypto
import Foundation
import SwiftASN1
import X509

/// A certificate for tests whose key can issue others: a root, an authority, a device.
package struct TestIssuer: Sendable {
  package let name: String
  let key: P256.Signing.PrivateKey
  package let der: [UInt8]

  /// SHA-256 of the certificate, as policies name roots.
  package var digest: String { SHA256.hash(data: der).map { String(format: "%02x", $0) }.joined() }

  init(name: String, key: P256.Signing.PrivateKey, der: [UInt8]) {
    self.name = name
    self.key = key
    self.der = der
  }

  package static func root(_ name: String = "Test Root", pathLength: Int? = 3) -> TestIssuer {
    let key = P256.Signing.PrivateKey()
    let der = certificate(
      name, .init(key.publicKey), by: name, key, extensions: authority(true, pathLength: pathLength, mayCertify: true))
    return TestIssuer(name: name, key: key, der: der)
  }

  /// A certificate that this one has issued.
  ///
  /// - Parameters:
  ///   - isAuthority: CA:TRUE; nil leaves the constraint out.
  ///   - mayCertify: The key usage; nil leaves it out.
  ///   - extra: More extensions, empty ones: their identifiers, and whether they are critical.
  ///   - stolenName: The issuer's name, where it is not this one's.
  package func issuing(
    _ name: String, isAuthority: Bool? = true, pathLength: Int? = nil, mayCertify: Bool? = true,
    extra: [(oid: [UInt], critical: Bool)] = [], as stolenName: String? = nil
  ) -> TestIssuer {
    let key = P256.Signing.PrivateKey()
    var extensions: [X509.Certificate.Extension] = []
    if let isAuthority { extensions += Self.authority(isAuthority, pathLength: pathLength, mayCertify: mayCertify) }
    for (oid, critical) in extra {
      extensions.append(.init(oid: try! ASN1ObjectIdentifier(elements: oid), critical: critical, value: [0x05, 0x00]))
    }
    let der = Self.certificate(
      name, .init(key.publicKey), by: stolenName ?? self.name, self.key, extensions: extensions)
    return TestIssuer(name: name, key: key, der: der)
  }

  /// A device's statement about a key.
  package func stating(_ statement: TestStatement) -> [UInt8] {
    Self.certificate(statement.name, statement.publicKey, by: name, key, extensions: statement.extensions)
  }

  private static func authority(_ isOne: Bool, pathLength: Int?, mayCertify: Bool?) -> [X509.Certificate.Extension] {
    let constraints: BasicConstraints =
      isOne ? .isCertificateAuthority(maxPathLength: pathLength) : .notCertificateAuthority
    var extensions = [try! X509.Certificate.Extension(constraints, critical: true)]
    if let mayCertify {
      extensions.append(try! .init(KeyUsage(digitalSignature: true, keyCertSign: mayCertify), critical: true))
    }
    return extensions
  }

  private static func certificate(
    _ name: String, _ publicKey: X509.Certificate.PublicKey, by issuer: String, _ key: P256.Signing.PrivateKey,
    extensions: [X509.Certificate.Extension]
  ) -> [UInt8] {
    // The dates are in the past: nobody looks at them.
    let certificate = try! X509.Certificate(
      version: .v3, serialNumber: .init(bytes: [1, 2, 3]), publicKey: publicKey,
      notValidBefore: Date(timeIntervalSince1970: 1_000_000_000),
      notValidAfter: Date(timeIntervalSince1970: 1_000_000_001),
      issuer: try! DistinguishedName { CommonName(issuer) }, subject: try! DistinguishedName { CommonName(name) },
      signatureAlgorithm: .ecdsaWithSHA256, extensions: try! X509.Certificate.Extensions(extensions),
      issuerPrivateKey: .init(key))
    var serializer = DER.Serializer()
    try! serializer.serialize(certificate)
    return serializer.serializedBytes
  }
}

/// What a card states about a key, each part of it open to being wrong.
package struct TestStatement: Sendable {
  package var key: TestKey
  package var name = "YubiKey OPGP Attestation SIG"
  /// 20 octets; nil for those of the key.
  package var fingerprint: [UInt8]?
  package var source = 1
  package var touch: [UInt8] = [2]
  package var serial = 35_718_625
  /// Last arcs of the extensions that are missing.
  package var lacks: Set<UInt> = []
  /// More of Yubico's extensions by their last arc, as DER.
  package var more: [(arc: UInt, critical: Bool)] = []

  package init(_ key: TestKey) { self.key = key }

  package func with(_ change: (inout TestStatement) -> Void) -> TestStatement {
    var changed = self
    change(&changed)
    return changed
  }

  /// The attested key as something that issues certificates: its holder can sign what he likes. P-256 only.
  package func issuer(_ der: [UInt8]) -> TestIssuer {
    guard case .p256(let secret) = key.secret else { preconditionFailure("a P-256 key is needed") }
    return TestIssuer(name: name, key: secret, der: der)
  }

  var publicKey: X509.Certificate.PublicKey {
    switch key.secret {
    case .ed25519(let key): .init(key.publicKey)
    case .p256(let key): .init(key.publicKey)
    case .p384(let key): .init(key.publicKey)
    case .p521(let key): .init(key.publicKey)
    case .rsa(let key): .init(key.publicKey)
    case .opaque: preconditionFailure("a key without numbers")
    }
  }

  var extensions: [X509.Certificate.Extension] {
    var values: [(arc: UInt, critical: Bool, value: [UInt8])] = [
      (2, false, Self.integer(source)), (3, false, [0x04, 3, 5, 7, 4]),
      (4, false, Self.octets(fingerprint ?? key.fingerprint.bytes)), (7, false, Self.integer(serial)),
      (8, false, Self.octets(touch)),
    ]
    values.removeAll { lacks.contains($0.arc) }
    values += more.map { ($0.arc, $0.critical, [0x05, 0x00]) }
    return values.map { .init(oid: [1, 3, 6, 1, 4, 1, 41482, 5, $0.arc], critical: $0.critical, value: $0.value[...]) }
  }

  private static func integer(_ number: Int) -> [UInt8] {
    var serializer = DER.Serializer()
    try! serializer.serialize(number)
    return serializer.serializedBytes
  }

  private static func octets(_ bytes: [UInt8]) -> [UInt8] { [0x04, UInt8(bytes.count)] + bytes }
}

/// A chain from a card's statement to a root, as a policy's own root would have it.
package struct TestChain: Sendable {
  package var root = TestIssuer.root()
  package var authority: TestIssuer
  package var device: TestIssuer

  package init() {
    authority = root.issuing("Test OPGP Attestation", pathLength: 1)
    device = authority.issuing("YubiKey OPGP Attestation", pathLength: 0)
  }

  /// The file for the registry.
  package func file(_ statements: TestStatement...) -> [UInt8] {
    Self.pem(statements.map(device.stating) + [device.der, authority.der, root.der])
  }

  /// Certificates as PEM, one after the other.
  package static func pem(_ certificates: [[UInt8]]) -> [UInt8] {
    certificates.flatMap { Array((PEMDocument(type: "CERTIFICATE", derBytes: $0).pemString + "\n").utf8) }
  }
}
