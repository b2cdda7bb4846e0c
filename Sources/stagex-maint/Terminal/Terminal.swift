internal import Review

extension Console {
  /// Whether somebody sees bars: they cost the reading of each commit.
  var showsMonths: Bool { outIsTerminal || ProcessEnvironment.current["COLUMNS"] != nil }

  /// Writes a result, folded to the window where there is one. What goes into a file or a pipe keeps its lines.
  func say(_ line: String) {
    guard showsMonths else { return out(line) }
    folded(line, width: width).forEach(out)
  }
}

/// How many columns a text takes on a terminal: colours take none, letters of East Asia two, combining marks none.
func columns(_ text: String) -> Int {
  var count = 0
  var isEscape = false
  for scalar in text.unicodeScalars {
    if isEscape {
      isEscape = !(("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar))
    } else if scalar == "\u{1B}" {
      isEscape = true
    } else {
      count += columns(scalar)
    }
  }
  return count
}

private func columns(_ scalar: Unicode.Scalar) -> Int {
  switch scalar.value {
  case 0x20..<0x7F: return 1
  // Unicode's East Asian Width: wide and full.
  case 0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x4DBF,
    0x4DC0...0xA4CF, 0xA960...0xA97C,
    0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
    0x1D300...0x1D376, 0x1F200...0x1F265, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  // A flag is two of them, of one column each.
  case 0x1F1E6...0x1F1FF: return 1
  default:
    if scalar.properties.isEmojiPresentation { return 2 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return 1
    }
  }
}

/// The text, and spaces up to so many columns.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - columns(text)))
}

/// Spaces before the text, up to so many columns.
func leading(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - columns(text))) + text
}

/// The text, cut with an ellipsis where it takes more columns.
func cut(_ text: String, _ width: Int) -> String {
  guard columns(text) > width else { return text }
  guard width > 0 else { return "" }
  var result = ""
  var taken = 0
  var isEscape = false
  var hasColour = false
  for scalar in text.unicodeScalars {
    if isEscape {
      isEscape = !(("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar))
    } else if scalar == "\u{1B}" {
      isEscape = true
      hasColour = true
    } else {
      taken += columns(scalar)
      if taken > width - 1 { break }
    }
    result.unicodeScalars.append(scalar)
  }
  return result + "…" + (hasColour ? "\u{1B}[0m" : "")
}

/// One line as several where it takes more columns; those after the first are indented two columns more than it is.
/// A word that is longer than a line is cut into pieces: nothing is wider than the terminal. Columns of figures stay
/// columns.
func folded(_ line: String, width: Int) -> [String] {
  guard columns(line) > width else { return [line] }
  let indent = String(repeating: " ", count: min(line.prefix { $0 == " " }.count + 2, width / 2))
  var lines: [String] = []
  var current = String(line.prefix { $0 == " " }.prefix(max(0, width / 2)))
  var isEmpty = true
  var gap = 0
  for piece in line.drop(while: { $0 == " " }).split(separator: " ", omittingEmptySubsequences: false) {
    // An empty piece stands between two blanks.
    gap += 1
    guard !piece.isEmpty else { continue }
    var rest = String(piece)
    let blanks = isEmpty ? 0 : gap
    gap = 0
    if !isEmpty, columns(current) + blanks + columns(rest) <= width {
      current += String(repeating: " ", count: blanks) + rest
      continue
    }
    if !isEmpty {
      lines.append(current)
      current = indent
      isEmpty = true
    }
    while columns(current) + columns(rest) > width {
      var head = ""
      while let next = rest.first, columns(current) + columns(head + String(next)) <= width {
        head.append(next)
        rest.removeFirst()
      }
      guard !head.isEmpty else { break }
      lines.append(current + head)
      current = indent
    }
    current += rest
    isEmpty = false
  }
  if !isEmpty { lines.append(current) }
  return lines
}

/// One line as several where it takes more columns, with every letter and blank of it; those after the first begin in
/// the third column, where no line of ours begins.
///
/// Attack: a title or a subject that is just so long that the terminal begins a new line with "satisfied as it is".
func broken(_ line: String, width: Int) -> [String] {
  guard width > 10, columns(line) > width else { return [line] }
  var lines: [String] = []
  var current = ""
  var taken = 0
  var isEscape = false
  for scalar in line.unicodeScalars {
    if isEscape {
      isEscape = !(("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar))
    } else if scalar == "\u{1B}" {
      isEscape = true
    } else {
      let wide = columns(scalar)
      if taken + wide > width {
        lines.append(current)
        (current, taken) = ("  ", 2)
      }
      taken += wide
    }
    current.unicodeScalars.append(scalar)
  }
  return lines + [current]
}
