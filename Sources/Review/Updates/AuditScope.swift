package import GitBridge
internal import OpenPGP

/// What part of a branch's history an audit replays.
package struct AuditScope: Sendable {
  /// The ref that the history belongs to, as it is named in verdicts.
  package var ref: String
  /// The branch's newest state that is judged.
  package var tip: ObjectID
  /// Trusted together with its ancestors; on the first-parent line of `tip`.
  package var start: ObjectID
  /// Judges everything since the start as one update: not the rule, but a way to see who endorsed what.
  package var whole = false
  /// Only steps whose commit is not older than this are reported, in seconds since 1970. What is below is judged all
  /// the same, and decides as well.
  package var since: Int64?
  /// This part of so many parts, both from 1.
  package var shard: (part: Int, of: Int)?
  /// Only this step is reported.
  package var only: ObjectID?
  /// Whether steps that an earlier audit has accepted need not be reported again.
  package var mayRemember = false

  package init(ref: String, tip: ObjectID, start: ObjectID) {
    self.ref = ref
    self.tip = tip
    self.start = start
  }

  var isWholeLine: Bool { whole }

  /// Whether what is not reported decides the outcome too: a date says what is told, the other two what is asked.
  // R59
  var decidesAll: Bool { only == nil && shard == nil }

  /// The places of the steps that are reported.
  func selection(_ steps: [Step], _ table: CommitTable) -> Range<Int> {
    selection(steps.map(\.new)) { table[$0]?.time }
  }

  /// - Parameter time: When a commit says that it was made.
  func selection(_ states: [ObjectID], time: (ObjectID) -> Int64?) -> Range<Int> {
    if let only { return states.firstIndex(of: only).map { $0..<($0 + 1) } ?? 0..<0 }
    var first = 0
    if let since, !whole {
      // Attack: a commit that dates itself back would hide behind the date. All from the first one on are told.
      first = states.firstIndex { time($0) ?? since >= since } ?? states.count
    }
    var selected = first..<states.count
    if let (part, parts) = shard {
      let size = (selected.count + parts - 1) / parts
      let start = min(selected.lowerBound + (part - 1) * size, selected.upperBound)
      selected = start..<min(start + size, selected.upperBound)
    }
    return selected
  }
}

extension Reviewer {
  /// Replays a branch from its trust root, step by step, by the same rule as a push: the lead first, and then, if that
  /// is asked for, a branch that follows it.
  ///
  /// - Parameter report: Called for each step's verdict, oldest first.
  ///   Of the lead below a follower, only what is not accepted.
  /// - Throws: What keeps the history from being judged at all. A problem with one step is that step's verdict.
  package func audit(
    _ scope: AuditScope, report: (Verdict) throws(ReviewProblem) -> Void
  ) throws(ReviewProblem) -> AuditSummary {
    let ref = Array(scope.ref.utf8)
    let (found, first, refs) = try lead(auditing: scope)
    guard case .line(let line) = found else {
      guard case .missing(let lead, let why) = found else { throw .budgetSpent }
      if lead == ref {
        throw .trustRootMissing(
          "the trust root \(scope.start.short) is not on the first-parent line of "
            + "\(printable(scope.ref)) (\(scope.tip.short))")
      }
      throw .leadMissing(why, next: fetchLead(lead))
    }
    if ref == line.ref || ref == first && line.contains(scope.tip) {
      return try LeadAudit(
        reviewer: self, line: line, refs: refs, start: scope.start, end: scope.tip, scope: scope
      ).run(report: report)
    }
    return try FollowerAudit(reviewer: self, line: line, refs: refs, scope: scope, ref: ref).run(report: report)
  }

  /// The lead as an audit reads it.
  ///
  /// - Returns: What was found, the full name of the branch that the trust root makes the lead, and the refs as they
  ///   were taken to stand.
  func lead(
    auditing scope: AuditScope
  ) throws(ReviewProblem) -> (found: LeadReader.Found, first: [UInt8], refs: RefView) {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let ref = Array(scope.ref.utf8)
    var refs = try RefView(repository, push: [], remote: settings.remote)
    refs.suppose(ref, at: scope.tip)
    let root = settings.trustRoot ?? scope.start
    let reader = try leadReader()
    let first = Array("refs/heads/\(try reader.firstName(root))".utf8)
    if let standIn = settings.leadStandIn, ref != first { refs.suppose(first, at: standIn) }
    // Where somebody starts elsewhere than at the trust root, that is the root of what is judged, unless it is a state.
    var found = try reader.read(refs.current, root: root)
    if case .line(let line) = found, line.ref == ref || first == ref, !line.contains(scope.start) {
      found = try reader.read(refs.current, root: scope.start)
    } else if case .missing = found, first == ref {
      found = try reader.read(refs.current, root: scope.start)
    }
    return (found, first, refs)
  }

  /// The command that brings the lead here.
  // R60
  func fetchLead(_ lead: [UInt8]) -> String {
    let name = shortName(lead, under: "refs/heads/") ?? lead
    let remote = settings.remote ?? "origin"
    return
      "git fetch \(shellWord(remote)) \(shellWord(name)):refs/remotes/\(shellWord(remote))/\(shellWord(name))"
      + "   (or: --lead COMMIT, or git config maint.lead BRANCH)"
  }
}
