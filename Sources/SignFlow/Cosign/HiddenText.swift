internal import GitBridge
internal import Review

/// A place where text is not what a reader sees: control and escape characters, bidirectional and zero-width ones.
package struct HiddenText: Sendable, Equatable {
  /// A path, or where else it stands ("the message of 0123456789ab").
  package let place: String
  /// From 1; nil where there are no lines.
  package let line: Int?
  /// The line with the characters made visible.
  package let shown: String

  /// The lines of `new` that are not in `old` and hold such a character.
  ///
  /// - Returns: At most `most`; a file that is not UTF-8 has none, it is listed as binary.
  static func find(in new: [UInt8], notIn old: [UInt8], place: String, most: Int) -> [HiddenText] {
    let newline = UInt8(ascii: "\n")
    // A file without a byte that could begin or be such a character is the usual case.
    guard new.contains(where: { $0 >= 0x7F || ($0 < 0x20 && $0 != newline && $0 != 0x09) }) else { return [] }
    let known = Set(old.split(separator: newline, omittingEmptySubsequences: false))
    var found: [HiddenText] = []
    for (index, line) in new.split(separator: newline, omittingEmptySubsequences: false).enumerated()
    where !known.contains(line) && hides(line) {
      found.append(HiddenText(place: place, line: index + 1, shown: printable(line, limit: 160)))
      if found.count == most { break }
    }
    return found
  }

  static func hides(_ line: some Collection<UInt8>) -> Bool {
    guard line.contains(where: { $0 >= 0x7F || ($0 < 0x20 && $0 != 0x09) }) else { return false }
    // A carriage return at a line's end is how some systems end lines.
    let bytes = line.reversed().first == 0x0D ? Array(line.dropLast()) : Array(line)
    guard let text = String(validating: bytes, as: UTF8.self) else { return true }
    return text.unicodeScalars.contains { $0 != "\t" && $0 != "\u{A0}" && !isHarmless($0) }
  }
}
