internal import Dispatch
internal import GitBridge
internal import Synchronization

/// Reads new commits and checks their signatures: one thread walks the history, the others check
/// batches of commits behind it. The queue between them is bounded, so that memory does not grow
/// with the history beyond ids and answers.
struct CommitCollector {
  let repository: Repository
  let checker: SignatureChecker
  let settings: ReviewSettings
  var cache: FactCache?

  /// `reach(tips) - reach(hidden)`.
  ///
  /// - Parameter exact: See `Repository.walk`: without it, a commit that the branch already holds may
  ///   be listed as new where clocks were wrong, never the other way round.
  func collect(from tips: [ObjectID], hiding hidden: [ObjectID], exact: Bool) throws(ReviewProblem) -> CommitTable {
    var table = CommitTable()
    var batches: [CommitBatch] = []
    var open = CommitBatch()
    let workers = Workers(count: settings.threads)
    var count = 0
    var stopped: ReviewProblem?
    do throws(GitError) {
      let walk = CachedWalk(repository: repository, cache: exact ? cache : nil, keyring: checker.cacheKey)
      try unsafe walk.run(from: tips, hiding: hidden, exact: exact, known: { table.append($0) }) {
        (id, parse, bytes) throws(GitError) in
        unsafe open.append(id, parse, bytes)
        count += 1
        guard open.isFull else { return }
        do throws(ReviewProblem) { try settings.checkDeadline() } catch {
          stopped = error
          throw .library(operation: "walk", code: 0, message: "stopped")
        }
        settings.progress?(count)
        let full = open
        batches.append(full)
        open = CommitBatch()
        workers.submit { [checker] in full.check(with: checker) }
      }
    } catch {
      workers.finish()
      throw stopped ?? .git(error)
    }
    batches.append(open)
    // A push of one commit starts no thread.
    open.check(with: checker)
    workers.finish()
    try settings.checkDeadline()
    for batch in batches { batch.move(into: &table) }
    return table
  }
}

/// Some commits on their way from the walk to a checking thread. Touched by one thread at a time:
/// first by the walk, then by one worker, and after `Workers.finish` by the walk again.
private final class CommitBatch: @unchecked Sendable {
  private var bytes: [UInt8] = []
  private var jobs: [SignatureJob?] = []
  private var records: [CommitRecord] = []
  private static let capacity = 256

  var isFull: Bool { records.count >= Self.capacity }

  func append(_ id: ObjectID, _ parse: CommitParse, _ raw: UnsafeRawBufferPointer) {
    records.append(
      CommitRecord(
        id: id, tree: parse.tree, parents: parse.parents, time: parse.committerTime, defect: parse.defect,
        saysAdopt: parse.subjectSaysAdopt, signature: .unsigned))
    guard let signature = parse.signature, parse.defect == nil else {
      jobs.append(nil)
      return
    }
    let start = bytes.count
    unsafe bytes.append(contentsOf: raw)
    jobs.append(
      SignatureJob(
        armor: unsafe parse.signatureArmor(in: raw),
        payload: (start..<(start + signature.lowerBound), (start + signature.upperBound)..<bytes.count)))
  }

  func check(with checker: SignatureChecker) {
    let checks = unsafe bytes.withUnsafeBytes { unsafe checker.check(jobs, in: $0) }
    for index in records.indices { records[index].signature = checks[index] }
    bytes = []
    jobs = []
  }

  func move(into table: inout CommitTable) {
    for record in records { table.append(record) }
    records = []
  }
}
