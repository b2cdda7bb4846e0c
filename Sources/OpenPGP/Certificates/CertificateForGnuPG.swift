/// A certificate as GnuPG is shown it: what our own reading has taken, in forms and sizes that every GnuPG can parse.
extension Certificate {
  /// So many signatures and subkeys are handed over on their own word, for GnuPG checks them itself; of more, only
  /// those whose mathematics is good, for it checks them anew at every question.
  private static let ordinarySignatures = 64
  private static let ordinarySubkeys = 16

  /// The certificate without armor, for another engine to judge signatures with: without certifications by others, and
  /// without subkeys that cannot sign, which would cost that engine time. Nil when its primary key cannot be shown to
  /// it.
  ///
  /// - Parameter claimed: Also with subkeys that only claim to have signed back. Not where another certificate has the
  ///   same subkey: the claim would hide the true owner from that engine.
  func gnupgPackets(claimed: Bool) -> [UInt8]? {
    guard tree.primary.isSafeForGnuPG else { return nil }
    guard claimed, tree.signatureCount <= Self.ordinarySignatures, tree.subkeys.count <= Self.ordinarySubkeys else {
      return provenPackets(signingBack: { _ in true })
    }
    return tree.packets(
      subkeys: { $0.claimsToSignBack && $0.key.isSafeForGnuPG }, form: { packet, _ in Self.gnupgForm(packet) })
  }

  /// ``gnupgPackets(claimed:)`` with only those signing keys that are wanted, for programs that know no other way to
  /// tell them apart. Nil when the primary key may sign and is not wanted: it cannot be left out.
  package func packets(signing isWanted: (Fingerprint) -> Bool) -> [UInt8]? {
    let own = direct + users.flatMap(\.signatures)
    let maySign = own.contains { $0.keyFlags.map { $0 & KeyPolicy.signingFlag != 0 } ?? true }
    guard tree.primary.isSafeForGnuPG, !maySign || isWanted(primary) else { return nil }
    return provenPackets(signingBack: isWanted)
  }

  private func provenPackets(signingBack isWanted: (Fingerprint) -> Bool) -> [UInt8] {
    let signing = Set(
      keys.filter { !$0.isPrimary && $0.hasSignedBack && $0.packet.isSafeForGnuPG && isWanted($0.fingerprint) }.map(
        \.fingerprint))
    let primary = tree.primary
    return tree.packets(subkeys: { signing.contains($0.key.fingerprint) }) { packet, hashed in
      SelfSignature(packet: packet, by: primary, over: hashed()) == nil ? nil : Self.gnupgForm(packet)
    }
  }

  /// The longest areas that GnuPG 2.2 takes; over a longer one it gives up the keyring.
  private static let longestArea = 10_000

  /// A signature with the key id of its maker, without which GnuPG 2.2 passes it over. It is added to the area that
  /// nobody signs.
  private static func gnupgForm(_ packet: [UInt8]) -> [UInt8]? {
    guard let fields = SignatureFields(packet: packet), fields.hashedPart.count <= longestArea,
      fields.unhashed.count <= longestArea - 10
    else { return nil }
    guard fields.subpackets.issuerKeyID == nil, let id = fields.issuerKeyID else { return packet }
    var body = Array(packet[fields.hashedPart])
    body.append(bigEndian: UInt16(fields.unhashed.count + 10))
    body += packet[fields.unhashed] + [9, 16]
    body.append(bigEndian: id.value)
    return PacketHeader.frame(
      PacketHeader.signature, body + packet[fields.digestStart.lowerBound..<fields.numbers.upperBound])
  }
}
