import SwiftASN1
import X509

/// A certificate as swift-certificates reads it: a second opinion on what ours reads.
package struct OtherX509 {
  /// An extension: its identifier as text with dots, whether it is critical, the octets of its value.
  package struct Extension: Equatable {
    package let oid: String
    package let isCritical: Bool
    package let value: [UInt8]

    package init(oid: String, isCritical: Bool, value: [UInt8]) {
      self.oid = oid
      self.isCritical = isCritical
      self.value = value
    }
  }

  /// In their order.
  package let extensions: [Extension]
  /// Whether it is an authority's; nil where that cannot be read.
  package let isAuthority: Bool?
  /// Whether its key may sign certificates; nil where it does not say, or that cannot be read.
  package let mayCertify: Bool?

  /// Nil where it is refused.
  package init?(der: [UInt8]) {
    guard let certificate = try? X509.Certificate(derEncoded: der), certificate.version == .v3 else { return nil }
    extensions = certificate.extensions.map {
      Extension(oid: $0.oid.description, isCritical: $0.critical, value: Array($0.value))
    }
    switch try? certificate.extensions.basicConstraints {
    case .isCertificateAuthority: isAuthority = true
    case .notCertificateAuthority, nil: isAuthority = false
    }
    mayCertify = (try? certificate.extensions.keyUsage)?.keyCertSign
  }
}
