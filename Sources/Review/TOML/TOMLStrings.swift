/// Strings, in one line and over several.
extension TOMLReader {
  mutating func string() throws(FileDefect) -> [UInt8] {
    let quote = bytes[position]
    guard bytes[position...].starts(with: [quote, quote, quote]) else { return try lineString() }
    position += 3
    return try longString(quote)
  }

  /// The one kind that a key may be.
  mutating func lineString() throws(FileDefect) -> [UInt8] {
    let quote = bytes[position]
    guard !bytes[position...].starts(with: [quote, quote, quote]) else {
      throw defect("a string over several lines cannot be a key")
    }
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      if byte == quote { return content }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        content += try escape()
        continue
      }
      content.append(try checked(byte))
    }
    throw defect("a string without an end")
  }

  private mutating func longString(_ quote: UInt8) throws(FileDefect) -> [UInt8] {
    var content: [UInt8] = []
    // A line's end right behind the opening quotes is not part of it.
    if let end = try lineEnd() { position += end }
    while let byte = next {
      if byte == quote, bytes[position...].starts(with: [quote, quote, quote]) {
        // Up to two quotes may stand right before the closing ones.
        let count = min(5, bytes[position...].prefix { $0 == quote }.count)
        position += count
        return content + [UInt8](repeating: quote, count: count - 3)
      }
      if let end = try lineEnd() {
        position += end
        content.append(UInt8(ascii: "\n"))
        line += 1
        continue
      }
      position += 1
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if try !skipsLineEnd() { content += try escape() }
        continue
      }
      content.append(try checked(byte))
    }
    throw defect("a string without an end")
  }

  /// How many octets the line's end has that comes next; nil where none does.
  private func lineEnd() throws(FileDefect) -> Int? {
    if next == UInt8(ascii: "\n") { return 1 }
    guard next == UInt8(ascii: "\r") else { return nil }
    guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\n") else {
      throw defect("a carriage return within a line")
    }
    return 2
  }

  /// Behind a backslash: whether nothing but blanks follows on the line. Then all blanks and line ends are passed over.
  private mutating func skipsLineEnd() throws(FileDefect) -> Bool {
    let start = position
    skipBlanks()
    guard try lineEnd() != nil else {
      position = start
      return false
    }
    while true {
      skipBlanks()
      guard let end = try lineEnd() else { return true }
      position += end
      line += 1
    }
  }

  private func checked(_ byte: UInt8) throws(FileDefect) -> UInt8 {
    guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw defect("a control character in a string") }
    return byte
  }

  private mutating func escape() throws(FileDefect) -> [UInt8] {
    guard let byte = next else { throw defect("a string without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "u"): return try scalarValue(digits: 4)
    case UInt8(ascii: "U"): return try scalarValue(digits: 8)
    default: throw defect("an unknown escape")
    }
  }

  private mutating func scalarValue(digits count: Int) throws(FileDefect) -> [UInt8] {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let digit = next, let nibble = Self.hexValue(digit), value < 1 << 28 else {
        throw defect("an escape that is not hexadecimal")
      }
      value = value << 4 | nibble
      position += 1
    }
    guard value != 0 else { throw defect("a NUL character") }
    guard let scalar = Unicode.Scalar(value) else { throw defect("an escape that is no character") }
    return Array(String(scalar).utf8)
  }

  private static func hexValue(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
