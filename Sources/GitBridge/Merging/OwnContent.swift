extension Repository {
  /// What a merge's tree has otherwise than every one of its parents: each path at which it differs from all of them,
  /// with the first parent as the old side, and what is wrong with a folder that none of them has like that.
  ///
  /// A folder that one of the parents has with the same id is not opened: that parent answers for it.
  package func ownContent(of tree: ObjectID, beside parents: [ObjectID]) throws(GitError) -> TreeDifference {
    var comparison = OwnContent(repository: self, whole: tree)
    // Fewer parents are looked at than there are: then more is found, never less.
    try comparison.compare([tree] + parents.prefix(Repository.mostParents).map(Optional.some), depth: 0)
    return comparison.difference
  }
}

/// Walks a tree beside several others. The first side is the tree itself.
private struct OwnContent {
  let repository: Repository
  var difference = TreeDifference()
  private var folder: [UInt8] = []
  private var bounds: PathBounds

  init(repository: Repository, whole: ObjectID) {
    self.repository = repository
    bounds = PathBounds(repository, whole: whole)
  }

  mutating func compare(_ trees: [ObjectID?], depth: Int) throws(GitError) {
    if trees.dropFirst().contains(trees[0]) { return }
    try bounds.goDown(to: depth)
    try bounds.openFolder(folder.count)
    try open(trees, depth: depth)
  }

  /// Copies the trees into one buffer. Attack: lent bytes are held by one call in another, and a merge of a hundred
  /// parents with deep folders would use up the stack.
  private mutating func open(_ trees: [ObjectID?], depth: Int) throws(GitError) {
    var bytes: [UInt8] = []
    var parts: [Range<Int>] = []
    for tree in trees {
      let start = bytes.count
      try unsafe repository.withTree(tree) { raw throws(GitError) in unsafe bytes.append(contentsOf: raw) }
      parts.append(start..<bytes.count)
    }
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(GitError) in
      let raw = UnsafeRawBufferPointer(buffer)
      var sides: [TreeSide] = []
      for (part, tree) in zip(parts, trees) {
        sides.append(unsafe TreeSide(UnsafeRawBufferPointer(rebasing: raw[part]), tree, repository))
      }
      try walk(&sides, depth)
    }
  }

  private mutating func walk(_ sides: inout [TreeSide], _ depth: Int) throws(GitError) {
    while let first = sides.indices.filter({ sides[$0].hasEntry }).min(by: { TreeSide.order(sides[$0], sides[$1]) < 0 })
    {
      let present = sides.indices.map { sides[$0].hasEntry && TreeSide.order(sides[$0], sides[first]) == 0 }
      let entries = sides.indices.map { present[$0] ? sides[$0].reader : nil }
      let isAParents = entries.dropFirst().contains { $0?.id == entries[0]?.id && $0?.mode == entries[0]?.mode }
      if !isAParents { try report(entries, as: sides[first].reader, depth) }
      for side in sides.indices where present[side] { sides[side].step() }
    }
    difference.defect = difference.defect ?? sides[0].defect
  }

  private mutating func report(_ entries: [TreeReader?], as named: TreeReader, _ depth: Int) throws(GitError) {
    let length = folder.count
    defer { folder.removeSubrange(length...) }
    unsafe folder.append(contentsOf: named.nameBytes)
    if named.isFolder {
      folder.append(UInt8(ascii: "/"))
      return try compare(entries.map { $0?.id }, depth: depth + 1)
    }
    try bounds.takePath(folder.count)
    let (new, old) = (entries[0], entries.count > 1 ? entries[1] : nil)
    difference.changes.append(PathChange(folder, from: old, to: new))
  }
}
