internal import ArgumentParser
internal import GitBridge
internal import Review

/// How a report can be printed.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable {
  /// For a person at a terminal.
  case text
  /// One object or, for a history, one a line.
  case json
  /// Static Analysis Results Interchange Format 2.1.0, which code scanning services read.
  case sarif
  /// Test results, which most CIs show.
  case junit
  /// Workflow commands, and the job's summary.
  case github
  /// For a comment on a forge.
  case markdown
  /// One page that needs nothing else.
  case html
  /// A line a row, for spreadsheets.
  case csv
  /// SLSA's source verification summary: verify, gate, audit and check.
  case slsa
}
