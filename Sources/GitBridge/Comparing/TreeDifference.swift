/// What one tree has otherwise than another.
package struct TreeDifference: Sendable {
  /// In the order of git's trees.
  package var changes: [PathChange] = []
  /// What is wrong with the new tree, in a folder that the old one does not have like that.
  package var defect: TreeDefect?
}

extension Repository {
  /// Every path at which `to` differs from `from`, files one by one, in git's order; renames are not searched for.
  /// Folders with the same id on both sides are not opened.
  ///
  /// - Parameter from: a tree; nil stands for the empty tree.
  /// - Throws: ``GitError/malformedObject(_:reason:)`` where something is wrong with the new tree; see
  ///   ``difference(from:to:)``.
  package func changes(from: ObjectID?, to: ObjectID) throws(GitError) -> [PathChange] {
    let difference = try difference(from: from, to: to)
    if let defect = difference.defect { throw .malformedObject(defect.tree, reason: defect.reason) }
    return difference.changes
  }

  /// As ``changes(from:to:)``, for a new tree that may be malformed.
  ///
  /// Of the old tree nothing is asked: it was there before, and who mends it must be able to. Whatever the order of its
  /// entries, each that does not stand alike on both sides is found; some that do may be found too.
  package func difference(from: ObjectID?, to: ObjectID) throws(GitError) -> TreeDifference {
    var comparison = TreeComparison(repository: self, whole: to)
    try comparison.compare(from, to, depth: 0)
    return comparison.difference
  }
}

/// Walks two trees side by side.
private struct TreeComparison {
  let repository: Repository
  var difference = TreeDifference()
  /// The folder that is being compared, with a slash at its end; empty at the top.
  var folder: [UInt8] = []
  private var bounds: PathBounds

  init(repository: Repository, whole: ObjectID) {
    self.repository = repository
    bounds = PathBounds(repository, whole: whole)
  }

  mutating func compare(_ old: ObjectID?, _ new: ObjectID?, depth: Int) throws(GitError) {
    if old == new { return }
    try bounds.goDown(to: depth)
    try bounds.openFolder(folder.count)
    try unsafe repository.withTree(old) { left throws(GitError) in
      try unsafe repository.withTree(new) { right throws(GitError) in
        var oldSide = unsafe TreeSide(left, old, repository)
        var newSide = unsafe TreeSide(right, new, repository)
        try walk(&oldSide, &newSide, depth)
        difference.defect = difference.defect ?? newSide.defect
        if oldSide.defect == nil { unsafe repository.remember(old, left) }
        if newSide.defect == nil { unsafe repository.remember(new, right) }
      }
    }
  }

  private mutating func walk(_ left: inout TreeSide, _ right: inout TreeSide, _ depth: Int) throws(GitError) {
    while left.hasEntry || right.hasEntry {
      let order = TreeSide.order(left, right)
      if order == 0, left.reader.id == right.reader.id, left.reader.mode == right.reader.mode {
        left.step()
        right.step()
        continue
      }
      try report(order <= 0 ? left.reader : nil, order >= 0 ? right.reader : nil, depth)
      if order <= 0 { left.step() }
      if order >= 0 { right.step() }
    }
  }

  /// Takes in what one name is on both sides; both are folders or neither is.
  private mutating func report(_ old: TreeReader?, _ new: TreeReader?, _ depth: Int) throws(GitError) {
    guard let either = old ?? new else { return }
    let length = folder.count
    defer { folder.removeSubrange(length...) }
    unsafe folder.append(contentsOf: either.nameBytes)
    if either.isFolder {
      folder.append(UInt8(ascii: "/"))
      return try compare(old?.id, new?.id, depth: depth + 1)
    }
    try bounds.takePath(folder.count)
    difference.changes.append(PathChange(folder, from: old, to: new))
  }
}
