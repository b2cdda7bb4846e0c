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

/// New commits as they were found, while their signatures are being checked.
final class CollectedCommits {
  /// The signatures are what ``settled()`` adds.
  private(set) var table = CommitTable()
  private var batches: [CommitBatch] = []
  private let workers: Workers
  private let settings: ReviewSettings

  init(_ workers: Workers, _ settings: ReviewSettings) {
    self.workers = workers
    self.settings = settings
  }

  /// Returns the commit's place in the table.
  @discardableResult func append(_ record: CommitRecord) -> Int {
    table.append(record)
    return table.records.count - 1
  }

  func submit(_ batch: CommitBatch, to checker: SignatureChecker) {
    batches.append(batch)
    workers.submit(cost: batch.size) { batch.check(with: checker) }
  }

  func check(_ batch: CommitBatch, with checker: SignatureChecker) {
    batches.append(batch)
    batch.check(with: checker)
  }

  /// The table with all signatures checked.
  func settled() throws(ReviewProblem) -> CommitTable {
    workers.finish()
    try settings.checkDeadline()
    for batch in batches { batch.move(into: &table) }
    batches = []
    return table
  }
}

/// The bytes of some commits on their way from the walk to a checking thread. Touched by one thread at a time:
/// first by the walk, then by one worker, and after `Workers.finish` by the walk again.
final class CommitBatch: @unchecked Sendable {
  private var bytes: [UInt8] = []
  private var jobs: [SignatureJob] = []
  /// Where in the table the commits are.
  private var places: [Int] = []
  private var checks: [SignatureCheck] = []
  private static let capacity = 128
  /// In bytes, of a commit with a long RSA signature.
  private static let likelySize = 1536
  private static let mostBytes = 1 << 20

  var isFull: Bool { places.count >= Self.capacity || bytes.count >= Self.mostBytes }
  /// In bytes, about.
  var size: Int { bytes.count * 3 / 2 + places.count * 128 }

  /// Takes in a commit that has something to check.
  func append(_ place: Int, _ parse: CommitParse, _ raw: UnsafeRawBufferPointer) {
    guard let signature = parse.signature, parse.defect == nil else { return }
    if bytes.isEmpty {
      bytes.reserveCapacity(Self.capacity * Self.likelySize)
      places.reserveCapacity(Self.capacity)
      jobs.reserveCapacity(Self.capacity)
    }
    let start = bytes.count
    unsafe bytes.append(contentsOf: raw)
    places.append(place)
    jobs.append(
      SignatureJob(
        armor: unsafe parse.signatureArmor(in: raw),
        payload: (start..<(start + signature.lowerBound), (start + signature.upperBound)..<bytes.count)))
  }

  func check(with checker: SignatureChecker) {
    checks = unsafe bytes.withUnsafeBytes { unsafe checker.check(jobs, in: $0) }
    bytes = []
    jobs = []
  }

  func move(into table: inout CommitTable) {
    for (place, check) in zip(places, checks) { table.setSignature(check, at: place) }
    checks = []
  }
}

extension CommitRecord {
  init(unchecked id: ObjectID, _ parse: CommitParse, _ bytes: UnsafeRawBufferPointer) {
    let mayEndorse = parse.defect == nil && parse.signature != nil && (parse.parents.count > 1 || parse.subjectSaysAdopt)
    self.init(
      id: id, tree: parse.tree, parents: parse.parents, time: parse.committerTime, defect: parse.defect,
      saysAdopt: parse.subjectSaysAdopt, signature: .unsigned,
      bounds: mayEndorse
        ? unsafe ReviewBounds(message: UnsafeRawBufferPointer(rebasing: bytes[parse.message])) : nil)
  }
}
