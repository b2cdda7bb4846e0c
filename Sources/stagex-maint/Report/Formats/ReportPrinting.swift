internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

extension Console {
  /// Prints a verdict in one of the formats for machines and pages.
  func out(_ report: Report, as format: ReportFormat) {
    guard let text = report.text(as: format) else {
      if format == .slsa { err("note: this command has no answer that SLSA's summary could hold") }
      return
    }
    out(text)
    guard format == .github, let summary = ProcessEnvironment.current["GITHUB_STEP_SUMMARY"], !summary.isEmpty else {
      return
    }
    if !GitHubReport(report: report).addSummary(to: summary) {
      err("warning: the summary \(printable(summary)) could not be written; the verdict above is whole")
    }
  }
}
