/// A public-key algorithm number (RFC 9580, section 9.1). A struct, not an enum, so that an unknown number survives.
package struct PublicKeyAlgorithm: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let rsa = PublicKeyAlgorithm(rawValue: 1)
  package static let rsaEncryptOnly = PublicKeyAlgorithm(rawValue: 2)
  package static let rsaSignOnly = PublicKeyAlgorithm(rawValue: 3)
  package static let elGamal = PublicKeyAlgorithm(rawValue: 16)
  package static let dsa = PublicKeyAlgorithm(rawValue: 17)
  package static let ecdh = PublicKeyAlgorithm(rawValue: 18)
  package static let ecdsa = PublicKeyAlgorithm(rawValue: 19)
  package static let elGamalSign = PublicKeyAlgorithm(rawValue: 20)
  /// EdDSA as version 4 keys and smartcards have it (`EdDSALegacy`).
  package static let eddsaLegacy = PublicKeyAlgorithm(rawValue: 22)
  package static let x25519 = PublicKeyAlgorithm(rawValue: 25)
  package static let x448 = PublicKeyAlgorithm(rawValue: 26)
  package static let ed25519 = PublicKeyAlgorithm(rawValue: 27)
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

/// A hash algorithm number (RFC 9580, section 9.5).
package struct HashAlgorithm: RawRepresentable, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let md5 = HashAlgorithm(rawValue: 1)
  package static let sha1 = HashAlgorithm(rawValue: 2)
  package static let ripemd160 = HashAlgorithm(rawValue: 3)
  package static let sha256 = HashAlgorithm(rawValue: 8)
  package static let sha384 = HashAlgorithm(rawValue: 9)
  package static let sha512 = HashAlgorithm(rawValue: 10)
  package static let sha224 = HashAlgorithm(rawValue: 11)

  /// The three hashes that a signature over a commit may use.
  package var isStrong: Bool { self == .sha256 || self == .sha384 || self == .sha512 }

  /// The field's own name, or the number where it is unknown.
  package var name: String {
    switch self {
    case .md5: "MD5"
    case .sha1: "SHA-1"
    case .ripemd160: "RIPEMD-160"
    case .sha256: "SHA-256"
    case .sha384: "SHA-384"
    case .sha512: "SHA-512"
    case .sha224: "SHA-224"
    default: "hash algorithm \(rawValue)"
    }
  }
}
