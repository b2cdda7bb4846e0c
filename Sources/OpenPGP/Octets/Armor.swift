internal import Glibc

/// ASCII armor (RFC 9580, section 6): one block, and no other beside it.
///
/// What the RFC lets programs write is read: other line ends, blanks at the ends of lines, headers in UTF-8, text
/// around the block. Refused is a second block, of whatever kind: there one reader sees one signature, and another
/// reader another.
// R74
enum Armor {
  /// Longest armor that is read, in octets. A signature with 16,384-bit RSA is under 4 KiB.
  static let signatureLimit = 64 * 1024
  static let certificateLimit = 1024 * 1024

  /// The octets inside the one block of `text` whose label is `label`.
  static func decode(_ text: [UInt8], label: StaticString, limit: Int) throws(ParseError) -> [UInt8] {
    guard text.count <= limit else { throw ParseError("an armor longer than \(limit) octets") }
    var lines = LineReader(text)
    while true {
      guard let line = lines.next() else { throw ParseError("an armor that does not begin as one") }
      if lines.matches(line, "-----BEGIN ", label) { break }
      guard !lines.mentionsBlock(line) else { throw ParseError("an armor that does not begin as one") }
    }
    try skipHeaders(&lines)

    var decoder = Base64Decoder(capacity: text.count * 3 / 4)
    var checksum: Int?
    while true {
      guard let line = lines.next() else { throw ParseError("an armor without an end") }
      let first = line.isEmpty ? 0 : text[line.lowerBound]
      if first == UInt8(ascii: "-") {
        guard lines.matches(line, "-----END ", label) else { throw ParseError("an armor with the wrong end") }
        break
      }
      guard checksum == nil else { throw ParseError("text after the armor's checksum") }
      if first == UInt8(ascii: "=") {
        var sum = Base64Decoder(capacity: 3)
        try sum.append(text, line.lowerBound + 1..<line.upperBound)
        let octets = try sum.finish()
        guard octets.count == 3 else { throw ParseError("an armor with a broken checksum") }
        checksum = octets.reduce(0) { $0 << 8 | Int($1) }
      } else {
        guard !line.isEmpty else { throw ParseError("an empty line inside the armor") }
        try decoder.append(text, line)
      }
    }
    while let line = lines.next() {
      guard !lines.mentionsBlock(line) else { throw ParseError("a second armor") }
    }

    let bytes = try decoder.finish()
    if let checksum {
      guard checksum == crc24(bytes) else { throw ParseError("an armor with a wrong checksum") }
    }
    return bytes
  }

  /// Lines `Key: value` up to the empty line. Their text means nothing to us.
  private static func skipHeaders(_ lines: inout LineReader) throws(ParseError) {
    while let line = lines.next() {
      if line.isEmpty { return }
      let text = lines.text[line]
      guard text.contains(UInt8(ascii: ":")), text.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }),
        String(validating: text, as: UTF8.self) != nil
      else { throw ParseError("an armor header that is not “Key: value” in UTF-8") }
    }
    throw ParseError("an armor without an end")
  }

  /// The checksum of RFC 9580, section 6.1, three octets at a time: as many as the sum has.
  static func crc24(_ bytes: [UInt8]) -> Int {
    let (high, middle, low, _) = checksumSteps
    var sum: UInt32 = 0xB704CE
    var place = 0
    while place + 3 <= bytes.count {
      sum ^= UInt32(bytes[place]) << 16 | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2])
      sum = high[Int(sum >> 16)] ^ middle[Int(sum >> 8 & 0xFF)] ^ low[Int(sum & 0xFF)]
      place += 3
    }
    while place < bytes.count {
      sum = shifted(sum ^ UInt32(bytes[place]) << 16, checksumSteps.one)
      place += 1
    }
    return Int(sum)
  }

  /// What each value of the sum's high, middle and low octet becomes after 24 shifts; and of the high one after eight.
  private static let checksumSteps: (high: [UInt32], middle: [UInt32], low: [UInt32], one: [UInt32]) = {
    let one = (0..<256).map { octet in
      (0..<8).reduce(UInt32(octet) << 16) { sum, _ in sum & 0x800000 == 0 ? sum << 1 : sum << 1 ^ 0x1864CFB }
    }
    let low = one
    let middle = low.map { shifted($0, one) }
    return (middle.map { shifted($0, one) }, middle, low, one)
  }()

  /// Eight shifts at once.
  private static func shifted(_ sum: UInt32, _ one: [UInt32]) -> UInt32 { sum << 8 & 0xFFFFFF ^ one[Int(sum >> 16)] }
}

/// Base64 (RFC 4648, section 4) over several lines, in its one canonical form.
private struct Base64Decoder {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt32 = 0
  private var digits = 0
  private var padding = 0

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func append(_ text: [UInt8], _ range: Range<Int>) throws(ParseError) {
    var place = range.lowerBound
    if digits & 3 == 0, padding == 0 { place = appendGroups(text, range) }
    let values = Base64.values
    for index in place..<range.upperBound {
      let value = values[Int(text[index])]
      guard value < 64 else {
        guard value == 64 else { throw ParseError("a character in the armor that is not base64") }
        padding += 1
        continue
      }
      guard padding == 0 else { throw ParseError("base64 that goes on after its padding") }
      pending = pending << 6 | UInt32(value)
      digits += 1
      if digits & 3 == 0 {
        bytes.append(UInt8(truncatingIfNeeded: pending >> 16))
        bytes.append(UInt8(truncatingIfNeeded: pending >> 8))
        bytes.append(UInt8(truncatingIfNeeded: pending))
      }
    }
  }

  /// Takes in whole groups of four digits, up to the first that has anything else, and returns where it stopped.
  private mutating func appendGroups(_ text: [UInt8], _ range: Range<Int>) -> Int {
    let values = Base64.values
    var place = range.lowerBound
    bytes.append(addingCapacity: range.count / 4 * 3) { octets in
      while place + 4 <= range.upperBound {
        let (a, b) = (values[Int(text[place])], values[Int(text[place + 1])])
        let (c, d) = (values[Int(text[place + 2])], values[Int(text[place + 3])])
        guard a | b | c | d < 64 else { return }
        let group = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
        octets.append(UInt8(truncatingIfNeeded: group >> 16))
        octets.append(UInt8(truncatingIfNeeded: group >> 8))
        octets.append(UInt8(truncatingIfNeeded: group))
        place += 4
      }
    }
    digits += (place - range.lowerBound)
    return place
  }

  /// All octets, once padding and unused bits are as they must be: else many texts would mean one signature.
  mutating func finish() throws(ParseError) -> [UInt8] {
    switch (digits & 3, padding) {
    case (0, 0): break
    case (2, 2) where pending & 0xF == 0:
      bytes.append(UInt8(truncatingIfNeeded: pending >> 4))
    case (3, 1) where pending & 0x3 == 0:
      bytes.append(UInt8(truncatingIfNeeded: pending >> 10))
      bytes.append(UInt8(truncatingIfNeeded: pending >> 2))
    default: throw ParseError("base64 that ends wrongly")
    }
    return bytes
  }
}
