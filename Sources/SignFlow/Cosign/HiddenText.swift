internal import GitBridge
internal import Review

/// A place where text is not what a reader sees.
package struct HiddenText: Sendable, Equatable {
  /// How it deceives.
  package enum Trick: Sendable, Equatable {
    /// Control, escape, bidirectional, zero-width and blank characters, and bytes that are no text.
    case invisible
    /// Marks that are drawn over other letters, or over what stands before the line.
    case overlay
    /// So many columns of blanks, and then more text.
    case blanks(Int)
    /// So many columns.
    case long(Int)
    /// So many empty lines, and then more text.
    case emptyLines(Int)
    /// Letters that are shown from right to left: the line may read in another order than it has.
    case rightToLeft

    package var description: String {
      switch self {
      case .invisible: "text that cannot be seen"
      case .overlay: "marks drawn over other letters"
      case .blanks(let columns): "text behind \(columns) blanks"
      case .long(let columns): "a line of \(columns) columns"
      case .emptyLines(let count): "text below \(count) empty lines"
      case .rightToLeft: "letters that run from right to left"
      }
    }
  }

  /// How it hides.
  package let trick: Trick
  /// A path, or where else it stands ("the message of 0123456789ab").
  package let place: String
  /// From 1; nil where there are no lines.
  package let line: Int?
  /// The line with the characters made visible; of a long one the end of what is hidden.
  package let shown: String

  /// Beyond this, text is out of everybody's sight, in columns and in lines.
  static let widest = 100, longest = 500, mostEmpty = 60

  /// The lines of `new` that are not in `old` and deceive.
  ///
  /// - Returns: At most `most`; a file that is not UTF-8 has none, it is listed as binary.
  static func find(in new: [UInt8], notIn old: [[UInt8]], place: String, most: Int) -> [HiddenText] {
    let newline = UInt8(ascii: "\n")
    var found: [(line: Int, bytes: ArraySlice<UInt8>, trick: Trick)] = []
    var empty = 0
    var hasRightToLeft = false
    for (index, line) in new.split(separator: newline, omittingEmptySubsequences: false).enumerated() {
      let trick = trick(of: line)
      if isBlank(line) {
        empty += 1
      } else {
        if empty >= mostEmpty { found.append((index + 1, line, .emptyLines(empty))) }
        empty = 0
      }
      guard let trick, trick != .rightToLeft || !hasRightToLeft else { continue }
      if trick == .rightToLeft { hasRightToLeft = true }
      found.append((index + 1, line, trick))
    }
    guard !found.isEmpty else { return [] }
    var known: Set<ArraySlice<UInt8>> = []
    for text in old { known.formUnion(text.split(separator: newline, omittingEmptySubsequences: false)) }
    return found.filter { !known.contains($0.bytes) }.prefix(most)
      .map { HiddenText(trick: $0.trick, place: place, line: $0.line, shown: Self.shown($0.bytes, $0.trick)) }
  }

  static func hides(_ line: some Collection<UInt8>) -> Bool {
    switch trick(of: line) {
    case nil, .long, .rightToLeft: false
    default: true
    }
  }

  /// A name of a file or branch: there a blank that is not the plain one hides as well, and so does one at either end.
  static func hidesInName(_ name: some Collection<UInt8>) -> Bool {
    if hides(name) || trick(of: name) == .rightToLeft { return true }
    guard let text = String(validating: Array(name), as: UTF8.self) else { return true }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .spaceSeparator && $0 != " " }) {
      return true
    }
    return text.split(separator: "/", omittingEmptySubsequences: false).contains {
      $0.hasPrefix(" ") || $0.hasSuffix(" ")
    }
  }

  /// What is worst about a line; nil for an honest one.
  static func trick(of line: some Collection<UInt8>) -> Trick? {
    var (column, blanks, widest, isPlain) = (0, 0, 0, true)
    for byte in line {
      let isBlank = byte == UInt8(ascii: " ") || byte == 0x09
      let width = byte == 0x09 ? 8 : byte & 0xC0 == 0x80 ? 0 : 1
      column += width
      if isBlank {
        blanks += width
      } else {
        widest = max(widest, blanks)
        blanks = 0
      }
      if byte >= 0x7F || (byte < 0x20 && byte != 0x09) { isPlain = false }
    }
    if !isPlain, let hidden = trickOfLetters(line) { return hidden }
    if widest >= Self.widest { return .blanks(widest) }
    return column > longest ? .long(column) : nil
  }

  private static func trickOfLetters(_ line: some Collection<UInt8>) -> Trick? {
    // A carriage return at a line's end is how some systems end lines.
    let bytes = line.reversed().first == 0x0D ? Array(line.dropLast()) : Array(line)
    guard let text = String(validating: bytes, as: UTF8.self) else { return .invisible }
    var (marks, hasLetter, isRightToLeft, overlay) = (0, false, false, false)
    var (blanks, widest) = (0, 0)
    for scalar in text.unicodeScalars {
      let properties = scalar.properties
      if isOverlay(scalar) {
        overlay = true
      } else if scalar != "\t", scalar != "\u{A0}", !isHarmless(scalar) {
        return .invisible
      }
      switch properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .spacingMark:
        marks += 1
        // A mark without a letter is drawn over what stands before it, be it the diff's own sign; a heap of them over
        // other lines.
        if !hasLetter || marks > 3 { overlay = true }
      case .spaceSeparator:
        (marks, hasLetter) = (0, false)
      default:
        (marks, hasLetter) = (0, scalar != "\t")
      }
      if scalar == " " || scalar == "\u{A0}" {
        blanks += 1
      } else if scalar == "\t" {
        blanks += 8
      } else {
        widest = max(widest, blanks)
        blanks = 0
      }
      isRightToLeft = isRightToLeft || runsRightToLeft(scalar)
    }
    if overlay { return .overlay }
    if widest >= Self.widest { return .blanks(widest) }
    return isRightToLeft ? .rightToLeft : nil
  }

  /// Strong letters of scripts that run from right to left (Unicode's UAX 9, classes R and AL).
  private static func runsRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    line.allSatisfy { $0 == UInt8(ascii: " ") || $0 == 0x09 || $0 == 0x0D }
  }

  /// Behind many blanks, and in a long line, the end is what nobody sees.
  private static func shown(_ line: ArraySlice<UInt8>, _ trick: Trick) -> String {
    switch trick {
    case .blanks(let width):
      var run = 0
      for index in line.indices {
        let byte = line[index]
        if byte == UInt8(ascii: " ") {
          run += 1
        } else if byte == 0x09 {
          run += 8
        } else {
          if run >= Swift.min(width, widest) { return printable(line[index...], limit: 160) }
          run = 0
        }
      }
      return printable(line, limit: 160)
    case .long: return "\(printable(line.prefix(60), limit: 60))…\(printable(line.suffix(60), limit: 60))"
    default: return printable(line, limit: 160)
    }
  }
}
