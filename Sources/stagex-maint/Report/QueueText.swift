internal import Review

/// Open pull requests for a terminal: names in one column, what is said of several said once.
struct QueueText {
  struct Row {
    let name: String
    let onto: String
    let title: String
    let note: String
    /// What it has, what it lacks, what to do.
    var lines: [String] = []
  }

  let console: Console
  let rows: [Row]

  func print() {
    let width = console.width
    let name = min(24, rows.map { columns($0.name) }.max() ?? 0)
    let indent = String(repeating: " ", count: 4)
    let often = Dictionary(grouping: rows.filter { !$0.note.isEmpty && $0.lines.isEmpty }, by: \.note).filter {
      $0.value.count > 1
    }
    for row in rows where often[row.note] == nil || !row.lines.isEmpty {
      let head = "\(padded(row.name, name)) onto \(row.onto)"
      let title = row.title.isEmpty ? "" : "  " + row.title
      console.out(cut(head.replacing(row.name, with: console.bold(row.name), maxReplacements: 1) + title, width))
      for line in (row.note.isEmpty ? [] : [row.note]) + row.lines {
        folded(indent + line, width: width).forEach(console.out)
      }
    }
    for (note, rows) in often.sorted(by: { $0.key < $1.key }) {
      folded("\(rows.map(\.name).joined(separator: ", ")): \(note)", width: width).forEach(console.out)
    }
  }
}
