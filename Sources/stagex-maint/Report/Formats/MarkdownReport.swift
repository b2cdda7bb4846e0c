internal import GitBridge
internal import Review

/// A verdict for a comment on a forge (GitHub Flavored Markdown, which Forgejo and GitLab read too).
struct MarkdownReport {
  let report: VerdictReport
  /// Forges cut off long comments; 65,536 characters on GitHub.
  private static let mostRows = 100

  var text: String {
    var lines = ["### \(report.outcome.rawValue): \(escape(report.title))", "", escape(report.count)]
    if !report.changes.isEmpty {
      lines += ["", "| | commit | maintainers | endorsed by | subject |", "|---|---|---|---|---|"]
      lines += report.changes.prefix(Self.mostRows).map(row)
      if report.changes.count > Self.mostRows { lines.append("| | … and \(report.changes.count - Self.mostRows) more | | | |") }
    }
    if !report.refusals.isEmpty { lines += ["", "**Why**", ""] }
    for refusal in report.refusals.prefix(Self.mostRows) { lines += item(refusal) }
    if report.refusals.count > Self.mostRows { lines.append("- … and \(report.refusals.count - Self.mostRows) more") }
    for note in report.notes { lines += ["", "Note: \(escape(note))"] }
    for line in report.closing { lines += ["", escape(line)] }
    return lines.joined(separator: "\n")
  }

  private func row(_ change: ReviewedChange) -> String {
    let kind = change.kind == .ordinary ? "" : " (\(change.kind.rawValue))"
    return "| \(change.outcome == .accepted ? "ok" : "**refused**") | `\(change.commit.short)`\(kind) "
      + "| \(change.endorserCount) of \(change.required) | \(escape(report.endorsers(change))) "
      + "| \(escape(report.subject(change.commit) ?? "")) |"
  }

  private func item(_ refusal: Refusal) -> [String] {
    let lines = report.lines(refusal)
    var items = ["- `\(refusal.code.rawValue)`: \(escape(lines[0]))"]
    items += lines.dropFirst().map { "  - \(escape($0))" }
    if !refusal.next.isEmpty { items.append("  - next: <code>\(escape(refusal.next))</code>") }
    return items
  }

  /// Attack: a subject or a branch name that mentions people, links somewhere, closes issues, or draws a table of its
  /// own. Every ASCII sign that means something to any forge becomes a number.
  private func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ",", "(", ")", "-", "/", ";", "?", "%": result.unicodeScalars.append(scalar)
      // Forges look for mentions and numbers of issues in what has been rendered: a comment parts the sign from the name.
      case "@", "#": result += "&#\(scalar.value);<!-- -->"
      case _ where scalar.value >= 0x80: result.unicodeScalars.append(scalar)
      default: result += "&#\(scalar.value);"
      }
    }
    return result
  }
}
