/// Whom an OpenPGP signature names as its maker, whether or not anybody could check it: for counting, never for judging.
///
/// Read more loosely than ``SignaturePacket``, on purpose: a survey says what a history claims, so that signatures of
/// old versions, with weak hashes or by algorithms that nobody checks here are told apart from none at all.
package struct ClaimedIssuer: Sendable, Hashable {
  package let fingerprint: Fingerprint?
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

/// The octets inside an armor of any label, read loosely: for counting, never for judging.
package enum LooseArmor {
  /// What stands between the first line and the line that ends it; what is no base64 is passed over.
  package static func content(of armor: [UInt8]) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(armor.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    var start = armor.firstIndex(of: newline).map { $0 + 1 } ?? armor.count
    // Headers of the armor, and the empty line after them. SSH's and X.509's have none.
    while let end = armor[start...].firstIndex(of: newline), armor[start..<end].contains(UInt8(ascii: ":")) || end == start {
      start = end + 1
    }
    var isLineStart = true
    for byte in armor[start...] {
      let value = values[Int(byte)]
      if value >= 0 {
        bits = bits << 6 | UInt32(value)
        count += 1
        if count == 4 {
          content.append(UInt8(truncatingIfNeeded: bits >> 16))
          content.append(UInt8(truncatingIfNeeded: bits >> 8))
          content.append(UInt8(truncatingIfNeeded: bits))
          count = 0
        }
      } else if isLineStart, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "=") {
        break
      }
      isLineStart = byte == newline
    }
    if count >= 2 { content.append(UInt8(truncatingIfNeeded: bits >> (UInt32(count) * 6 - 8))) }
    if count == 3 { content.append(UInt8(truncatingIfNeeded: bits >> 2)) }
    return content
  }

  private static let newline = UInt8(ascii: "\n")

  private static let values: [Int8] = {
    var values = [Int8](repeating: -1, count: 256)
    for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
      values[Int(digit)] = Int8(value)
    }
    return values
  }()
}
