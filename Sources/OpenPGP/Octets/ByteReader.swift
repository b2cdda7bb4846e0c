/// Reads octets in order from a range of an array, and never past the end of that range.
struct ByteReader {
  let bytes: [UInt8]
  private(set) var position: Int
  private static let mostBits = 16_384
  let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  var isAtEnd: Bool { position == end }
  var remaining: Int { end - position }

  mutating func octet() throws(ParseError) -> UInt8 {
    guard position < end else { throw .truncated }
    defer { position += 1 }
    return bytes[position]
  }

  /// Two octets, most significant first.
  mutating func number16() throws(ParseError) -> Int {
    let high = try octet()
    return Int(high) << 8 | Int(try octet())
  }

  /// Four octets, most significant first.
  mutating func number32() throws(ParseError) -> Int {
    let high = try number16()
    return high << 16 | (try number16())
  }

  /// The next `count` octets, as a range of the array.
  mutating func take(_ count: Int) throws(ParseError) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw .truncated }
    defer { position += count }
    return position..<position + count
  }

  /// A multiprecision integer (RFC 9580, section 3.2) of a version 4 packet: a bit count, then octets. The count may be
  /// more than the number has, as Go's libraries and some forges write it; only version 6 is refused for that. The
  /// number is the same to every reader, however it is stated. Returned without leading zeros.
  mutating func multiprecisionInteger() throws(ParseError) -> Range<Int> {
    let bits = try number16()
    // GnuPG gives up a whole keyring over one that is longer.
    guard bits <= Self.mostBits else { throw ParseError("a number of more bits than any has") }
    let range = try take((bits + 7) / 8)
    // Set bits above those that were declared: one reader would see them and another not.
    let above = range.count * 8 - bits
    guard range.isEmpty || bytes[range.lowerBound].leadingZeroBitCount >= above else {
      throw ParseError("a number of more bits than it declares")
    }
    guard let start = range.first(where: { bytes[$0] != 0 }) else { throw ParseError("an empty number") }
    return start..<range.upperBound
  }

  /// The same in its one shortest form, as it must be where a fingerprint is made over it: GnuPG makes it over the
  /// number in that form, so of another one it would see another key.
  mutating func shortestInteger() throws(ParseError) -> Range<Int> {
    let bits = try number16()
    let range = try take((bits + 7) / 8)
    guard bits > 0 else { throw ParseError("an empty number") }
    let first = bytes[range.lowerBound]
    guard 8 - first.leadingZeroBitCount == (bits - 1) % 8 + 1 else {
      throw ParseError("a number whose bit count does not fit its octets")
    }
    return range
  }
}
