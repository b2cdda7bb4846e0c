/// What merging some parents yields.
package enum MergedAgain: Sendable, Equatable {
  /// The merge needs nobody's decision. The tree can be read, and compared with ``Repository/changes(from:to:)``,
  /// until the next merge is done again.
  case clean(tree: ObjectID)
  /// Somebody has to decide about these paths, in the order of their bytes. Empty when the histories are unrelated
  /// or too entangled.
  case conflict(paths: [[UInt8]])
}

extension Repository {
  /// Merges the parents of a merge again, as `git merge` does by default: recursive three-way merge, renames from 50 %
  /// similarity. No attributes, merge drivers or settings take part. Several parents are merged pairwise from the left.
  ///
  /// Where libgit2 and git differ, the difference is towards a conflict, which asks for more endorsers: more than
  /// 1,000 changed paths are not searched for renames, and what is undecided between several merge bases stays so.
  /// Two differences give a clean merge where git stops: a file added to a folder that the other side renamed stays
  /// where it was added, and lines are matched by Myers' algorithm instead of by histogram. Neither lets anything in
  /// that no parent holds.
  ///
  /// Nothing is written into the repository.
  package func mergeAgain(parents: [ObjectID]) throws(GitError) -> MergedAgain {
    precondition(!parents.isEmpty)
    let store = try emptyMergeStore()
    var run = MergeRun(repository: self, store: store)
    var merged = parents[0]
    do throws(GitError) {
      for (position, parent) in parents.enumerated().dropFirst() {
        let result = try run.merge(merged, parent, isBase: false)
        guard case .clean(let tree) = result, position < parents.count - 1 else { return result }
        merged = try store.commit(tree, [merged, parent])
      }
      return .clean(tree: try treeOfCommit(merged))
    } catch .missingObject(let id, _) {
      throw .missingObject(id, promised: isPartialClone)
    }
  }

  private func emptyMergeStore() throws(GitError) -> MergeStore {
    if let mergeStore {
      try mergeStore.empty()
      return mergeStore
    }
    let store = try MergeStore(opening)
    mergeStore = store
    return store
  }

  /// The tree of a commit.
  package func treeOfCommit(_ id: ObjectID) throws(GitError) -> ObjectID {
    try unsafe withCommit(id) { commit, _ in commit.tree }
  }
}

/// One merge done again, with the merges of merge bases that it needs.
private struct MergeRun {
  let repository: Repository
  let store: MergeStore
  /// Attack: histories that cross so often that merging their bases takes for ever. Beyond this it is a conflict.
  var mergesLeft = 100

  /// - Parameter isBase: true when the result is to be a merge base of another merge: then contradicting lines stand in
  ///   it between markers, as git leaves them.
  mutating func merge(_ ours: ObjectID, _ theirs: ObjectID, isBase: Bool) throws(GitError) -> MergedAgain {
    let bases = try repository.mergeBases(ours, theirs)
    guard let oldest = bases.last, mergesLeft > 0 else { return .conflict(paths: []) }
    mergesLeft -= 1
    let ourTree = try repository.treeOfCommit(ours)
    let theirTree = try repository.treeOfCommit(theirs)
    if ourTree == theirTree { return .clean(tree: ourTree) }

    // Several bases are merged into one, the oldest first (git's merge-ort.c, `merge_ort_internal`).
    var base = oldest
    for next in bases.dropLast().reversed() {
      let result = try merge(base, next, isBase: true)
      guard case .clean(let tree) = result else { return result }
      base = try store.commit(tree, [base, next])
    }
    let baseTree = try repository.treeOfCommit(base)
    if baseTree == theirTree { return .clean(tree: ourTree) }
    if baseTree == ourTree { return .clean(tree: theirTree) }
    let trees = try PrunedTrees(
      base: baseTree, ours: ourTree, theirs: theirTree, repository: repository, store: store)
    return try store.merge(trees, isBase: isBase)
  }
}
