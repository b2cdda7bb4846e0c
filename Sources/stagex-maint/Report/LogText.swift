internal import GitBridge
internal import Review

/// A history as a graph, newest first, with each change's endorsers beside it.
struct LogText {
  let console: Console
  let repository: Repository

  func lines(_ verdicts: [Verdict]) -> [String] {
    let width = console.width
    let text = VerdictText(console: console, repository: repository)
    var lanes = CommitLanes()
    var lines: [String] = []
    for verdict in verdicts {
      for update in verdict.updates {
        let step = """
          \(console.bold(update.new.short)) \(console.word(verdict.outcome))  \
          \(repository.subject(of: update.new) ?? "")
          """
        if update.changes.isEmpty { lines.append(cut(step, width)) }
        for change in update.changes.reversed() {
          let parents = (try? repository.readCommit(change.commit))?.commit.parents ?? []
          let rows = lanes.rows(change.commit, parents)
          lines += rows.before.map { cut($0, width) }
          if change.commit == update.new { lines.append(cut(rows.above + step, width)) }
          lines.append(cut(rows.node + text.line(change).drop { $0 == " " }, width))
          lines += rows.after.map { cut($0, width) }
        }
      }
      for refusal in verdict.refusals where refusal.commit == nil {
        lines += folded("  \(refusal.code.rawValue): \(printable(refusal.message, limit: 500))", width: width)
      }
    }
    return lines
  }
}
