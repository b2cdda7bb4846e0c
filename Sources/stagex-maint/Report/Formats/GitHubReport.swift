internal import Glibc
internal import Review

/// A verdict as workflow commands of GitHub's runner, which Forgejo's prints as they are. One line each: text from a
/// commit that began a line with `::` would be a command of its author's.
struct GitHubReport {
  let report: Report
  /// GitHub shows so many annotations of a kind for each step.
  private static let most = 10

  var text: String {
    var lines = report.findings.prefix(Self.most).map(command)
    if report.findings.count > Self.most {
      lines.append("\(report.findings.count - Self.most) more: see the summary, or --format json")
    }
    for note in report.notes { lines.append("::notice title=note::\(data(note))") }
    if report.outcome == .accepted {
      lines.append("::notice title=accepted::\(data(([report.title] + report.closing).joined(separator: "\n")))")
    }
    lines.append("\(report.outcome.rawValue): \(report.title): \(report.count)")
    return lines.joined(separator: "\n")
  }

  private func command(_ finding: Report.Finding) -> String {
    let next = finding.next.isEmpty ? [] : ["next: \(finding.next)"]
    return """
      ::\(finding.level(orNote: "notice")) \
      title=\(property(finding.code))::\(data((finding.lines + next).joined(separator: "\n")))
      """
  }

  private func data(_ text: String) -> String {
    text.replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
  }

  private func property(_ text: String) -> String {
    data(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// Adds the report to the job's summary page, where the runner has one.
  ///
  /// - Parameter path: The file that the runner names in `GITHUB_STEP_SUMMARY`.
  func addSummary(to path: String) -> Bool {
    let file = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var rest = Array((MarkdownReport(report: report).text + "\n").utf8)[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      guard written > 0 else { return false }
      rest = rest.dropFirst(written)
    }
    return true
  }
}
