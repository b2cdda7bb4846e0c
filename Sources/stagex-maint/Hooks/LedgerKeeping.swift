internal import GitBridge
internal import Review

/// Enters into the ledger what a hook has taken. Never changes its answer: who cannot write knows less tomorrow, and is
/// told so.
enum LedgerKeeping {
  static func enter(_ verdict: Verdict, _ updates: [RefUpdate], by reviewer: Reviewer, _ console: Console) {
    guard verdict.outcome == .accepted, let ledger = Ledger.kept(by: reviewer.repository) else { return }
    // Steps of protected branches are in the verdict. What has none may still be watched: a tag, a branch that is made
    // or goes.
    guard
      !verdict.updates.isEmpty
        || updates.contains(where: { $0.new.isZero || $0.old.isZero || !$0.ref.starts(with: "refs/heads/".utf8) })
    else { return }
    // What has steps was judged for being protected: only for the rest all refs are read once more.
    let stepped = Set(verdict.updates.map(\.ref))
    do {
      let isWatched =
        updates.allSatisfy { stepped.contains($0.name) } ? { _ in true } : try reviewer.watchedRefs()
      let moves = verdict.moves(of: updates, at: reviewer.settings.clock, by: .hook, isWatched: isWatched)
      try ledger.enter(moves, place: "here")
    } catch let error as LedgerError {
      note(error.message, next: error.next, console)
    } catch {
      note("\(error)", next: "stagex-maint ledger verify", console)
    }
  }

  private static func note(_ message: String, next: String, _ console: Console) {
    wrapped("note: this push is accepted, and not remembered: \(message)", width: HookRunning.width, indent: "  ")
      .forEach(console.err)
    console.err("  next: \(next)")
  }
}
