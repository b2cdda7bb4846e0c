/// Sorts the packets of one certificate.
struct CertificateReader {
  private var tree: CertificateTree
  private var place = Place.primary
  private var users: [[UInt8]: Int] = [:]
  private var subkeys: [[UInt8]: Int] = [:]
  /// A signature that stands twice beside the same part is kept once.
  private var seen: Set<[UInt8]> = []
  private var signatures = 0

  /// GnuPG takes no longer user id, and gives up a whole keyring over one.
  static let longestUserID = 2048

  /// Where a signature belongs that comes next.
  private enum Place {
    case primary
    case user(Int)
    case subkey(Int)
    /// After a part that is left out.
    case dropped
  }

  /// Reads the packets of exactly one certificate, not armored.
  static func read(_ bytes: [UInt8]) throws(CertificateDefect) -> CertificateTree {
    var reader = ByteReader(bytes)
    var first = try parsing { () throws(ParseError) in try PacketHeader.read(&reader) }
    while first.isFiller, !reader.isAtEnd {
      first = try parsing { () throws(ParseError) in try PacketHeader.read(&reader) }
    }
    guard first.type != PacketHeader.secretKey else { throw .secretKey }
    guard first.type == PacketHeader.publicKey else { throw .malformed("it does not begin with a primary key") }
    if let version = bytes[first.body].first, version != 4 {
      throw .unknownFormat("keys of version \(version) are not understood")
    }
    let primary = try parsing { () throws(ParseError) in
      try KeyPacket(body: Array(bytes[first.body]), isPrimary: true)
    }
    var sorter = CertificateReader(tree: CertificateTree(primary: primary))
    while !reader.isAtEnd {
      let header = try parsing { () throws(ParseError) in try PacketHeader.read(&reader) }
      try sorter.add(header, bytes)
    }
    let tree = sorter.tree
    // Attack: a push of one file that keeps the server busy for an hour.
    guard tree.subkeyRevocations.count * tree.subkeys.count <= CertificateTree.mostRevocationChecks else {
      throw .malformed("it has too many revocations for its number of subkeys")
    }
    return tree
  }

  private init(tree: CertificateTree) { self.tree = tree }

  private mutating func add(_ header: PacketHeader, _ bytes: [UInt8]) throws(CertificateDefect) {
    switch header.type {
    case PacketHeader.signature: try addSignature(header, bytes)
    case PacketHeader.userID: try addUser(Array(bytes[header.body]))
    case PacketHeader.userAttribute: start(.dropped)
    case PacketHeader.publicSubkey: try addSubkey(Array(bytes[header.body]))
    case PacketHeader.publicKey:
      throw .malformed("more than one certificate")
    case PacketHeader.secretKey, PacketHeader.secretSubkey:
      throw .secretKey
    case PacketHeader.trust:
      // Trust packets are a keyring's private notes; forged ones make GnuPG believe (gpg.fail/trust).
      throw .malformed("a trust packet")
    case _ where header.isFiller: break
    // A reader that does not know such a packet passes over it (RFC 9580, section 4.3), and readers differ in where
    // they put the signatures behind it: here they are about nothing.
    case PacketHeader.firstToSkip...: start(.dropped)
    default:
      throw .malformed("a packet of type \(header.type)")
    }
  }

  private mutating func start(_ place: Place) {
    self.place = place
    seen = []
  }

  private mutating func addUser(_ id: [UInt8]) throws(CertificateDefect) {
    // GnuPG stops looking for user ids at the first subkey; in another order two readers see two certificates.
    guard tree.subkeys.isEmpty else { throw .malformed("a user id after a subkey") }
    guard id.count <= Self.longestUserID else {
      warn("a user id of more than \(Self.longestUserID) octets is left out")
      return start(.dropped)
    }
    if let known = users[id] { return start(.user(known)) }
    guard tree.users.count < CertificateTree.mostUsers else {
      throw .malformed("it has more than \(CertificateTree.mostUsers) user ids")
    }
    users[id] = tree.users.count
    start(.user(tree.users.count))
    tree.users.append(CertificateTree.User(id: id))
  }

  private mutating func addSubkey(_ body: [UInt8]) throws(CertificateDefect) {
    if let version = body.first, version != 4 {
      warn("a subkey of version \(version) is left out")
      return start(.dropped)
    }
    if let known = subkeys[body] { return start(.subkey(known)) }
    let key = try Self.parsing { () throws(ParseError) in try KeyPacket(body: body, isPrimary: false) }
    guard tree.subkeys.count < CertificateTree.mostSubkeys else {
      throw .malformed("it has more than \(CertificateTree.mostSubkeys) subkeys")
    }
    subkeys[body] = tree.subkeys.count
    start(.subkey(tree.subkeys.count))
    tree.subkeys.append(CertificateTree.Subkey(key: key))
  }

