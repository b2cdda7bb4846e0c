package import GitBridge

extension Reviewer {
  /// The policy that a commit's tree holds, or the pinned one.
  package func policy(at commit: ObjectID) throws(ReviewProblem) -> Policy {
    try rulebook().policy(tree: try treeOfCommit(commit), of: commit)
  }

  /// The registry in force for a step whose first parent is this commit, with the proofs that the policy asks for.
  ///
  /// - Parameter level: Proofs for this level instead.
  package func registry(at commit: ObjectID, proving level: Evidence? = nil) throws(ReviewProblem) -> Registry {
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(commit) }
    let rulebook = try rulebook()
    let loaded = try rulebook.registry(tree: tree, of: commit).loaded
    let policy = try rulebook.policy(tree: tree, of: commit)
    return try rulebook.proven(loaded, level ?? policy.evidence, by: policy, tree: tree).registry
  }
}
