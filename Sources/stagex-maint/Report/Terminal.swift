internal import Review

extension Console {
  /// Whether somebody sees bars: they cost the reading of each commit.
  var showsMonths: Bool { outIsTerminal || Environment.current["COLUMNS"] != nil }

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
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default:
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return 1
    }
  }
}

/// The text, and spaces up to so many columns.
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - columns(text))) }

/// Spaces before the text, up to so many columns.
func leading(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - columns(text))) + text }

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
/// A word that is longer than a line is cut into pieces: nothing is wider than the terminal.
func folded(_ line: String, width: Int) -> [String] {
  guard columns(line) > width else { return [line] }
  let indent = String(repeating: " ", count: min(line.prefix { $0 == " " }.count + 2, width / 2))
  var lines: [String] = []
  var current = String(line.prefix { $0 == " " }.prefix(max(0, width / 2)))
  var isEmpty = true
  for word in line.split(separator: " ") {
    var rest = String(word)
    if !isEmpty, columns(current) + 1 + columns(rest) <= width {
      current += " " + rest
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

/// Months as bars of a terminal: how many of each month's changes have two or more behind them.
struct MonthBars {
  let console: Console
  let months: [(month: SurveyMonth, buckets: [Int])]
  /// Older ones are put together by years.
  private static let mostLines = 36

  var lines: [String] {
    if months.count <= Self.mostLines { return months.map { line("\($0.month)", $0.buckets) } }
    let years = Dictionary(grouping: months, by: \.month.year).sorted { $0.key < $1.key }
    return years.map { year, months in
      line("\(year)   ", months.reduce(into: [0, 0, 0]) { for place in 0..<3 { $0[place] += $1.buckets[place] } })
    }
  }

  private func line(_ label: String, _ counts: [Int]) -> String {
    let all = counts.reduce(0, +)
    let text = leading(grouped(counts[2]), 7) + " of " + leading(grouped(all), 7)
    guard all > 0 else { return label + "  " + text }
    let room = max(4, min(40, console.width - 34))
    // What is there is seen, however little it is.
    var parts = counts.map { $0 * room / all }
    for place in 0..<3 where counts[place] > 0 && parts[place] == 0 { parts[place] = 1 }
    while parts.reduce(0, +) > room, let largest = parts.indices.max(by: { parts[$0] < parts[$1] }) { parts[largest] -= 1 }
    while parts.reduce(0, +) < room, let largest = parts.indices.max(by: { parts[$0] < parts[$1] }) { parts[largest] += 1 }
    let bar =
      console.green(String(repeating: "█", count: parts[2])) + console.yellow(String(repeating: "▒", count: parts[1]))
      + console.red(String(repeating: "·", count: parts[0]))
    return label + "  " + text + "  " + bar
  }
}
