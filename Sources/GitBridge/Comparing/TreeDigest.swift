internal import Crypto

extension Repository {
  /// The SHA-512 over everything in a tree: every path, mode and content, in git's order.
  ///
  /// SHA-1 ids are not trusted to name one content only: this digest reads the contents themselves. For each entry
  /// that is no folder, in the order of `git ls-tree -r -z`, the digest covers
  ///
  ///     MODE SPACE PATH NUL LENGTH NUL CONTENT
  ///
  /// with the mode in octal digits as `git ls-tree` prints it, the path's bytes from the top of the tree, and the
  /// content's length in decimal digits. A symbolic link's content is its target; a gitlink's is its commit id in 40
  /// lower-case digits. Since lengths are part of it, no two trees give the same bytes. The empty tree covers no bytes.
  ///
  /// In a shell: see Tests/GitBridgeTests/TreeDigestTests.swift.
  package func treeDigestSHA512(_ tree: ObjectID) throws(GitError) -> [UInt8] {
    var digest = TreeDigest(repository: self, whole: tree)
    try digest.add(tree, depth: 0)
    return Array(digest.hash.finalize())
  }
}

private struct TreeDigest {
  let repository: Repository
  var hash = SHA512()
  var folder: [UInt8] = []
  private var bounds: PathBounds

  init(repository: Repository, whole: ObjectID) {
    self.repository = repository
    bounds = PathBounds(repository, whole: whole)
  }

  mutating func add(_ id: ObjectID, depth: Int) throws(GitError) {
    try bounds.goDown(to: depth)
    try unsafe repository.withTree(id) { bytes throws(GitError) in
      var reader = unsafe TreeReader(bytes)
      while try reader.next(in: id) {
        let length = folder.count
        unsafe folder.append(contentsOf: reader.nameBytes)
        if reader.isFolder {
          folder.append(UInt8(ascii: "/"))
          try bounds.takePath(folder.count)
          try add(reader.id, depth: depth + 1)
        } else {
          try addEntry(reader.mode, reader.id)
        }
        folder.removeSubrange(length...)
      }
    }
  }

  private mutating func addEntry(_ mode: UInt32, _ id: ObjectID) throws(GitError) {
    try bounds.takePath(folder.count)
    var head = Array(String(mode, radix: 8).utf8)
    head.append(UInt8(ascii: " "))
    head += folder
    head.append(0)
    hash.update(data: head)
    if mode == FileMode.gitlink {
      hash.update(data: Array("40".utf8) + [0] + id.hexBytes)
      return
    }
    let object = try RawObject(id, from: repository)
    try object.expect(.blob, id)
    unsafe object.lend { bytes in
      hash.update(data: Array(String(bytes.count).utf8) + [0])
      unsafe hash.update(bufferPointer: bytes)
    }
  }
}
