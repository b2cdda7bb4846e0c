extension JSONValue {
  /// Reads one JSON text (RFC 8259), strictly: UTF-8 only, no member twice, whole numbers only,
  /// bounded depth, nothing after it.
  ///
  /// Two readers that see different members of a doubled name would each believe that something
  /// else was signed.
  package static func read(_ bytes: [UInt8], limit: Int = 65_536) throws(JSONDefect) -> JSONValue {
    guard bytes.count <= limit else { throw JSONDefect(message: "larger than \(limit) bytes") }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONDefect(message: "not valid UTF-8") }
    var reader = JSONReader(bytes: bytes)
    let value = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.atEnd else { throw JSONDefect(message: "something follows the value") }
    return value
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0
  static let deepest = 16

  init(bytes: [UInt8]) { self.bytes = bytes }

  var atEnd: Bool { position == bytes.count }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  mutating func value(depth: Int) throws(JSONDefect) -> JSONValue {
    guard depth <= Self.deepest else { throw JSONDefect(message: "nested deeper than \(Self.deepest)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where take(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where take(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where take(word: "null"): return .null
    case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
      return .integer(try integer())
    default: throw JSONDefect(message: "no value at byte \(position)")
    }
  }

  private mutating func object(depth: Int) throws(JSONDefect) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    // A set: a text with a hundred thousand members must not cost a hundred thousand times as many comparisons.
    var names: Set<String> = []
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw JSONDefect(message: "no member name at byte \(position)") }
      let name = try string()
      guard names.insert(name).inserted else {
        throw JSONDefect(message: "the member \"\(name)\" occurs twice")
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw JSONDefect(message: "no colon at byte \(position)") }
      members.append(JSONValue.Member(name, try value(depth: depth + 1)))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw JSONDefect(message: "no comma at byte \(position)") }
    }
  }

  private mutating func array(depth: Int) throws(JSONDefect) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(values) }
      guard take(UInt8(ascii: ",")) else { throw JSONDefect(message: "no comma at byte \(position)") }
    }
  }

  private mutating func integer() throws(JSONDefect) -> Int64 {
    let start = position
    _ = take(UInt8(ascii: "-"))
    let digits = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    let leadingZero = position - digits > 1 && bytes[digits] == UInt8(ascii: "0")
    let fraction = [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(next)
    guard !leadingZero, !fraction, let value = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw JSONDefect(message: "not a whole number of 64 bits at byte \(start)")
    }
    return value
  }

  private mutating func string() throws(JSONDefect) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case 0..<0x20: throw JSONDefect(message: "a control character in a string")
      case UInt8(ascii: "\\"): content += try escape()
      default: content.append(byte)
      }
    }
    throw JSONDefect(message: "a string without an end")
  }

  private mutating func escape() throws(JSONDefect) -> [UInt8] {
    guard let byte = next else { throw JSONDefect(message: "a string without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      let first = try unit()
      var units = [first]
      if UTF16.isLeadSurrogate(first) {
        guard take(word: "\\u") else { throw JSONDefect(message: "half a surrogate pair") }
        units.append(try unit())
      }
      guard let text = String(validating: units, as: UTF16.self) else {
        throw JSONDefect(message: "half a surrogate pair")
      }
      return Array(text.utf8)
    default: throw JSONDefect(message: "an unknown escape")
    }
  }

  private mutating func unit() throws(JSONDefect) -> UInt16 {
    guard position + 4 <= bytes.count else { throw JSONDefect(message: "a short escape") }
    let digits = bytes[position..<(position + 4)]
    position += 4
    var value: UInt16 = 0
    for digit in digits {
      let nibble: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digit - UInt8(ascii: "A") + 10
      default: throw JSONDefect(message: "an escape that is not hexadecimal")
      }
      value = value << 4 | UInt16(nibble)
    }
    return value
  }
}
