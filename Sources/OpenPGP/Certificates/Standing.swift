/// The moment that a key's expiry and revocation are held against.
package enum Reference: Sendable, Equatable {
  /// Neither expired nor revoked at this time, in seconds since 1970.
  case now(Int64)
  /// Neither expired nor softly revoked when the signature says it was made.
  case then
}

/// Whether a key of a certificate could make a signature that counts.
package enum Standing: Equatable, Sendable {
  case good
  /// Since this time, in seconds since 1970.
  case expired(Int64)
  /// Since this time; hard: as compromised, without a reason, or for one that is not known.
  case revoked(Int64, hard: Bool)
  /// The certificate's primary key does not vouch for the key, or not in a way that counts.
  case notBound(String)
  /// Bound, but not for signing.
  case cannotSign
  /// RSA under 2048 bits, DSA, ElGamal.
  case weakKey(String)
  /// The signature says that it is older than the key that made it.
  case beforeKeyCreation
  /// A kind of key that is not verified here.
  case unsupported(String)

  /// The refusal code for a signature whose key stands so; `nil` when it is good.
  package var code: String? {
    switch self {
    case .good: nil
    case .expired: "expired-key"
    case .revoked: "revoked-key"
    case .weakKey, .notBound, .cannotSign, .beforeKeyCreation: "weak-signature"
    case .unsupported: "unknown-key-format"
    }
  }
}
