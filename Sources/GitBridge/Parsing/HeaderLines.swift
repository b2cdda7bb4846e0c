#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A place in the header lines of a commit or a tag. Every step either moves past something understood or stays.
@safe struct HeaderLines {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
  }

  /// True at the empty line that ends the header.
  var atBlankLine: Bool { unsafe position < bytes.count && bytes[position] == UInt8(ascii: "\n") }

  /// True where the bytes end.
  var atEnd: Bool { unsafe position >= bytes.count }

  /// True where the line goes on a header that began above.
  var atContinuation: Bool { unsafe position < bytes.count && bytes[position] == UInt8(ascii: " ") }

  func starts(with text: StaticString) -> Bool {
    unsafe bytes.count - position >= text.utf8CodeUnitCount
      && memcmp(bytes.baseAddress! + position, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// Steps over `text` when it is next.
  mutating func skip(_ text: StaticString) -> Bool {
    guard starts(with: text) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  /// Steps over the line end that comes next.
  mutating func skipBlankLine() { position += 1 }

  /// Reads `KEY 40 lower-case digits LF`; nil leaves the position where it was.
  mutating func object(_ key: StaticString) -> ObjectID? {
    let start = position
    guard skip(key), let id = unsafe ObjectID(lowerHexAt: position, in: bytes) else {
      position = start
      return nil
    }
    position += ObjectID.hexCount
    guard atBlankLine else {
      position = start
      return nil
    }
    position += 1
    return id
  }

  /// Steps over the rest of the line and gives it without its line end; nil when there is no line end.
  mutating func restOfLine() -> Range<Int>? {
    guard unsafe position < bytes.count,
      let end = unsafe memchr(bytes.baseAddress! + position, 10, bytes.count - position)
    else { return nil }
    let length = unsafe UnsafeRawPointer(end) - (bytes.baseAddress! + position)
    let range = position..<position + length
    position += length + 1
    return range
  }

  /// Steps over one header with its continuation lines.
  ///
  /// - Returns: where its key and the whole header are; nil when it is no `KEY SPACE VALUE` of printable key.
  mutating func header() -> (key: Range<Int>, whole: Range<Int>)? {
    let start = position
    guard let line = restOfLine() else { return nil }
    var keyEnd = line.lowerBound
    while keyEnd < line.upperBound, unsafe bytes[keyEnd] != UInt8(ascii: " ") {
      guard unsafe (0x21...0x7E).contains(bytes[keyEnd]) else { return nil }
      keyEnd += 1
    }
    guard keyEnd > line.lowerBound, keyEnd < line.upperBound else { return nil }
    while atContinuation {
      guard restOfLine() != nil else { return nil }
    }
    return (start..<keyEnd, start..<position)
  }

  func equal(_ range: Range<Int>, _ text: StaticString) -> Bool {
    unsafe range.count == text.utf8CodeUnitCount
      && memcmp(bytes.baseAddress! + range.lowerBound, text.utf8Start, range.count) == 0
  }
}

/// True when there is a NUL among the bytes.
///
/// Attack: what reads text as a C string stops there, and sees less than what was signed.
func containsNUL(_ bytes: UnsafeRawBufferPointer) -> Bool {
  guard let base = bytes.baseAddress else { return false }
  return unsafe memchr(base, 0, bytes.count) != nil
}
