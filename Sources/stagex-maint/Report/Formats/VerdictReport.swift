internal import GitBridge
internal import Review

extension Report {
  /// - Parameter subject: The first line of a commit's message, safe to print; nil when it cannot be read.
  init(_ verdict: Verdict, title: String, closing: [String] = [], subject: (ObjectID) -> String?) {
    let changes = verdict.updates.flatMap(\.changes)
    self.init(
      changes, of: changes.count, verdict.refusals, verdict.outcome, verdict.notes, title: title, closing: closing,
      subject: subject)
  }

  /// What was refused of a history.
  ///
  /// - Parameter refused: The verdicts of the steps that were not accepted.
  init(_ refused: [Verdict], _ summary: AuditSummary, title: String, subject: (ObjectID) -> String?) {
    self.init(
      refused.flatMap(\.updates).flatMap(\.changes).filter { $0.outcome != .accepted },
      of: summary.changes.values.reduce(0, +),
      refused.flatMap(\.refusals), summary.outcome, summary.notes, title: title, closing: [], subject: subject)
  }

  private init(
    _ changes: [ReviewedChange], of count: Int, _ refusals: [Refusal], _ outcome: Outcome, _ notes: [String],
    title: String,
    closing: [String], subject: (ObjectID) -> String?
  ) {
    let listed = Set(changes.map(\.commit))
    self.init(
      title: title, outcome: outcome, noun: "change", heads: ("commit", "endorsed by", "subject"),
      rows: changes.map { Row($0, subject: subject($0.commit) ?? "") }, rowCount: count,
      findings: refusals.map { refusal in
        Finding(refusal, isListed: refusal.commit.map { listed.contains($0) } ?? false)
      }, notes: notes,
      closing: closing)
  }
}

extension Report.Row {
  fileprivate init(_ change: ReviewedChange, subject: String) {
    let endorsers = change.endorsers.map { "\(printable($0.person)) (\($0.via.rawValue))" }.joined(separator: ", ")
    self.init(
      name: "\(change.commit.short)", isAccepted: change.outcome == .accepted, kind: change.kind.rawValue,
      have: change.endorserCount,
      need: change.required, by: endorsers.isEmpty ? "nobody" : endorsers, about: subject, commit: change.commit)
  }
}

extension Report.Finding {
  fileprivate init(_ refusal: Refusal, isListed: Bool) {
    let lines =
      [printable(refusal.message, limit: 2000)]
      + refusal.because.map { because in
        let who = because.person.map { printable($0) + "'s" } ?? "a"
        return """
          not counted (\(because.code.rawValue)): \(who) signature on \(because.commit.short): \
          \(printable(because.detail, limit: 500))
          """
      }
    let commit = refusal.commit?.hex ?? ""
    self.init(
      code: refusal.code.rawValue, lines: lines, next: refusal.next,
      row: isListed ? refusal.commit.map { "\($0.short)" } : nil,
      place: commit.isEmpty ? printable(refusal.ref) : "\(printable(refusal.ref))@\(commit)",
      mark: "\(printable(refusal.ref)):\(commit)")
  }
}
