internal import Review

/// A report as one page without scripts, pictures or links.
struct HTMLReport {
  let report: Report

  var text: String {
    var lines = [
      "<!doctype html>", #"<html lang="en"><head><meta charset="utf-8">"#,
      // Nothing in the page may be fetched or run, whatever an escape that was forgotten would let in.
      #"<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"#,
      #"<meta name="viewport" content="width=device-width, initial-scale=1">"#,
      "<title>\(report.outcome.rawValue): \(markup(report.title))</title>",
      "<style>\(Self.style)</style></head><body>",
      #"<h1><span class="\#(report.outcome.rawValue)">\#(report.outcome.rawValue)</span> \#(markup(report.title))</h1>"#,
      "<p>\(markup(report.count))</p>",
    ]
    if !report.rows.isEmpty {
      lines.append("<table><thead><tr><th>verdict<th>\(report.heads.name)<th>kind<th>\(report.counted)<th>\(report.heads.by)<th>\(report.heads.about)</tr></thead><tbody>")
      lines += report.rows.map(row)
      lines.append("</tbody></table>")
    }
    if !report.findings.isEmpty { lines.append("<h2>Why</h2><ul>") }
    lines += report.findings.map(item)
    if !report.findings.isEmpty { lines.append("</ul>") }
    for note in report.notes { lines.append("<p>Note: \(markup(note))</p>") }
    for line in report.closing { lines.append("<p>\(markup(line))</p>") }
    return (lines + ["</body></html>"]).joined(separator: "\n")
  }

  private func row(_ row: Report.Row) -> String {
    let word = row.isAccepted ? "accepted" : "refused"
    return #"<tr><td class="\#(word)">\#(word)<td><code>\#(markup(row.name))</code><td>\#(markup(row.kind))"#
      + "<td>\(row.have) of \(row.need)<td>\(markup(row.by))<td>\(markup(row.about))</tr>"
  }

  private func item(_ finding: Report.Finding) -> String {
    let next = finding.next.isEmpty ? "" : "<br>next: <code>\(markup(finding.next))</code>"
    return "<li><code>\(markup(finding.code))</code> \(finding.lines.map(markup).joined(separator: "<br>"))\(next)</li>"
  }

  private static let style = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid #ccc}\
    .refused{color:#a11;font-weight:bold}.accepted{color:#161}.undecided{color:#850;font-weight:bold}li{margin:.75rem 0}
    """
}
