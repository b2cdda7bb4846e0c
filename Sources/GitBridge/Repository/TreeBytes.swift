internal import Clibgit2
internal import Crypto

/// The bytes of one tree object, held against its id.
///
/// A judgement reads four trees for each commit, and libgit2 takes most of its time for them to look for traces of a
/// SHA-1 collision. git has looked for those when it took the objects in (index-pack, unpack-objects), and a collision
/// would rather be of two files, which nothing here reads. So a tree comes straight from the store that has it, and is
/// compared with its id by a plain SHA-1, which the processor does by itself. All other objects are read by
/// ``RawObject``.
@safe struct TreeBytes: ~Copyable {
  private let data: UnsafeMutableRawPointer
  private let count: Int
  private let backend: UnsafeMutablePointer<git_odb_backend>

  /// Nil where the tree cannot be had this way, whatever the reason: ``RawObject`` then reads it, or says why not.
  init?(_ id: ObjectID, from repository: Repository) {
    var oid = id.oid
    for position in 0..<(unsafe git_odb_num_backends(repository.odb)) {
      var found: UnsafeMutablePointer<git_odb_backend>?
      guard unsafe git_odb_get_backend(&found, repository.odb, position) == 0, let found = unsafe found,
        let read = unsafe found.pointee.read
      else { continue }
      var data: UnsafeMutableRawPointer?
      var count = 0
      var type = GIT_OBJECT_INVALID
      guard unsafe read(&data, &count, &type, found, &oid) == 0, let data = unsafe data else { continue }
      guard type == GIT_OBJECT_TREE, unsafe Self.name(of: UnsafeRawBufferPointer(start: data, count: count)) == id
      else {
        unsafe git_odb_backend_data_free(found, data)
        return nil
      }
      unsafe self.data = data
      self.count = count
      unsafe backend = found
      return
    }
    return nil
  }

  deinit { unsafe git_odb_backend_data_free(backend, data) }

  /// Lends the bytes. They must not be used after `body` returns.
  borrowing func lend<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeRawBufferPointer(start: data, count: count))
  }

  /// git names an object by the SHA-1 of its kind, its length and its bytes.
  private static func name(of bytes: UnsafeRawBufferPointer) -> ObjectID {
    var hash = Insecure.SHA1()
    var head = Array("tree \(bytes.count)".utf8)
    head.append(0)
    unsafe head.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    unsafe hash.update(bufferPointer: bytes)
    return unsafe hash.finalize().withUnsafeBytes { unsafe ObjectID(bytes: $0) }
  }
}
