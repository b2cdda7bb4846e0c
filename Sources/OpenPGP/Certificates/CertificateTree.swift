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
  var direct: [[UInt8]] = []
  /// Revocations of keys by others, one of whom may be a designated revoker.
  var foreignRevocations: [[UInt8]] = []
  var users: [User] = []
  var subkeys: [Subkey] = []
  var warnings: [String] = []
  /// Signatures that claim to take a subkey back, whichever it is.
  var subkeyRevocations: [[UInt8]] = []

  /// Signatures inside others: a subkey's, with which it answers its binding.
  var embeddedCount = 0

  static let mostSubkeys = 256
  static let mostUsers = 1024
  /// Each revocation is held against each subkey: so many times at most.
  static let mostRevocationChecks = 1 << 13
  /// Signatures in the certificate's own name, whoever made them: a busy person has some hundred in a life.
  static let mostSignatures = 1024
  /// Revocations by others.
  static let mostForeignRevocations = 1024

  init(primary: KeyPacket) { self.primary = primary }

  /// How many signatures it holds in its own name.
  var signatureCount: Int {
    direct.count + users.reduce(0) { $0 + $1.signatures.count } + subkeys.reduce(0) { $0 + $1.signatures.count }
  }

  /// This certificate and the parts of `other` that it has not, when both have the same primary key.
  func merging(_ other: CertificateTree) -> CertificateTree {
    guard other.primary.fingerprint == primary.fingerprint else { return self }
    var merged = self
    merged.direct.appendMissing(other.direct)
    merged.foreignRevocations.appendMissing(other.foreignRevocations)
    merged.subkeyRevocations.appendMissing(other.subkeyRevocations)
    var places = Dictionary(users.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    for user in other.users {
      if let place = places[user.id] {
        merged.users[place].signatures.appendMissing(user.signatures)
      } else {
        places[user.id] = merged.users.count
        merged.users.append(user)
      }
    }
    var subkeyPlaces = Dictionary(
      subkeys.enumerated().map { ($1.key.body, $0) }, uniquingKeysWith: { first, _ in first })
    for subkey in other.subkeys {
      if let place = subkeyPlaces[subkey.key.body] {
        merged.subkeys[place].signatures.appendMissing(subkey.signatures)
      } else {
        subkeyPlaces[subkey.key.body] = merged.subkeys.count
        merged.subkeys.append(subkey)
      }
    }
    merged.embeddedCount += other.embeddedCount
    merged.warnings.appendMissing(other.warnings)
    return merged
  }

  /// The certificate as packets, without armor and without what others have signed, in the order of RFC 9580, section
  /// 10.1, with those subkeys that `keep` wants, and of each signature what `form` makes of it.
  ///
  /// - Parameter form: Is handed a signature and what it covers; nil leaves it out.
  func packets(
    subkeys keep: (Subkey) -> Bool = { _ in true }, form: ([UInt8], () -> [UInt8]) -> [UInt8]? = { packet, _ in packet }
  ) -> [UInt8] {
    var bytes = primary.packet
    for signature in direct { bytes += form(signature, { primary.hashed }) ?? [] }
    for user in users {
      bytes += PacketHeader.frame(PacketHeader.userID, user.id)
      for signature in user.signatures { bytes += form(signature, { hashed(user) }) ?? [] }
    }
    for subkey in subkeys where keep(subkey) {
      bytes += subkey.key.packet
      for signature in subkey.signatures { bytes += form(signature, { hashed(subkey) }) ?? [] }
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

  /// The octets that a signature over a subkey covers.
  func hashed(_ subkey: Subkey) -> [UInt8] { primary.hashed + subkey.key.hashed }

  /// The signatures that may take back the subkey at `place`: those beside it, and of the others those whose stated
  /// start of the digest fits it, for a revocation counts beside whichever subkey it stands. The mathematics says which
  /// one is meant.
  func revocations(ofSubkey place: Int, among claims: [(packet: [UInt8], fields: SignatureFields)]) -> [[UInt8]] {
    guard !claims.isEmpty else { return [] }
    let hashed = hashed(subkeys[place])
    let beside = Set(subkeys[place].signatures)
    return claims.filter { beside.contains($0.packet) || $0.fields.fitsDigestStart(over: hashed) }.map(\.packet)
  }

  /// The revocations of subkeys with what was read of each.
  var revocationClaims: [(packet: [UInt8], fields: SignatureFields)] {
    subkeyRevocations.compactMap { packet in SignatureFields(packet: packet).map { (packet, $0) } }
  }
}

extension Array where Element: Hashable {
  /// Appends what is not there yet.
  fileprivate mutating func appendMissing(_ others: [Element]) {
    guard !others.isEmpty else { return }
    var known = Set(self)
    for other in others where known.insert(other).inserted { append(other) }
  }
}
