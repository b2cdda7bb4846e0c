internal import GitBridge
internal import OpenPGP

/// What an audit asks of the lead's past: the step times of all states, and where its rules changed.
/// Read when it is first asked for, and once.
final class LeadPast {
  private let reviewer: Reviewer
  private let lead: LeadLine
  /// In seconds since 1970, for each state; for the trust root its committer's date.
  private var times: [Int64] = []
  /// The states whose rule files are others than those of the state below.
  private var changed: [Int] = []

  init(reviewer: Reviewer, lead: LeadLine) {
    self.reviewer = reviewer
    self.lead = lead
  }

  func time(of position: Int) throws(ReviewProblem) -> Int64 {
    try read()
    return times[position]
  }

  /// A state, and those above it whose rules are others than those of the state below.
  ///
  /// States between two changes differ in the time alone, and as time goes on keys expire and are taken back: what the
  /// rules do not accept at the first of them, they accept at none.
  func changes(from position: Int) throws(ReviewProblem) -> [Int] {
    try read()
    return [position] + changed.filter { $0 > position }
  }

  private func read() throws(ReviewProblem) {
    guard times.isEmpty else { return }
    let repository = reviewer.repository
    let rulebook = try reviewer.rulebook()
    let reader = StepReader(
      repository: repository, settings: reviewer.settings, rulebook: rulebook, workers: reviewer.workers, ref: lead.name
    )
    let root = try reading { () throws(GitError) in try repository.commit(lead.root) }
    var (found, changes) = ([root.committerTime], [Int]())
    found.reserveCapacity(lead.count)
    var (tree, files) = (root.tree, try rulebook.ruleFiles(tree: root.tree))
    for position in 1..<max(1, lead.count) {
      try reviewer.settings.checkDeadline()
      let state = lead.state(at: position)
      var newest = found[position - 1]
      let own = try reading { () throws(GitError) in try repository.commit(state).tree }
      let now = try rulebook.ruleFiles(tree: own)
      do throws(ReviewProblem) {
        let rules = try rulebook.rules(tree: tree, of: lead.state(at: position - 1), files: files, renewedBy: now.keys)
        let record = try CommitCollector(
          repository: repository, checker: rules.loaded.checker, settings: reviewer.settings, workers: reviewer.workers
        ).read([state]).settled().records[0]
        if let date = try rules.stateDate(of: record, reader),
          date <= reviewer.settings.clock + SignatureTerms.allowedLead
        {
          newest = max(newest, date)
        }
      } catch .registry, .policy {
        // Rules that nobody can read list no key whose date could count.
      }
      found.append(newest)
      if now != files { changes.append(position) }
      (tree, files) = (own, now)
    }
    (times, changed) = (found, changes)
  }
}
