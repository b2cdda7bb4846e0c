/// A pattern over slash-separated names, as in `.gitignore`: `*` and `?` stay within one part of the
/// name, `**` crosses slashes, `**/` stands for any folders or none, `[a-z]` and `[!a-z]` match one
/// character. A pattern matches the whole name. Characters are bytes.
package struct Glob: Sendable, Equatable {
  /// As it was written.
  package let pattern: String
  private let exact: [GlobPart<UInt8>]
  /// The pattern in small letters; nil where it is not ASCII.
  private let small: [GlobPart<UInt8>]?
  /// Of a pattern that is not ASCII: as names of other letters are held against it.
  private let folded: [GlobPart<Character>]?
  private let guardsFiles: Bool

  /// - Parameter guardsFiles: whether it is to match what a file system takes for a name that it matches, too. Attack:
  ///   `Boot/x` beside the guarded `boot/x`, which are one file where the distribution is checked out on such a system.
  /// - Throws: `FileDefect` for a pattern that would match nothing, or that a reader of `.gitignore` would
  ///   take for another: what looks like protection and is none is worse than an error.
  package init(_ pattern: String, guardsFiles: Bool = false) throws(FileDefect) {
    guard !pattern.isEmpty else { throw FileDefect("a pattern is empty") }
    let bytes = Array(pattern.utf8)
    func refused(_ why: String) -> FileDefect { FileDefect("the pattern \(printable(pattern)) \(why)") }
    if bytes.first == slash || bytes.last == slash { throw refused("begins or ends with a slash, which no name does") }
    if zip(bytes, bytes.dropFirst()).contains(where: { $0 == slash && $1 == slash }) {
      throw refused("has an empty part")
    }
    if bytes.contains(UInt8(ascii: "\\")) { throw refused("has a backslash, which no pattern needs") }
    self.pattern = pattern
    self.guardsFiles = guardsFiles
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    do throws(GlobDefect) {
      exact = try globParts(bytes, GlobSigns(of: UInt8.init(ascii:)))
      small = isASCII ? try globParts(bytes.map(lowered), GlobSigns(of: UInt8.init(ascii:))) : nil
      folded = isASCII ? nil : try foldedParts(pattern)
    } catch {
      throw refused(error.why)
    }
  }

  /// Whether it may match more than one name.
  package var hasWildcard: Bool {
    exact.contains { part in
      if case .one = part { false } else { true }
    }
  }

  /// Whether the pattern matches these exact bytes; where it guards files, also a name that a file system takes for
  /// them.
  // R101
  package func matches(_ name: [UInt8]) -> Bool {
    if matched(exact, name, slash: slash, mayBeAnything: { _ in false }) { return true }
    return guardsFiles && matchesLookalike(of: String(decoding: name, as: UTF8.self))
  }

  /// Whether the pattern matches a name that a careless reader, or a file system, takes for this one:
  /// that differs only in case, in Unicode normal form, or in characters that are not seen.
  package func matchesLookalike(of name: String) -> Bool {
    // Nearly all names. Attack: a push of tens of thousands of them, each held against each pattern.
    if let small, name.utf8.allSatisfy({ $0 < 0x80 }) {
      return matched(small, name.utf8.map(lowered), slash: slash, mayBeAnything: { _ in false })
    }
    guard let parts = folded ?? (try? foldedParts(pattern)) else { return true }
    return matched(parts, Array(folding(name)), slash: "/", mayBeAnything: isUnclear)
  }
}

private func foldedParts(_ pattern: String) throws(GlobDefect) -> [GlobPart<Character>] {
  try globParts(Array(folding(pattern)), GlobSigns { Character($0) })
}

private let slash = UInt8(ascii: "/")

