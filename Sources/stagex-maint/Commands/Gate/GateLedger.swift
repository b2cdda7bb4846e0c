internal import GitBridge
internal import Review

/// The record that a CI keeps of the pushes that it judged and accepted: docs/ledger.md.
///
/// Only where somebody asks for one: most CIs throw their clone away, and a record that begins anew with each run says
/// nothing.
struct GateLedger {
  private let ledger: Ledger
  private let session: Session

  /// - Parameter folder: What the command line says; else git config `maint.ledger`. Nil where neither says.
  init?(_ session: Session, folder: String?) {
    let remote = session.settings.remote ?? "origin"
    if let folder {
      ledger = Ledger.kept(in: folder, of: remote)
    } else if session.repository.config("maint.ledger") != nil,
      let kept = Ledger.kept(by: session.repository, of: remote)
    {
      ledger = kept
    } else {
      return nil
    }
    self.session = session
  }

  /// Enters a push that has happened and was accepted. A request is none: nothing has moved yet, and which merge will
  /// bring it in nobody knows.
  ///
  /// - Returns: What whoever reads the answer must know.
  func enter(_ answer: GateAnswer, _ question: GateQuestion) -> [String] {
    guard case .pushed(_, let after) = question.change else { return [] }
    let ref = Array(question.ref.utf8)
    let known = LedgerKnowledge(ledger)
    let last = known.lastSeen(ref: ref)
    var notes: [String] = []
    // Attack: a push for which no job was started ([skip ci], a job that was cancelled): nobody judged it when it came.
    // A job that runs once more is no gap.
    if let last, last.new != question.before, known.firstSeen(ref: ref, at: after) == nil {
      notes.append(
        """
        the ledger knows \(printable(ref)) at \(last.new.short) on \(timestamp(last.time)); \
        no gate has entered how it came from there to \(question.before.isZero ? "nothing" : question.before.short)
        """)
    }
    let moves = answer.verdict.moves(
      of: [RefUpdate(ref: ref, old: question.before, new: after)], at: session.settings.clock,
      since: last.map { $0.new == question.before ? $0.time : 0 } ?? 0, by: .gate, isWatched: { _ in true })
    do throws(LedgerError) {
      let remote = session.settings.remote ?? "origin"
      try ledger.enter(moves, place: session.repository.config("remote.\(remote).url") ?? remote)
    } catch {
      notes.append("what is accepted is not remembered: \(error.message); next: \(error.next)")
    }
    return notes
  }
}
