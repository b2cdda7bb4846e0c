package import GitBridge
internal import Synchronization

extension Ledger {
  /// What an audit asks: whether a hook, a gate or a clone of ours took this very move of this very ref.
  ///
  /// The files are read when the first question comes: most audits have none.
  package static func took(_ ledgers: [Ledger]) -> @Sendable (_ ref: [UInt8], _ old: ObjectID, _ new: ObjectID) -> Bool
  {
    let shelf = KnowledgeShelf(ledgers)
    return { ref, old, new in shelf.known.contains { $0.took(ref: ref, old: old, new: new) != nil } }
  }
}

private final class KnowledgeShelf: Sendable {
  private let ledgers: [Ledger]
  private let read = Mutex<[LedgerKnowledge]?>(nil)

  init(_ ledgers: [Ledger]) { self.ledgers = ledgers }

  var known: [LedgerKnowledge] {
    read.withLock { read in
      if let read { return read }
      let found = ledgers.map { LedgerKnowledge($0) }
      read = found
      return found
    }
  }
}
