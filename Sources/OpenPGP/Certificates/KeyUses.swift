/// What a key's self-signatures let it do (RFC 9580, section 5.2.3.29).
package struct KeyUses: OptionSet, Sendable {
  /// The flags (RFC 9580, section 5.2.3.29, the first octet).
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// It makes certificates out of keys and names.
  package static let certify = KeyUses(rawValue: 0x01)
  /// It signs data.
  package static let sign = KeyUses(rawValue: KeyPolicy.signingFlag)
  /// Messages or files.
  package static let encrypt = KeyUses(rawValue: 0x0C)
}

/// Whether the self-signatures that decide about a key use SHA-1.
package enum OldHash: Sendable {
  case none
  /// They do, and were made while that still counted.
  case tolerated
  /// They do, and were made later: they vouch for nothing.
  case void
}

extension Certificate {
  /// What `key` was made for, as its newest self-signatures at `time` (seconds since 1970) say it, whether or not they
  /// count.
  package func uses(of key: CertificateKey, at time: Int64) -> KeyUses {
    let flags = deciding(key, at: time).compactMap(\.keyFlags)
    return KeyUses(rawValue: flags.first ?? 0)
  }

  /// Whether SHA-1 is in the self-signatures that decide about `key` at `time`, or in its own back signature there.
  /// Older ones that others have replaced do not matter.
  package func oldHash(of key: CertificateKey, at time: Int64) -> OldHash {
    var worst = OldHash.none
    for signature in deciding(key, at: time) {
      if signature.usesSHA1 {
        if signature.created >= SelfSignature.sha1Ends { return .void }
        worst = .tolerated
      }
      for body in signature.embedded where !key.isPrimary {
        guard let back = try? SignatureFields(signature.bytes, body: body),
          back.type == SignatureType.primaryKeyBinding,
          back.hashAlgorithm == .sha1
        else { continue }
        if back.subpackets.created ?? 0 >= SelfSignature.sha1Ends { return .void }
        worst = .tolerated
      }
    }
    return worst
  }

  /// The newest self-signature of each kind that says something about `key`; the one that goes first comes first.
  private func deciding(_ key: CertificateKey, at time: Int64) -> [SelfSignature] {
    guard key.isPrimary else { return [SelfSignature.newest(of: key.bindings, at: time)].compactMap(\.self) }
    let users = self.users.compactMap { SelfSignature.newest(of: $0.signatures, at: .min) }
      .filter { !$0.hasExpired(at: time) && SignatureType.certifications.contains($0.type) }
      .sorted { $0.created > $1.created }
    return [SelfSignature.newest(of: direct, at: time)].compactMap(\.self) + users
  }
}
