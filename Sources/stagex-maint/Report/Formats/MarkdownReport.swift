internal import Review

/// A report for a comment on a forge (GitHub Flavored Markdown, which Forgejo and GitLab read too).
struct MarkdownReport {
  let report: Report
  /// Forges cut off long comments; 65,536 characters on GitHub.
  private static let mostRows = 100

  var text: String {
    var lines = ["### \(report.outcome.rawValue): \(escape(report.title))", "", escape(report.count)]
    if !report.rows.isEmpty {
      lines += [
        "", "| | \(report.heads.name) | \(report.counted) | \(report.heads.by) | \(report.heads.about) |",
        "|---|---|---|---|---|",
      ]
      lines += report.rows.prefix(Self.mostRows).map(row)
      if report.rows.count > Self.mostRows {
        lines.append("| | … and \(report.rows.count - Self.mostRows) more | | | |")
      }
    }
    if !report.findings.isEmpty { lines += ["", "**Why**", ""] }
    for finding in report.findings.prefix(Self.mostRows) { lines += item(finding) }
    if report.findings.count > Self.mostRows { lines.append("- … and \(report.findings.count - Self.mostRows) more") }
    for note in report.notes { lines += ["", "Note: \(escape(note))"] }
    for line in report.closing { lines += ["", escape(line)] }
    return lines.joined(separator: "\n")
  }

  private func row(_ row: Report.Row) -> String {
    let kind = row.kind == ChangeKind.ordinary.rawValue ? "" : " (\(escape(row.kind)))"
    return """
      | \(row.isAccepted ? "ok" : "**refused**") | \(code(row.name))\(kind) | \(row.have) of \(row.need) | \
      \(escape(row.by)) | \(escape(row.about)) |
      """
  }

  private func item(_ finding: Report.Finding) -> [String] {
    var items = ["- `\(finding.code)`: \(escape(finding.lines.first ?? ""))"]
    items += finding.lines.dropFirst().map { "  - \(escape($0))" }
    if !finding.next.isEmpty { items.append("  - next: <code>\(escape(finding.next))</code>") }
    return items
  }

  /// A name in the type of code. Attack: one with a backtick of its own, which would end the code there.
  private func code(_ name: String) -> String {
    let plain = name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "`") && $0 != UInt8(ascii: "|") }
    return plain ? "`\(name)`" : "<code>\(escape(name))</code>"
  }

  /// Attack: a subject or a branch name that mentions people, links somewhere, closes issues, or draws a table of its
  /// own. Every ASCII sign that means something to any forge becomes a number.
  func escape(_ text: String) -> String { Self.escape(text) }

  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ",", "(", ")", "-", "/", ";", "?", "%":
        result.unicodeScalars.append(scalar)
      // Forges look for mentions and numbers of issues in what has been rendered: a comment parts the sign from the
      // name.
      case "@", "#": result += "&#\(scalar.value);<!-- -->"
      case _ where scalar.value >= 0x80: result.unicodeScalars.append(scalar)
      default: result += "&#\(scalar.value);"
      }
    }
    return result
  }
}
