internal import Synchronization

/// One OpenPGP certificate of version 4: a primary key, user ids, subkeys, and what the primary key has signed
/// about them. Certifications by others are not read.
///
/// Its form is checked when it is read, its mathematics when it is asked for: a push concerns the certificates of one
/// or two people, and a registry holds those of many. A class, for it has many parts and is looked up for every
/// signature.
package final class Certificate: Sendable {
  let tree: CertificateTree
  /// Of the primary key first, then of the subkeys in the certificate's order; as ``keys``, without any mathematics.
  package let fingerprints: [Fingerprint]
  private let checked = AtomicLazyReference<Checked>()

  /// What the mathematics has shown.
  private final class Checked: Sendable {
    let parts: CertificateParts
    let keys: [CertificateKey]

    init(_ tree: CertificateTree) {
      parts = CertificateParts(tree)
      keys = [CertificateKey(packet: tree.primary, bindings: [], revocations: parts.revocations)] + parts.subkeys
    }
  }

  /// Two threads may both do it at first; both then use the same.
  private var known: Checked { checked.load() ?? checked.storeIfNil(Checked(tree)) }

  /// Signatures over the primary key itself that are in force or were.
  var direct: [SelfSignature] { selfSignatures.direct }
  /// Self-certifications and their revocations, one list for each user id.
  var users: [(id: [UInt8], signatures: [SelfSignature])] { selfSignatures.users }
  /// Both of them.
  var selfSignatures: (direct: [SelfSignature], users: [(id: [UInt8], signatures: [SelfSignature])]) {
    let parts = known.parts
    return (parts.direct, parts.users)
  }

  /// The primary key first, then the subkeys in the certificate's order.
  package var keys: [CertificateKey] { known.keys }
  /// All that is read of the certificate, as octets that are the same for the same content: also the subkeys and the
  /// revocations that ``gnupgPackets(claimed:)`` leaves out.
  package var content: [UInt8] {
    tree.packets() + [0] + tree.subkeyRevocations.flatMap(\.self) + [0] + tree.foreignRevocations.flatMap(\.self)
  }
  /// What a maintainer should mend; our own words only.
  package var warnings: [String] { tree.warnings + known.parts.warnings + revokerWarnings }

  /// What is not heard of those whom the key has named to revoke it; our own words only.
  package var revokerWarnings: [String] { known.parts.revokerWarnings }

  /// The primary key's fingerprint.
  package var primary: Fingerprint { fingerprints[0] }

  /// How many signatures it asks to be checked, roughly, in such as are checked fastest.
  package var work: Int {
    let dearest = tree.subkeys.map(\.key.material.cost).max() ?? 1
    return tree.signatureCount * tree.primary.material.cost + tree.embeddedCount * dearest
  }

  /// The packet of the key at a place in ``fingerprints``.
  func keyPacket(_ place: Int) -> KeyPacket { place == 0 ? tree.primary : tree.subkeys[place - 1].key }

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
    if first & 0x80 != 0 { return Certificate(try CertificateReader.read(bytes)) }
    if bytes.starts(with: "-----BEGIN PGP PRIVATE KEY BLOCK".utf8) { throw .secretKey }
    let binary: [UInt8]
    do throws(ParseError) {
      binary = try Armor.decode(bytes, label: "PGP PUBLIC KEY BLOCK", limit: Armor.certificateLimit)
    } catch {
      throw .malformed(error.reason)
    }
    return Certificate(try CertificateReader.read(binary))
  }

  /// This certificate with whatever `other` has beyond it: newer self-signatures, bindings, revocations.
  /// Unchanged when `other` has another primary key.
  package func adding(selfSignaturesOf other: Certificate) -> Certificate {
    other.primary == primary ? Certificate(tree.merging(other.tree)) : self
  }

  init(_ tree: CertificateTree) {
    self.tree = tree
    fingerprints = [tree.primary.fingerprint] + tree.subkeys.map(\.key.fingerprint)
  }
}
