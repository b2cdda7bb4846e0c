internal import Clibgit2

/// An object store of the repository that can write. Only commands that make signatures have one.
@safe final class ObjectWriter {
  let odb: OpaquePointer

  init(_ repository: Repository) throws(GitError) {
    guard case .discovered = repository.opening else {
      throw .library(operation: "write", code: -1, message: "a hook writes nothing")
    }
    var opened: OpaquePointer?
    let folder = repository.commonDirectory + "/objects"
    try Library.check("open the object store", unsafe git_odb_open(&opened, folder))
    guard let opened = unsafe opened else { throw Library.failure("open the object store", -1) }
    unsafe odb = opened
  }

  deinit { unsafe git_odb_free(odb) }
}

extension Repository {
  /// Writes an object and gives its id. The bytes are not judged.
  package func write(_ kind: ObjectKind, _ bytes: [UInt8]) throws(GitError) -> ObjectID {
    if writer == nil { writer = try ObjectWriter(self) }
    guard let writer else { throw .library(operation: "write", code: -1, message: "no store") }
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe git_odb_write(&oid, writer.odb, buffer.baseAddress, buffer.count, kind.type)
    }
    try Library.check("write a \(kind.name)", status)
    return ObjectID(oid)
  }

  /// Writes a tree with these entries, in whatever order they come.
  package func writeTree(_ entries: [TreeEntry]) throws(GitError) -> ObjectID {
    func key(_ entry: TreeEntry) -> [UInt8] {
      entry.mode == FileMode.folder ? entry.name + [UInt8(ascii: "/")] : entry.name
    }
    var bytes: [UInt8] = []
    for entry in entries.sorted(by: { key($0).lexicographicallyPrecedes(key($1)) }) {
      bytes.appendTreeEntry(mode: entry.mode, name: entry.name, id: entry.id)
    }
    return try write(.tree, bytes)
  }

  /// Moves, makes or removes a reference, if it still is what the caller believes: compare and swap under git's own
  /// lock.
  ///
  /// - Parameters:
  ///   - target: the new object; nil removes the reference.
  ///   - expected: the object the reference must name now; nil when there must be no such reference.
  ///   - message: for the reflog.
  /// - Throws: ``GitError/refMoved(_:)`` when it is something else, or locked.
  package func updateRef(
    _ name: String, to target: ObjectID?, expecting expected: ObjectID?, message: String
  ) throws(GitError) {
    var transaction: OpaquePointer?
    try Library.check("update \(name)", unsafe git_transaction_new(&transaction, handle))
    defer { unsafe git_transaction_free(transaction) }
    let locked = unsafe git_transaction_lock_ref(transaction, name)
    if locked == Code.locked { throw .refMoved(name) }
    if locked == Code.invalidSpec { throw .noSuchRef(name) }
    try Library.check("lock \(name)", locked)
    guard try resolve(ref: name) == expected else { throw .refMoved(name) }
    if let target {
      guard try kind(of: target) != nil else { throw .missingObject(target, promised: isPartialClone) }
      var oid = target.oid
      try Library.check(
        "update \(name)", unsafe git_transaction_set_target(transaction, name, &oid, nil, message))
    } else {
      try Library.check("remove \(name)", unsafe git_transaction_remove(transaction, name))
    }
    try Library.check("update \(name)", unsafe git_transaction_commit(transaction))
  }
}
