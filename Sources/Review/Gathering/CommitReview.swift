package import GitBridge

/// One commit's judgement, and where it stands in a branch.
package struct CommitReview: Sendable {
  package enum Place: Sendable, Equatable {
    /// Came in with this commit of the first-parent line.
    case step(ObjectID)
    /// The branch does not hold it.
    case pending
    /// The trust root or an ancestor of it.
    case trusted
  }

  package let commit: ObjectID
  package let place: Place
  package let verdict: Verdict

  package var change: ReviewedChange? {
    verdict.updates.lazy.flatMap(\.changes).first { $0.commit == commit }
  }
}

extension Reviewer {
  /// Judges the one step of a branch that brought a commit in; or, for a commit that the branch does
  /// not hold, what merging it would bring.
  package func review(of commit: ObjectID, on ref: String, tip: ObjectID) throws(ReviewProblem) -> CommitReview {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    func holds(_ descendant: ObjectID) throws(ReviewProblem) -> Bool {
      try reading { () throws(GitError) in try repository.isAncestor(commit, of: descendant) }
    }
    if let root = settings.trustRoot, try holds(root) {
      return CommitReview(commit: commit, place: .trusted, verdict: Verdict())
    }
    guard try holds(tip) else {
      let answer = judge(pullRequest: commit, onto: RefUpdate(ref: Array(ref.utf8), old: tip, new: commit))
      return CommitReview(commit: commit, place: .pending, verdict: answer.verdict)
    }
    // Down the first-parent line to the oldest commit that reaches it.
    var step = tip
    while let first = try reading({ () throws(GitError) in try repository.commit(step).parents.first }),
      try holds(first)
    {
      step = first
    }
    guard let old = try reading({ () throws(GitError) in try repository.commit(step).parents.first }) else {
      throw .trustRootMissing("\(commit.short) is the first commit of its history, and no trust root covers it")
    }
    var found = Verdict()
    var scope = AuditScope(ref: ref, tip: step, start: old)
    scope.newest = tip
    _ = try audit(scope) { (verdict) throws(ReviewProblem) in found = verdict }
    return CommitReview(commit: commit, place: .step(step), verdict: found)
  }
}
