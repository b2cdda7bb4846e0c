internal import Clibgit2

/// The bytes of one object, held until the value goes away.
@safe struct RawObject: ~Copyable {
  private let handle: OpaquePointer

  /// Reads the object and compares its bytes with its id. Replace references are not followed.
  init(_ id: ObjectID, from repository: Repository) throws(GitError) {
    var oid = id.oid
    var read: OpaquePointer?
    var status = unsafe git_odb_read(&read, repository.odb, &oid)
    // What merging again has made is elsewhere.
    if status == Code.notFound, let made = repository.mergeStore, made.holds(id) {
      status = unsafe git_odb_read(&read, made.odb, &oid)
    }
    guard status == 0, let read = unsafe read else { throw repository.readFailure(id, status) }
    unsafe handle = read
  }

  deinit { unsafe git_odb_object_free(handle) }

  /// Lends the bytes. They must not be used after `body` returns.
  borrowing func lend<Result, Failure>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (start, count) = unsafe (git_odb_object_data(handle), git_odb_object_size(handle))
    return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
  }

  var kind: ObjectKind? { unsafe ObjectKind(git_odb_object_type(handle)) }

  func expect(_ kind: ObjectKind, _ id: ObjectID) throws(GitError) {
    guard self.kind == kind else { throw .wrongType(id, expected: "\(kind.name)") }
  }
}
