package import GitBridge

/// One ref moving from `old` to `new`, as git hands it to a hook. All zeros stand for "does not exist".
// R1
package struct RefUpdate: Sendable, Equatable {
  /// The full name, as bytes from outside.
  package let ref: [UInt8]
  package let old: ObjectID
  package let new: ObjectID

  package init(ref: [UInt8], old: ObjectID, new: ObjectID) {
    self.ref = ref
    self.old = old
    self.new = new
  }

  package var name: String { String(decoding: ref, as: UTF8.self) }
}
