internal import GitBridge

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