private func lowered(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

private struct GlobDefect: Error { let why: String }

/// The characters that mean something in a pattern.
private struct GlobSigns<Element> {
  let star, question, slash, open, close, bang, dash: Element

  init(of sign: (Unicode.Scalar) -> Element) {
    (star, question, slash) = (sign("*"), sign("?"), sign("/"))
    (open, close, bang, dash) = (sign("["), sign("]"), sign("!"), sign("-"))
  }
}

private enum GlobPart<Element: Comparable & Sendable>: Sendable, Equatable {
  case one(Element)
  /// `?`
  case any
  /// `*`
  case run
  /// `**`
  case path
  /// `**/` at the start of a part: any folders, or none.
  case folders
  case range([ClosedRange<Element>], negated: Bool)
}

private func globParts<Element: Comparable & Sendable>(
  _ pattern: [Element], _ signs: GlobSigns<Element>
) throws(GlobDefect) -> [GlobPart<Element>] {
  var parts: [GlobPart<Element>] = []
  var rest = pattern[...]
  var startsPart = true
  while let element = rest.popFirst() {
    let atStart = startsPart
    startsPart = element == signs.slash
    if element == signs.star {
      guard rest.first == signs.star else {
        parts.append(.run)
        continue
      }
      rest.removeFirst()
      if atStart, rest.first == signs.slash {
        rest.removeFirst()
        startsPart = true
        parts.append(.folders)
      } else {
        parts.append(.path)
      }
    } else if element == signs.question {
      parts.append(.any)
    } else if element == signs.open {
      guard let close = rest.firstIndex(of: signs.close) else {
        throw GlobDefect(why: "has a bracket that is never closed")
      }
      parts.append(try bracket(rest[..<close], signs))
      rest = rest[(close + 1)...]
    } else {
      parts.append(.one(element))
    }
  }
  return parts
}

private func bracket<Element: Comparable & Sendable>(
  _ content: ArraySlice<Element>, _ signs: GlobSigns<Element>
) throws(GlobDefect) -> GlobPart<Element> {
  var rest = content
  let negated = rest.first == signs.bang
  if negated { rest.removeFirst() }
  guard !rest.isEmpty else { throw GlobDefect(why: "has an empty bracket") }
  var ranges: [ClosedRange<Element>] = []
  while let first = rest.popFirst() {
    if rest.count >= 2, rest.first == signs.dash, let last = rest.dropFirst().first {
      guard first <= last else { throw GlobDefect(why: "has a range that runs backwards") }
      ranges.append(first...last)
      rest = rest.dropFirst(2)
    } else {
      ranges.append(first...first)
    }
  }
  // A byte of a longer character is no character.
  for range in ranges {
    for end in [range.lowerBound, range.upperBound] {
      if let byte = end as? UInt8, byte >= 0x80 {
        throw GlobDefect(why: "has a character in brackets that is not ASCII")
      }
    }
  }
  return .range(ranges, negated: negated)
}

/// Follows all ways through the pattern at once, so that no pattern takes more than the product of the two lengths.
///
/// - Parameter mayBeAnything: Whether an element of the name may stand for anything, or nothing.
private func matched<Element: Comparable & Sendable>(
  _ parts: [GlobPart<Element>], _ name: [Element], slash: Element, mayBeAnything: (Element) -> Bool
) -> Bool {
  let unclear = name.indices.filter { mayBeAnything(name[$0]) }
  // reached[j]: the parts so far match the first j elements of the name.
  var reached = [Bool](repeating: false, count: name.count + 1)
  reached[0] = true
  func skipUnclear() {
    for index in unclear where reached[index] { reached[index + 1] = true }
  }
  for part in parts {
    skipUnclear()
    guard reached.contains(true) else { return false }
    var next = [Bool](repeating: false, count: name.count + 1)
    var isOpen = false
    for index in 0...name.count {
      let isSlash = index > 0 && name[index - 1] == slash
      switch part {
      case .run:
        if isSlash { isOpen = false }
        if reached[index] { isOpen = true }
        next[index] = isOpen
      case .path:
        if reached[index] { isOpen = true }
        next[index] = isOpen
      case .folders:
        next[index] = reached[index] || isOpen && isSlash
        if reached[index] { isOpen = true }
      case .one, .any, .range:
        next[index] = index > 0 && reached[index - 1] && isOne(part, name[index - 1], slash)
      }
    }
    for index in unclear where reached[index] { next[index] = true }
    reached = next
  }
  skipUnclear()
  return reached[name.count]
}

private func isOne<Element: Comparable & Sendable>(_ part: GlobPart<Element>, _ element: Element, _ slash: Element)
  -> Bool
{
  switch part {
  case .one(let expected): element == expected
  case .any: element != slash
  case .range(let ranges, let negated): element != slash && ranges.contains { $0.contains(element) } != negated
  case .run, .path, .folders: false
  }
}
