internal import GitBridge
internal import Review

/// A verdict as one page without scripts, pictures or links.
struct HTMLReport {
  let report: VerdictReport

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
    if !report.changes.isEmpty {
      lines.append("<table><thead><tr><th>verdict<th>commit<th>kind<th>maintainers<th>endorsed by<th>subject</tr></thead><tbody>")
      lines += report.changes.map(row)
      lines.append("</tbody></table>")
    }
    if !report.refusals.isEmpty { lines.append("<h2>Why</h2><ul>") }
    lines += report.refusals.map(item)
    if !report.refusals.isEmpty { lines.append("</ul>") }
    for note in report.notes { lines.append("<p>Note: \(markup(note))</p>") }
    for line in report.closing { lines.append("<p>\(markup(line))</p>") }
    return (lines + ["</body></html>"]).joined(separator: "\n")
  }

  private func row(_ change: ReviewedChange) -> String {
    #"<tr><td class="\#(change.outcome.rawValue)">\#(change.outcome.rawValue)<td><code>\#(change.commit.short)</code>"#
      + "<td>\(change.kind.rawValue)<td>\(change.endorserCount) of \(change.required)"
      + "<td>\(markup(report.endorsers(change)))<td>\(markup(report.subject(change.commit) ?? ""))</tr>"
  }

  private func item(_ refusal: Refusal) -> String {
    let next = refusal.next.isEmpty ? "" : "<br>next: <code>\(markup(refusal.next))</code>"
    return "<li><code>\(refusal.code.rawValue)</code> \(report.lines(refusal).map(markup).joined(separator: "<br>"))\(next)</li>"
  }

  private static let style = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .75rem;border-bottom:1px solid #ccc}\
    .refused{color:#a11;font-weight:bold}.accepted{color:#161}.undecided{color:#850;font-weight:bold}li{margin:.75rem 0}
    """
}
