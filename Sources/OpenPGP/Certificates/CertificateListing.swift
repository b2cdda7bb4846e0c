/// A certificate as `keys list` shows it, judged at one moment.
package struct CertificateListing: Sendable, Equatable {
  /// One key of a certificate, as it stands now.
  package struct Key: Sendable, Equatable {
    /// Of the very key.
    package let fingerprint: Fingerprint
    /// Whether it is the certificate's first key.
    package let isPrimary: Bool
    /// `RSA`, `Ed25519`, `NIST P-256`…
    package let algorithmName: String
    /// Size of the modulus or the field; `nil` where the name says it all.
    package let bits: Int?
    /// Seconds since 1970.
    package let created: Int64
    /// Seconds since 1970; `nil` when it does not expire, or is not bound.
    package let expires: Int64?
    /// Of this key or of its primary key.
    package let revocation: Revocation?
    /// Whether a signature that it made at that moment would count.
    package let standing: Standing
  }

  /// The primary key first, then the subkeys.
  package let keys: [Key]
  /// Octets from outside: escape before printing.
  package let userIDs: [[UInt8]]
  /// Sentences, safe to print.
  package let warnings: [String]

  /// The keys whose signatures count.
  package var signingKeys: [Key] { keys.filter { $0.standing == .good } }
}

extension Certificate {
  /// Everything that a list of keys shows, at `time` (seconds since 1970).
  package func listing(at time: Int64) -> CertificateListing {
    CertificateListing(
      keys: keys.map { key in
        CertificateListing.Key(
          fingerprint: key.fingerprint, isPrimary: key.isPrimary, algorithmName: key.algorithmName, bits: key.bits,
          created: key.created, expires: expiry(of: key, at: time),
          revocation: Revocation.worst(of: [keys[0].revocation, key.revocation].compactMap { $0 }),
          standing: standing(of: key.fingerprint, signedAt: time, judgedAt: .now(time)))
      }, userIDs: userIDs, warnings: warnings)
  }

  /// When `key` expires by the self-signatures in force at `time`; a subkey expires with its primary key at the latest.
  private func expiry(of key: CertificateKey, at time: Int64) -> Int64? {
    guard case .success(let primary) = primaryPolicy(at: time) else { return nil }
    guard !key.isPrimary else { return primary.expires }
    guard case .success(let own) = key.policy(at: time) else { return nil }
    return [primary.expires, own.expires].compactMap { $0 }.min()
  }
}
