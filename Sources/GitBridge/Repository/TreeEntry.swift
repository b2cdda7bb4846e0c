/// One line of a tree: a file, a folder, a symbolic link or a submodule.
package struct TreeEntry: Sendable, Hashable {
  /// One of ``FileMode``.
  package var mode: UInt32
  /// Without a slash; any octets but NUL.
  package var name: [UInt8]
  /// Of the file, the tree or the submodule's commit.
  package var id: ObjectID

  package init(mode: UInt32, name: [UInt8], id: ObjectID) {
    self.mode = mode
    self.name = name
    self.id = id
  }

  /// Reads a tree object's bytes; see ``TreeReader`` for what is refused.
  ///
  /// - Parameters:
  ///   - tree: the object's id, for the error.
  ///   - isKnown: whether these bytes have been found well formed before.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, of tree: ObjectID, isKnown: Bool = false
  ) throws(GitError) -> [TreeEntry] {
    var reader = unsafe TreeReader(bytes, isKnown: isKnown)
    var entries: [TreeEntry] = []
    while try reader.next(in: tree) {
      entries.append(TreeEntry(mode: reader.mode, name: unsafe [UInt8](reader.nameBytes), id: reader.id))
    }
    return entries
  }
}

extension [UInt8] {
  /// Appends one entry as it stands in a tree object.
  mutating func appendTreeEntry(mode: UInt32, name: some Sequence<UInt8>, id: ObjectID) {
    append(contentsOf: String(mode, radix: 8).utf8)
    append(UInt8(ascii: " "))
    append(contentsOf: name)
    append(0)
    append(contentsOf: id.bytes)
  }
}

extension Repository {
  /// git's limit for paths is 4,096 bytes; no repository nests folders deeper than this.
  package static let deepestFolder = 256

  /// A tree's own entries, in git's order.
  package func tree(_ id: ObjectID) throws(GitError) -> [TreeEntry] {
    try unsafe withTree(id) { bytes throws(GitError) in
      let entries = try unsafe TreeEntry.read(bytes, of: id, isKnown: knownTrees[id] != nil)
      unsafe remember(id, bytes)
      return entries
    }
  }

  /// The entries of a tree that have one of these names, in the order of the names; nil where there is none.
  package func entries(tree id: ObjectID, named names: [String]) throws(GitError) -> [TreeEntry?] {
    try unsafe withTree(id) { bytes throws(GitError) in
      var reader = unsafe TreeReader(bytes, isKnown: knownTrees[id] != nil)
      var found = [TreeEntry?](repeating: nil, count: names.count)
      while try reader.next(in: id) {
        guard let place = names.firstIndex(where: { unsafe reader.nameBytes.elementsEqual($0.utf8) }) else { continue }
        found[place] = TreeEntry(mode: reader.mode, name: unsafe [UInt8](reader.nameBytes), id: reader.id)
      }
      unsafe remember(id, bytes)
      return found
    }
  }

  /// The entry at a path such as `keys/x.asc`; nil when there is none. Symbolic links are never followed, so a path
  /// through one is absent.
  package func entry(tree: ObjectID, path: [UInt8]) throws(GitError) -> TreeEntry? {
    let names = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    var folder = tree
    for (depth, name) in names.enumerated() {
      guard let found = try child(named: name, of: folder) else { return nil }
      if depth == names.count - 1 { return found }
      guard found.mode == FileMode.folder else { return nil }
      folder = found.id
    }
    return nil
  }

  private func child(named name: ArraySlice<UInt8>, of id: ObjectID) throws(GitError) -> TreeEntry? {
    try unsafe withTree(id) { bytes throws(GitError) in
      var reader = unsafe TreeReader(bytes)
      var found: TreeEntry?
      // To the end even when found: a malformed tree has no entry that can be relied on.
      while try reader.next(in: id) {
        if unsafe reader.nameBytes.elementsEqual(name) {
          found = TreeEntry(mode: reader.mode, name: Array(name), id: reader.id)
        }
      }
      return found
    }
  }
}
