internal import Review

/// Enters into the ledger what a hook or a gate has taken. Never changes its answer: who cannot write knows less
/// tomorrow, and is told so.
enum LedgerKeeping {
  static func enter(_ verdict: Verdict, _ updates: [RefUpdate], _ reviewer: Reviewer, by keeper: SeenMove.Keeper, _ console: Console) {
    // What nobody judged moved nothing that is watched, and most pushes are such.
    guard verdict.outcome == .accepted, let ledger = Ledger.kept(by: reviewer.repository) else { return }
    do {
      let isWatched = try reviewer.watchedRefs()
      try ledger.enter(
        verdict.moves(of: updates, at: reviewer.settings.clock, by: keeper, isWatched: isWatched), place: "here")
    } catch let error as LedgerError {
      note(error.message, next: error.next, console)
    } catch {
      note("the ledger was not written: \(error)", next: "stagex-maint ledger verify", console)
    }
  }

  private static func note(_ message: String, next: String, _ console: Console) {
    wrapped("note: this push is accepted, and not remembered: \(message)", width: HookRunning.width, indent: "  ").forEach(console.err)
    console.err("  next: \(next)")
  }
}
