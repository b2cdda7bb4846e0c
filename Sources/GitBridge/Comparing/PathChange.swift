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
}
