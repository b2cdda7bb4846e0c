package import GitBridge

/// One ref moving from `old` to `new`, as git hands it to a hook. All zeros stand for "does not exist".
// R1
package struct RefUpdate: Sendable, Equatable {
  /// The full name, as bytes from outside.
  package let ref: [UInt8]
  /// What the ref pointed to before; all zeros for one that is made.
  package let old: ObjectID
  /// What it points to afterwards; all zeros for one that is deleted.
  package let new: ObjectID

  package init(ref: [UInt8], old: ObjectID, new: ObjectID) {
    self.ref = ref
    self.old = old
    self.new = new
  }

  /// ``ref`` as verdicts have it. Octets that are not UTF-8 are replaced: it cannot be turned back.
  package var name: String { String(decoding: ref, as: UTF8.self) }
}
