/// One packet of a sequence: its type and where its body lies (RFC 9580, section 4.2).
struct PacketHeader {
  let type: UInt8
  /// Header and body.
  let whole: Range<Int>
  let body: Range<Int>

  static let signature: UInt8 = 2
  static let secretKey: UInt8 = 5
  static let publicKey: UInt8 = 6
  static let secretSubkey: UInt8 = 7
  static let compressedData: UInt8 = 8
  static let trust: UInt8 = 12
  static let onePassSignature: UInt8 = 4
  static let literalData: UInt8 = 11
  static let userID: UInt8 = 13
  static let publicSubkey: UInt8 = 14
  static let userAttribute: UInt8 = 17
  private static let marker: UInt8 = 10
  private static let padding: UInt8 = 21
  /// From here on, packets that a reader does not know are passed over (RFC 9580, section 4.3).
  static let firstToSkip: UInt8 = 40

  /// Whether the packet means nothing wherever it stands (RFC 9580, sections 5.8 and 5.14).
  var isFiller: Bool { type == Self.marker || type == Self.padding }

  /// Reads one header and skips its body. Old and new format are both in use; a length that is partial or
  /// left open is refused: only streams need it, and it hides what follows from a reader that does not follow it.
  static func read(_ reader: inout ByteReader) throws(ParseError) -> PacketHeader {
    let start = reader.position
    let tag = try reader.octet()
    guard tag & 0x80 != 0 else { throw ParseError("no packet begins where one should") }
    let type: UInt8
    let length: Int
    if tag & 0x40 != 0 {
      type = tag & 0x3F
      length = try self.length(Int(try reader.octet()), &reader)
    } else {
      type = tag >> 2 & 0x0F
      switch tag & 3 {
      case 0: length = Int(try reader.octet())
      case 1: length = try reader.number16()
      case 2: length = try reader.number32()
      default: throw ParseError("a packet of open length")
      }
    }
    let body = try reader.take(length)
    return PacketHeader(type: type, whole: start..<body.upperBound, body: body)
  }

  /// A length in the new format that begins with `first`.
  static func length(_ first: Int, _ reader: inout ByteReader) throws(ParseError) -> Int {
    switch first {
    case 0..<192: return first
    case 192..<224: return (first - 192) << 8 + Int(try reader.octet()) + 192
    case 255: return try reader.number32()
    default: throw ParseError("a packet of partial length")
    }
  }

  /// `body` as a packet of `type`, in the new format with the shortest length.
  static func frame(_ type: UInt8, _ body: some Collection<UInt8>) -> [UInt8] {
    var packet: [UInt8] = [0xC0 | type]
    let length = body.count
    switch length {
    case 0..<192:
      packet.append(UInt8(length))
    case 192..<8384:
      packet.append(UInt8((length - 192) >> 8 + 192))
      packet.append(UInt8(truncatingIfNeeded: length - 192))
    default:
      packet.append(255)
      packet.append(bigEndian: UInt32(length))
    }
    packet.append(contentsOf: body)
    return packet
  }
}

extension [UInt8] {
  /// Appends the octets of a number, most significant first.
  mutating func append(bigEndian number: some FixedWidthInteger) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
