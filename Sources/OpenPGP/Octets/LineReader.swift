internal import Glibc

/// Hands out the lines of a text as ranges, without blanks at their ends. Lines end with LF, the last one may lack it.
struct LineReader {
  let text: [UInt8]
  private(set) var position = 0

  init(_ text: [UInt8]) { self.text = text }

  /// The next line without its end, be it LF or CR LF, and without blanks before that; `nil` at the end.
  mutating func next() -> Range<Int>? {
    guard position < text.count else { return nil }
    let start = position
    var end =
      unsafe text.withUnsafeBytes { bytes in
        unsafe memchr(bytes.baseAddress! + start, 10, bytes.count - start).map {
          unsafe UnsafeRawPointer($0) - bytes.baseAddress!
        }
      } ?? text.count
    position = min(end + 1, text.count)
    while end > start, Armor.isBlank(text[end - 1]) { end -= 1 }
    return start..<end
  }

  /// Whether the line is exactly `opening`, `label`, five dashes.
  func matches(_ line: Range<Int>, _ opening: StaticString, _ label: StaticString) -> Bool {
    var place = line.lowerBound
    for part in [opening, label, "-----"] {
      let fits = part.withUTF8Buffer { unsafe text[place..<line.upperBound].starts(with: $0) }
      guard fits else { return false }
      place += part.utf8CodeUnitCount
    }
    return place == line.upperBound
  }

  /// Whether some reader might see the beginning of a block in the line, also in its middle.
  func mentionsBlock(_ line: Range<Int>) -> Bool { text[line].contains(Self.beginning) }

  private static let beginning = Array("-----BEGIN".utf8)
}
