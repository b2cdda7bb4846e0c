/// A pattern over slash-separated names, as in `.gitignore`: `*` and `?` stay within one part of the
/// name, `**` crosses slashes, `[a-z]` and `[!a-z]` match one character.
///
/// Generic over the element so that the same code compares bytes (what decides) and folded
/// characters (what looks alike).
package struct Glob: Sendable, Equatable {
  package let pattern: String
  private let bytes: [UInt8]
  private let folded: [Character]

  /// - Throws: `FileDefect` for an empty pattern or an unclosed bracket.
  package init(_ pattern: String) throws(FileDefect) {
    guard !pattern.isEmpty else { throw FileDefect("a pattern is empty") }
    var open = false
    for byte in pattern.utf8 {
      if byte == UInt8(ascii: "[") { open = true }
      if byte == UInt8(ascii: "]") { open = false }
    }
    guard !open else { throw FileDefect("the pattern \(pattern) has a bracket that is never closed") }
    self.pattern = pattern
    bytes = Array(pattern.utf8)
    folded = Array(pattern.lowercased())
  }

  /// Whether the pattern matches these exact bytes.
  package func matches(_ name: [UInt8]) -> Bool {
    globMatch(bytes[...], name[...], GlobSigns(
      star: UInt8(ascii: "*"), question: UInt8(ascii: "?"), slash: UInt8(ascii: "/"),
      open: UInt8(ascii: "["), close: UInt8(ascii: "]"), bang: UInt8(ascii: "!"), dash: UInt8(ascii: "-")))
  }

  /// Whether the pattern matches a name that differs from this one only in case or in Unicode
  /// normal form. Stops a second branch that a person would read as the protected one.
  package func matchesLookalike(of name: String) -> Bool {
    globMatch(folded[...], Array(name.lowercased())[...], GlobSigns<Character>(
      star: "*", question: "?", slash: "/", open: "[", close: "]", bang: "!", dash: "-"))
  }
}

private struct GlobSigns<Element> {
  let star, question, slash, open, close, bang, dash: Element
}

/// Matching with one remembered star of each sort, so that no pattern takes more than quadratic time.
private func globMatch<Element: Comparable>(
  _ pattern: ArraySlice<Element>, _ name: ArraySlice<Element>, _ signs: GlobSigns<Element>
) -> Bool {
  // matched[j]: the pattern read so far matches the first j elements of the name.
  let name = Array(name)
  var matched = [Bool](repeating: false, count: name.count + 1)
  matched[0] = true
  var index = pattern.startIndex
  while index < pattern.endIndex {
    var next = [Bool](repeating: false, count: name.count + 1)
    let element = pattern[index]
    if element == signs.star {
      let crosses = index + 1 < pattern.endIndex && pattern[index + 1] == signs.star
      index += crosses ? 2 : 1
      var reachable = false
      for j in 0...name.count {
        if j > 0, !crosses, name[j - 1] == signs.slash { reachable = false }
        if matched[j] { reachable = true }
        next[j] = reachable
      }
    } else if element == signs.open, let close = pattern[(index + 1)...].firstIndex(of: signs.close) {
      let set = pattern[(index + 1)..<close]
      for j in 0..<name.count where matched[j] && name[j] != signs.slash {
        next[j + 1] = bracketMatch(set, name[j], signs)
      }
      index = close + 1
    } else {
      for j in 0..<name.count where matched[j] {
        next[j + 1] = element == signs.question ? name[j] != signs.slash : name[j] == element
      }
      index += 1
    }
    matched = next
  }
  return matched[name.count]
}

private func bracketMatch<Element: Comparable>(
  _ set: ArraySlice<Element>, _ element: Element, _ signs: GlobSigns<Element>
) -> Bool {
  var set = set
  let negated = set.first == signs.bang
  if negated { set = set.dropFirst() }
  var found = false
  while let first = set.popFirst() {
    if set.count >= 2, set.first == signs.dash, let last = set.dropFirst().first {
      if first <= last, (first...last).contains(element) { found = true }
      set = set.dropFirst(2)
    } else if first == element {
      found = true
    }
  }
  return found != negated
}
