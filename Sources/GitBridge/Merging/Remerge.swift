/// What merging some parents yields.
package enum MergedAgain: Sendable, Equatable {
  /// The merge needs nobody's decision. The tree can be read, and compared with ``Repository/changes(from:to:)``,
  /// until the next merge is done again.
  case clean(tree: ObjectID)
  /// Somebody has to decide about these paths, in the order of their bytes. Empty when the histories are unrelated
  /// or too entangled, or when there is no git that could say.
  case conflict(paths: [[UInt8]])
}

/// The same in full.
package enum Remerge: Sendable, Equatable {
  /// - Parameter byGit: whether git was asked. Where it was not, each path stands as in one of the parents.
  case clean(tree: ObjectID, byGit: Bool)
  /// - Parameter tree: what git left there, lines between markers included; nil where there is no such tree.
  case conflict(paths: [[UInt8]], tree: ObjectID?)
  /// Nobody here can say what it yields, and why. It is no clean merge then.
  case unknown(because: String)
}

extension Repository {
  /// Merges the parents of a merge again; see ``remerge(parents:deadline:)``.
  package func mergeAgain(
    parents: [ObjectID], deadline: ContinuousClock.Instant? = nil
  ) throws(GitError) -> MergedAgain {
    switch try remerge(parents: parents, deadline: deadline) {
    case .clean(let tree, _): .clean(tree: tree)
    case .conflict(let paths, _): .conflict(paths: paths)
    case .unknown: .conflict(paths: [])
    }
  }

  /// Merges the parents of a merge again, as `git merge` does by default: recursive three-way merge, renames from 50 %
  /// similarity. No attributes, merge drivers or settings of anybody take part. Several parents are merged pairwise
  /// from the left.
  ///
  /// Where only one result is possible (``TreeMerge``) it is computed here; everywhere else git itself is asked
  /// (``GitMerging``). Two commits with several merge bases must come to the same from each base alone, and as git
  /// merges them.
  ///
  /// Nothing is written into the repository.
  ///
  /// - Parameter deadline: when to give up; no merge gets longer than ``longestMerge`` at all.
  /// - Throws: ``GitError/outOfTime(_:)`` and what else keeps a merge from being judged.
  // R103, R104
  package func remerge(
    parents: [ObjectID], deadline: ContinuousClock.Instant? = nil
  ) throws(GitError) -> Remerge {
    precondition(!parents.isEmpty)
    guard parents.count <= Repository.mostParents else { return .unknown(because: "it has \(parents.count) parents") }
    let store = try emptyMergeStore()
    let limit = ContinuousClock.now.advanced(by: Repository.longestMerge)
    let run = MergeRun(repository: self, store: store, deadline: min(deadline ?? limit, limit))
    var merged = parents[0]
    var byGit = false
    do throws(GitError) {
      for (position, parent) in parents.enumerated().dropFirst() {
        let result = try run.merge(merged, parent)
        guard case .clean(let tree, let askedGit) = result else { return result }
        byGit = byGit || askedGit
        if position == parents.count - 1 { return .clean(tree: tree, byGit: byGit) }
        merged = try store.commit(tree, [merged, parent])
      }
      return .clean(tree: try treeOfCommit(merged), byGit: false)
    } catch {
      throw namingMissing(error)
    }
  }

  /// More parents than any merge has. (Linux has one with 66.)
  static let mostParents = 128

  /// How long git may take for one merge where nothing else limits it.
  package static let longestMerge = Duration.seconds(60)

  /// The version of the git that merges again here, such as `2.39.5`; nil without one.
  package var gitVersion: String? { git?.version }

  /// git and libgit2 say in words which object they did not find.
  private func namingMissing(_ error: GitError) -> GitError {
    switch error {
    case .missingObject(let id, _): return .missingObject(id, promised: isPartialClone)
    case .program(_, let message):
      let words = message.utf8.split(whereSeparator: { !isHexDigit($0) })
      let missing = words.lazy.compactMap { ObjectID(hex: $0) }.first { (try? self.kind(of: $0)) == .some(nil) }
      return missing.map { .missingObject($0, promised: isPartialClone) } ?? error
    default: return error
    }
  }

  private func emptyMergeStore() throws(GitError) -> MergeStore {
    if let mergeStore {
      try mergeStore.empty()
      return mergeStore
    }
    let store = try MergeStore(mergingPlace)
    mergeStore = store
    return store
  }

  /// The tree of a commit.
  package func treeOfCommit(_ id: ObjectID) throws(GitError) -> ObjectID {
    try unsafe withCommit(id) { commit, _ in commit.tree }
  }
}

private func isHexDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
}

