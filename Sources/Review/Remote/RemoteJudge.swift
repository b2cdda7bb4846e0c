package import GitBridge
internal import OpenPGP

/// Judges what a server shows of its refs, held against what was seen of them before: for clones that protect
/// themselves.
///
/// The server may be broken into. Nothing that it shows is taken for more than it proves.
package struct RemoteJudge {
  private let reviewer: Reviewer
  private let seen: any FirstSeen
  /// When somebody last looked at all refs of this server; 0 where nobody did.
  private let lastLook: Int64

  private var repository: Repository { reviewer.repository }

  /// - Parameter reviewer: Of the clone; its settings name the remote.
  package init(_ reviewer: Reviewer, seen: any FirstSeen, lastLook: Int64) {
    (self.reviewer, self.seen, self.lastLook) = (reviewer, seen, lastLook)
  }

  /// What is to be said of one ref.
  package struct Answer: Sendable {
    /// The full name on the server, as bytes from outside.
    package let ref: [UInt8]
    /// What the server shows; nil for nothing.
    package let shown: ObjectID?
    /// How what is shown stands to what was last seen. `new` as well where that could not be found out.
    package fileprivate(set) var state: ShownState
    /// The move by which it came where it was last seen; nil where nobody saw it.
    package let last: SeenMove?
    /// Without the changes of accepted steps where a whole history was judged.
    package var verdict: Verdict
    /// What is to be entered in the ledger.
    package var moves: [SeenMove] = []
    /// How many steps were judged now.
    package var steps = 0
    /// Who stands behind what was judged now, and how many changes each.
    package var behind: [String: Int] = [:]
    /// The last step that was judged.
    package var newest: ReviewedUpdate?

    /// Whether the clone may move its ref to what is shown. Also true where nothing moves.
    package var isAccepted: Bool { verdict.outcome == .accepted }
    /// ``ref`` as verdicts have it. Octets that are not UTF-8 are replaced: it cannot be turned back.
    package var name: String { String(decoding: ref, as: UTF8.self) }

    /// For a ref that nobody watches, and whose name alone was judged.
    package init(unwatched ref: [UInt8], shown: ObjectID?, _ verdict: Verdict) {
      self.init(ref: ref, shown: shown, state: .new, last: nil, verdict: verdict)
    }

    init(ref: [UInt8], shown: ObjectID?, state: ShownState, last: SeenMove?, verdict: Verdict) {
      (self.ref, self.shown, self.state, self.last, self.verdict) = (ref, shown, state, last, verdict)
    }

    /// Keeps of a step what a person wants to know in the end.
    mutating func count(_ step: ReviewedUpdate) {
      steps += 1
      newest = step
      for change in step.changes {
        for person in Set(change.endorsers.map(\.person)) { behind[person, default: 0] += 1 }
      }
    }
  }

  /// - Parameters:
  ///   - ref: The full name on the server of a branch or tag that is protected.
  ///   - shown: What the server shows for it. All objects that belong to it are here.
  ///   - along: Moves that were accepted and are made in the same moment: those of the lead.
  ///   - here: Where the clone has the ref, whoever brought it.
  package func judge(_ ref: [UInt8], shown: ObjectID?, along: [RefUpdate] = [], here: ObjectID? = nil) -> Answer {
    let known = seen.lastSeen(ref: ref)
    let last = known ?? stands(ref, here: here, shown: shown, along)
    // Attack: of several remotes one shows another tag under the name of a release that came from another,
    // signed as well.
    if let here, let shown, here != shown, known == nil, ref.starts(with: "refs/tags/".utf8) {
      let name = printable(ref)
      let refusal = Refusal(
        .tagMoved, commit: shown, ref: String(decoding: ref, as: UTF8.self),
        message:
          "the server shows another tag \(name), \(shown.short); "
          + "this clone has it at \(here.short), and a tag never moves",
        next:
          "ask the maintainers which one is theirs; then, if it is the server's: git update-ref -d \(shellWord(ref))")
      return Answer(ref: ref, shown: shown, state: .rewritten, last: last, verdict: Verdict(refusals: [refusal]))
    }
    do throws(ReviewProblem) {
      let state = try ShownState.of(last: last?.new, shown: shown, isAncestor: isAncestor)
      var answer = Answer(ref: ref, shown: shown, state: state, last: last, verdict: Verdict())
      switch (state, last, shown) {
      case (.unchanged, _, _): return answer
      case (.new, _, let shown?), (.back, _, let shown?): try judgeWhole(shown, along, &answer)
      case (.new, _, nil), (.back, _, nil): return answer
      case (_, let last?, _): try judgeMove(from: last, along, &answer)
      default: return answer
      }
      guard answer.isAccepted else { return answer }
      if answer.moves.isEmpty {
        answer.moves = answer.verdict.moves(
          of: [RefUpdate(ref: ref, old: last?.new ?? .zero, new: shown ?? .zero)], at: reviewer.settings.clock,
          since: since(last), by: .fetch, isWatched: { _ in true })
      }
      return answer
    } catch {
      return Answer(
        ref: ref, shown: shown, state: .new, last: last,
        verdict: Verdict(refusals: [error.refusal(ref: String(decoding: ref, as: UTF8.self))]))
    }
  }

  /// Where the clone has a branch that no ledger knows, and the server shows it below, beside or not at all.
  ///
  /// Attack: a ledger that was lost, or damaged, must not let a server go back to what it had before. What the clone
  /// has is believed as far as the rule accepts it: what was there before the clone was protected says nothing.
  // R19
  private func stands(_ ref: [UInt8], here: ObjectID?, shown: ObjectID?, _ along: [RefUpdate]) -> SeenMove? {
    guard let here, here != shown, ref.starts(with: "refs/heads/".utf8) else { return nil }
    if let shown, (try? isAncestor(here, shown)) ?? false { return nil }
    var answer = Answer(ref: ref, shown: here, state: .new, last: nil, verdict: Verdict())
    guard (try? judgeWhole(here, along, &answer)) != nil, answer.isAccepted else { return nil }
    return SeenMove(ref: ref, old: .zero, new: here, time: 0, since: 0, keeper: .fetch)
  }

  /// Tags point at tag objects, which have no ancestors; and what is not here is nobody's ancestor.
  private func isAncestor(_ a: ObjectID, _ b: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in
      for id in [a, b] where try repository.kind(of: id) != .commit { return false }
      return try repository.isAncestor(a, of: b)
    }
  }

  // MARK: seen before

  /// Judges one move, after others of the same moment.
  private func judge(_ update: RefUpdate, _ along: [RefUpdate]) -> Verdict {
    var verdict = reviewer.judge(inThought: update, after: along)
    // Of a lead that is not in order the steps are told, too.
    verdict.updates.removeAll { $0.ref != update.name }
    return verdict
  }

  /// Judges a move by the clock; and where a key has expired meanwhile, as the server's hook can have been asked at the
  /// earliest: when somebody last looked.
  // R27
  private func judge(_ update: RefUpdate, _ along: [RefUpdate], since: Int64) -> Verdict {
    let verdict = judge(update, along)
    let isBranch = update.ref.starts(with: "refs/heads/".utf8) && !update.new.isZero
    guard isBranch, verdict.outcome != .accepted, reviewer.settings.pushedSince == nil,
      verdict.refusals.contains(where: { refusal in
        [.expiredKey, .lockOut].contains(refusal.code) || refusal.because.contains { $0.code == .expiredKey }
      })
    else { return verdict }
    var settings = reviewer.settings
    settings.pushedSince = since
    let earlier = RemoteJudge(Reviewer(repository, settings), seen: seen, lastLook: lastLook)
    var then = earlier.judge(update, along)
    guard then.outcome == .accepted else { return verdict }
    then.notes.append(
      "\(printable(update.ref)): a key has expired since it was last looked at"
        + (since == 0 ? "" : ", on \(timestamp(since))")
        + "; whether it signed before that, as it says, cannot be told")
    return then
  }

  /// When the ref was last known to stand where it was last seen.
  private func since(_ last: SeenMove?) -> Int64 {
    guard let last else { return 0 }
    let time = max(lastLook, last.time)
    // A clock that was ahead once says nothing of when anybody looked.
    return time <= reviewer.settings.clock ? time : 0
  }

  private func judgeMove(from last: SeenMove, _ along: [RefUpdate], _ answer: inout Answer) throws(ReviewProblem) {
    let new = answer.shown ?? .zero
    let isTag = answer.ref.starts(with: "refs/tags/".utf8)
    let isHere = try reading { () throws(GitError) in try repository.kind(of: last.new) } != nil
    // What the server no longer has cannot be walked from; that it is gone is what there is to say.
    if isHere || new.isZero {
      answer.verdict = judge(RefUpdate(ref: answer.ref, old: last.new, new: new), along, since: since(last))
      for step in answer.verdict.updates { answer.count(step) }
    } else {
      answer.verdict = Verdict(refusals: [Refusal(isTag ? .tagMoved : .rewind, ref: answer.name, message: "", next: "")]
      )
    }
    // Attack: a release branch that was made anew, as the policy allows, is shown as it was before.
    if answer.state == .rewritten, !isTag, answer.verdict.outcome == .accepted,
      seen.firstSeen(ref: answer.ref, at: new) != nil
    {
      answer.state = .rollback
      answer.verdict.refusals.append(Refusal(.rollback, ref: answer.name, message: "", next: ""))
    }
    if answer.verdict.outcome == .accepted {
      try refuseBackdated(&answer)
      return
    }
    name(last, &answer)
    try tellBackdated(&answer)
  }

  /// Says what a refusal means where the server shows it: nobody here has pushed anything.
  private func name(_ last: SeenMove, _ answer: inout Answer) {
    let shown = printable(answer.ref)
    // Of what only the clone knows nobody wrote down when it was.
    let was =
      last.time == 0
      ? "this clone has it at \(last.new.short)" : "it stood at \(last.new.short) on \(timestamp(since(last)))"
    let ask =
      "stagex-maint ledger compare, with somebody else's ledger; "
      + "where the maintainers have announced it: stagex-maint fetch --forget \(shellWord(answer.ref))"
    let (code, words): (RefusalCode, String)
    switch answer.state {
    case .gone: (code, words) = (.deletion, "the server no longer shows \(shown); \(was)")
    case .rollback:
      let first =
        seen.firstSeen(ref: answer.ref, at: answer.shown ?? .zero).map { ", seen first on \(timestamp($0.time))" } ?? ""
      (code, words) = (
        .rollback, "the server shows \(shown) at an older state, \(answer.shown?.short ?? "")\(first); \(was)"
      )
    case .rewritten where answer.ref.starts(with: "refs/tags/".utf8):
      (code, words) = (
        .tagMoved, "the server shows another tag \(shown), \(answer.shown?.short ?? ""); \(was), and a tag never moves"
      )
    case .rewritten:
      (code, words) = (
        .rewind,
        "the server shows \(shown) at \(answer.shown?.short ?? ""), which does not hold what was there before; \(was)"
      )
    default: return
    }
    answer.verdict.refusals.removeAll { [.deletion, .rewind, .rollback, .tagMoved, .foxtrot].contains($0.code) }
    answer.verdict.refusals.insert(
      Refusal(code, commit: answer.shown, ref: answer.name, message: words, next: ask), at: 0)
  }

  // MARK: never seen before

  /// Nobody knows what this ref was before: all of it is judged, from the trust root on.
  private func judgeWhole(_ shown: ObjectID, _ along: [RefUpdate], _ answer: inout Answer) throws(ReviewProblem) {
    if answer.ref.starts(with: "refs/heads/".utf8), Array(answer.name.utf8) != Array((try coSignatureRef()).utf8) {
      guard let root = reviewer.settings.trustRoot else {
        throw .trustRootMissing("there is no trust root to judge \(printable(answer.ref)) from")
      }
      var refusals: [Refusal] = []
      // A ledger of before may say more than the history does.
      let summary = try reviewer.audit(
        AuditScope(ref: answer.name, tip: shown, start: root), seen: seen, keysOf: try rules(for: answer, shown)
      ) { (verdict) throws(ReviewProblem) in
        for step in verdict.updates { answer.count(step) }
        if refusals.count < 1000 { refusals += verdict.refusals }
      }
      answer.verdict = Verdict(refusals: refusals, notes: summary.notes)
      // An audit that says no without a reason must not pass for one that says yes.
      if refusals.isEmpty, summary.outcome != .accepted {
        throw .engine("the audit of \(printable(answer.ref)) ended without an answer")
      }
      answer.moves = [
        SeenMove(
          ref: answer.ref, old: answer.last?.new ?? .zero, new: shown, time: reviewer.settings.clock, since: 0,
          keeper: .fetch)
      ]
      return
    }
    answer.verdict = judge(RefUpdate(ref: answer.ref, old: .zero, new: shown), along)
    for step in answer.verdict.updates { answer.count(step) }
  }

  private func coSignatureRef() throws(ReviewProblem) -> String {
    try reviewer.protection().policy.coSignatureRef
  }

  // MARK: the age of signatures

  /// The lead state whose registry speaks: what is shown of the lead itself, else where the clone has the lead.
  private func rules(for answer: Answer, _ shown: ObjectID) throws(ReviewProblem) -> ObjectID {
    let lead = try reviewer.leadRef()
    if answer.ref == lead { return shown }
    let name = String(decoding: lead.dropFirst("refs/heads/".utf8.count), as: UTF8.self)
    let place = reviewer.settings.remote.map { "refs/remotes/\($0)/\(name)" } ?? "refs/heads/\(name)"
    return try reading { () throws(GitError) in try repository.resolve(ref: place) } ?? reviewer.settings.trustRoot
      ?? shown
  }

  /// Refuses an accepted move that leans on signatures which cannot be as old as they say.
  private func refuseBackdated(_ answer: inout Answer) throws(ReviewProblem) {
    guard let shown = answer.shown else { return }
    let age = try SignatureAge(reviewer, at: try rules(for: answer, shown))
    let move = SeenMove(
      ref: answer.ref, old: answer.last?.new ?? .zero, new: shown, time: reviewer.settings.clock,
      since: since(answer.last), keeper: .fetch)
    for step in answer.verdict.updates {
      answer.verdict.refusals += age.refusals(of: step, broughtBy: move, ref: answer.name)
    }
  }

  /// Names the lie where a revoked key's signature was refused anyway: it is somebody who has the key.
  private func tellBackdated(_ answer: inout Answer) throws(ReviewProblem) {
    guard answer.state == .ahead, let shown = answer.shown else { return }
    let becauses = answer.verdict.refusals.flatMap(\.because).filter { $0.code == .revokedKey }
    guard !becauses.isEmpty else { return }
    let base = answer.last?.new ?? shown
    // What the server shows now may leave the revocation out.
    let isLead = try answer.ref == reviewer.leadRef()
    let ends = try SignatureAge(reviewer, at: isLead ? base : try rules(for: answer, shown)).ends.merging(
      try SignatureAge(reviewer, at: try rules(for: answer, shown)).ends
    ) { min($0, $1) }
    let move = SeenMove(
      ref: answer.ref, old: base, new: shown, time: reviewer.settings.clock, since: since(answer.last), keeper: .fetch)
    var told: Set<ObjectID> = []
    for because in becauses where told.insert(because.commit).inserted {
      guard let (claimed, key) = signature(of: because.commit), let end = ends[key],
        Backdating.of(claimed: claimed, end: end, move: move) == .backdated
      else { continue }
      let whose = because.person.map { "\(printable($0))'s" } ?? "a"
      answer.verdict.refusals.append(
        backdated(because.commit, whose: whose, claimed: claimed, end: end, move, ref: answer.name))
    }
  }

  private func signature(of commit: ObjectID) -> (claimed: Int64, key: Fingerprint)? {
    guard let (parsed, bytes) = try? repository.readCommit(commit),
      case .openPGP(let packet) = SignatureBlock.read(
        armor: unsafe bytes.withUnsafeBytes { unsafe parsed.signatureArmor(in: $0) }),
      let key = packet.issuerFingerprint
    else { return nil }
    return (packet.created, key)
  }
}
