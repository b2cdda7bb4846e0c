/// The packets of one certificate, sorted by what they are about, nothing checked but their form.
/// Only what the primary key claims to have made is kept: certifications by others decide nothing here,
/// and thousands of them have been used to choke readers (CVE-2022-3219, the key server floods of 2019).
struct CertificateTree: Sendable {
  struct User: Sendable {
    /// Octets of the user id, by convention UTF-8.
    let id: [UInt8]
    var signatures: [[UInt8]] = []
  }

  struct Subkey: Sendable {
    let key: KeyPacket
    var signatures: [[UInt8]] = []

    /// Whether a binding of it has another signature inside, as the bindings of subkeys have that sign.
    var claimsToSignBack: Bool {
      signatures.lazy.compactMap { SignatureFields(packet: $0) }
        .contains { $0.type == SignatureType.subkeyBinding && !$0.subpackets.embedded.isEmpty }
    }
  }

  let primary: KeyPacket
  /// Signatures over the primary key: direct ones, and key revocations wherever in the certificate they stood.
  private(set) var direct: [[UInt8]] = []
  /// Key revocations by others, one of whom may be a designated revoker.
  private(set) var foreignRevocations: [[UInt8]] = []
  private(set) var users: [User] = []
  private(set) var subkeys: [Subkey] = []
  private(set) var warnings: [String] = []
  /// Signatures that claim to take a subkey back, whichever it is.
  private(set) var subkeyRevocations: [[UInt8]] = []

  static let mostSubkeys = 256
  /// Each revocation is held against each subkey: so many times at most, which is a second.
  static let mostRevocationChecks = 1 << 13

  /// Where a signature belongs that comes next.
  private enum Place {
    case primary, user, subkey
    /// After a part that is left out.
    case dropped
  }

  /// Reads the packets of exactly one certificate, not armored.
  init(_ bytes: [UInt8]) throws(CertificateDefect) {
    var reader = ByteReader(bytes)
    let first = try Self.parsing { () throws(ParseError) in try PacketHeader.read(&reader) }
    guard first.type != PacketHeader.secretKey else { throw .secretKey }
    guard first.type == PacketHeader.publicKey else { throw .malformed("it does not begin with a primary key") }
    if let version = bytes[first.body].first, version != 4 {
      throw .unknownFormat("keys of version \(version) are not understood")
    }
    primary = try Self.parsing { () throws(ParseError) in
      try KeyPacket(body: Array(bytes[first.body]), isPrimary: true)
    }
    var place = Place.primary
    while !reader.isAtEnd {
      let header = try Self.parsing { () throws(ParseError) in try PacketHeader.read(&reader) }
      try add(header, bytes, &place)
    }
    // Attack: a push of one file that keeps the server busy for an hour.
    guard subkeyRevocations.count * subkeys.count <= Self.mostRevocationChecks else {
      throw .malformed("it has too many revocations for its number of subkeys")
    }
  }

  private mutating func add(
    _ header: PacketHeader, _ bytes: [UInt8], _ place: inout Place
  ) throws(CertificateDefect) {
    switch header.type {
    case PacketHeader.signature:
      try addSignature(header, bytes, place)
    case PacketHeader.userID:
      // GnuPG stops looking for user ids at the first subkey; in another order two readers see two certificates.
      guard subkeys.isEmpty else { throw .malformed("a user id after a subkey") }
      users.append(User(id: Array(bytes[header.body])))
      place = .user
    case PacketHeader.userAttribute:
      place = .dropped
    case PacketHeader.publicSubkey:
      if let version = bytes[header.body].first, version != 4 {
        warnings.append("a subkey of version \(version) is left out")
        place = .dropped
        return
      }
      let key = try Self.parsing { () throws(ParseError) in
        try KeyPacket(body: Array(bytes[header.body]), isPrimary: false)
      }
      guard subkeys.count < Self.mostSubkeys else { throw .malformed("it has more than \(Self.mostSubkeys) subkeys") }
      subkeys.append(Subkey(key: key))
      place = .subkey
    case PacketHeader.publicKey:
      throw .malformed("more than one certificate")
    case PacketHeader.secretKey, PacketHeader.secretSubkey:
      throw .secretKey
    case PacketHeader.trust:
      // Trust packets are a keyring's private notes; forged ones make GnuPG believe (gpg.fail/trust).
      throw .malformed("a trust packet")
    default:
      throw .malformed("a packet of type \(header.type)")
    }
  }

  private mutating func addSignature(
    _ header: PacketHeader, _ bytes: [UInt8], _ place: Place
  ) throws(CertificateDefect) {
    let fields: SignatureFields
    do throws(SignatureFields.Failure) {
      fields = try SignatureFields(bytes, body: header.body)
    } catch {
      switch error {
      case .version(3): return try refuseIfByPrimary(versionThree: Array(bytes[header.body]))
      case .version(5), .version(6): return  // A version 4 key makes no later versions, so somebody else did.
      case .version(let version): throw .unknownFormat("signatures of version \(version) are not understood")
      case .malformed(let error): throw .malformed("a signature in it: \(error.reason)")
      }
    }
    let packet = PacketHeader.frame(PacketHeader.signature, bytes[header.body])
    guard isBySelf(fields) else {
      if fields.type == SignatureType.keyRevocation { foreignRevocations.append(packet) }
      return
    }
    // GnuPG gives up a whole keyring over one number that is longer than its packet.
    try Self.parsing { () throws(ParseError) in try SignatureNumbers.check(fields) }
    switch place {
    case .primary where SignatureType.ofPrimary.contains(fields.type): direct.append(packet)
    case .user where SignatureType.ofUser.contains(fields.type): users[users.count - 1].signatures.append(packet)
    case .subkey where SignatureType.ofSubkey.contains(fields.type):
      subkeys[subkeys.count - 1].signatures.append(packet)
      if fields.type == SignatureType.subkeyRevocation { subkeyRevocations.append(packet) }
    case .dropped: break
    // Readers differ in what they do with a revocation that stands elsewhere.
    default: throw .malformed("a self-signature that stands in the wrong place")
    }
  }

