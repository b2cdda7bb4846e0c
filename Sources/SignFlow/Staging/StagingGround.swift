internal import GitBridge

/// What a staging stands on: where the branches are, and what they hold together.
struct StagingGround {
  struct Tips {
    /// The remote's branch that the pull request is for.
    let base: ObjectID?
    /// The remote's branch of the release; nil where none is pushed to.
    let published: ObjectID?
    /// The release's branch as it is here.
    let local: ObjectID?
  }

  struct Conflict {
    let path: [UInt8]
    /// What the branch that was joined holds there; nil for nothing.
    let theirs: TreeEntry?
    /// Whether that branch is the local one: nobody else has it yet.
    let isLocal: Bool
  }

  /// The first is the tip that the new commit stands on: a branch may only grow along first parents.
  let parents: [ObjectID]
  let local: ObjectID?
  /// Whether the local branch holds something that the first parent lacks.
  let joinsLocal: Bool
  /// What all of them hold together; at a conflict, what the first parent holds.
  let tree: ObjectID
  let conflicts: [Conflict]

  init(_ repository: Repository, _ tips: Tips) throws(GitError) {
    local = tips.local
    var parents: [ObjectID] = []
    var joins = false
    switch (tips.published ?? tips.base, tips.local) {
    case (let target?, let local?):
      if try repository.isAncestor(target, of: local) {
        parents = [local]
      } else if try repository.isAncestor(local, of: target) {
        parents = [target]
      } else {
        (parents, joins) = ([target, local], true)
      }
    case (let only?, nil), (nil, let only?): parents = [only]
    case (nil, nil): break
    }
    let start = if let tip = parents.first { try repository.treeOfCommit(tip) } else { try repository.writeTree([]) }
    var ground = Ground(repository, tree: start)
    if joins {
      let published = ground.tree
      try ground.join(parents[1], to: parents[0], isLocal: true)
      joins = ground.tree != published
    }
    // What came to the base meanwhile could hold the same numbers: the pull request would conflict.
    if let first = parents.first, let base = tips.base, try !repository.isAncestor(base, of: first) {
      try ground.join(base, to: first, isLocal: false)
      parents.append(base)
    }
    self.parents = parents
    tree = ground.tree
    conflicts = ground.conflicts
    joinsLocal = joins
  }

  /// What the branches that were looked at so far hold together.
  private struct Ground {
    let repository: Repository
    var tree: ObjectID
    var conflicts: [Conflict] = []

    init(_ repository: Repository, tree: ObjectID) {
      self.repository = repository
      self.tree = tree
    }

    mutating func join(_ other: ObjectID, to first: ObjectID, isLocal: Bool) throws(GitError) {
      var union = TreeUnion(repository)
      let bases = try repository.mergeBases(first, other)
      let base = bases.count == 1 ? try repository.treeOfCommit(bases[0]) : nil
      tree = try union.unite(tree, try repository.treeOfCommit(other), base: base)
      conflicts += union.conflicts.map { Conflict(path: $0.path, theirs: $0.theirs, isLocal: isLocal) }
    }
  }
}
