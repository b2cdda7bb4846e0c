package import GitBridge
internal import Synchronization

/// What a ledger says, read once. Broken files say nothing: who could write them could say anything.
///
/// Nothing in it changes after it was made: it may be asked from several threads.
package final class LedgerKnowledge: FirstSeen, @unchecked Sendable {
  private let ledger: Ledger
  private let isWhole: Bool
  /// The file that grows.
  private let current: MappedFile?
  /// Full files, oldest first, once somebody has asked for what they hold: each fetch opens a ledger, few look back.
  private let older = Mutex<Older?>(nil)

  private struct Older: @unchecked Sendable {
    let files: [MappedFile]
  }

  private var files: [MappedFile] {
    let found = older.withLock { older in
      let found = older ?? Older(files: readOlder())
      older = found
      return found
    }
    return found.files + (current.map { [$0] } ?? [])
  }

  private let last: [[UInt8]: SeenMove]
  /// What the file that grows says of the whole ledger; nil where there is none, or its chain is broken.
  package let header: Facts?

  /// What a ledger says of itself.
  package struct Facts: Sendable {
    /// The 32 digits that tell this ledger from others.
    package let id: String
    /// What is watched: `here`, or an address. Not yet safe to print.
    package let place: String
    /// How many moves were ever entered, those of files that have been given up included.
    package let count: Int
    /// What the chain ends with now.
    package let chain: LedgerChain
  }

  /// - Parameter whole: whether what full files hold is wanted too.
  package init(_ ledger: Ledger, whole: Bool = true) {
    self.ledger = ledger
    isWhole = whole
    guard let current = ledger.files.map(LedgerFiles.current) else {
      (self.current, last, header) = (nil, [:], nil)
      return
    }
    let reading = unsafe LedgerReading(current.bytes)
    guard let head = reading.header, reading.firstBreak() == nil else {
      (self.current, last, header) = (nil, [:], nil)
      return
    }
    let summary = reading.summary()
    last = summary.last
    header = Facts(id: head.id, place: head.place, count: head.before + summary.count, chain: summary.chain)
    self.current = current
  }

  private func readOlder() -> [MappedFile] {
    guard isWhole, let current, let head = unsafe LedgerReading(current.bytes).header else { return [] }
    var older: [MappedFile] = []
    var next = head
    for number in ledger.files.numbers().filter({ $0 < head.number }).reversed() {
      guard let file = ledger.files.map(LedgerFiles.name(ofFile: number)) else { break }
      let reading = unsafe LedgerReading(file.bytes)
      // A file that the next does not follow from is not of this ledger, and one with a changed line says nothing.
      let summary = reading.summary()
      guard let head = reading.header, reading.firstBreak() == nil,
        next.follows(head, ending: summary.chain, at: head.before + summary.count)
      else { break }
      older.append(file)
      next = head
    }
    return older.reversed()
  }

  /// Whether nothing is known: there is no ledger, or it is not to be believed.
  package var isEmpty: Bool { header == nil }
  /// Where each ref was last seen, by the refs' names; one that is gone stands at all zeros.
  package var states: [SeenMove] { last.values.sorted { $0.ref.lexicographicallyPrecedes($1.ref) } }

  package func lastSeen(ref: [UInt8]) -> SeenMove? { last[ref] }

  package func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64? {
    let needle = old.hexBytes + [UInt8(ascii: " ")] + new.hexBytes + [UInt8(ascii: " ")] + ref + [UInt8(ascii: "\n")]
    // R57: a clone that looked afterwards is no witness that the rules of that time took it.
    return first(needle) { $0.keeper.isGuard && $0.ref == ref && $0.old == old && $0.new == new }?.time
  }

  package func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove? {
    let needle = object.hexBytes + [UInt8(ascii: " ")] + ref + [UInt8(ascii: "\n")]
    return first(needle) { $0.ref == ref && $0.new == object }
  }

  private func first(_ needle: [UInt8], where isWanted: (SeenMove) -> Bool) -> SeenMove? {
    for file in files {
      if let move = unsafe LedgerReading(file.bytes).first(endingIn: needle, where: isWanted) { return move }
    }
    return nil
  }

  /// All moves, oldest first.
  package func moves(_ visit: (SeenMove) -> Void) {
    for file in files {
      unsafe LedgerReading(file.bytes).lines { line in
        guard let read = LedgerLine(line) else { return false }
        visit(read.move)
        return true
      }
    }
  }
}
