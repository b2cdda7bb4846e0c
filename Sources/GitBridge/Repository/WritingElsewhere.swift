internal import Clibgit2

extension Repository {
  /// Writes an object into another object folder, such as the quarantine of a made-up push, and gives its id.
  ///
  /// The repository's own store is not touched.
  package static func write(_ kind: ObjectKind, _ bytes: [UInt8], into folder: String) throws(GitError) -> ObjectID {
    try Library.start()
    var store: OpaquePointer?
    try Library.check("open \(folder)", unsafe git_odb_open(&store, folder))
    defer { unsafe git_odb_free(store) }
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe git_odb_write(&oid, store, buffer.baseAddress, buffer.count, kind.type)
    }
    try Library.check("write a \(kind.name)", status)
    return ObjectID(oid)
  }
}
