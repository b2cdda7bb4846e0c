/// A datum in Scheme's written form, as far as lists of authorizations use it: lists, strings, words, whole numbers.
struct SExpression {
  indirect enum Value {
    case list([SExpression])
    /// Without escapes.
    case string([UInt8])
    case word(String)
    case integer(Int)
  }

  /// Where it begins, from 1.
  let line: Int
  let value: Value

  var list: [SExpression]? { if case .list(let items) = value { items } else { nil } }
  var string: [UInt8]? { if case .string(let bytes) = value { bytes } else { nil } }

  func isWord(_ text: String) -> Bool { if case .word(let word) = value { word == text } else { false } }
  func isInteger(_ number: Int) -> Bool { if case .integer(let value) = value { value == number } else { false } }

  /// In bytes. Guix's own file has 6,000.
  static let longest = 65_536

  /// Reads a text that holds one datum, and nothing beside it but comments.
  ///
  /// Guile's reader stops after the first datum, and knows block comments, characters, quotes and a dozen other forms;
  /// each would be a place where people and programs see different lists.
  static func read(_ bytes: [UInt8], named name: String) throws(FileDefect) -> SExpression {
    guard bytes.count <= longest else { throw FileDefect("\(name) is larger than \(longest) bytes") }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw FileDefect("\(name) is not valid UTF-8") }
    var reader = SExpressionReader(bytes, named: name)
    return try reader.whole()
  }
}

private struct SExpressionReader {
  private let bytes: [UInt8]
  private let name: String
  private var position = 0
  private var line = 1
  private static let deepest = 8
  private static let mostItems = 4096

  init(_ bytes: [UInt8], named name: String) {
    self.bytes = bytes
    self.name = name
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func defect(_ what: String) -> FileDefect { FileDefect("\(name), line \(line): \(what)") }

  mutating func whole() throws(FileDefect) -> SExpression {
    try skipBlanks()
    let datum = try datum(depth: 1)
    try skipBlanks()
    guard next == nil else { throw defect("something follows the list") }
    return datum
  }

  /// Blanks, line ends and comments.
  private mutating func skipBlanks() throws(FileDefect) {
    while let byte = next {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): position += 1
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): try lineEnd()
      case UInt8(ascii: ";"):
        while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
          guard byte >= 0x20 || byte == 0x09, byte != 0x7F else { throw defect("a control character in a comment") }
          position += 1
        }
      default: return
      }
    }
  }

  private mutating func lineEnd() throws(FileDefect) {
    if next == UInt8(ascii: "\r") {
      position += 1
      // Attack: for the eye a comment ends there, for Guile it does not.
      guard next == UInt8(ascii: "\n") else { throw defect("a carriage return within a line") }
    }
    position += 1
    line += 1
  }

  private mutating func datum(depth: Int) throws(FileDefect) -> SExpression {
    let start = line
    switch next {
    case UInt8(ascii: "("): return SExpression(line: start, value: .list(try list(depth: depth)))
    case UInt8(ascii: "\""): return SExpression(line: start, value: .string(try string()))
    case nil: throw defect("nothing where a value should be")
    default: return SExpression(line: start, value: try atom())
    }
  }

  private mutating func list(depth: Int) throws(FileDefect) -> [SExpression] {
    guard depth <= Self.deepest else { throw defect("lists nested deeper than \(Self.deepest)") }
    let start = line
    position += 1
    var items: [SExpression] = []
    while true {
      try skipBlanks()
      switch next {
      case UInt8(ascii: ")"):
        position += 1
        return items
      case nil: throw FileDefect("\(name), line \(start): a list without an end")
      default:
        guard items.count < Self.mostItems else { throw defect("a list of more than \(Self.mostItems) items") }
        items.append(try datum(depth: depth + 1))
      }
    }
  }

  private mutating func string() throws(FileDefect) -> [UInt8] {
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        try expectEnd()
        return content
      case UInt8(ascii: "\\"):
        guard let escaped = next, escaped == UInt8(ascii: "\"") || escaped == UInt8(ascii: "\\") else {
          throw defect("an escape in a string that is not understood")
        }
        position += 1
        content.append(escaped)
      case 0..<0x20, 0x7F: throw defect("a control character or a line end in a string")
      default: content.append(byte)
      }
    }
    throw defect("a string without an end")
  }

  private mutating func atom() throws(FileDefect) -> SExpression.Value {
    let start = position
    while let byte = next, Self.isInWord(byte) { position += 1 }
    guard position > start else { throw defect("a character that is not understood") }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    try expectEnd()
    guard let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      return .word(text)
    }
    guard text == "0" || first != UInt8(ascii: "0"), text.utf8.count < 10, let number = Int(text) else {
      throw defect("a number that is not understood")
    }
    return .integer(number)
  }

  /// What follows a string or a word must not touch it.
  private func expectEnd() throws(FileDefect) {
    guard let next else { return }
    guard [" ", "\t", "\n", "\r", "(", ")", ";"].contains(Unicode.Scalar(next)) else {
      throw defect("a character that is not understood")
    }
  }

  private static func isInWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
