package import GitBridge

/// One move of one ref, and between which two moments it must have happened, as whoever keeps a ledger saw it.
package struct SeenMove: Sendable, Hashable {
  /// Who saw it.
  package enum Keeper: String, Sendable, CaseIterable {
    /// A server's hook, which judged and accepted it.
    case hook
    /// A continuous integration's gate, which judged and accepted it.
    case gate
    /// A clone, which judged and accepted it.
    case fetch
    /// Nobody anew: where the ref stood when the file before this one was full. Its old and new are the same.
    case kept

    /// Whether it stood where the ref was moved, and asked the rule at that moment.
    package var isGuard: Bool { self == .hook || self == .gate }
  }

  /// The ref's full name on the server, as bytes.
  package let ref: [UInt8]
  /// All zeros stand for "was not there" and "is gone".
  package let old: ObjectID
  /// Where the ref was seen; the same as ``old`` in a line of `kept`.
  package let new: ObjectID
  /// When the ref was first seen at `new`, in seconds since 1970.
  package let time: Int64
  /// When it was last seen elsewhere than at `new`; the same as `time` for a hook, which sees the move itself, and 0
  /// where nobody had looked before.
  package let since: Int64
  /// Who saw it, and so what it proves: only a guard's word settles a step (R57).
  package let keeper: Keeper

  package init(ref: [UInt8], old: ObjectID, new: ObjectID, time: Int64, since: Int64, keeper: Keeper) {
    self.ref = ref
    self.old = old
    self.new = new
    self.time = time
    self.since = since
    self.keeper = keeper
  }

  /// ``ref`` for people. Octets that are not UTF-8 are replaced: it cannot be turned back.
  package var name: String { String(decoding: ref, as: UTF8.self) }
}
