internal import GitBridge

/// Runs a repository operation and names its failure as ours.
func reading<Value>(_ body: () throws(GitError) -> Value) throws(ReviewProblem) -> Value {
  do {
    return try body()
  } catch {
    throw .git(error)
  }
}
