internal import GitBridge

/// What a commit is and what it changes, without its signature.
struct Shape: Sendable {
  var isAdoption = false
  var merge: MergeFact?
  var touched: [PathChange] = []
}

extension Shape {
  init(
    of record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository
  ) throws(ReviewProblem) {
    self.init()
    guard record.defect == nil else { return }
    if record.parents.count >= 2 {
      merge = try reading { () throws(GitError) in
        try Self.mergeFact(of: record, table, policy, repository)
      }
      return
    }
    try reading { () throws(GitError) in
      let parentTree: ObjectID?
      if let parent = record.parents.first {
        parentTree = try table.tree(of: parent, in: repository)
      } else {
        parentTree = nil
      }
      isAdoption = parentTree == record.tree && record.saysAdopt
      guard parentTree != record.tree else { return }
      touched = try repository.changes(from: parentTree, to: record.tree).filter { policy.concerns($0) }
    }
  }

  /// Does the merge again and tells what of the commit's tree cannot come from its parents.
  private static func mergeFact(
    of record: CommitRecord, _ table: CommitTable, _ policy: Policy, _ repository: Repository
  ) throws(GitError) -> MergeFact {
    switch try repository.mergeAgain(parents: record.parents) {
    case .clean(let tree) where tree == record.tree: return .clean
    case .clean(let tree):
      return .content(paths: try repository.changes(from: tree, to: record.tree).filter { policy.concerns($0) })
    case .conflict(let conflicts):
      // Conflicting paths, and all that differ from every parent.
      var common: [[UInt8]: PathChange]?
      var fromFirst: [[UInt8]: PathChange] = [:]
      for (index, parent) in record.parents.enumerated() {
        let parentTree = try table.tree(of: parent, in: repository)
        var changed: [[UInt8]: PathChange] = [:]
        for change in try repository.changes(from: parentTree, to: record.tree) { changed[change.path] = change }
        if index == 0 { fromFirst = changed }
        common = common?.filter { changed[$0.key] != nil } ?? changed
      }
      var paths = common ?? [:]
      for path in conflicts where paths[path] == nil {
        // Resolved to one parent's side: the path still is a decision of the merge.
        let entry = try repository.entry(tree: record.tree, path: path)
        paths[path] = fromFirst[path] ?? PathChange(unchangedSideOf: path, in: entry)
      }
      return .content(paths: paths.values.filter { policy.concerns($0) }.sorted { $0.path.lexicographicallyPrecedes($1.path) })
    }
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
  /// A path whose conflict was resolved to the first parent's side.
  init(unchangedSideOf path: [UInt8], in entry: TreeEntry?) {
    let (mode, id) = (entry?.mode ?? 0, entry?.id ?? .zero)
    self.init(path: path, oldMode: mode, newMode: mode, oldID: id, newID: id)
  }
}
