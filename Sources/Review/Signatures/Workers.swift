internal import Dispatch
internal import GitBridge
internal import Synchronization

/// Work for several threads, in the order in which it was handed in.
///
/// The thread that hands it in reads the repository meanwhile, and helps where the others cannot keep up: libgit2 has
/// one lock for the whole process, so that two threads that read wait for each other, while one that reads and one that
/// verifies do not.
final class Workers: Sendable {
  private struct State {
    var waiting: [Item] = []
    /// The place of the next to be done.
    var first = 0
    var cost = 0
    var helpers = 0
  }

  private struct Item: Sendable {
    let cost: Int
    let work: @Sendable () -> Void
  }

  /// In bytes that waiting work holds, so that memory does not grow with the length of a history.
  private static let mostWaiting = 24 << 20

  private let state = Mutex(State())
  private let group = DispatchGroup()
  private let mostHelpers: Int

  /// - Parameter threads: All of them, the calling one included.
  init(threads: Int) {
    mostHelpers = max(0, threads - 1)
  }

  /// Hands in work, or does it here when nobody else could do it soon.
  ///
  /// - Parameter cost: How many bytes of memory it holds until it is done.
  func submit(cost: Int, _ work: @escaping @Sendable () -> Void) {
    enum Place { case here, queue, newHelper }
    let place = state.withLock { state -> Place in
      guard mostHelpers > 0, state.cost + cost <= Self.mostWaiting || state.waiting.isEmpty else { return .here }
      state.waiting.append(Item(cost: cost, work: work))
      state.cost += cost
      guard state.helpers < mostHelpers else { return .queue }
      state.helpers += 1
      return .newHelper
    }
    switch place {
    case .here: work()
    case .queue: break
    case .newHelper:
      DispatchQueue.global().async(group: group) { [self] in
        while let work = next(leaving: true) { work() }
      }
    }
  }

  /// Helps with what waits, and returns when everything that was handed in is done.
  func finish() {
    while let work = next(leaving: false) { work() }
    group.wait()
  }

  /// - Parameter leaving: Whether the caller is a helper that goes away when nothing waits.
  private func next(leaving: Bool) -> (@Sendable () -> Void)? {
    state.withLock { state in
      guard state.first < state.waiting.count else {
        if leaving { state.helpers -= 1 }
        return nil
      }
      let item = state.waiting[state.first]
      state.first += 1
      state.cost -= item.cost
      if state.first == state.waiting.count {
        state.waiting.removeAll(keepingCapacity: true)
        state.first = 0
      }
      return item.work
    }
  }
}

/// The values of a map that several threads are working on: which places are taken, what came out.
private final class SharedMap<Value: Sendable>: Sendable {
  typealias Body = @Sendable (Int, Repository) throws(ReviewProblem) -> Value

  private struct State {
    /// Let go when all is done: a thread that comes too late must not keep what it refers to.
    var body: Body?
    var next = 0
    var parts: [(start: Int, values: [Value])] = []
    var failure: ReviewProblem?
  }

  private static var chunk: Int { 64 }
  private let count: Int
  private let settings: ReviewSettings
  private let state: Mutex<State>
  private let group = DispatchGroup()

  init(_ count: Int, _ settings: ReviewSettings, _ body: @escaping Body) {
    self.count = count
    self.settings = settings
    state = Mutex(State(body: body))
  }

  /// Takes places until there are none, or somebody failed.
  func work(with open: () throws(GitError) -> Repository) {
    var repository: Repository?
    while true {
      group.enter()
      defer { group.leave() }
      guard let (start, body) = take() else { return }
      do throws(ReviewProblem) {
        let handle: Repository
        if let repository { handle = repository } else { handle = try reading(open) }
        repository = handle
        try settings.checkDeadline()
        var values: [Value] = []
        values.reserveCapacity(Self.chunk)
        for index in start..<min(start + Self.chunk, count) { values.append(try body(index, handle)) }
        state.withLock { $0.parts.append((start, values)) }
      } catch {
        state.withLock { $0.failure = $0.failure ?? error }
      }
    }
  }

  private func take() -> (start: Int, body: Body)? {
    state.withLock { state in
      guard state.failure == nil, state.next < count, let body = state.body else { return nil }
      defer { state.next += Self.chunk }
      return (state.next, body)
    }
  }

  func result() throws(ReviewProblem) -> [Value] {
    group.wait()
    let (failure, parts) = state.withLock { state in
      defer { (state.body, state.parts) = (nil, []) }
      return (state.failure, state.parts)
    }
    if let failure { throw failure }
    var values: [Value] = []
    values.reserveCapacity(count)
    for part in parts.sorted(by: { $0.start < $1.start }) { values += part.values }
    return values
  }
}

extension Workers {
  /// Maps places to values, each thread with its own handle on the repository: libgit2's may not be shared.
  /// The others join in when they have done what was handed in before.
  ///
  /// - Throws: The first failure; the others stop soon after it.
  func map<Value: Sendable>(
    _ count: Int, _ repository: Repository, _ settings: ReviewSettings,
    _ body: @escaping @Sendable (Int, Repository) throws(ReviewProblem) -> Value
  ) throws(ReviewProblem) -> [Value] {
    let map = SharedMap(count, settings, body)
    // Opening a second handle costs more than a few diffs.
    if count > 8 {
      let source = repository.source
      for _ in 0..<mostHelpers { submit(cost: 0) { map.work { () throws(GitError) in try Repository(again: source) } } }
    }
    map.work { () throws(GitError) in repository }
    return try map.result()
  }
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