  // MARK: Signatures

  private mutating func addSignature(_ header: PacketHeader, _ bytes: [UInt8]) throws(CertificateDefect) {
    let fields: SignatureFields
    do throws(SignatureFields.Failure) {
      fields = try SignatureFields(bytes, body: header.body)
    } catch {
      return try passOver(UnreadableSignature(bytes[header.body]), error)
    }
    let packet = PacketHeader.frame(PacketHeader.signature, bytes[header.body])
    guard isBySelf(fields) else {
      if fields.type == SignatureType.keyRevocation || fields.type == SignatureType.subkeyRevocation {
        try addForeign(packet)
      }
      return
    }
    guard SignatureType.ofCertificates.contains(fields.type) else { return }
    // GnuPG gives up a whole keyring over one number that is longer than its packet.
    try Self.parsing { () throws(ParseError) in try SignatureNumbers.check(fields) }
    guard seen.insert(packet).inserted else { return }
    // Each signature inside another one is checked as well.
    signatures += 1 + fields.subpackets.embedded.count
    tree.embeddedCount += fields.subpackets.embedded.count
    guard signatures <= CertificateTree.mostSignatures else {
      throw .malformed("it has more than \(CertificateTree.mostSignatures) signatures in its own name")
    }
    try addOwn(packet, fields.type)
  }

  private mutating func addOwn(_ packet: [UInt8], _ type: UInt8) throws(CertificateDefect) {
    switch place {
    case .primary where SignatureType.ofPrimary.contains(type): tree.direct.append(packet)
    case .user(let index) where SignatureType.ofUser.contains(type): tree.users[index].signatures.append(packet)
    case .subkey(let index) where SignatureType.ofSubkey.contains(type):
      tree.subkeys[index].signatures.append(packet)
      if type == SignatureType.subkeyRevocation { tree.subkeyRevocations.append(packet) }
    // What takes a key back is heeded wherever a reader might see it.
    case .dropped where type == SignatureType.keyRevocation: tree.direct.append(packet)
    case .dropped where type == SignatureType.subkeyRevocation: tree.subkeyRevocations.append(packet)
    case .dropped: break
    // Readers differ in what they do with a revocation that stands elsewhere.
    default: throw .malformed("a self-signature that stands in the wrong place")
    }
  }

  private mutating func addForeign(_ packet: [UInt8]) throws(CertificateDefect) {
    guard tree.foreignRevocations.count < CertificateTree.mostForeignRevocations else {
      throw .malformed("others have revoked it more than \(CertificateTree.mostForeignRevocations) times")
    }
    tree.foreignRevocations.append(packet)
  }

  /// Whether a signature is by the primary key, so it says. However it names the key, or nobody, it may take something
  /// back.
  private func isBySelf(_ fields: SignatureFields) -> Bool {
    guard fields.keyAlgorithm == tree.primary.algorithm else { return false }
    let subpackets = fields.subpackets
    if let id = subpackets.issuerKeyID { return id == tree.primary.fingerprint.keyID }
    if let fingerprint = subpackets.issuerFingerprint { return fingerprint == tree.primary.fingerprint }
    return SignatureType.revocations.contains(fields.type)
  }

  /// Leaves out what cannot be read and somebody else has made, as far as can be seen. One by the key itself may be a
  /// revocation or a restriction that other readers see, and that must not go unseen.
  private mutating func passOver(
    _ signature: UnreadableSignature, _ failure: SignatureFields.Failure
  ) throws(CertificateDefect) {
    guard signature.isBySomebodyElse(than: tree.primary.fingerprint) else {
      switch failure {
      case .version(let version): throw .unknownFormat("self-signatures of version \(version) are not understood")
      case .malformed(let error): throw .malformed("a signature in it: \(error.reason)")
      }
    }
    warn("a signature in it that cannot be read is left out; others have made it")
  }

  private mutating func warn(_ text: String) {
    if !tree.warnings.contains(text) { tree.warnings.append(text) }
  }

  private static func parsing<T>(_ body: () throws(ParseError) -> T) throws(CertificateDefect) -> T {
    do throws(ParseError) {
      return try body()
    } catch {
      throw .malformed(error.reason)
    }
  }
}
