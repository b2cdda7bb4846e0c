/// One path at which two trees differ.
package struct PathChange: Sendable, Hashable {
  /// The whole path, as git has it.
  package let path: [UInt8]
  /// One of ``FileMode``, never a folder; 0 where the path is absent on that side.
  package let oldMode: UInt32
  /// As git writes it in trees; 0 where the path goes.
  package let newMode: UInt32
  /// ``ObjectID/zero`` where the path is absent on that side.
  package let oldID: ObjectID
  /// Zero where the path goes.
  package let newID: ObjectID

  package init(path: [UInt8], oldMode: UInt32, newMode: UInt32, oldID: ObjectID, newID: ObjectID) {
    self.path = path
    self.oldMode = oldMode
    self.newMode = newMode
    self.oldID = oldID
    self.newID = newID
  }

  /// - Parameters:
  ///   - old: Where the path stands in the old tree; nil where it is absent.
  ///   - new: The same in the new tree.
  init(_ path: [UInt8], from old: TreeReader?, to new: TreeReader?) {
    self.init(
      path: path, oldMode: old?.mode ?? 0, newMode: new?.mode ?? 0, oldID: old?.id ?? .zero, newID: new?.id ?? .zero)
  }
}
