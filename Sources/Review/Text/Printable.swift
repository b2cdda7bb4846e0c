package import GitBridge

/// Text from outside, made safe to print on one line of a terminal.
///
/// Control characters (they move the cursor, set titles, recolour), line separators, bidirectional
/// and zero-width characters (they make a name read as another) become visible escapes, as do bytes
/// that are not UTF-8.
///
/// - Parameter limit: The most characters to print; the rest becomes an ellipsis.
package func printable(_ bytes: some Collection<UInt8>, limit: Int = 200) -> String {
  var result = ""
  var count = 0
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    guard count < limit else { return result + "…" }
    count += 1
    // A new one each time: a decoder keeps what it has read ahead.
    var decoder = UTF8()
    var iterator = rest.makeIterator()
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar):
      rest = rest.dropFirst(UTF8.width(scalar))
      if isHarmless(scalar) {
        result.unicodeScalars.append(scalar)
      } else if scalar.value < 0x80 {
        result += "\\x" + hex(scalar.value, digits: 2)
      } else {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    case .emptyInput, .error:
      if let byte = rest.popFirst() { result += "\\x" + hex(UInt32(byte), digits: 2) }
    }
  }
  return result
}

/// The same of a string.
package func printable(_ text: String, limit: Int = 200) -> String { printable(Array(text.utf8), limit: limit) }

/// Text from outside as one word of a command that a person is told to type.
///
/// Attack: a branch or a path named `x;…`, which the person would copy into a shell.
package func shellWord(_ bytes: some Collection<UInt8>, limit: Int = 200) -> String {
  shellQuoted(printable(bytes, limit: limit))
}

/// The same of a string.
package func shellWord(_ text: String, limit: Int = 200) -> String { shellWord(Array(text.utf8), limit: limit) }

/// Whether a scalar can be printed as it is: it takes its place in the line and does nothing else.
package func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
  case .spaceSeparator: scalar == " "
  default: !scalar.properties.isDefaultIgnorableCodePoint && !isOverlay(scalar) && !isEmptyPicture(scalar)
  }
}

/// Whether a mark is drawn over the letter before it, or around it, so that this reads as another.
package func isOverlay(_ scalar: Unicode.Scalar) -> Bool {
  scalar.properties.canonicalCombiningClass == .overlay || scalar.properties.generalCategory == .enclosingMark
}

/// Symbols by their category that nothing is drawn for: the Braille pattern without dots, the musical null notehead.
private func isEmptyPicture(_ scalar: Unicode.Scalar) -> Bool { scalar.value == 0x2800 || scalar.value == 0x1D159 }

private func hex(_ value: UInt32, digits: Int) -> String {
  let text = String(value, radix: 16)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension ObjectID {
  /// Enough of the id for a person and for git to find it.
  package var short: String { String(hex.prefix(12)) }
}
