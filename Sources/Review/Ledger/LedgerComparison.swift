package import GitBridge

/// What two ledgers show when they are held against each other.
package struct LedgerComparison: Sendable {
  /// One thing that tells the two ledgers apart, or that keeps it from being told.
  package enum Finding: Sendable {
    /// Two copies of one ledger differ from this line on: somebody has written it anew.
    case rewritten(line: Int)
    /// Two states of one branch of which neither holds the other: a server that shows different people different
    /// histories.
    case fork(SeenMove, SeenMove)
    /// The second was shown after the first, and is older.
    case rollback(newer: SeenMove, older: SeenMove)
    /// A tag that is not the same for both.
    case tag(SeenMove, SeenMove)
    /// What one of them saw is not here, so that nothing can be said of it.
    case unknown(SeenMove)
  }

  /// First `rewritten`, then by the ref's name; of a branch at most one for each side. Empty where they agree.
  package private(set) var findings: [Finding] = []
  /// How many states both have seen.
  package private(set) var common = 0
  /// How many states only the first has seen.
  package private(set) var onlyFirst = 0
  /// How many states only the second has seen.
  package private(set) var onlySecond = 0

  /// Clocks of two computers differ, and mirrors lag: in seconds.
  package static let slack: Int64 = 300
  /// States that only one has seen are held against the other's newest, so many of each ref.
  private static let most = 1000

  /// - Parameter isAncestor: whether the first is the second or below it; nil where one of them is not here.
  package init<Failure>(
    _ a: LedgerCopy, _ b: LedgerCopy, isAncestor: (ObjectID, ObjectID) throws(Failure) -> Bool?
  ) throws(Failure) {
    if a.id == b.id {
      let differing = a.chains.filter { number, chain in b.chains[number].map { $0 != chain } ?? false }.keys.min()
      if let differing { findings.append(.rewritten(line: differing)) }
    }
    let (first, second) = (Self.states(a), Self.states(b))
    for ref in Set(first.keys).union(second.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let (ours, theirs) = (first[ref] ?? [], second[ref] ?? [])
      let (known, seen) = (Set(ours.map(\.new)), Set(theirs.map(\.new)))
      common += known.intersection(seen).count
      onlyFirst += known.subtracting(seen).count
      onlySecond += seen.subtracting(known).count
      guard !ours.isEmpty, !theirs.isEmpty else { continue }
      if ref.starts(with: "refs/tags/".utf8) {
        // A tag is one object: also where one of them has seen it move, and the other only before or after.
        if let one = ours.first(where: { !seen.contains($0.new) }) {
          findings.append(.tag(one, theirs[0]))
        } else if let other = theirs.first(where: { !known.contains($0.new) }) {
          findings.append(.tag(ours[0], other))
        }
        continue
      }
      let samePlace = a.place == b.place
      try compare(ours, with: theirs, except: seen, samePlace, isAncestor)
      try compare(theirs, with: ours, except: known, samePlace, isAncestor)
    }
  }

  private mutating func compare<Failure>(
    _ ones: [SeenMove], with others: [SeenMove], except shared: Set<ObjectID>, _ samePlace: Bool,
    _ isAncestor: (ObjectID, ObjectID) throws(Failure) -> Bool?
  ) throws(Failure) {
    guard let newest = others.last else { return }
    for one in ones.filter({ !shared.contains($0.new) }).suffix(Self.most) {
      guard let isBelow = try isAncestor(one.new, newest.new), let isAbove = try isAncestor(newest.new, one.new) else {
        findings.append(.unknown(one))
        return
      }
      if !isBelow, !isAbove {
        findings.append(.fork(one, newest))
        return
      }
      // What the other had seen well before this one was shown must be in it.
      guard samePlace, let before = others.last(where: { $0.time + Self.slack < one.time && $0.new != one.new }) else {
        continue
      }
      if try isAncestor(one.new, before.new) == true {
        findings.append(.rollback(newer: before, older: one))
        return
      }
    }
  }

  /// Of each ref the states it was first seen at, oldest first.
  private static func states(_ copy: LedgerCopy) -> [[UInt8]: [SeenMove]] {
    var states: [[UInt8]: [SeenMove]] = [:]
    var seen: Set<[UInt8]> = []
    for move in copy.moves where !move.new.isZero {
      guard seen.insert(move.ref + move.new.bytes).inserted else { continue }
      states[move.ref, default: []].append(move)
    }
    return states
  }
}
