internal import GitBridge

/// Finds what a step's clean merges bring back although none of its new commits has put it there.
///
/// Attack: two honestly merged requests each hold a commit that adds a file and one that takes it away again. A
/// criss-cross of clean merges over those commits, each of which git itself makes just so, ends with the file on a
/// branch that no longer had it. Nobody of those who endorsed the requests saw it as something that stays.
struct UnexplainedPaths {
  let repository: Repository
  let table: CommitTable

  /// R120. The paths at which a step's new tip differs from what it stands on, and stands as no new commit has put it:
  /// neither an ordinary one, nor a merge that has it otherwise than all of its parents.
  ///
  /// - Parameters:
  ///   - old: The tree that the step stands on.
  ///   - tree: Of the step's new tip.
  ///   - members: The step's new commits, by their places in the table.
  ///   - isContent: Whether a merge among them has content of its own: so many agreed to all that it has.
  ///   - own: What the tip itself has otherwise than all of its parents, where it is not among the members.
  ///   - state: The tree of the lead state below a follower's step: what stands as there was judged on the lead.
  func find(
    from old: ObjectID, to tree: ObjectID, members: [Int], isContent: (Int) -> Bool = { _ in false },
    own: [PathChange] = [], beside state: ObjectID? = nil
  ) throws(GitError) -> [PathChange] {
    var changed: [[UInt8]: PathChange] = [:]
    for change in try repository.difference(from: old, to: tree).changes { changed[change.path] = change }
    if let state, !changed.isEmpty {
      let others = Set(try repository.difference(from: state, to: tree).changes.map(\.path))
      changed = changed.filter { others.contains($0.key) }
    }
    explain(&changed, by: own)
    for place in members where !changed.isEmpty {
      let record = table.records[place]
      guard record.defect == nil else { continue }
      if record.parents.count >= 2, !isContent(place) {
        var parents: [ObjectID] = []
        for parent in record.parents { parents.append(try table.tree(of: parent, in: repository)) }
        explain(&changed, by: try repository.ownContent(of: record.tree, beside: parents).changes)
      } else {
        var parent: ObjectID?
        if let first = record.parents.first { parent = try table.tree(of: first, in: repository) }
        if parent == record.tree { continue }
        explain(&changed, by: try repository.difference(from: parent, to: record.tree).changes)
      }
    }
    return changed.values.sorted { $0.path.lexicographicallyPrecedes($1.path) }
  }

  private func explain(_ changed: inout [[UInt8]: PathChange], by changes: [PathChange]) {
    for change in changes {
      guard let found = changed[change.path], found.newMode == change.newMode, found.newID == change.newID else {
        continue
      }
      changed[change.path] = nil
    }
  }

  /// Whether a step can bring back anything at all:
  /// a single merge of new commits in a row puts nothing in but what they do.
  static func mayBringBack(_ members: [Int], _ table: CommitTable) -> Bool {
    var merges = 0
    for place in members where table.records[place].parents.count >= 2 {
      merges += table.records[place].parents.count - 1
    }
    return merges >= 2
  }
}
