internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// Reads a history once. One thread walks, the others find out behind it whom the signatures name, and with a keyring
/// whether they are good.
struct SurveyScan {
  let scope: SurveyScope
  let settings: ReviewSettings
  let workers: Workers
  private(set) var history = SurveyHistory()
  private(set) var signers = SignerTable()
  /// For each commit the person whose checked signature it carries, as a place in ``people``; -1 for none. Empty
  /// without a keyring.
  private(set) var checked: [Int32] = []

  init(scope: SurveyScope, settings: ReviewSettings, workers: Workers) {
    self.scope = scope
    self.settings = settings
    self.workers = workers
  }

  mutating func read(_ repository: Repository) throws(ReviewProblem) {
    let checker = scope.keyring.map {
      SignatureChecker(keyring: $0, choice: settings.engines, reference: settings.reference)
    }
    var batches: [SurveyBatch] = []
    var open = SurveyBatch()
    var history = SurveyHistory()
    let (workers, signers, standing) = (
      workers, signers, CheckedSigner(scope.keyring, scope.machines, settings.reference)
    )
    var stopped: ReviewProblem?
    do throws(GitError) {
      try unsafe repository.walk(from: [scope.tip], hiding: [], exact: true) { (id, parse, bytes) throws(GitError) in
        let marks = unsafe SurveyHistory.Marks(parse, bytes)
        let node = SurveyHistory.Node(history.count)
        history.append(id, parse, marks)
        if marks.contains(.signed) {
          unsafe open.append(node, parse, bytes, byForge: marks.contains(.byForge), whole: checker != nil)
          if open.isFull {
            let full = open
            batches.append(full)
            open = SurveyBatch()
            workers.submit(cost: full.size) { full.work(signers, checker, standing) }
          }
        }
        guard node & 1023 == 1023 else { return }
        settings.progress?(history.count)
        do throws(ReviewProblem) { try settings.checkDeadline() } catch {
          stopped = error
          throw .library(operation: "walk", code: 0, message: "stopped")
        }
      }
    } catch {
      workers.finish()
      throw stopped ?? .git(error)
    }
    open.work(signers, checker, standing)
    batches.append(open)
    workers.finish()
    history.connect()
    if checker != nil { checked = [Int32](repeating: -1, count: history.count) }
    for batch in batches {
      for (place, node) in batch.nodes.enumerated() {
        history.claimed[Int(node)] = batch.claims[place]
        if checker != nil { checked[Int(node)] = batch.people[place] }
      }
    }
    self.history = history
  }
}
