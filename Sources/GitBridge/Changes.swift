/// One path at which two trees differ.
package struct PathChange: Sendable, Hashable {
  package let path: [UInt8]
  /// One of ``FileMode``, never a folder; 0 where the path is absent on that side.
  package let oldMode: UInt32
  package let newMode: UInt32
  /// ``ObjectID/zero`` where the path is absent on that side.
  package let oldID: ObjectID
  package let newID: ObjectID

  package init(path: [UInt8], oldMode: UInt32, newMode: UInt32, oldID: ObjectID, newID: ObjectID) {
    self.path = path
    self.oldMode = oldMode
    self.newMode = newMode
    self.oldID = oldID
    self.newID = newID
  }
}

extension Repository {
  /// Every path at which `to` differs from `from`, files one by one, in git's order; renames are not searched for.
  /// Folders with the same id on both sides are not opened.
  ///
  /// - Parameter from: a tree; nil stands for the empty tree.
  package func changes(from: ObjectID?, to: ObjectID) throws(GitError) -> [PathChange] {
    var comparison = TreeComparison(repository: self, whole: to)
    try comparison.compare(from, to, depth: 0)
    return comparison.changes
  }
}

/// Walks two trees side by side.
private struct TreeComparison {
  let repository: Repository
  let whole: ObjectID
  var changes: [PathChange] = []
  /// The folder that is being compared, with a slash at its end; empty at the top.
  var folder: [UInt8] = []

  mutating func compare(_ old: ObjectID?, _ new: ObjectID?, depth: Int) throws(GitError) {
    if old == new { return }
    guard depth <= Repository.deepestFolder else {
      throw .limit(whole, reason: "folders nested deeper than \(Repository.deepestFolder)")
    }
    try unsafe repository.withTree(old) { left throws(GitError) in
      try unsafe repository.withTree(new) { right throws(GitError) in
        var oldSide = try unsafe Side(left, old, repository)
        var newSide = try unsafe Side(right, new, repository)
        try walk(&oldSide, &newSide, depth)
        unsafe repository.remember(old, left)
        unsafe repository.remember(new, right)
      }
    }
  }

  private mutating func walk(_ left: inout Side, _ right: inout Side, _ depth: Int) throws(GitError) {
    while left.hasEntry || right.hasEntry {
      let order = Side.order(left, right)
      if order == 0, left.reader.id == right.reader.id, left.reader.mode == right.reader.mode {
        try left.step()
        try right.step()
        continue
      }
      try report(order <= 0 ? left.reader : nil, order >= 0 ? right.reader : nil, depth)
      if order <= 0 { try left.step() }
      if order >= 0 { try right.step() }
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
    guard changes.count < repository.mostPaths else {
      throw .limit(whole, reason: "more than \(repository.mostPaths) changed paths")
    }
    changes.append(
      PathChange(
        path: folder, oldMode: old?.mode ?? 0, newMode: new?.mode ?? 0, oldID: old?.id ?? .zero,
        newID: new?.id ?? .zero))
  }
}

/// One of the two trees, at one of its entries.
private struct Side {
  var reader: TreeReader
  var hasEntry = false
  private let tree: ObjectID

  init(_ bytes: UnsafeRawBufferPointer, _ tree: ObjectID?, _ repository: Repository) throws(GitError) {
    unsafe reader = TreeReader(bytes, isKnown: tree.map { repository.knownTrees[$0] != nil } ?? true)
    self.tree = tree ?? .zero
    try step()
  }

  mutating func step() throws(GitError) {
    hasEntry = try reader.next(in: tree)
  }

  /// Which side's name comes first in git's order; 0 when they are the same. A side without entry comes last.
  static func order(_ left: Side, _ right: Side) -> Int {
    guard left.hasEntry else { return 1 }
    guard right.hasEntry else { return -1 }
    return left.reader.compareName(with: right.reader)
  }
}
