/// A JSON value whose objects keep the order of their members. What the tool writes, and the little
/// that it reads from signed statements.
package indirect enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case string(String)
  case array([JSONValue])
  case object([Member])

  /// One member of an object.
  package struct Member: Sendable, Equatable {
    /// Compared by its octets.
    package let name: String
    /// What it holds.
    package let value: JSONValue
    package init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// An object with its members in this order.
  package static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { Member($0, $1) })
  }

  /// An array of strings.
  package static func strings(_ values: some Sequence<String>) -> JSONValue {
    .array(values.map(JSONValue.string))
  }

  /// The value of an object's member; nil for other values and absent members.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    // Compared as bytes: Swift's own comparison takes composed and decomposed letters for equal.
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// The text, of a string.
  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The number, of an integer.
  package var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value as UTF-8 without any white space. Escaped is what must be, and what a terminal would obey or not show:
  /// control, bidirectional and invisible characters. The list never changes, since signatures are made over this.
  package var bytes: [UInt8] {
    var writer = JSONWriter()
    writer.write(self)
    return writer.bytes
  }

  /// The canonical form: no blanks, members as they stand.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

private struct JSONWriter {
  var bytes: [UInt8] = []

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .string(let value): write(value)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(value)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        write(member.name)
        bytes.append(UInt8(ascii: ":"))
        write(member.value)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(scalar.value))
      case _ where isEscaped(scalar):
        for unit in String(scalar).utf16 { bytes += "\\u".utf8 + hexDigits(unit) }
      default: bytes += String(scalar).utf8
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

private func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  // Control characters, also those that begin an escape sequence in one byte.
  case 0..<0x20, 0x7F...0x9F: true
  // Soft hyphen, marks of direction, zero width, line and paragraph separators, joiners, byte order mark, tags.
  case 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xE0000...0xE007F: true
  default: false
  }
}

private func hexDigits(_ unit: UInt16) -> [UInt8] {
  let digits = Array("0123456789abcdef".utf8)
  return [12, 8, 4, 0].map { digits[Int(unit >> $0 & 15)] }
}
