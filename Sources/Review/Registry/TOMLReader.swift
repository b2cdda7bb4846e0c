/// A reader of our own for the part of TOML 1.0 that registries and policies are written in.
///
/// These files come with a push, and whoever may push may try. The well-known C++ parser ends the whole
/// process on some malformed lines; this one only ever says no. Left out, and refused: strings over several
/// lines, numbers that are not decimal. Floats, dates and times are passed over, since nothing here reads them.
struct TOMLReader {
  private let bytes: [UInt8]
  private let name: String
  private var position = 0
  private var line = 1
  private static let deepest = 16
  /// The tables that have a header of their own, in the document's order.
  private(set) var sections: [Section] = []

  /// A header and the lines under it, for whoever adds a table at the right place.
  struct Section {
    let path: [[UInt8]]
    /// Behind the last line that belongs to it: its header's, or its last value's.
    fileprivate(set) var end: Int
  }

  init(_ bytes: [UInt8], named name: String) {
    self.bytes = bytes
    self.name = name
  }

  mutating func document() throws(FileDefect) -> TOMLNodes {
    let root = TOMLTableBuilder()
    var current = root
    while position < bytes.count {
      skipBlanks()
      switch next {
      case nil, UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        try endOfLine()
        continue
      case UInt8(ascii: "["): current = try header(root)
      default: try pair(into: current)
      }
      try endOfLine()
      if !sections.isEmpty { sections[sections.count - 1].end = position }
    }
    return try root.nodes(named: name)
  }

  // MARK: Lines

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func defect(_ what: String) -> FileDefect { FileDefect("\(name), line \(line): \(what)") }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipBlanks() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  /// A comment, if any, and the line's end.
  private mutating func endOfLine() throws(FileDefect) {
    skipBlanks()
    if take(UInt8(ascii: "#")) {
      while let byte = next, byte != UInt8(ascii: "\n") {
        guard byte >= 0x20 || byte == 0x09 || byte == 0x0D, byte != 0x7F else { throw defect("a control character in a comment") }
        position += 1
      }
    }
    if next == nil { return }
    if take(UInt8(ascii: "\r")), next != UInt8(ascii: "\n") { throw defect("a carriage return within a line") }
    guard take(UInt8(ascii: "\n")) else { throw defect("something follows where the line should end") }
    line += 1
  }

  private mutating func header(_ root: TOMLTableBuilder) throws(FileDefect) -> TOMLTableBuilder {
    position += 1
    let isList = take(UInt8(ascii: "["))
    skipBlanks()
    let path = try keyPath()
    guard take(UInt8(ascii: "]")), !isList || take(UInt8(ascii: "]")) else { throw defect("a table's name that is not closed") }
    guard let table = isList ? root.appendTable(at: path) : root.defineTable(at: path) else {
      throw defect("\(TOMLTableBuilder.text(path)) is defined twice")
    }
    sections.append(Section(path: path, end: position))
    return table
  }

  private mutating func pair(into table: TOMLTableBuilder) throws(FileDefect) {
    let path = try keyPath()
    guard take(UInt8(ascii: "=")) else { throw defect("no = after a key") }
    skipBlanks()
    let value = try value(depth: 0)
    guard table.set(value, at: path) else { throw defect("\(TOMLTableBuilder.text(path)) is defined twice") }
  }

  // MARK: Keys

  private mutating func keyPath() throws(FileDefect) -> [[UInt8]] {
    var path: [[UInt8]] = []
    repeat {
      skipBlanks()
      path.append(try key())
      skipBlanks()
      guard path.count <= Self.deepest else { throw defect("a key of more than \(Self.deepest) parts") }
    } while take(UInt8(ascii: "."))
    return path
  }

  private mutating func key() throws(FileDefect) -> [UInt8] {
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return try string() }
    let start = position
    while let byte = next, Self.isBare(byte) { position += 1 }
    guard position > start else { throw defect("no key where one is needed") }
    return Array(bytes[start..<position])
  }

  /// Whether a key may hold it without quotes.
  static func isBare(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(FileDefect) -> TOMLNode {
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
      if take(UInt8(ascii: "}")) { return .table(try table.nodes(named: name)) }
      guard take(UInt8(ascii: ",")) else { throw defect("no comma in a table") }
    }
  }

  private mutating func scalar() throws(FileDefect) -> TOMLNode {
    let start = position
    while let byte = next, Self.isBare(byte) || [UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: ":")].contains(byte) {
      position += 1
    }
    let word = bytes[start..<position]
    if word.elementsEqual("true".utf8) { return .bool(true) }
    if word.elementsEqual("false".utf8) { return .bool(false) }
    let unsigned = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-") ? word.dropFirst() : word
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let first = unsigned.first, digits.contains(first) else { throw defect("no value that is understood") }
    if unsigned.allSatisfy(digits.contains) {
      guard unsigned.count == 1 || first != UInt8(ascii: "0"), let number = Int(String(decoding: word, as: UTF8.self)) else {
        throw defect("a whole number with a leading zero, or too large")
      }
      return .integer(number)
    }
    // A float, a date or a time: digits and the signs between them.
    let signs = Array("+-_.:eETZ".utf8)
    guard unsigned.allSatisfy({ digits.contains($0) || signs.contains($0) }) else { throw defect("no value that is understood") }
    return .other
  }

  // MARK: Strings

  private mutating func string() throws(FileDefect) -> [UInt8] {
    let quote = bytes[position]
    guard !bytes[position...].starts(with: [quote, quote, quote]) else { throw defect("a string over several lines is not understood") }
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      if byte == quote { return content }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        content += try escape()
        continue
      }
      guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw defect("a control character in a string") }
      content.append(byte)
    }
    throw defect("a string without an end")
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
      guard let digit = next, let nibble = Self.hexValue(digit), value < 1 << 28 else { throw defect("an escape that is not hexadecimal") }
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
