internal import GitBridge

/// What a commit is and what it changes, without its signature.
struct Shape: Sendable {
  var isAdoption = false
  var merge: MergeFact?
  /// For at most one parent: what differs from it. For a clean merge: what differs from every parent, such as an edit
  /// that a rename carried into another folder.
  var touched: [PathChange] = []
  /// What is wrong with a tree that this commit brings: it is as malformed then as if its own lines were.
  var treeDefect: String?
  /// Why nobody here could do the merge again; it counts as one with content then.
  var because: String?
}

extension Shape {
  /// - Parameter deadline: when to give up doing a merge again.
  init(
    of record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository,
    deadline: ContinuousClock.Instant? = nil
  ) throws(ReviewProblem) {
    self.init()
    guard record.defect == nil else { return }
    do throws(GitError) {
      if record.parents.count >= 2 {
        let again = try repository.remerge(parents: record.parents, deadline: deadline)
        try readMerge(record, table, policy, repository, again)
      } else {
        try readChange(record, table, policy, repository)
      }
    } catch .outOfTime where deadline.map({ $0 <= ContinuousClock.now }) == true {
      throw .budgetSpent
    } catch {
      throw .git(error)
    }
  }

  private mutating func readChange(
    _ record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository
  ) throws(GitError) {
    let parentTree: ObjectID?
    if let parent = record.parents.first {
      parentTree = try table.tree(of: parent, in: repository)
    } else {
      parentTree = nil
    }
    isAdoption = parentTree == record.tree && record.saysAdopt
    guard parentTree != record.tree else { return }
    let difference = try repository.difference(from: parentTree, to: record.tree)
    note(difference.defect)
    touched = difference.changes.filter { policy.concerns($0) }
  }

  /// What of the commit's tree does not come from its parents.
  private mutating func readMerge(
    _ record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository, _ again: Remerge
  ) throws(GitError) {
    // Each path then stands as in one of the parents, and was looked at there.
    if again == .clean(tree: record.tree, byGit: false) {
      merge = .clean
      return
    }
    var parents: [ObjectID] = []
    for parent in record.parents { parents.append(try table.tree(of: parent, in: repository)) }
    let own = try repository.ownContent(of: record.tree, beside: parents)
    note(own.defect)
    var paths: [[UInt8]: PathChange] = [:]
    for change in own.changes { paths[change.path] = change }
    switch again {
    case .clean(record.tree, _) where own.defect == nil:
      merge = .clean
      touched = sorted(paths, policy)
      return
    case .clean(let tree, _):
      paths = [:]
      for change in try repository.difference(from: tree, to: record.tree).changes { paths[change.path] = change }
    case .conflict(let conflicts, let tree):
      // Conflicting paths, and all that differ from every parent: which `own` has. Besides, what git had merged without
      // a conflict and the commit has otherwise: a fix of one side, dropped beside a conflict.
      var decided = Set(conflicts)
      if let tree {
        for change in try repository.difference(from: tree, to: record.tree).changes { decided.insert(change.path) }
      }
      try add(decided, to: &paths, record, parents, repository)
    case .unknown(let reason):
      // Whatever the merge would have yielded: all that it could have changed.
      because = reason
      var decided: Set<[UInt8]> = []
      for parent in parents {
        for change in try repository.difference(from: parent, to: record.tree).changes { decided.insert(change.path) }
      }
      try add(decided, to: &paths, record, parents, repository)
    }
    merge = .content(paths: sorted(paths, policy))
  }

  /// Adds paths that the merge decided about, though they may stand as in one of the parents.
  private func add(
    _ decided: Set<[UInt8]>, to paths: inout [[UInt8]: PathChange], _ record: CommitRecord, _ parents: [ObjectID],
    _ repository: Repository
  ) throws(GitError) {
    for path in decided where paths[path] == nil {
      guard let entry = try self.entry(record.tree, path, repository),
        let old = try self.entry(parents[0], path, repository)
      else {
        paths[path] = PathChange(path: path, from: nil, to: nil)
        continue
      }
      // git gives a file that is in a folder's way a name that no parent has.
      if entry == nil, old == nil {
        var isAnybodys = false
        for parent in parents.dropFirst() where !isAnybodys {
          isAnybodys = try self.entry(parent, path, repository) != .some(nil)
        }
        if !isAnybodys { continue }
      }
      paths[path] = PathChange(path: path, from: old, to: entry)
    }
  }

  /// What stands at a path; nil where the tree is malformed, so that nothing can be said of it.
  private func entry(_ tree: ObjectID, _ path: [UInt8], _ repository: Repository) throws(GitError) -> TreeEntry?? {
    do throws(GitError) {
      return .some(try repository.entry(tree: tree, path: path))
    } catch .malformedObject {
      return nil
    }
  }

  private mutating func note(_ defect: TreeDefect?) {
    treeDefect = defect.map { "its tree \($0.tree) has a defect: \($0.reason)" }
  }

  private func sorted(_ paths: [[UInt8]: PathChange], _ policy: Policy) -> [PathChange] {
    paths.values.filter { policy.concerns($0) }.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }
}

extension Policy {
  /// Whether the rule looks at this changed path at all. Others are not kept.
  func concerns(_ change: PathChange) -> Bool {
    if !allowsGitlinks, change.newMode == gitlinkMode { return true }
    return paths.contains { rule in rule.match.contains { $0.matches(change.path) } }
  }
}

extension PathChange {
  /// What became of a path, which may be nothing.
  init(path: [UInt8], from old: TreeEntry?, to new: TreeEntry?) {
    self.init(
      path: path, oldMode: old?.mode ?? 0, newMode: new?.mode ?? 0, oldID: old?.id ?? .zero, newID: new?.id ?? .zero)
  }
}
