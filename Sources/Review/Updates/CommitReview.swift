package import GitBridge

/// One commit's judgement, and where it stands in a branch.
package struct CommitReview: Sendable {
  /// Where the branch has the commit.
  package enum Place: Sendable, Equatable {
    /// Came in with this commit of the first-parent line.
    case step(ObjectID)
    /// The branch does not hold it.
    case pending
    /// The trust root or an ancestor of it.
    case trusted
  }

  /// The commit that was asked about.
  package let commit: ObjectID
  /// On the branch that was judged: the lead, where that is what brought the commit in.
  package let place: Place
  /// Of the whole step, and of what else an audit objects to; accepted without a word for what is trusted.
  package let verdict: Verdict
  /// Of a commit that the branch does not hold: what is to be said of merging it.
  package let answer: GateAnswer?

  init(commit: ObjectID, place: Place, verdict: Verdict, answer: GateAnswer? = nil) {
    self.commit = commit
    self.place = place
    self.verdict = verdict
    self.answer = answer
  }

  /// What was said of the commit itself; nil for what is trusted, or could not be judged.
  package var change: ReviewedChange? {
    verdict.updates.lazy.flatMap(\.changes).first { $0.commit == commit }
  }
}

extension Reviewer {
  /// Judges the one step of a branch that brought a commit in; or, for a commit that the branch does
  /// not hold, what merging it would bring.
  package func review(of commit: ObjectID, on ref: String, tip: ObjectID) throws(ReviewProblem) -> CommitReview {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    if let root = settings.trustRoot, try reading({ () throws(GitError) in try repository.kind(of: root) }) == .commit,
      try isAncestor(commit, of: root)
    {
      return CommitReview(commit: commit, place: .trusted, verdict: Verdict())
    }
    guard try isAncestor(commit, of: tip) else {
      let answer = judge(pullRequest: commit, onto: RefUpdate(ref: Array(ref.utf8), old: tip, new: commit))
      return CommitReview(commit: commit, place: .pending, verdict: answer.verdict, answer: answer)
    }
    // Down the first-parent line to the oldest commit that reaches it.
    var step = tip
    while let first = try reading({ () throws(GitError) in try repository.commit(step).parents.first }),
      try isAncestor(commit, of: first)
    {
      step = first
    }
    guard let old = try reading({ () throws(GitError) in try repository.commit(step).parents.first }) else {
      throw .trustRootMissing("\(commit.short) is the first commit of its history, and no trust root covers it")
    }
    var found: Verdict?
    // What else the audit objects to: the lead below, or the whole branch.
    // Attack: a step of a branch whose lead is not in order is told as accepted.
    var besides = Verdict()
    var scope = AuditScope(ref: ref, tip: tip, start: settings.trustRoot ?? old)
    scope.only = step
    _ = try audit(scope) { (verdict) throws(ReviewProblem) in
      if verdict.updates.contains(where: { $0.new == step && $0.ref == ref }) {
        found = verdict
      } else if verdict.outcome != .accepted {
        besides.append(verdict)
      }
    }
    // What a lead state below the step holds was judged on the lead.
    if let verdict = found, let state = verdict.updates.first?.without, try isAncestor(commit, of: state),
      let lead = try leadRef(), lead != ref
    {
      return try review(of: commit, on: lead, tip: state)
    }
    if found == nil, besides.outcome == .accepted, let lead = try leadRef(), lead != ref, let base = try leadTip(),
      try isAncestor(commit, of: base)
    {
      return try review(of: commit, on: lead, tip: base)
    }
    guard var verdict = found ?? (besides.outcome == .accepted ? nil : Verdict()) else {
      // Nobody was asked to judge what is at or below the branch's own start.
      if let start = settings.start(of: Array(ref.utf8)), try isAncestor(commit, of: start) {
        return CommitReview(commit: commit, place: .trusted, verdict: Verdict())
      }
      throw .trustRootMissing("no step of \(printable(ref)) that was judged brought \(commit.short) in")
    }
    verdict.append(besides)
    return CommitReview(commit: commit, place: .step(step), verdict: verdict)
  }

  private func lead() throws(ReviewProblem) -> LeadLine? {
    guard let root = settings.trustRoot else { return nil }
    let refs = try RefView(repository, push: [], remote: settings.remote)
    let reader = try leadReader()
    guard case .line(let line) = try reader.read(refs.current, root: root) else { return nil }
    return line
  }

  private func leadRef() throws(ReviewProblem) -> String? { try lead()?.name }
  private func leadTip() throws(ReviewProblem) -> ObjectID? { try lead()?.tip }
}
