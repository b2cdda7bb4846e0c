internal import ArgumentParser
internal import GitBridge
internal import Review

/// How a verdict can be printed.
enum VerdictFormat: String, ExpressibleByArgument, CaseIterable {
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
}

/// A verdict made ready for machines and pages: everything from outside in it is escaped by the format that prints it.
struct VerdictReport {
  /// What was judged, in words.
  let title: String
  let outcome: Outcome
  /// The changes to list; of a long history those that were refused.
  var changes: [ReviewedChange]
  /// How many changes were judged.
  var changeCount: Int
  var refusals: [Refusal]
  var notes: [String]
  /// What the reader should know last: who may merge.
  var closing: [String] = []
  /// The first line of a commit's message, safe to print; nil when it cannot be read.
  let subject: (ObjectID) -> String?

  init(
    _ verdict: Verdict, title: String, closing: [String] = [], subject: @escaping (ObjectID) -> String?
  ) {
    self.title = title
    outcome = verdict.outcome
    changes = verdict.updates.flatMap(\.changes)
    changeCount = changes.count
    refusals = verdict.refusals
    notes = verdict.notes
    self.closing = closing
    self.subject = subject
  }

  /// What was refused of a history.
  ///
  /// - Parameter refused: The verdicts of the steps that were not accepted.
  init(
    _ refused: [Verdict], _ summary: AuditSummary, title: String, subject: @escaping (ObjectID) -> String?
  ) {
    self.title = title
    outcome = summary.outcome
    changes = refused.flatMap(\.updates).flatMap(\.changes).filter { $0.outcome != .accepted }
    changeCount = summary.changes.values.reduce(0, +)
    refusals = refused.flatMap(\.refusals)
    notes = summary.notes
    self.subject = subject
  }

  /// - Returns: Nil for the formats that other code prints.
  func text(as format: VerdictFormat) -> String? {
    switch format {
    case .text, .json: nil
    case .sarif: SARIFReport(report: self).text
    case .junit: JUnitReport(report: self).text
    case .github: GitHubReport(report: self).text
    case .markdown: MarkdownReport(report: self).text
    case .html: HTMLReport(report: self).text
    }
  }

  /// `2 of 3 changes`, or how many there were.
  var count: String {
    let refused = changes.filter { $0.outcome != .accepted }.count
    let all = "\(changeCount) \(changeCount == 1 ? "change" : "changes")"
    return refused == 0 ? all : "\(refused) of \(all) refused"
  }

  /// A refusal in words: what, and what was not counted. The next command is apart.
  func lines(_ refusal: Refusal) -> [String] {
    [printable(refusal.message, limit: 2000)]
      + refusal.because.map { because in
        let who = because.person.map { printable($0) + "'s" } ?? "a"
        return "not counted (\(because.code.rawValue)): \(who) signature on \(because.commit.short): \(printable(because.detail, limit: 500))"
      }
  }

  /// `alice (own), bob (merge)`.
  func endorsers(_ change: ReviewedChange) -> String {
    change.endorsers.isEmpty
      ? "nobody" : change.endorsers.map { "\(printable($0.person)) (\($0.via.rawValue))" }.joined(separator: ", ")
  }
}
