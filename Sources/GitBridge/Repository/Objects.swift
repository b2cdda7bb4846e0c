internal import Clibgit2

extension Repository {
  /// The kind of an object; nil when the repository does not have it.
  package func kind(of id: ObjectID) throws(GitError) -> ObjectKind? {
    try header(id)?.kind
  }

  /// The length of an object's bytes; nil when the repository does not have it. A few pushed bytes can inflate to
  /// gigabytes: ask before reading a file that anybody may have written.
  package func size(of id: ObjectID) throws(GitError) -> Int? {
    try header(id)?.size
  }

  private func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind?, size: Int)? {
    var oid = id.oid
    var size = 0
    var type = GIT_OBJECT_INVALID
    let status = unsafe git_odb_read_header(&size, &type, odb, &oid)
    if status == Code.notFound { return nil }
    try Library.check("read object \(id)", status)
    return (ObjectKind(type), size)
  }

  /// A copy of the object's bytes.
  package func read(_ id: ObjectID, as kind: ObjectKind) throws(GitError) -> [UInt8] {
    let object = try RawObject(id, from: self)
    try object.expect(kind, id)
    return unsafe object.lend { unsafe [UInt8]($0) }
  }

  /// Lends the object's bytes without copying them. They must not be used after `body` returns.
  package func withObject<Result>(
    _ id: ObjectID, _ body: (ObjectKind, UnsafeRawBufferPointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    let object = try RawObject(id, from: self)
    guard let kind = object.kind else { throw .malformedObject(id, reason: "of no known kind") }
    return try unsafe object.lend { bytes throws(GitError) in try unsafe body(kind, bytes) }
  }

  /// Lends the bytes of a tree; none for nil, which stands for the empty tree.
  func withTree<Result>(
    _ id: ObjectID?, _ body: (UnsafeRawBufferPointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    guard let id else { return try unsafe body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    if let known = knownTrees[id] { return try unsafe known.lend(body) }
    if let tree = TreeBytes(id, from: self) { return try unsafe tree.lend(body) }
    let object = try RawObject(id, from: self)
    try object.expect(.tree, id)
    return try unsafe object.lend(body)
  }

  /// Keeps a tree that was read to its end and is well formed.
  func remember(_ id: ObjectID?, _ bytes: UnsafeRawBufferPointer) {
    if let id { unsafe knownTrees.remember(id, bytes) }
  }

  /// An annotated tag's parts and its bytes.
  package func readTag(_ id: ObjectID) throws(GitError) -> (tag: TagParse, bytes: [UInt8]) {
    let bytes = try read(id, as: .tag)
    guard let tag = unsafe bytes.withUnsafeBytes({ unsafe TagParse.parse($0) }) else {
      throw .malformedObject(id, reason: "no object line")
    }
    return (tag, bytes)
  }

  /// The commit that a name stands for, by itself or through tags of tags, as git peels them; nil for anything else.
  ///
  /// - Parameter most: How many objects are looked at.
  package func commit(behind id: ObjectID, lookingAt most: Int) throws(GitError) -> ObjectID? {
    var current = id
    for _ in 0..<most {
      switch try kind(of: current) {
      case .commit: return current
      case .tag: current = try readTag(current).tag.target
      default: return nil
      }
    }
    return nil
  }

  /// A commit's parts and its bytes.
  package func readCommit(_ id: ObjectID) throws(GitError) -> (commit: CommitParse, bytes: [UInt8]) {
    try unsafe withCommit(id) { commit, bytes in unsafe (commit, [UInt8](bytes)) }
  }

  /// What a failed read means here.
  func readFailure(_ id: ObjectID, _ status: Int32) -> GitError {
    switch status {
    case Code.notFound: .missingObject(id, promised: isPartialClone)
    case Code.mismatch: .malformedObject(id, reason: "its bytes do not have this id")
    default: Library.failure("read object \(id)", status)
    }
  }
}
