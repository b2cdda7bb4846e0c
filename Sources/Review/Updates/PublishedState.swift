internal import GitBridge

/// Whether what a branch holds of its own has been published: a protected tag reaches it.
struct PublishedState {
  let states: FollowerStates
  let refs: RefView
  let names: ProtectedNames
  let repository: Repository

  /// The protected tag that reaches the first state of a follower's own, and so may stand on any of them; nil where
  /// there is none. A branch that follows nothing is taken for published: nobody can tell what it holds.
  // R121
  func tag(holding tip: ObjectID, of name: [UInt8]) throws(ReviewProblem) -> [UInt8]? {
    guard let line = try states.line(of: tip, name: name) else { return name }
    guard line.count > 1 else { return nil }
    let first = line[1]
    for (ref, id) in refs.current.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) where names.protectsTag(ref)
    {
      guard let target = try target(of: id) else { continue }
      if try reading({ () throws(GitError) in try repository.isAncestor(first, of: target) }) { return ref }
    }
    return nil
  }

  /// The commit that a tag names, by itself or through other tags; nil for anything else.
  private func target(of id: ObjectID) throws(ReviewProblem) -> ObjectID? {
    try reading { () throws(GitError) in try repository.commit(behind: id, lookingAt: 16) }
  }
}
