/// A hash algorithm number (RFC 9580, section 9.5).
package struct HashAlgorithm: RawRepresentable, Hashable, Sendable {
  /// The number in packets.
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Broken: never counts.
  package static let md5 = HashAlgorithm(rawValue: 1)
  /// Broken: counts in old self-signatures only.
  package static let sha1 = HashAlgorithm(rawValue: 2)
  /// Never counts.
  package static let ripemd160 = HashAlgorithm(rawValue: 3)
  /// FIPS 180-4.
  package static let sha256 = HashAlgorithm(rawValue: 8)
  /// FIPS 180-4.
  package static let sha384 = HashAlgorithm(rawValue: 9)
  /// FIPS 180-4.
  package static let sha512 = HashAlgorithm(rawValue: 10)
  /// FIPS 180-4.
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
