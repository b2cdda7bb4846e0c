/// One OpenPGP certificate of version 4: a primary key, user ids, subkeys, and what the primary key has signed
/// about them. Certifications by others are not read. All mathematics is done when it is read.
///
/// A class, for it has many parts and is looked up for every signature: copying it would take longer than the look.
package final class Certificate: Sendable {
  let tree: CertificateTree
  /// Signatures over the primary key itself that are in force or were.
  let direct: [SelfSignature]
  /// Self-certifications and their revocations, one list for each user id.
  let users: [(id: [UInt8], signatures: [SelfSignature])]

  /// The primary key first, then the subkeys in the certificate's order.
  package let keys: [CertificateKey]
  /// The certificate without armor, for another engine to judge signatures with: without certifications by others, and
  /// without subkeys that cannot sign. Those would cost that engine time, and one that claims somebody else's subkey
  /// would hide the true owner from it.
  package let packets: [UInt8]
  /// All that is read of the certificate, as octets that are the same for the same content: also the subkeys and the
  /// revocations that ``packets`` leaves out.
  package var content: [UInt8] { tree.packets() + [0] + tree.foreignRevocations.flatMap(\.self) }
  /// What a maintainer should mend; our own words only.
  package let warnings: [String]

  package var primary: Fingerprint { keys[0].fingerprint }

  /// Octets of the user ids that the key has certified and not revoked. They come from outside: escape before printing.
  package var userIDs: [[UInt8]] {
    users.filter { user in
      guard let newest = SelfSignature.newest(of: user.signatures, at: .min) else { return false }
      return SignatureType.certifications.contains(newest.type)
    }.map(\.id)
  }

  /// Reads exactly one certificate, armored or not.
  package static func read(_ bytes: [UInt8]) throws(CertificateDefect) -> Certificate {
    guard bytes.count <= Armor.certificateLimit else { throw .malformed("it is longer than a mebibyte") }
    guard let first = bytes.first else { throw .malformed("it is empty") }
    if first & 0x80 != 0 { return Certificate(try CertificateTree(bytes)) }
    if bytes.starts(with: "-----BEGIN PGP PRIVATE KEY BLOCK".utf8) { throw .secretKey }
    let binary: [UInt8]
    do throws(ParseError) {
      binary = try Armor.decode(bytes, label: "PGP PUBLIC KEY BLOCK", limit: Armor.certificateLimit)
    } catch {
      throw .malformed(error.reason)
    }
    return Certificate(try CertificateTree(binary))
  }

  /// This certificate with whatever `other` has beyond it: newer self-signatures, bindings, revocations.
  /// Unchanged when `other` has another primary key.
  package func adding(selfSignaturesOf other: Certificate) -> Certificate {
    other.primary == primary ? Certificate(tree.merging(other.tree)) : self
  }

  /// ``packets`` with only those signing keys that are wanted, for programs that know no other way to tell them apart.
  /// Nil when the primary key may sign and is not wanted: it cannot be left out.
  package func packets(signing isWanted: (Fingerprint) -> Bool) -> [UInt8]? {
    let own = direct + users.flatMap(\.signatures)
    let maySign = own.contains { $0.keyFlags.map { $0 & KeyPolicy.signingFlag != 0 } ?? true }
    guard !maySign || isWanted(primary) else { return nil }
    let signing = Set(keys.filter { !$0.isPrimary && $0.hasSignedBack && $0.isSafeForGnuPG && isWanted($0.fingerprint) }.map(\.fingerprint))
    return tree.packets { signing.contains($0.key.fingerprint) }
  }

  init(_ tree: CertificateTree) {
    self.tree = tree
    let primary = tree.primary
    let parts = CertificateParts(tree)
    direct = parts.direct
    users = parts.users
    keys = [CertificateKey(packet: primary, bindings: [], revocation: parts.revocation)] + parts.subkeys
    let signing = Set(parts.subkeys.filter { $0.hasSignedBack && $0.isSafeForGnuPG }.map(\.fingerprint))
    packets = tree.packets { signing.contains($0.key.fingerprint) }
    warnings = tree.warnings + parts.warnings
  }
}
