internal import GitBridge

/// Reads new commits and checks their signatures: one thread walks the history, the others check
/// batches of commits behind it. The queue between them is bounded, so that memory does not grow
/// with the history beyond ids and answers.
struct CommitCollector {
  let repository: Repository
  let checker: SignatureChecker
  let settings: ReviewSettings
  let workers: Workers
  var cache: FactCache?

  /// `reach(tips) - reach(hidden)`, with their signatures checked.
  ///
  /// - Parameter exact: See `Repository.walk`: without it, a commit that the branch already holds may
  ///   be listed as new where clocks were wrong, never the other way round.
  func collect(from tips: [ObjectID], hiding hidden: [ObjectID], exact: Bool) throws(ReviewProblem) -> CommitTable {
    try walk(from: tips, hiding: hidden, exact: exact).settled()
  }

  /// The same; some signatures may still be being checked.
  func walk(from tips: [ObjectID], hiding hidden: [ObjectID], exact: Bool) throws(ReviewProblem) -> CollectedCommits {
    try unsafe collect { (collected, visit) throws(GitError) in
      try unsafe CachedWalk(repository: repository, cache: exact ? cache : nil, keyring: checker.cacheKey)
        .run(from: tips, hiding: hidden, exact: exact, known: { collected.append($0) }, visit: visit)
    }
  }

  /// The same for commits that are known to be all.
  func read(_ commits: [ObjectID]) throws(ReviewProblem) -> CollectedCommits {
    try unsafe collect { (_, visit) throws(GitError) in
      for id in commits {
        try unsafe repository.withCommit(id) { parse, bytes throws(GitError) in try unsafe visit(id, parse, bytes) }
      }
    }
  }

  private typealias Visit = (ObjectID, CommitParse, UnsafeRawBufferPointer) throws(GitError) -> Void

  private func collect(
    _ walk: (CollectedCommits, Visit) throws(GitError) -> Void
  ) throws(ReviewProblem) -> CollectedCommits {
    let collected = CollectedCommits(workers, settings)
    var open = CommitBatch()
    var stopped: ReviewProblem?
    do throws(GitError) {
      try unsafe walk(collected) { (id, parse, bytes) throws(GitError) in
        let place = collected.append(unsafe CommitRecord(unchecked: id, parse, bytes))
        unsafe open.append(place, parse, bytes)
        guard open.isFull else { return }
        do throws(ReviewProblem) { try settings.checkDeadline() } catch {
          stopped = error
          throw .library(operation: "walk", code: 0, message: "stopped")
        }
        settings.progress?(place + 1)
        let full = open
        open = CommitBatch()
        collected.submit(full, to: checker)
      }
    } catch {
      workers.finish()
      throw stopped ?? .git(error)
    }
    // A push of one commit starts no thread.
    collected.check(open, with: checker)
    return collected
  }
}

extension CommitRecord {
  init(unchecked id: ObjectID, _ parse: CommitParse, _ bytes: UnsafeRawBufferPointer) {
    let mayEndorse =
      parse.defect == nil && parse.signature != nil && (parse.parents.count > 1 || parse.subjectSaysAdopt)
    self.init(
      id: id, tree: parse.tree, parents: parse.parents, time: parse.committerTime, defect: parse.defect,
      saysAdopt: parse.subjectSaysAdopt, signature: .unsigned,
      bounds: mayEndorse
        ? unsafe ReviewBounds(message: UnsafeRawBufferPointer(rebasing: bytes[parse.message])) : nil)
  }
}
