package import GitBridge
internal import Synchronization

extension Ledger {
  /// What an audit asks: whether a hook or a gate took this very move of this very ref.
  ///
  /// The files are read when the first question comes: most audits have none.
  package static func took(_ ledgers: [Ledger]) -> @Sendable (_ ref: [UInt8], _ old: ObjectID, _ new: ObjectID) -> Bool
  {
    let shelf = KnowledgeShelf(ledgers)
    return { ref, old, new in shelf.took(ref: ref, old: old, new: new) != nil }
  }
}

extension Ledger {
  /// What several ledgers know together, read when the first question comes.
  package static func seen(_ ledgers: [Ledger]) -> any FirstSeen { KnowledgeShelf(ledgers) }
}

extension KnowledgeShelf: FirstSeen {
  func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64? {
    known.lazy.compactMap { $0.took(ref: ref, old: old, new: new) }.first
  }
  /// Who looked first, of those that know when it was not there yet.
  func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove? {
    known.compactMap { $0.firstSeen(ref: ref, at: object) }.min { $0.time < $1.time }
  }
  func lastSeen(ref: [UInt8]) -> SeenMove? { known.compactMap { $0.lastSeen(ref: ref) }.max { $0.time < $1.time } }
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
