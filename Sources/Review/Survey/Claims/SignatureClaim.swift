internal import Basics
package import OpenPGP

/// Whom the signature on a commit names as its maker, whether or not anybody could check it.
package struct SignatureClaim: Sendable, Hashable {
  /// What kind of signature git would take it for (gpg-interface.c).
  package enum Format: UInt8, Sendable, CaseIterable {
    case openPGP, ssh, x509, unknown

    /// As people write it.
    package var name: String {
      switch self {
      case .openPGP: "OpenPGP"
      case .ssh: "SSH"
      case .x509: "X.509"
      case .unknown: "unknown"
      }
    }
  }

  /// What tells this maker from others.
  package enum Maker: Sendable, Hashable {
    case fingerprint(Fingerprint)
    /// Old GnuPG names no more than this. Ids can be made to collide.
    case keyID(KeyID)
    /// The public key itself, as its SHA-256.
    case sshKey([UInt8])
    /// A person or a machine that a certificate names, and the certificate's issuer. Certificates for ten minutes are
    /// made for each signature, so that their own keys and numbers tell nobody from anybody.
    case identity(String, issuer: [UInt8])
    /// The certificate itself.
    case certificate(serial: [UInt8], issuer: [UInt8])
    /// Signed, and it cannot be seen by whom.
    case nobody
  }

  /// What kind it is.
  package let format: Format
  /// By whom it says it is.
  package let maker: Maker
  /// Whether a certificate names a workflow or a service's account, and no person.
  package var namesMachine = false

  /// The key as people compare it: `ssh-keygen -l` and gpg print it so.
  package var key: String {
    switch maker {
    case .fingerprint(let fingerprint): fingerprint.hex
    case .keyID(let id): id.hex
    case .sshKey(let digest):
      "SHA256:" + String(decoding: Base64.encode(digest).filter { $0 != UInt8(ascii: "=") }, as: UTF8.self)
    case .identity(let identity, _): identity
    case .certificate(let serial, let issuer):
      "serial " + hexadecimal(serial) + " of issuer " + hexadecimal(issuer.prefix(8))
    case .nobody: "unreadable"
    }
  }

  /// Reads the value of a `gpgsig` header.
  package static func read(armor: [UInt8]) -> SignatureClaim {
    if armor.starts(with: sshBegin) { return SSHClaim.read(LooseArmor.content(of: armor)) }
    if armor.starts(with: x509Begin) { return X509Claim.read(LooseArmor.content(of: armor)) }
    guard armor.starts(with: pgpBegin) || armor.starts(with: pgpMessageBegin) else {
      return SignatureClaim(format: .unknown, maker: .nobody)
    }
    guard let issuer = ClaimedIssuer(packets: LooseArmor.content(of: armor)) else {
      return SignatureClaim(format: .openPGP, maker: .nobody)
    }
    if let fingerprint = issuer.fingerprint {
      return SignatureClaim(format: .openPGP, maker: .fingerprint(fingerprint))
    }
    return SignatureClaim(format: .openPGP, maker: issuer.keyID.map(Maker.keyID) ?? .nobody)
  }

  // git tells the formats apart by these (gpg-interface.c).
  private static let pgpBegin = Array("-----BEGIN PGP SIGNATURE-----".utf8)
  private static let pgpMessageBegin = Array("-----BEGIN PGP MESSAGE-----".utf8)
  private static let sshBegin = Array("-----BEGIN SSH SIGNATURE-----".utf8)
  private static let x509Begin = Array("-----BEGIN SIGNED MESSAGE-----".utf8)
}