/// One merge done again.
private struct MergeRun {
  let repository: Repository
  let store: MergeStore
  let deadline: ContinuousClock.Instant

  /// Attack: histories that cross so often that nobody can say what their merges yield.
  private static let mostBases = 16

  init(repository: Repository, store: MergeStore, deadline: ContinuousClock.Instant) {
    self.repository = repository
    self.store = store
    self.deadline = deadline
  }

  /// Merges two commits.
  func merge(_ ours: ObjectID, _ theirs: ObjectID) throws(GitError) -> Remerge {
    let bases = try repository.mergeBases(ours, theirs)
    guard let base = bases.first else { return .conflict(paths: [], tree: nil) }
    let trees = (try repository.treeOfCommit(ours), try repository.treeOfCommit(theirs))
    if bases.count == 1 {
      return try merge(try repository.treeOfCommit(base), trees) { () throws(GitError) in (ours, theirs) }
    }
    return try merge(ours, theirs, trees, bases)
  }

  /// Merges two commits that have several merge bases.
  ///
  /// Attack: three clean merges that cross over commits which add a file and take it back bring the file onto a branch
  /// that no longer had it. Which base wins is up to dates, which the attacker writes. So each base alone must yield
  /// the same.
  private func merge(
    _ ours: ObjectID, _ theirs: ObjectID, _ trees: (ObjectID, ObjectID), _ bases: [ObjectID]
  ) throws(GitError) -> Remerge {
    guard bases.count <= MergeRun.mostBases else {
      return .unknown(because: "its parents have \(bases.count) merge bases")
    }
    var results: [Remerge] = []
    for base in bases {
      let tree = try repository.treeOfCommit(base)
      results.append(
        try merge(tree, trees) { () throws(GitError) in
          // A history in which this base is the only one.
          let root = try store.commit(tree, [])
          return (try store.commit(trees.0, [root]), try store.commit(trees.1, [root]))
        })
    }
    if case .clean(let tree, _) = results[0], results.allSatisfy({ $0.tree == tree && $0.isClean }) {
      if trees.0 == trees.1 { return results[0] }
      results.append(try askGit(ours, theirs))
      if results[results.count - 1].tree == tree, results[results.count - 1].isClean {
        return .clean(tree: tree, byGit: true)
      }
    }
    for case .unknown(let reason) in results { return .unknown(because: reason) }
    return .conflict(paths: try disputed(results), tree: nil)
  }

  /// What is in conflict in one of these results, or comes out otherwise in another.
  private func disputed(_ results: [Remerge]) throws(GitError) -> [[UInt8]] {
    var paths: Set<[UInt8]> = []
    var first: ObjectID?
    for result in results {
      switch result {
      case .conflict(let found, _): paths.formUnion(found)
      case .clean(let tree, _):
        if let first {
          for change in try repository.difference(from: first, to: tree).changes { paths.insert(change.path) }
        }
        first = first ?? tree
      case .unknown: break
      }
    }
    return paths.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Merges two trees over the tree of one base.
  ///
  /// - Parameter commits: two commits with these trees that have that merge base, for git.
  private func merge(
    _ base: ObjectID, _ trees: (ours: ObjectID, theirs: ObjectID),
    commits: () throws(GitError) -> (ObjectID, ObjectID)
  ) throws(GitError) -> Remerge {
    if trees.ours == trees.theirs || base == trees.theirs { return .clean(tree: trees.ours, byGit: false) }
    if base == trees.ours { return .clean(tree: trees.theirs, byGit: false) }
    switch try TreeMerge.merge(base: base, ours: trees.ours, theirs: trees.theirs, repository, store, until: deadline) {
    case .tree(let tree): return .clean(tree: tree, byGit: false)
    case .malformed(let defect): return .unknown(because: "the tree \(defect.tree) has a defect: \(defect.reason)")
    case .unclear:
      let (ours, theirs) = try commits()
      return try askGit(ours, theirs)
    }
  }

  private func askGit(_ ours: ObjectID, _ theirs: ObjectID) throws(GitError) -> Remerge {
    switch try store.mergeByGit(ours, theirs, until: deadline) {
    case .clean(let tree): .clean(tree: tree, byGit: true)
    case .conflict(let paths, let tree): .conflict(paths: paths, tree: tree)
    case .cannot(let reason): .unknown(because: reason)
    }
  }
}

extension Remerge {
  fileprivate var isClean: Bool {
    if case .clean = self { true } else { false }
  }

  fileprivate var tree: ObjectID? {
    switch self {
    case .clean(let tree, _): tree
    case .conflict(_, let tree): tree
    case .unknown: nil
    }
  }
}
