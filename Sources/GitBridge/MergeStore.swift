internal import Clibgit2

/// The store in which merges are done again: reads the repository's objects, keeps what it makes in memory.
///
/// Behind it are a second object store of the repository, without any means of writing, and an in-memory backend
/// before it. On top is a repository without folder, index file or configuration: no attributes, no merge drivers, no
/// `merge.*` settings of anybody can change what a merge yields.
@safe final class MergeStore {
  let repository: OpaquePointer
  let odb: OpaquePointer
  private let memory: UnsafeMutablePointer<git_odb_backend>

  init(_ opening: Repository.Opening) throws(GitError) {
    let opened = try unsafe Repository.openHandle(opening)
    unsafe git_repository_free(opened.repository)
    unsafe odb = opened.odb
    var memory: UnsafeMutablePointer<git_odb_backend>?
    var made: OpaquePointer?
    do throws(GitError) {
      try Library.check("prepare a merge", unsafe git_mempack_new(&memory))
      guard let memory = unsafe memory else { throw Library.failure("prepare a merge", -1) }
      // Before the repository's own stores (1 and 2): the first that can write takes what is written.
      try Library.check("prepare a merge", unsafe git_odb_add_backend(opened.odb, memory, 999))
      try Library.check("prepare a merge", unsafe git_repository_wrap_odb(&made, opened.odb))
      guard let made = unsafe made else { throw Library.failure("prepare a merge", -1) }
      try unsafe MergeStore.isolate(made)
      unsafe self.memory = memory
      unsafe repository = made
    } catch {
      unsafe git_repository_free(made)
      unsafe git_odb_free(opened.odb)
      throw error
    }
  }

  deinit {
    unsafe git_repository_free(repository)
    unsafe git_odb_free(odb)
  }

  private static func isolate(_ repository: OpaquePointer) throws(GitError) {
    var configuration: OpaquePointer?
    try Library.check("prepare a merge", unsafe git_config_new(&configuration))
    defer { unsafe git_config_free(configuration) }
    try Library.check("prepare a merge", unsafe git_repository_set_config(repository, configuration))
    // Attributes are looked for in the index: without one in memory, a file `index` in the current folder is read.
    var index: OpaquePointer?
    try Library.check("prepare a merge", unsafe git_index_new(&index))
    defer { unsafe git_index_free(index) }
    try Library.check("prepare a merge", unsafe git_repository_set_index(repository, index))
  }

  /// Forgets everything that merges have made.
  func empty() throws(GitError) {
    try Library.check("empty the merge store", unsafe git_mempack_reset(memory))
  }

  /// Keeps an object in memory, straight in the backend: `git_odb_write` would first search the disk for it.
  func write(_ kind: ObjectKind, _ bytes: [UInt8]) throws(GitError) -> ObjectID {
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      let hashed = unsafe git_odb_hash(&oid, buffer.baseAddress, buffer.count, kind.type)
      guard hashed == 0 else { return hashed }
      return unsafe memory.pointee.write(memory, &oid, buffer.baseAddress, buffer.count, kind.type)
    }
    try Library.check("merge", status)
    return ObjectID(oid)
  }

  /// True when a merge made this object.
  func holds(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return unsafe memory.pointee.exists(memory, &oid) != 0
  }

  /// A merge of the first parents, so that the next one has something to be merged with.
  func commit(_ tree: ObjectID, _ parents: [ObjectID]) throws(GitError) -> ObjectID {
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author - <-> 0 +0000\ncommitter - <-> 0 +0000\n\n"
    return try write(.commit, Array(text.utf8))
  }
}
