internal import GitBridge

/// Finds out whether a merge takes its changes from where the policy says that the branch does.
struct SourceReader {
  let lead: LeadLine
  /// As the refs stand when it is asked.
  let followers: Followers
  let names: ProtectedNames
  /// The full name of the branch that takes the merge.
  let ref: [UInt8]

  /// Nil for a branch that takes merges from anywhere.
  ///
  /// - Parameter parents: Of the merge.
  // R47
  func facts(parents: [ObjectID]) throws(ReviewProblem) -> SourceFacts? {
    guard let from = names.policy.branchRule(for: ref)?.from, !from.isEmpty else { return nil }
    var strangers: [ObjectID] = []
    for parent in parents.dropFirst() where try !isState(parent, of: from) { strangers.append(parent) }
    return SourceFacts(from: from.map(\.pattern), strangers: strangers)
  }

  /// Whether a commit is a state of a protected branch that some pattern names. One that nobody judges is no source.
  // R48
  private func isState(_ commit: ObjectID, of globs: [Glob]) throws(ReviewProblem) -> Bool {
    func isNamed(_ name: [UInt8]) -> Bool {
      shortName(name, under: "refs/heads/").map { short in globs.contains { $0.matches(short) } } ?? false
    }
    if isNamed(lead.ref), lead.contains(commit) { return true }
    return try followers.hold(commit) { $0 != ref && isNamed($0) }
  }
}
