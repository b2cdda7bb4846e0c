internal import Dispatch
internal import GitBridge
internal import Synchronization

/// A bounded queue of work on several threads. `submit` waits when too much is under way.
struct Workers {
  private let queue = DispatchQueue(label: "stagex-maint.workers", attributes: .concurrent)
  private let group = DispatchGroup()
  private let slots: DispatchSemaphore

  init(count: Int) {
    slots = DispatchSemaphore(value: max(1, count) + 1)
  }

  func submit(_ work: @escaping @Sendable () -> Void) {
    slots.wait()
    queue.async(group: group) { [slots] in
      work()
      slots.signal()
    }
  }

  func finish() { group.wait() }
}

/// Repository handles, each used by one thread: libgit2's handles may not be shared.
private final class Handles: @unchecked Sendable {
  let repositories: [Repository]
  init(_ repositories: [Repository]) { self.repositories = repositories }
}

/// Maps places to values on several threads, each with its own handle on the repository.
///
/// - Throws: The first failure; the others stop soon after it.
func parallelMap<Value: Sendable>(
  _ count: Int, _ repository: Repository, _ settings: ReviewSettings,
  _ body: @escaping @Sendable (Int, Repository) throws(ReviewProblem) -> Value
) throws(ReviewProblem) -> [Value] {
  // Opening a second handle costs more than a few diffs.
  guard count > 8, settings.threads > 1 else {
    var values: [Value] = []
    values.reserveCapacity(count)
    for index in 0..<count {
      try settings.checkDeadline()
      values.append(try body(index, repository))
    }
    return values
  }
  let threads = min(settings.threads, count)
  var repositories = [repository]
  for _ in 1..<threads { repositories.append(try reading { () throws(GitError) in try repository.again() }) }
  let handles = Handles(repositories)
  let next = Atomic<Int>(0)
  let failure = Mutex<ReviewProblem?>(nil)
  let parts = Mutex<[(Int, [Value])]>([])
  let chunk = 32
  DispatchQueue.concurrentPerform(iterations: threads) { thread in
    while failure.withLock({ $0 == nil }) {
      let start = next.wrappingAdd(chunk, ordering: .relaxed).oldValue
      guard start < count else { return }
      do throws(ReviewProblem) {
        try settings.checkDeadline()
        var values: [Value] = []
        for index in start..<min(start + chunk, count) {
          values.append(try body(index, handles.repositories[thread]))
        }
        parts.withLock { $0.append((start, values)) }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        return
      }
    }
  }
  if let failure = failure.withLock({ $0 }) { throw failure }
  return parts.withLock { $0.sorted { $0.0 < $1.0 }.flatMap(\.1) }
}

/// Maps places to values on several threads, by a function that cannot fail and needs no repository.
func concurrentMap<Value: Sendable>(
  _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Value
) -> [Value] {
  // Starting threads costs more than a few values.
  guard count > 64, threads > 1 else { return (0..<count).map(body) }
  let part = (count + threads - 1) / threads
  let parts = Mutex<[(Int, [Value])]>([])
  DispatchQueue.concurrentPerform(iterations: threads) { thread in
    let values = (min(thread * part, count)..<min((thread + 1) * part, count)).map(body)
    parts.withLock { $0.append((thread, values)) }
  }
  return parts.withLock { $0.sorted { $0.0 < $1.0 }.flatMap(\.1) }
}
