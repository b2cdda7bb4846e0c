/// The keys and the revocations in files, nothing checked.
struct RevocationClaims {
  struct Primary {
    let body: [UInt8]
    /// Bodies of the subkeys that stand behind it, whether or not anything binds them.
    var subkeys: [Fingerprint: [UInt8]] = [:]
  }

  /// A signature that says that it takes something back.
  struct Claim {
    let packet: [UInt8]
    /// The subkeys behind which it stood.
    var subkeys: Set<Fingerprint> = []
    /// The primary keys behind which it stood.
    fileprivate var places: Set<Fingerprint> = []
  }

  private(set) var primaries: [Fingerprint: Primary] = [:]
  private var claims: [[UInt8]: Claim] = [:]

  /// The claims on each primary key: of those that it stands behind, and those that it names, by the packets' octets.
  var byPrimary: [Fingerprint: [Claim]] {
    guard !claims.isEmpty else { return [:] }
    let byKeyID = Dictionary(grouping: primaries.keys, by: \.keyID)
    var result: [Fingerprint: [Claim]] = [:]
    for claim in claims.values {
      guard let fields = SignatureFields(packet: claim.packet) else { continue }
      var named = claim.places
      let subpackets = fields.subpackets
      for id in [subpackets.issuerKeyID, subpackets.issuerFingerprint?.keyID].compactMap(\.self) {
        named.formUnion(byKeyID[id] ?? [])
      }
      for primary in named { result[primary, default: []].append(claim) }
    }
    return result.mapValues { $0.sorted { $0.packet.lexicographicallyPrecedes($1.packet) } }
  }

  mutating func read(_ file: [UInt8]) {
    guard let first = file.first else { return }
    for bytes in first & 0x80 != 0 ? [file] : Armor.looseBlocks(in: file) { readPackets(bytes) }
  }

  private mutating func readPackets(_ bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    var primary: Fingerprint?
    var subkey: Fingerprint?
    while !reader.isAtEnd, let header = try? PacketHeader.read(&reader) {
      switch header.type {
      case PacketHeader.publicKey:
        primary = note(primary: Array(bytes[header.body]))
        subkey = nil
      case PacketHeader.publicSubkey:
        subkey = primary.flatMap { note(subkey: Array(bytes[header.body]), of: $0) }
      case PacketHeader.userID, PacketHeader.userAttribute: subkey = nil
      case PacketHeader.signature: note(signature: bytes[header.body], primary, subkey)
      default: break
      }
    }
  }

  private mutating func note(primary body: [UInt8]) -> Fingerprint? {
    guard body.first == 4, let fingerprint = KeyPacket.fingerprint(of: body) else { return nil }
    if primaries[fingerprint] == nil { primaries[fingerprint] = Primary(body: body) }
    return fingerprint
  }

  private mutating func note(subkey body: [UInt8], of primary: Fingerprint) -> Fingerprint? {
    guard body.first == 4, let fingerprint = KeyPacket.fingerprint(of: body) else { return nil }
    primaries[primary]?.subkeys[fingerprint] = body
    return fingerprint
  }

  private mutating func note(signature body: ArraySlice<UInt8>, _ primary: Fingerprint?, _ subkey: Fingerprint?) {
    // Version and type: the rest is looked at where there is something to look for.
    let kinds = [SignatureType.keyRevocation, SignatureType.subkeyRevocation]
    guard body.first == 4, let kind = body.dropFirst().first, kinds.contains(kind) else { return }
    let packet = PacketHeader.frame(PacketHeader.signature, body)
    var claim = claims[packet] ?? Claim(packet: packet)
    if let primary { claim.places.insert(primary) }
    if let subkey { claim.subkeys.insert(subkey) }
    claims[packet] = claim
  }
}
