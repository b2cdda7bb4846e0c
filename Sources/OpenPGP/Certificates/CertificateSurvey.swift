/// A certificate as a registry keeps it.
extension Certificate {
  /// What counts of the certificate, armored: the primary key, what it has truly signed about itself, its user ids and
  /// its subkeys, and revocations, those of designated revokers too. The same content in the same order gives the same
  /// octets.
  ///
  /// Left out is what others have signed, and what only claims to be the key's own work: anybody can add either to a
  /// certificate, by the thousand (the key server floods of 2019), and neither decides anything.
  package var published: [UInt8] {
    Armor.encode(
      tree.countingPackets(revokers: Set(direct.flatMap(\.revokers).map(\.keyID))), label: "PGP PUBLIC KEY BLOCK")
  }
}

/// What a file that somebody hands in for a certificate holds at first sight. Looser than reading: what is refused for
/// one reason must be recognised for another all the same.
package struct CertificateSurvey: Sendable, Equatable {
  /// Packets of any kind, as far as they can be told apart.
  package private(set) var packets = 0
  /// Primary keys.
  package private(set) var certificates = 0
  /// Whether there seems to be a private key in it, of OpenPGP or of another kind.
  package private(set) var seemsSecret = false

  /// Looks at packets or armor; what cannot be read is counted as such.
  package init(_ bytes: [UInt8]) {
    for block in CertificateFile.blocks(bytes) { count(block) }
    for marker in ["-----BEGIN PGP PRIVATE KEY", "PRIVATE KEY-----"] where bytes.contains(marker.utf8) {
      seemsSecret = true
    }
  }

  private mutating func count(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    while !reader.isAtEnd, let header = try? PacketHeader.read(&reader) {
      packets += 1
      if header.type == PacketHeader.publicKey { certificates += 1 }
      if header.type == PacketHeader.secretKey || header.type == PacketHeader.secretSubkey { seemsSecret = true }
    }
  }
}

extension CertificateTree {
  /// The packets that the primary key, or a designated revoker, has a say in, in the order of RFC 9580, section 10.1.
  fileprivate func countingPackets(revokers: Set<KeyID>) -> [UInt8] {
    var bytes = primary.packet
    for signature in distinct(direct) where isOwn(signature, over: primary.hashed) { bytes += signature }
    for revocation in distinct(foreignRevocations) where isBy(revokers, revocation) { bytes += revocation }
    for user in users {
      let own = distinct(user.signatures).filter { isOwn($0, over: hashed(user)) }
      // A user id that the key has never certified is anybody's words.
      guard !own.isEmpty else { continue }
      bytes += PacketHeader.frame(PacketHeader.userID, user.id)
      for signature in own { bytes += signature }
    }
    let claims = revocationClaims
    for (place, subkey) in subkeys.enumerated() {
      let hashed = hashed(subkey)
      // A revocation that stands beside another subkey comes to the one that the mathematics says it means.
      let likely = subkey.signatures + revocations(ofSubkey: place, among: claims)
      let own = distinct(likely).filter { isOwn($0, over: hashed) }
      guard !own.isEmpty else { continue }
      bytes += subkey.key.packet
      for signature in own { bytes += signature }
    }
    return bytes
  }

  private func isOwn(_ packet: [UInt8], over hashed: [UInt8]) -> Bool {
    SelfSignature(packet: packet, by: primary, over: hashed) != nil
  }

  private func isBy(_ revokers: Set<KeyID>, _ packet: [UInt8]) -> Bool {
    SignatureFields(packet: packet)?.issuerKeyID.map(revokers.contains) ?? false
  }

  private func distinct(_ packets: [[UInt8]]) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return packets.filter { seen.insert($0).inserted }
  }
}
