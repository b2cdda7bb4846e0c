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
  let whole: ObjectID
  var difference = TreeDifference()
  private var folder: [UInt8] = []
  private var opened = 0

  init(repository: Repository, whole: ObjectID) {
    self.repository = repository
    self.whole = whole
  }

  mutating func compare(_ trees: [ObjectID?], depth: Int) throws(GitError) {
    if trees.dropFirst().contains(trees[0]) { return }
    guard depth <= Repository.deepestFolder else {
      throw .limit(whole, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
    opened += 1
    guard opened <= repository.mostPaths else { throw .limit(whole, reason: "more than \(repository.mostPaths) folders") }
    try open(trees, [], depth: depth)
  }

  /// Opens the trees one in another, since their bytes are only lent.
  private mutating func open(_ trees: [ObjectID?], _ sides: [TreeSide], depth: Int) throws(GitError) {
    guard sides.count < trees.count else {
      var sides = sides
      return try walk(&sides, depth)
    }
    let tree = trees[sides.count]
    try unsafe repository.withTree(tree) { bytes throws(GitError) in
      try open(trees, sides + [unsafe TreeSide(bytes, tree, repository)], depth: depth)
    }
  }

  private mutating func walk(_ sides: inout [TreeSide], _ depth: Int) throws(GitError) {
    while let first = sides.indices.filter({ sides[$0].hasEntry }).min(by: { TreeSide.order(sides[$0], sides[$1]) < 0 }) {
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
    guard difference.changes.count < repository.mostPaths else {
      throw .limit(whole, reason: "more than \(repository.mostPaths) changed paths")
    }
    let (new, old) = (entries[0], entries[1])
    difference.changes.append(
      PathChange(
        path: folder, oldMode: old?.mode ?? 0, newMode: new?.mode ?? 0, oldID: old?.id ?? .zero,
        newID: new?.id ?? .zero))
  }
}
