/// Values: lists, tables in one line, and what a word without quotes can mean.
extension TOMLReader {
  mutating func value(depth: Int) throws(FileDefect) -> TOMLNode {
    guard depth < Self.deepest else { throw defect("nested deeper than \(Self.deepest)") }
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(String(decoding: try string(), as: UTF8.self))
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "{"): return try inlineTable(depth: depth)
    default: return try scalar()
    }
  }

  private mutating func array(depth: Int) throws(FileDefect) -> TOMLNode {
    position += 1
    var values: [TOMLNode] = []
    while true {
      try skipLines()
      if take(UInt8(ascii: "]")) { return .array(values) }
      values.append(try value(depth: depth + 1))
      try skipLines()
      if take(UInt8(ascii: "]")) { return .array(values) }
      guard take(UInt8(ascii: ",")) else { throw defect("no comma in a list") }
    }
  }

  /// Blanks, comments and line ends, which a list may hold between its values.
  private mutating func skipLines() throws(FileDefect) {
    skipBlanks()
    while next == UInt8(ascii: "#") || next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r") {
      try endOfLine()
      skipBlanks()
    }
  }

  private mutating func inlineTable(depth: Int) throws(FileDefect) -> TOMLNode {
    position += 1
    let table = TOMLTableBuilder()
    skipBlanks()
    if take(UInt8(ascii: "}")) { return .table([:]) }
    while true {
      let path = try keyPath()
      guard take(UInt8(ascii: "=")) else { throw defect("no = after a key") }
      skipBlanks()
      let value = try value(depth: depth + 1)
      guard table.set(value, at: path) else { throw defect("\(TOMLTableBuilder.text(path)) is defined twice") }
      skipBlanks()
      if take(UInt8(ascii: "}")) { return .table(try nodes(of: table)) }
      guard take(UInt8(ascii: ",")) else { throw defect("no comma in a table") }
    }
  }

  private mutating func scalar() throws(FileDefect) -> TOMLNode {
    let start = position
    while let byte = next, Self.isOfWord(byte) { position += 1 }
    // A date and a time may stand apart: a blank between ten octets and a digit.
    if position - start == 10, next == UInt8(ascii: " "), position + 1 < bytes.count, Self.isDigit(bytes[position + 1]),
      TOMLWord.isDate(bytes[start..<position])
    {
      position += 1
      while let byte = next, Self.isOfWord(byte) { position += 1 }
    }
    switch TOMLWord.read(bytes[start..<position]) {
    case .bool(let value): return .bool(value)
    case .integer(let value): return .integer(value)
    case .other: return .other
    case .tooLarge: throw defect("a whole number that is too large")
    case nil: throw defect("no value that is understood")
    }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    isBare(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
