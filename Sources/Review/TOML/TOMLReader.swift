/// A reader of our own for TOML 1.0, which registries and policies are written in, with bounds on depth and size.
///
/// These files come with a push, and whoever may push may try. The well-known C++ parser ends the whole
/// process on some malformed lines; this one only ever says no, and takes time in proportion to the file. Floats, dates
/// and times are checked and passed over, since nothing here reads them.
struct TOMLReader {
  let bytes: [UInt8]
  private let name: String
  var position = 0
  var line = 1
  static let deepest = 16
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
    // A mark of byte order, as some editors put it first.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
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
    return try nodes(of: root)
  }

  func nodes(of table: TOMLTableBuilder) throws(FileDefect) -> TOMLNodes { try table.nodes(named: name) }

  // MARK: Lines

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func defect(_ what: String) -> FileDefect { FileDefect("\(name), line \(line): \(what)") }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func skipBlanks() {
    while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
  }

  /// A comment, if any, and the line's end.
  mutating func endOfLine() throws(FileDefect) {
    skipBlanks()
    if take(UInt8(ascii: "#")) {
      while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
        guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw defect("a control character in a comment") }
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
    guard take(UInt8(ascii: "]")), !isList || take(UInt8(ascii: "]")) else {
      throw defect("a table's name that is not closed")
    }
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

  mutating func keyPath() throws(FileDefect) -> [[UInt8]] {
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
    if next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") { return try lineString() }
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
}
