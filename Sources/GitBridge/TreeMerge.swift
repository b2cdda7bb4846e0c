internal import Clibgit2

extension MergeStore {
  /// Merges three trees by libgit2. What it makes stays in memory.
  func merge(_ trees: PrunedTrees, isBase: Bool) throws(GitError) -> MergedAgain {
    let base = try unsafe lookUp(trees.base)
    defer { unsafe git_tree_free(base) }
    let ours = try unsafe lookUp(trees.ours)
    defer { unsafe git_tree_free(ours) }
    let theirs = try unsafe lookUp(trees.theirs)
    defer { unsafe git_tree_free(theirs) }
    var options = try unsafe MergeStore.options(isBase: isBase)
    var index: OpaquePointer?
    let status = unsafe git_merge_trees(&index, repository, base, ours, theirs, &options)
    defer { unsafe git_index_free(index) }
    if status < 0 { throw failure(status) }

    var paths = Set(trees.conflicts)
    try unsafe addConflicts(in: index, to: &paths)
    var assembly = TreeAssembly()
    for entry in trees.kept { assembly.add(entry) }
    for position in 0..<(unsafe git_index_entrycount(index)) {
      guard let entry = unsafe git_index_get_byindex(index, position), let path = unsafe cBytes(entry.pointee.path)
      else { continue }
      let (mode, id) = unsafe (entry.pointee.mode, ObjectID(entry.pointee.id))
      // libgit2 merges the targets of two symbolic links line by line; git never does.
      if mode == FileMode.symbolicLink, holds(id) { paths.insert(path) }
      assembly.add(TreeEntry(mode: mode, name: path, id: id))
    }
    if paths.isEmpty { return .clean(tree: try assembly.write(to: self)) }
    return .conflict(paths: paths.sorted { $0.lexicographicallyPrecedes($1) })
  }

  /// `git merge`'s defaults. libgit2 compares all pairs for renames where git looks at fewer: the limit keeps a pushed
  /// merge from costing minutes.
  private static func options(isBase: Bool) throws(GitError) -> git_merge_options {
    var options = unsafe git_merge_options()
    let version = UInt32(GIT_MERGE_OPTIONS_VERSION)
    try Library.check("prepare a merge", unsafe git_merge_options_init(&options, version))
    unsafe options.flags = GIT_MERGE_FIND_RENAMES.rawValue | GIT_MERGE_SKIP_REUC.rawValue
    if isBase { unsafe options.flags |= GIT_MERGE_VIRTUAL_BASE.rawValue }
    unsafe options.rename_threshold = 50
    unsafe options.target_limit = 1000
    return unsafe options
  }

  private func addConflicts(in index: OpaquePointer?, to paths: inout Set<[UInt8]>) throws(GitError) {
    guard unsafe git_index_has_conflicts(index) != 0 else { return }
    var iterator: OpaquePointer?
    try Library.check("read conflicts", unsafe git_index_conflict_iterator_new(&iterator, index))
    defer { unsafe git_index_conflict_iterator_free(iterator) }
    while true {
      var base: UnsafePointer<git_index_entry>?
      var ours: UnsafePointer<git_index_entry>?
      var theirs: UnsafePointer<git_index_entry>?
      let status = unsafe git_index_conflict_next(&base, &ours, &theirs, iterator)
      if status == Code.iterationOver { return }
      try Library.check("read conflicts", status)
      for unsafe entry in unsafe [base, ours, theirs] {
        if let path = unsafe cBytes(entry?.pointee.path) { paths.insert(path) }
      }
    }
  }

  private func lookUp(_ id: ObjectID) throws(GitError) -> OpaquePointer? {
    var oid = id.oid
    var tree: OpaquePointer?
    let status = unsafe git_tree_lookup(&tree, repository, &oid)
    if status < 0 { throw failure(status) }
    return unsafe tree
  }

  /// What a failed merge means; libgit2 says only in its message which object was missing.
  private func failure(_ status: Int32) -> GitError {
    let message = Library.lastMessage
    if status == Code.notFound {
      for word in message.utf8.split(whereSeparator: { !(UInt8(ascii: "0")...UInt8(ascii: "f")).contains($0) }) {
        if let id = ObjectID(hex: word) { return .missingObject(id, promised: false) }
      }
    }
    return .library(operation: "merge", code: status, message: message)
  }
}
