/// What the two subpacket areas of one signature say (RFC 9580, section 5.2.3.7).
///
/// The hashed area is part of what was signed. The unhashed one can be rewritten by anyone, so nothing is taken
/// from it but hints: which key to try, and the back signature, which proves itself.
struct Subpackets: Sendable {
  /// Seconds since 1970.
  private(set) var created: Int64?
  /// Seconds after `created`; `nil` when the signature does not expire.
  private(set) var signatureLifetime: Int64?
  /// Seconds after the key's creation; `nil` when the key does not expire.
  private(set) var keyLifetime: Int64?
  private(set) var keyFlags: UInt8?
  private(set) var revocationReason: UInt8?
  private(set) var issuerFingerprint: Fingerprint?
  private(set) var issuerKeyID: KeyID?
  /// Fingerprints of designated revokers.
  private(set) var revokers: [Fingerprint] = []
  /// Bodies of embedded signatures, from both areas.
  private(set) var embedded: [Range<Int>] = []
  /// The first thing that makes the signature unfit to be trusted, though it can be read.
  private(set) var objection: String?

  private var seenInHashedArea: UInt64 = 0
  private let understood: Set<UInt8>

  private enum Kind {
    static let created: UInt8 = 2
    static let signatureLifetime: UInt8 = 3
    static let keyLifetime: UInt8 = 9
    static let revoker: UInt8 = 12
    static let issuerKeyID: UInt8 = 16
    static let keyFlags: UInt8 = 27
    static let revocationReason: UInt8 = 29
    static let embeddedSignature: UInt8 = 32
    static let issuerFingerprint: UInt8 = 33

    /// What a signature may say only once. Said twice, two readers could each believe another one.
    static let single: [UInt8] = [created, signatureLifetime, keyLifetime, keyFlags, revocationReason]
    /// What may carry the critical bit in a signature over a document: all that is obeyed here, and what asks for
    /// nothing when checking (preferences 11, 21, 22; key server 24; primary user id 25; policy address 26; features
    /// 30).
    ///
    /// Missing are 23, 28 and 34, which GnuPG 2.2 does not understand: it would not trust what we did.
    static let understood: Set<UInt8> = Set(
      single + [issuerKeyID, issuerFingerprint, embeddedSignature, 11, 21, 22, 24, 25, 26, 30])
    /// In a signature over a key also whether it may be passed on (4) or taken back (7), how far it is trusted (5, 6),
    /// and who else may revoke (12). No signature of a key about itself is worth more or less by one of them.
    static let understoodOfKeys = understood.union([4, 5, 6, 7, revoker])
  }

  /// - Parameter isOfDocument: Whether the signature is over a document, not over a key.
  init(_ bytes: [UInt8], hashed: Range<Int>, unhashed: Range<Int>, isOfDocument: Bool) throws(ParseError) {
    understood = isOfDocument ? Kind.understood : Kind.understoodOfKeys
    try read(bytes, hashed, isHashed: true)
    try read(bytes, unhashed, isHashed: false)
    if let issuerFingerprint, let issuerKeyID, issuerFingerprint.keyID != issuerKeyID {
      // Else one reader would look up one key, and another reader another one.
      object("it names two different issuers")
    }
    if created == nil { object("its creation time is not among what was signed") }
  }

  private mutating func read(_ bytes: [UInt8], _ area: Range<Int>, isHashed: Bool) throws(ParseError) {
    var reader = ByteReader(bytes, in: area)
    while !reader.isAtEnd {
      let length = try Self.length(&reader)
      guard length > 0 else { throw ParseError("a subpacket without a type") }
      let tag = try reader.octet()
      let content = try reader.take(length - 1)
      try note(tag & 0x7F, isCritical: tag & 0x80 != 0, bytes, content, isHashed: isHashed)
    }
  }

  static func length(_ reader: inout ByteReader) throws(ParseError) -> Int {
    let first = Int(try reader.octet())
    switch first {
    case 0..<192: return first
    case 192..<255: return (first - 192) << 8 + Int(try reader.octet()) + 192
    default: return try reader.number32()
    }
  }

  private mutating func note(
    _ kind: UInt8, isCritical: Bool, _ bytes: [UInt8], _ content: Range<Int>, isHashed: Bool
  ) throws(ParseError) {
    if isCritical && !understood.contains(kind) {
      // RFC 9580, section 5.2.3.7: who does not understand a critical subpacket must not trust the signature.
      object("it has a critical subpacket of type \(kind), which is not understood")
    }
    switch kind {
    case Kind.issuerKeyID:
      let id = KeyID(UInt64(bitPattern: Int64(try number(bytes, content, octets: 8))))
      if let other = issuerKeyID, other != id { object("it names two different issuers") }
      issuerKeyID = id
      return
    case Kind.issuerFingerprint:
      guard let version = bytes[content].first, version == 4 && content.count == 21,
        let fingerprint = Fingerprint(bytes: bytes[content].dropFirst())
      else { return object("its issuer fingerprint is not one of version 4") }
      if let other = issuerFingerprint, other != fingerprint { object("it names two different issuers") }
      issuerFingerprint = fingerprint
      return
    case Kind.embeddedSignature:
      embedded.append(content)
      return
    default:
      break
    }
    guard isHashed else { return }
    if Kind.single.contains(kind) {
      if seenInHashedArea & 1 << UInt64(kind) != 0 { object("it says the same thing twice (subpacket \(kind))") }
      seenInHashedArea |= 1 << UInt64(kind)
    }
    switch kind {
    case Kind.created: created = Int64(try number(bytes, content, octets: 4))
    case Kind.signatureLifetime: signatureLifetime = try lifetime(bytes, content)
    case Kind.keyLifetime: keyLifetime = try lifetime(bytes, content)
    case Kind.keyFlags: keyFlags = bytes[content].first ?? 0
    case Kind.revocationReason: revocationReason = bytes[content].first
    case Kind.revoker:
      // Class 0x80, algorithm, fingerprint (RFC 4880, section 5.2.3.15).
      if let fingerprint = Fingerprint(bytes: bytes[content].dropFirst(2)) { revokers.append(fingerprint) }
    default: break
    }
  }

  private mutating func object(_ text: String) {
    objection = objection ?? text
  }

  private func number(_ bytes: [UInt8], _ content: Range<Int>, octets: Int) throws(ParseError) -> Int {
    guard content.count == octets else { throw ParseError("a subpacket of the wrong length") }
    return Int(bitPattern: bytes[content].reduce(0 as UInt) { $0 << 8 | UInt($1) })
  }

  /// Zero means “never” (RFC 9580, sections 5.2.3.13 and 5.2.3.18).
  private func lifetime(_ bytes: [UInt8], _ content: Range<Int>) throws(ParseError) -> Int64? {
    let seconds = try number(bytes, content, octets: 4)
    return seconds == 0 ? nil : Int64(seconds)
  }
}
