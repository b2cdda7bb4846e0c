/// Finds every revocation that a primary key has truly made in a heap of files, in any order.
///
/// Nothing is believed but the mathematics, so reading can be loose: what is overlooked would go on to count. The work
/// is bounded by constants and the size of the files, and the same files always give the same answer.
package struct RevocationReader {
  /// A longer file is passed over, as it is where certificates are read.
  static let fileLimit = Armor.certificateLimit
  /// What lies behind so many octets of all files is passed over.
  static let totalLimit = 32 << 20
  /// Signatures that are checked for one primary key. Nobody has taken back as many keys.
  static let mostOfPrimary = 256
  /// Signatures that are checked in all, a second's work; one over a long curve stands for eight.
  static let most = 1 << 13
  /// Pairs of a revocation and a key that are looked at for one primary key, without mathematics.
  static let mostPairs = 1 << 13
  /// Octets of keys that are hashed, for all primary keys, to see which claims may be true.
  static let mostHashed = 64 << 20

  /// - Returns: what was found, and the first primary key in whose name more stands than was looked at.
  static func read(_ files: [[UInt8]]) -> (found: Set<KeyRevocation>, flooded: Fingerprint?) {
    var found = RevocationClaims()
    var total = 0
    for file in files where file.count <= fileLimit {
      total += file.count
      guard total <= totalLimit else { break }
      found.read(file)
    }
    var reader = RevocationReader(found)
    // Attack: a heap of forgeries in one certificate's name that uses up what another one's revocation needs.
    let order = reader.claims.sorted { ($0.value.count, $0.key) < ($1.value.count, $1.key) }
    for (primary, claims) in order { reader.check(claims, of: primary) }
    return (reader.revocations, reader.flooded)
  }

  private let keys: RevocationClaims
  private let claims: [Fingerprint: [RevocationClaims.Claim]]
  private var left = most
  private var leftToHash = mostHashed
  private var flooded: Fingerprint?
  private var revocations: Set<KeyRevocation> = []

  private init(_ found: RevocationClaims) {
    keys = found
    claims = found.byPrimary
  }

  /// A claim held against the key that it may mean.
  private struct Trial {
    let packet: [UInt8]
    let key: Fingerprint
    let hashed: [UInt8]
    let isLikely: Bool
  }

  private mutating func check(_ claims: [RevocationClaims.Claim], of primary: Fingerprint) {
    guard let known = keys.primaries[primary], let key = try? KeyPacket(body: known.body, isPrimary: true) else {
      return
    }
    let trials = trials(claims, key, known)
    let cost = key.material.cost
    if trials.count > Self.mostOfPrimary { flooded = flooded ?? primary }
    // Two octets of the digest stand in the clear (RFC 9580, section 5.2.3): what does not fit them comes last.
    for trial in (trials.filter(\.isLikely) + trials.filter { !$0.isLikely }).prefix(Self.mostOfPrimary) {
      guard left >= cost else {
        flooded = flooded ?? primary
        return
      }
      left -= cost
      // One that cannot be checked weighs against the certificate that it stands in, see CertificateParts.
      guard let signature = SelfSignature(packet: trial.packet, by: key, over: trial.hashed), signature.isChecked else {
        continue
      }
      revocations.insert(KeyRevocation(primary: primary, key: trial.key, revocation: Revocation(signature)))
    }
  }

  private mutating func trials(
    _ claims: [RevocationClaims.Claim], _ primary: KeyPacket, _ known: RevocationClaims.Primary
  ) -> [Trial] {
    var trials: [Trial] = []
    var pairs = 0
    let subkeys = known.subkeys.keys.sorted()
    for claim in claims {
      guard let fields = SignatureFields(packet: claim.packet) else { continue }
      /// False where there is too much.
      func append(_ key: Fingerprint, _ hashed: [UInt8], isPlaced: Bool) -> Bool {
        pairs += 1
        leftToHash -= hashed.count
        guard pairs <= Self.mostPairs, leftToHash >= 0 else {
          flooded = flooded ?? primary.fingerprint
          return false
        }
        let isLikely = fields.fitsDigestStart(over: hashed)
        if isLikely || isPlaced {
          trials.append(Trial(packet: claim.packet, key: key, hashed: hashed, isLikely: isLikely))
        }
        return true
      }
      guard fields.type == SignatureType.subkeyRevocation else {
        guard append(primary.fingerprint, primary.hashed, isPlaced: true) else { return trials }
        continue
      }
      // Those behind which it stood go first.
      for subkey in claim.subkeys.sorted() + subkeys.filter({ !claim.subkeys.contains($0) }) {
        guard let body = known.subkeys[subkey] else { continue }
        let isPlaced = claim.subkeys.contains(subkey)
        guard append(subkey, primary.hashed + KeyPacket.hashed(body), isPlaced: isPlaced) else { return trials }
      }
    }
    return trials
  }
}
