internal import GitBridge

/// One edge `p -> m` of a branch's first-parent line, with the places of its new commits.
struct Step {
  let old: ObjectID
  let new: ObjectID
  var members: [Int] = []
}

/// How the first-parent line from `new` down to `start` came out.
enum FirstParentLine {
  /// The commits of the line, oldest first, without `start`.
  case line([ObjectID])
  /// `start` is in the history but beside the line: the merge was made the wrong way round.
  case foxtrot(at: ObjectID)
  /// The line ends in a root commit.
  case root(ObjectID)
}

extension CommitTable {
  /// The tree of a commit, new or old.
  func tree(of commit: ObjectID, in repository: Repository) throws(GitError) -> ObjectID {
    if let place = place(of: commit) { return records[place].tree }
    return try repository.treeOfCommit(commit)
  }

  /// The parents of a commit, new or old.
  func parents(of commit: ObjectID, in repository: Repository) throws(GitError) -> [ObjectID] {
    if let place = place(of: commit) { return records[place].parents }
    return try repository.commit(commit).parents
  }

  /// Follows first parents from `new` until `start`.
  ///
  /// - Parameter mayLeave: Whether the line may pass through commits that are not new, because another
  ///   branch holds them.
  // R20
  func firstParentLine(
    from new: ObjectID, to start: ObjectID, in repository: Repository, mayLeave: Bool
  ) throws(ReviewProblem) -> FirstParentLine {
    var line: [ObjectID] = []
    var current = new
    while current != start {
      let parents = try reading { () throws(GitError) in try self.parents(of: current, in: repository) }
      var isBelow = place(of: current) == nil
      if mayLeave {
        // What is below the start stays so further down: asking at each doubling of the way keeps a long line linear.
        let asks = parents.isEmpty || line.count & (line.count + 1) == 0
        isBelow = asks ? try reading { () throws(GitError) in try repository.isAncestor(current, of: start) } : false
      }
      if isBelow { return .foxtrot(at: try lowest(of: line, above: start, in: repository) ?? new) }
      line.append(current)
      guard let first = parents.first else { return .root(current) }
      current = first
    }
    return .line(line.reversed())
  }

  /// The last commit of a first-parent line, newest first, that holds `start`: the merge that took it in from the side.
  private func lowest(
    of line: [ObjectID], above start: ObjectID, in repository: Repository
  ) throws(ReviewProblem) -> ObjectID? {
    var (holding, beyond) = (-1, line.count)
    while holding + 1 < beyond {
      let middle = (holding + beyond) / 2
      let holds = try reading { () throws(GitError) in try repository.isAncestor(start, of: line[middle]) }
      if holds { holding = middle } else { beyond = middle }
    }
    return holding >= 0 ? line[holding] : nil
  }

  /// Shares the new commits out among the steps of a line: each belongs to the first that reaches it.
  // R17
  func steps(along line: [ObjectID], from start: ObjectID) -> [Step] {
    var taken = [Bool](repeating: false, count: records.count)
    var steps: [Step] = []
    steps.reserveCapacity(line.count)
    var old = start
    for new in line {
      var step = Step(old: old, new: new)
      var pending = place(of: new).map { [$0] } ?? []
      while let place = pending.popLast() {
        guard !taken[place] else { continue }
        taken[place] = true
        step.members.append(place)
        for parent in records[place].parents {
          if let next = self.place(of: parent), !taken[next] { pending.append(next) }
        }
      }
      steps.append(step)
      old = new
    }
    return steps
  }
}
