internal import Clibgit2

/// What merging some parents yields.
package enum MergedAgain: Sendable, Equatable {
  /// The merge needs nobody's decision. The tree can be read, and compared with ``Repository/changes(from:to:)``,
  /// until the next merge is done again.
  case clean(tree: ObjectID)
  /// Somebody has to decide about these paths, in the order of their bytes. Empty when the histories are unrelated.
  case conflict(paths: [[UInt8]])
}

extension Repository {
  /// Merges the parents of a merge again, as `git merge` does by default: recursive three-way merge, renames from 50 %
  /// similarity. No attributes, merge drivers or settings take part. Several parents are merged pairwise from the left.
  ///
  /// Nothing is written into the repository.
  package func mergeAgain(parents: [ObjectID]) throws(GitError) -> MergedAgain {
    precondition(!parents.isEmpty)
    if mergeStore == nil { mergeStore = try MergeStore(opening) }
    guard let store = mergeStore else { throw .library(operation: "merge", code: -1, message: "no store") }
    try store.empty()
    var merged = parents[0]
    for (position, parent) in parents.enumerated().dropFirst() {
      let result = try mergePair(merged, parent, store)
      guard case .clean(let tree) = result, position < parents.count - 1 else { return result }
      merged = try store.commit(tree, [merged, parent])
    }
    return .clean(tree: try treeOfCommit(merged))
  }

  private func mergePair(_ ours: ObjectID, _ theirs: ObjectID, _ store: MergeStore) throws(GitError) -> MergedAgain {
    let bases = try mergeBases(ours, theirs)
    guard let base = bases.first else { return .conflict(paths: []) }
    let ourTree = try treeOfCommit(ours)
    let theirTree = try treeOfCommit(theirs)
    if ourTree == theirTree { return .clean(tree: ourTree) }
    guard bases.count == 1 else { return try store.merge(commits: ours, theirs) }
    let baseTree = try treeOfCommit(base)
    if baseTree == theirTree { return .clean(tree: ourTree) }
    if baseTree == ourTree { return .clean(tree: theirTree) }
    return try store.merge(base: baseTree, ourTree, theirTree)
  }

  /// The tree of a commit.
  package func treeOfCommit(_ id: ObjectID) throws(GitError) -> ObjectID {
    try unsafe withCommit(id) { commit, _ in commit.tree }
  }
}

extension MergeStore {
  /// `git merge`'s defaults. libgit2 compares all pairs for renames where git looks at fewer: the limit keeps a pushed
  /// merge from costing minutes. Beyond it a renamed and changed file conflicts, which asks for more endorsers.
  private static func options() throws(GitError) -> git_merge_options {
    var options = unsafe git_merge_options()
    let version = UInt32(GIT_MERGE_OPTIONS_VERSION)
    try Library.check("prepare a merge", unsafe git_merge_options_init(&options, version))
    unsafe options.flags = GIT_MERGE_FIND_RENAMES.rawValue | GIT_MERGE_SKIP_REUC.rawValue
    unsafe options.rename_threshold = 50
    unsafe options.target_limit = 1000
    return unsafe options
  }

  func merge(base: ObjectID, _ ours: ObjectID, _ theirs: ObjectID) throws(GitError) -> MergedAgain {
    let base = unsafe try lookUp(base)
    defer { unsafe git_tree_free(base) }
    let ours = unsafe try lookUp(ours)
    defer { unsafe git_tree_free(ours) }
    let theirs = unsafe try lookUp(theirs)
    defer { unsafe git_tree_free(theirs) }
    var options = unsafe try MergeStore.options()
    var index: OpaquePointer?
    let status = unsafe git_merge_trees(&index, repository, base, ours, theirs, &options)
    return unsafe try finish(index, status)
  }

  func merge(commits ours: ObjectID, _ theirs: ObjectID) throws(GitError) -> MergedAgain {
    let ours = unsafe try lookUp(commit: ours)
    defer { unsafe git_commit_free(ours) }
    let theirs = unsafe try lookUp(commit: theirs)
    defer { unsafe git_commit_free(theirs) }
    var options = unsafe try MergeStore.options()
    var index: OpaquePointer?
    let status = unsafe git_merge_commits(&index, repository, ours, theirs, &options)
    return unsafe try finish(index, status)
  }

  private func finish(_ index: OpaquePointer?, _ status: Int32) throws(GitError) -> MergedAgain {
    defer { unsafe git_index_free(index) }
    try Library.check("merge", status)
    if unsafe git_index_has_conflicts(index) != 0 { return .conflict(paths: try unsafe conflicts(in: index)) }
    var tree = git_oid()
    try Library.check("write the merged tree", unsafe git_index_write_tree_to(&tree, index, repository))
    return .clean(tree: ObjectID(tree))
  }

  private func conflicts(in index: OpaquePointer?) throws(GitError) -> [[UInt8]] {
    var iterator: OpaquePointer?
    try Library.check("read conflicts", unsafe git_index_conflict_iterator_new(&iterator, index))
    defer { unsafe git_index_conflict_iterator_free(iterator) }
    var paths: Set<[UInt8]> = []
    while true {
      var base: UnsafePointer<git_index_entry>?
      var ours: UnsafePointer<git_index_entry>?
      var theirs: UnsafePointer<git_index_entry>?
      let status = unsafe git_index_conflict_next(&base, &ours, &theirs, iterator)
      if status == Code.iterationOver { break }
      try Library.check("read conflicts", status)
      for unsafe entry in unsafe [base, ours, theirs] {
        guard let path = unsafe entry?.pointee.path else { continue }
        if let bytes = unsafe cBytes(path) { paths.insert(bytes) }
      }
    }
    return paths.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func lookUp(_ id: ObjectID) throws(GitError) -> OpaquePointer? {
    var oid = id.oid
    var tree: OpaquePointer?
    try Library.check("read tree \(id)", unsafe git_tree_lookup(&tree, repository, &oid))
    return unsafe tree
  }

  private func lookUp(commit id: ObjectID) throws(GitError) -> OpaquePointer? {
    var oid = id.oid
    var commit: OpaquePointer?
    try Library.check("read commit \(id)", unsafe git_commit_lookup(&commit, repository, &oid))
    return unsafe commit
  }

  /// A merge of the first parents, in memory, so that the next one has something to be merged with.
  func commit(_ tree: ObjectID, _ parents: [ObjectID]) throws(GitError) -> ObjectID {
    var text = "tree \(tree)\n"
    for parent in parents { text += "parent \(parent)\n" }
    text += "author - <-> 0 +0000\ncommitter - <-> 0 +0000\n\n"
    let bytes = Array(text.utf8)
    var oid = git_oid()
    let status = unsafe bytes.withUnsafeBytes { buffer in
      unsafe git_odb_write(&oid, odb, buffer.baseAddress, buffer.count, GIT_OBJECT_COMMIT)
    }
    try Library.check("merge", status)
    return ObjectID(oid)
  }
}
