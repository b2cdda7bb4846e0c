/// Whom an OpenPGP signature names as its maker, whether or not anybody could check it: for counting, never for
/// judging.
///
/// Read more loosely than ``SignaturePacket``, on purpose: a survey says what a history claims, so that signatures of
/// old versions, with weak hashes or by algorithms that nobody checks here are told apart from none at all.
package struct ClaimedIssuer: Sendable, Hashable {
  /// From the issuer fingerprint subpacket; nil where there is none.
  package let fingerprint: Fingerprint?
  /// From the issuer subpacket, or the fingerprint; nil where there is neither.
  package let keyID: KeyID?

  /// Reads the first packet of a decoded armor; nil when that is no signature that names anybody.
  package init?(packets bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard let header = try? PacketHeader.read(&reader), header.type == PacketHeader.signature,
      let found = try? Self.read(bytes, header.body), found.fingerprint != nil || found.keyID != nil
    else { return nil }
    self = found
  }

  private init(fingerprint: Fingerprint?, keyID: KeyID?) {
    self.fingerprint = fingerprint
    self.keyID = keyID ?? fingerprint?.keyID
  }

  private static func read(_ bytes: [UInt8], _ body: Range<Int>) throws(ParseError) -> ClaimedIssuer {
    var reader = ByteReader(bytes, in: body)
    switch try reader.octet() {
    case 2, 3:
      // Length 5, type, time, key id (RFC 9580, section 5.2.2).
      _ = try reader.take(6)
      return ClaimedIssuer(fingerprint: nil, keyID: KeyID(number(bytes, try reader.take(8))))
    case 4: return try readAreas(&reader, isLong: false)
    case 6: return try readAreas(&reader, isLong: true)
    default: throw ParseError("a version that is not known")
    }
  }

  private static func readAreas(_ reader: inout ByteReader, isLong: Bool) throws(ParseError) -> ClaimedIssuer {
    // Type, key algorithm, hash algorithm.
    _ = try reader.take(3)
    var fingerprint: Fingerprint?
    var keyID: KeyID?
    for _ in 0..<2 {
      let area = try reader.take(isLong ? try reader.number32() : try reader.number16())
      var inner = ByteReader(reader.bytes, in: area)
      while !inner.isAtEnd {
        let length = try Subpackets.length(&inner)
        guard length > 0 else { throw ParseError("a subpacket without a type") }
        let kind = try inner.octet() & 0x7F
        let content = try inner.take(length - 1)
        // The first one counts, and the hashed area comes first.
        if kind == 33 { fingerprint = fingerprint ?? Fingerprint(bytes: reader.bytes[content].dropFirst()) }
        if kind == 16, content.count == 8 { keyID = keyID ?? KeyID(number(reader.bytes, content)) }
      }
    }
    return ClaimedIssuer(fingerprint: fingerprint, keyID: keyID)
  }

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> UInt64 {
    bytes[range].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