  /// Whether a signature is by the primary key, so it says. GnuPG 2.2 passes over one that does not state the key id, so it
  /// vouches for nothing here; but however it names the key, or nobody, it may still take something back.
  private func isBySelf(_ fields: SignatureFields) -> Bool {
    guard fields.keyAlgorithm == primary.algorithm else { return false }
    let subpackets = fields.subpackets
    if subpackets.issuerKeyID == primary.fingerprint.keyID { return true }
    let isNobodyElse = subpackets.issuerKeyID == nil
      && (subpackets.issuerFingerprint == nil || subpackets.issuerFingerprint == primary.fingerprint)
    return isNobodyElse && SignatureType.revocations.contains(fields.type)
  }

  /// Signatures of version 3 are left out, but one by the key itself may be a revocation, and that must not go unseen.
  /// Layout: version, 5, type, time (4), key id (8) (RFC 9580, section 5.2.2).
  private func refuseIfByPrimary(versionThree body: [UInt8]) throws(CertificateDefect) {
    guard body.count > 15 else { throw .malformed("a signature in it: \(ParseError.truncated.reason)") }
    let issuer = body[7..<15].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    if issuer == primary.fingerprint.keyID.value {
      throw .unknownFormat("self-signatures of version 3 are not understood")
    }
  }

  /// This certificate and the parts of `other` that it has not, when both have the same primary key.
  func merging(_ other: CertificateTree) -> CertificateTree {
    guard other.primary.fingerprint == primary.fingerprint else { return self }
    var merged = self
    merged.direct.appendMissing(other.direct)
    merged.foreignRevocations.appendMissing(other.foreignRevocations)
    merged.subkeyRevocations.appendMissing(other.subkeyRevocations)
    for user in other.users {
      if let index = merged.users.firstIndex(where: { $0.id == user.id }) {
        merged.users[index].signatures.appendMissing(user.signatures)
      } else {
        merged.users.append(user)
      }
    }
    for subkey in other.subkeys {
      if let index = merged.subkeys.firstIndex(where: { $0.key.body == subkey.key.body }) {
        merged.subkeys[index].signatures.appendMissing(subkey.signatures)
      } else {
        merged.subkeys.append(subkey)
      }
    }
    merged.warnings.append(contentsOf: other.warnings.filter { !warnings.contains($0) })
    return merged
  }

  /// The certificate as packets, without armor and without what others have signed, in the order of RFC 9580, section
  /// 10.1, with those subkeys that `keep` wants.
  func packets(subkeys keep: (Subkey) -> Bool = { _ in true }) -> [UInt8] {
    var bytes = primary.packet
    for signature in direct { bytes += signature }
    for user in users {
      bytes += PacketHeader.frame(PacketHeader.userID, user.id)
      for signature in user.signatures { bytes += signature }
    }
    for subkey in subkeys where keep(subkey) {
      bytes += subkey.key.packet
      for signature in subkey.signatures { bytes += signature }
    }
    return bytes
  }

  /// The octets that a signature over a user id covers: after the key's, 0xB4 and four octets of length stand for the
  /// id (RFC 9580, section 5.2.4).
  func hashed(_ user: User) -> [UInt8] {
    var hashed = primary.hashed + [0xB4]
    hashed.append(bigEndian: UInt32(user.id.count))
    return hashed + user.id
  }

  private static func parsing<T>(_ body: () throws(ParseError) -> T) throws(CertificateDefect) -> T {
    do throws(ParseError) {
      return try body()
    } catch {
      throw .malformed(error.reason)
    }
  }
}

/// Signature types that certificates are made of (RFC 9580, section 5.2.1).
enum SignatureType {
  static let certifications: ClosedRange<UInt8> = 0x10...0x13
  static let subkeyBinding: UInt8 = 0x18
  static let primaryKeyBinding: UInt8 = 0x19
  static let directKey: UInt8 = 0x1F
  static let keyRevocation: UInt8 = 0x20
  static let subkeyRevocation: UInt8 = 0x28
  static let certificationRevocation: UInt8 = 0x30

  static let revocations: Set<UInt8> = [keyRevocation, subkeyRevocation, certificationRevocation]

  // What a key signs about itself, by the packet that it stands after (section 10.1).
  static let ofPrimary: Set<UInt8> = [directKey, keyRevocation]
  static let ofUser = Set(certifications).union([certificationRevocation])
  static let ofSubkey: Set<UInt8> = [subkeyBinding, subkeyRevocation]
}

extension [[UInt8]] {
  fileprivate mutating func appendMissing(_ others: [[UInt8]]) {
    for other in others where !contains(other) { append(other) }
  }
}
