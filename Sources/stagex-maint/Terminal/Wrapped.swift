/// Breaks text at spaces so that no line takes more columns than the width; a longer word keeps its own line.
///
/// - Parameter indent: Put before each line after the first.
func wrapped(_ text: String, width: Int, indent: String = "") -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = lines.isEmpty ? String(word) : indent + word
    } else if columns(line) + 1 + columns(String(word)) <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = indent + word
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}
