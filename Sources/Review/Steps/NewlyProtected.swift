internal import GitBridge

/// Refs that exist, that rules would begin to protect, and that stand on something that nobody judged.
// R5
struct NewlyProtected {
  let repository: Repository
  let settings: ReviewSettings
  /// Whether a commit is a lead state, those of the same push that have been judged included.
  let isLeadState: (ObjectID) -> Bool

  /// - Returns: their full names, sorted.
  func unjudged(
    in refs: RefView, protectedBy after: ProtectedNames, andNotBy before: ProtectedNames
  ) throws(ReviewProblem) -> [String] {
    var found: [String] = []
    for (name, tip) in refs.current.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      if after.protectsBranch(name), !before.protectsBranch(name) {
        if isLeadState(tip) { continue }
        if let start = settings.start(of: name), try isAtOrBelow(tip, start) { continue }
        found.append(String(decoding: name, as: UTF8.self))
      } else if after.protectsTag(name), !before.protectsTag(name) {
        if let target = try peeled(tip), isLeadState(target) { continue }
        found.append(String(decoding: name, as: UTF8.self))
      }
    }
    return found
  }

  private func isAtOrBelow(_ tip: ObjectID, _ start: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in
      guard try repository.kind(of: start) == .commit else { return false }
      return try repository.isAncestor(tip, of: start)
    }
  }

  /// The commit that a tag stands for, tags of tags included.
  private func peeled(_ id: ObjectID) throws(ReviewProblem) -> ObjectID? {
    try reading { () throws(GitError) in try repository.commit(behind: id, lookingAt: 8) }
  }
}
