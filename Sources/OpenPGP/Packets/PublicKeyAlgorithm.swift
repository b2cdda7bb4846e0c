/// A public-key algorithm number (RFC 9580, section 9.1). A struct, not an enum, so that an unknown number survives.
package struct PublicKeyAlgorithm: RawRepresentable, Hashable, Sendable {
  /// The number in packets.
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Signs and encrypts.
  package static let rsa = PublicKeyAlgorithm(rawValue: 1)
  /// Deprecated.
  package static let rsaEncryptOnly = PublicKeyAlgorithm(rawValue: 2)
  /// Deprecated.
  package static let rsaSignOnly = PublicKeyAlgorithm(rawValue: 3)
  /// Encrypts only.
  package static let elGamal = PublicKeyAlgorithm(rawValue: 16)
  /// Never counts here.
  package static let dsa = PublicKeyAlgorithm(rawValue: 17)
  /// Encrypts only.
  package static let ecdh = PublicKeyAlgorithm(rawValue: 18)
  /// Over the curves of NIST.
  package static let ecdsa = PublicKeyAlgorithm(rawValue: 19)
  /// Forbidden.
  package static let elGamalSign = PublicKeyAlgorithm(rawValue: 20)
  /// EdDSA as version 4 keys and smartcards have it (`EdDSALegacy`).
  package static let eddsaLegacy = PublicKeyAlgorithm(rawValue: 22)
  /// Encrypts only.
  package static let x25519 = PublicKeyAlgorithm(rawValue: 25)
  /// Encrypts only.
  package static let x448 = PublicKeyAlgorithm(rawValue: 26)
  /// Of RFC 9580; GnuPG 2.2 does not know it.
  package static let ed25519 = PublicKeyAlgorithm(rawValue: 27)
  /// Of RFC 9580; not judged here.
  package static let ed448 = PublicKeyAlgorithm(rawValue: 28)

  /// Names of the algorithms against quantum computers (draft-ietf-openpgp-pqc), none of which is verified here.
  var newName: String? {
    switch rawValue {
    case 30: "ML-DSA-65+Ed25519"
    case 31: "ML-DSA-87+Ed448"
    case 32: "SLH-DSA-SHAKE-128s"
    case 33: "SLH-DSA-SHAKE-128f"
    case 34: "SLH-DSA-SHAKE-256s"
    case 35: "ML-KEM-768+X25519"
    case 36: "ML-KEM-1024+X448"
    default: nil
    }
  }
}
