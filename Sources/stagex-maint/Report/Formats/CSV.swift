/// Comma-separated values (RFC 4180), safe to open in a spreadsheet.
enum CSV {
  static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") }

  private static func cell(_ text: String) -> String {
    // Attack: a subject or a name that a spreadsheet would take for a formula, and run.
    let guarded = text.first.map { "=+-@\t\r".contains($0) } == true ? "'" + text : text
    guard
      guarded.utf8.contains(where: {
        [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains($0)
      })
    else { return guarded }
    return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
  }
}

/// A report's rows for a spreadsheet.
struct CSVReport {
  let report: Report

  var text: String {
    let head = CSV.line(["verdict", report.heads.name, "kind", "has", "needs", report.heads.by, report.heads.about])
    return
      ([head]
      + report.rows.map { row in
        CSV.line([
          row.isAccepted ? "accepted" : "refused", row.name, row.kind, "\(row.have)", "\(row.need)", row.by, row.about,
        ])
      }).joined(separator: "\n")
  }
}
