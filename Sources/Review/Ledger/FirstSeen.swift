package import GitBridge

/// What somebody who watched knows of when refs moved. Knowledge may be missing; it is never wrong by being absent.
package protocol FirstSeen: Sendable {
  /// When a hook or a gate judged and took this very move of this very ref, in seconds since 1970;
  /// nil where none is known to have.
  ///
  /// Never answers for having seen the commit: an inner commit of a merge was shown to nobody as a branch's tip.
  func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64?

  /// The first move of a ref to an object; nil where none was seen.
  func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove?

  /// Where a ref was last seen; nil where it never was.
  func lastSeen(ref: [UInt8]) -> SeenMove?
}

/// For who keeps no ledger.
package struct NothingSeen: FirstSeen {
  package init() {}
  package func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64? { nil }
  package func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove? { nil }
  package func lastSeen(ref: [UInt8]) -> SeenMove? { nil }
}

/// What a server shows of a branch, held against where it was last seen.
package enum ShownState: Sendable, Equatable {
  /// Never seen before.
  case new
  case unchanged
  /// It goes on from where it was.
  case ahead
  /// It stands at, or below, where it stood earlier.
  case rollback
  /// It no longer holds what it held.
  case rewritten
  case gone
  /// Gone when it was last seen, and here again.
  case back

  /// - Parameters:
  ///   - last: where it was last seen.
  ///   - shown: where it is said to stand; nil where there is none.
  ///   - isAncestor: whether the first is the second or below it; false where an object is not here. All that the
  ///     server's branch holds must be here.
  package static func of<Failure>(
    last: ObjectID?, shown: ObjectID?, isAncestor: (ObjectID, ObjectID) throws(Failure) -> Bool
  ) throws(Failure) -> ShownState {
    guard let last else { return .new }
    if last.isZero { return shown == nil ? .unchanged : .back }
    guard let shown else { return .gone }
    if last == shown { return .unchanged }
    if try isAncestor(last, shown) { return .ahead }
    return try isAncestor(shown, last) ? .rollback : .rewritten
  }
}
