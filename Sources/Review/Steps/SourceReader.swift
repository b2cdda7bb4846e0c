internal import GitBridge

/// Finds out whether a merge takes its changes from where the policy says that the branch does.
struct SourceReader {
  let repository: Repository
  let settings: ReviewSettings
  let lead: LeadLine
  /// The refs as they stand when it is asked.
  let refs: RefView
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
    let states = FollowerStates(repository: repository, lead: lead, settings: settings)
    for (name, tip) in refs.followers(names) where name != ref && isNamed(name) {
      if try states.holds(commit, name: name, tip: tip) { return true }
    }
    return false
  }
}
