/// What one signature of a certificate's own key says, after its mathematics.
struct SelfSignature: Sendable {
  let type: UInt8
  /// Seconds since 1970.
  let created: Int64
  /// When the signature itself ends, seconds since 1970.
  let expires: Int64?
  /// Seconds after the creation of the key that the signature is about.
  let keyLifetime: Int64?
  let keyFlags: UInt8?
  let revocationReason: UInt8?
  let revokers: [Fingerprint]
  /// Bodies of embedded signatures, inside `bytes`.
  let embedded: [Range<Int>]
  let bytes: [UInt8]
  /// Why the signature is not believed, although the key may have made it; `nil` when it is.
  /// Such a one still counts against the key: it revokes, and as the newest of its kind it binds nothing.
  let objection: String?
  let usesSHA1: Bool
  /// Whether the mathematics is good; otherwise it could not be done, and the key may have made the signature or not.
  let isChecked: Bool
  /// Of a binding: whether the subkey has signed back.
  var signsBack = false

  /// From this moment on a self-signature with SHA-1 is worth nothing: 2023-02-01, the date that Sequoia uses too.
  // R75
  static let sha1Ends: Int64 = 1_675_209_600

  /// Judges a signature packet as one by `key` over `hashed`. `nil` when `key` has certainly not made it,
  /// or when it is older than its key (GnuPG ignores those too).
  init?(packet: [UInt8], by key: KeyPacket, over hashed: [UInt8]) {
    var reader = ByteReader(packet)
    guard let header = try? PacketHeader.read(&reader) else { return nil }
    self.init(packet, body: header.body, by: key, over: hashed)
  }

  init?(_ bytes: [UInt8], body: Range<Int>, by key: KeyPacket, over hashed: [UInt8]) {
    guard let fields = try? SignatureFields(bytes, body: body), fields.keyAlgorithm == key.algorithm else { return nil }
    let isRevocation = SignatureType.revocations.contains(fields.type)
    created = fields.subpackets.created ?? 0
    var objection = fields.subpackets.objection
    switch VerificationMemory.verify(fields, by: key, over: hashed) {
    case .bad: return nil
    case .unsupported(let reason):
      objection = objection ?? "it cannot be checked: \(reason)"
      isChecked = false
    case .good: isChecked = true
    }
    usesSHA1 = fields.hashAlgorithm == .sha1
    if usesSHA1 && created >= Self.sha1Ends { objection = objection ?? "it uses SHA-1 and was made after January 2023" }
    guard isRevocation || created >= key.created else { return nil }
    self.objection = objection
    self.bytes = bytes
    type = fields.type
    expires = fields.subpackets.signatureLifetime.map { [created] in created + $0 }
    keyLifetime = fields.subpackets.keyLifetime
    keyFlags = fields.subpackets.keyFlags
    revocationReason = fields.subpackets.revocationReason
    revokers = fields.subpackets.revokers
    embedded = fields.subpackets.embedded
  }

  func hasExpired(at time: Int64) -> Bool {
    guard let expires else { return false }
    return expires <= time
  }

  /// The newest of `signatures` that is in force at `time`; of two made in the same second, the later in the file, as
  /// GnuPG has it.
  static func newest(of signatures: [SelfSignature], at time: Int64) -> SelfSignature? {
    var newest: SelfSignature?
    for signature in signatures where !signature.hasExpired(at: time) {
      if let other = newest, other.created > signature.created { continue }
      newest = signature
    }
    return newest
  }
}
