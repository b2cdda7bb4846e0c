package import GitBridge
package import Review

/// A fetch that moves a clone's view of a protected ref only to what the rule accepts.
///
/// Git fetches to refs of our own first, `refs/stagex-maint/incoming/REMOTE/`, where nobody looks for branches. What
/// was judged moves on from there; what was refused stays there, and the clone's refs stay where they were.
package struct ProtectedFetch {
  /// The clone that is protected.
  package let repository: Repository
  private let git: GitRunner
  private let settings: ReviewSettings
  private let remote: String
  private let ledger: Ledger?
  /// Refs of the server that stand in for branches: git's name there, and the branch.
  package var standIns: [(ref: String, branch: String)] = []

  /// - Parameters:
  ///   - settings: They name the trust root; the remote is put in here.
  ///   - ledger: Where what is accepted is remembered; nil for who keeps none: each fetch then judges everything.
  package init(
    _ repository: Repository, git: GitRunner, settings: ReviewSettings, remote: String, ledger: Ledger?
  ) {
    var settings = settings
    settings.remote = remote
    // What a hook or a gate took once stays taken, whoever has left since.
    if let ledger { settings.ledger = Ledger.took([ledger]) }
    (self.repository, self.git, self.settings, self.remote, self.ledger) = (repository, git, settings, remote, ledger)
  }

  /// What became of one ref.
  package struct Move: Sendable {
    /// The full name on the remote.
    package let ref: [UInt8]
    /// Where the clone had it, and has it now.
    package let old: ObjectID?
    /// Where it would stand; nil where the remote has it no more.
    package let new: ObjectID?
    /// Nil for a ref that nobody judges.
    package let answer: RemoteJudge.Answer?
    /// The same was refused, and told, at an earlier fetch, at this time.
    package var toldBefore: Int64?

    /// Whether the clone takes the move.
    package var isAccepted: Bool { answer?.isAccepted ?? true }
  }

  /// What a fetch has found and done.
  package struct Report: Sendable {
    /// One for each ref.
    package var moves: [Move] = []
    /// What a person must know besides.
    package var notes: [String] = []
    /// Accepted, and yet not moved here, with the reason: the clone shows less than what was judged.
    package var unmoved: [String] = []
    /// Of the refs that nobody judges, what could not be moved.
    package var leftBehind: [String] = []
    /// When somebody had looked before this; 0 where nobody had.
    package var lastLook: Int64 = 0

    /// All that was judged, as one verdict.
    package var verdict: Verdict {
      var verdict = Verdict()
      for move in moves { if let answer = move.answer { verdict.append(answer.verdict) } }
      return verdict
    }
  }

  /// Asks the server, judges, moves, remembers.
  package func run() throws(CosignError) -> Report {
    try fetch()
    do throws(ReviewProblem) {
      return try settle()
    } catch {
      switch error {
      case .git(let error): throw .repository(error)
      default: throw .ruleRefuses(what: remote, Verdict(refusals: [error.refusal(ref: remote)]))
      }
    }
  }

  private func fetch() throws(CosignError) {
    let incoming = RemoteRefs.incoming(remote)
    _ = try git.succeed(
      "fetch from \(printable(remote))",
      [
        // Without --refmap= git would also move the remote-tracking refs, as it is configured to.
        "fetch", "--quiet", "--refmap=", "--no-tags", "--prune", "--force", "--no-recurse-submodules",
        "--no-write-fetch-head",
        "--no-auto-maintenance", "--", remote, "+refs/heads/*:\(incoming)heads/*", "+refs/tags/*:\(incoming)tags/*",
      ] + standIns.map { "+\($0.ref):\(incoming)heads/\($0.branch)" })
  }

  private func settle() throws(ReviewProblem) -> Report {
    // Opened anew: what git has just written is there for sure.
    let repository = try answering { () throws(GitError) in try self.repository.again() }
    let known = ledger.map { LedgerKnowledge($0) }
    var report = Report()
    report.lastLook = ledger?.lastLook ?? 0
    if let known, known.isEmpty, let ledger, ledger.mayBeBroken {
      report.notes.append(
        """
        the ledger at \(printable(ledger.folder)) cannot be used, so all is judged as if seen for the first time: \
        stagex-maint ledger verify
        """)
    }
    let seen: any FirstSeen = known ?? NothingSeen()
    var refs = try answering { () throws(GitError) in try RemoteRefs(repository, remote: remote) }
    var reviewer = Reviewer(repository, settings)
    func judge(_ ref: [UInt8]) throws(ReviewProblem) -> Bool {
      let old = refs.tracked[ref]
      let answer = RemoteJudge(reviewer, seen: seen, lastLook: report.lastLook).judge(
        ref, shown: refs.shown[ref], here: old)
      var move = Move(ref: ref, old: old, new: answer.isAccepted ? answer.shown : old, answer: answer)
      if answer.isAccepted, old != answer.shown {
        // Before the ref moves. Attack: whatever ends the fetch in between would leave a state that nobody remembers,
        // and an older one could follow it.
        remember(answer.moves, &report)
        let local = String(decoding: refs.local(ref), as: UTF8.self)
        do throws(GitError) {
          try repository.updateRef(local, to: answer.shown, expecting: old, message: "stagex-maint fetch: accepted")
        } catch {
          // The others are judged and moved all the same. What a second fetch of the same moment has moved is moved.
          if ((try? repository.again().resolve(ref: local)) ?? nil) != answer.shown {
            move = Move(ref: ref, old: old, new: old, answer: answer)
            report.unmoved.append("\(printable(local)): \(printable(error.message, limit: 300))")
          }
        }
      }
      report.moves.append(move)
      return answer.isAccepted
    }
    func readAgain() throws(ReviewProblem) {
      reviewer = Reviewer(repository, settings)
      refs = try answering { () throws(GitError) in try RemoteRefs(repository, remote: remote) }
    }

    // The branch that carries the rules goes first: all others are judged by what it says now.
    let lead = try reviewer.leadRef()
    // R2: but for co-signatures, on which its newest steps may lean.
    let coSignatures = Array(try reviewer.protection().policy.coSignatureRef.utf8)
    var settled: Set<[UInt8]> = [lead]
    if refs.shown[coSignatures] != refs.tracked[coSignatures] {
      if try judge(coSignatures) { settled.insert(coSignatures) } else { report.moves.removeLast() }
      try readAgain()
    }
    if refs.shown[lead] != nil || seen.lastSeen(ref: lead) != nil {
      if try !judge(lead), let shown = refs.shown[coSignatures], refs.tracked[coSignatures] != shown {
        let refused = report.moves.removeLast()
        let isAccepted = try lending(shown, of: coSignatures, refs, repository) { () throws(ReviewProblem) in
          reviewer = Reviewer(repository, settings)
          return try judge(lead)
        }
        if isAccepted == nil { report.moves.append(refused) }
      }
      try readAgain()
    } else {
      report.notes.append("\(printable(remote)) shows no branch \(printable(lead)), which carries the rules")
    }
    let isWatched = try reviewer.watchedRefs()
    // What was seen once and is no longer shown is asked about too.
    let remembered = (known?.states ?? []).filter { !$0.new.isZero }.map(\.ref)
    var waiting = Set(refs.shown.keys.filter(isWatched)).union(remembered).subtracting(settled)
      .sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
    // A branch may take from another that has moved as well, and a tag may lie on either.
    var progress = true
    while progress, !waiting.isEmpty {
      progress = false
      var refused: [Move] = []
      for ref in waiting {
        if try judge(ref) {
          progress = progress || report.moves.last?.old != report.moves.last?.new
        } else if let move = report.moves.popLast() {
          refused.append(move)
        }
      }
      guard progress, !refused.isEmpty else {
        report.moves += refused
        break
      }
      waiting = refused.map(\.ref)
      reviewer = Reviewer(repository, settings)
    }
    // Once for each ref, however often it was asked about: what is remembered as told is not said again.
    for index in report.moves.indices {
      guard let answer = report.moves[index].answer, !answer.isAccepted else { continue }
      report.moves[index].toldBefore = ledger?.told(answer.ref, answer.shown, answer.verdict, at: settings.clock)
    }
    moveOthers(refs, isWatched, lead, reviewer, &report, repository)
    // What was accepted where it stood already is new to the ledger at times.
    remember(report.moves.flatMap { $0.isAccepted ? $0.answer?.moves ?? [] : [] }, &report)
    ledger?.looked(at: settings.clock)
    return report
  }

  /// Asks with the co-signatures that the server shows, before anybody has said that their ref may move: those of
  /// people who join in the very steps that are asked about. A statement counts for what its signer may say at that
  /// step (R87), wherever it lies; that the ref only grows is asked afterwards.
  ///
  /// - Returns: Nil where it could not be asked.
  private func lending(
    _ shown: ObjectID, of ref: [UInt8], _ refs: RemoteRefs, _ repository: Repository,
    _ ask: () throws(ReviewProblem) -> Bool
  ) throws(ReviewProblem) -> Bool? {
    let local = String(decoding: refs.local(ref), as: UTF8.self)
    let old = refs.tracked[ref]
    func move(from: ObjectID?, to: ObjectID?) throws(ReviewProblem) {
      try answering { () throws(GitError) in
        try repository.updateRef(local, to: to, expecting: from, message: "stagex-maint fetch: asked about")
      }
    }
    // Where another name stands in its way, nothing can be lent.
    guard (try? move(from: old, to: shown)) != nil else { return nil }
    let answer: Bool
    do throws(ReviewProblem) {
      answer = try ask()
    } catch {
      try? move(from: shown, to: old)
      throw error
    }
    try move(from: shown, to: old)
    return answer
  }

  /// Branches before tags.
  private static func rank(_ ref: [UInt8]) -> Int { ref.starts(with: "refs/tags/".utf8) ? 1 : 0 }

  /// Refs that nobody judges go where the server has them, all at once; those that could be taken for protected ones do
  /// not.
  private func moveOthers(
    _ refs: RemoteRefs, _ isWatched: ([UInt8]) -> Bool, _ lead: [UInt8], _ reviewer: Reviewer, _ report: inout Report,
    _ repository: Repository
  ) {
    var moves: [Move] = []
    var updates: [UInt8] = []
    var deletions: [UInt8] = []
    var asked: [RefUpdate] = []
    for (ref, shown) in refs.shown.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where !isWatched(ref) && ref != lead {
      let old = refs.tracked[ref]
      guard old != shown else { continue }
      // Attack: a branch that the server calls HEAD; here that name points to another branch.
      guard !refs.isSymbolic(ref) else {
        report.notes.append(
          """
          \(printable(remote)) shows a branch \(printable(ref)); that name stands for another branch here, \
          so it is passed over
          """)
        continue
      }
      // As git has it: a tag that is here already is the person's own.
      if Self.rank(ref) == 1, old != nil { continue }
      asked.append(RefUpdate(ref: ref, old: old ?? .zero, new: shown))
    }
    // Attack: a server with ten thousand branches. All are asked about at once: each question by itself would read
    // every ref.
    let refused = asked.isEmpty ? [:] : reviewer.judge(inThought: asked).byRef(asked)
    for update in asked {
      let old = refs.tracked[update.ref]
      guard let verdict = refused[update.ref] else {
        moves.append(Move(ref: update.ref, old: old, new: update.new, answer: nil))
        updates += Array("update ".utf8) + refs.local(update.ref) + Array(" \(update.new.hex) \(update.old.hex)\n".utf8)
        continue
      }
      let answer = RemoteJudge.Answer(unwatched: update.ref, shown: update.new, verdict)
      var move = Move(ref: update.ref, old: old, new: old, answer: answer)
      move.toldBefore = ledger?.told(update.ref, update.new, verdict, at: settings.clock)
      report.moves.append(move)
    }
    if repository.configBool("remote.\(remote).prune") ?? repository.configBool("fetch.prune") ?? false {
      for (ref, old) in refs.tracked
      where Self.rank(ref) == 0 && refs.shown[ref] == nil && !isWatched(ref) && ref != lead {
        moves.append(Move(ref: ref, old: old, new: nil, answer: nil))
        deletions += Array("delete ".utf8) + refs.local(ref) + Array(" \(old.hex)\n".utf8)
      }
    }
    // Deletions first: what goes may stand in the way of what comes, topic of topic/x.
    do throws(CosignError) {
      for commands in [deletions, updates] where !commands.isEmpty {
        _ = try git.succeed("update refs", ["update-ref", "-m", "stagex-maint fetch", "--stdin"], input: commands)
      }
      report.moves += moves
    } catch {
      report.leftBehind.append(error.message)
    }
  }

  private func remember(_ moves: [SeenMove], _ report: inout Report) {
    guard let ledger, !moves.isEmpty else { return }
    do throws(LedgerError) {
      try ledger.enter(moves, place: repository.config("remote.\(remote).url") ?? remote)
    } catch {
      let note = "what was accepted is not remembered: \(error.message); next: \(error.next)"
      if !report.notes.contains(note) { report.notes.append(note) }
    }
  }
}

private func < (a: (Int, [UInt8]), b: (Int, [UInt8])) -> Bool {
  a.0 == b.0 ? a.1.lexicographicallyPrecedes(b.1) : a.0 < b.0
}

/// Runs a repository operation and names its failure as a review's.
private func answering<Value>(_ body: () throws(GitError) -> Value) throws(ReviewProblem) -> Value {
  do throws(GitError) { return try body() } catch { throw .git(error) }
}
