internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct ClientHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client",
    abstract:
      "In a clone: judge what a fetch would make of the clone's view of a server (githooks(5), reference-transaction).",
    discussion: """
      Only refs/remotes/REMOTE/* of the remote that git config maint.remote names (default: origin) and tags are \
      judged, and of those only the protected ones. A refused transaction is refused whole: git fetch makes one for \
      each ref, newer versions and --atomic one for all.
      """)

  @Argument(help: "The state of the transaction. Only `prepared` can be vetoed.")
  var state: String

  func run() throws {
    guard state == "prepared" else { return }
    try HookInput.guarded("not moved") {
      let console = Console(colour: .never, environment: [:])
      let repository = try Repository.openForHook(environment: ProcessEnvironment.current)
      let remote = repository.config("maint.remote") ?? "origin"
      var session = try Session(repository, nil, moment: .now, engines: .native)
      session.settings.remote = remote
      // Without it nothing can be judged; the clone was set up to be protected all the same.
      guard session.settings.trustRoot != nil else {
        throw Failure.cannotJudge("there is no trust root to judge from", next: "git config maint.trustRoot COMMIT")
      }
      let lines = try HookRunning.readLines().map(TransactionLine.init)
      try Self.refuseStrangers(lines, remote, repository)
      let shown = try Self.shown(lines, remote, repository)
      guard !shown.isEmpty else { return }
      let answers = try judge(shown, session, Ledger.kept(by: repository, of: remote), console)
      let refused = answers.filter { !$0.isAccepted }
      guard !refused.isEmpty else { return }
      for answer in refused { Self.speak(answer, remote, repository, console) }
      // Git ends a fetch at the first veto.
      console.err("git stops here; what else the server has to offer: stagex-maint fetch \(shellWord(remote))")
      throw ExitCode(refused.map(\.verdict.outcome.exitStatus).min() ?? 1)
    }
  }

  /// Attack, or a mishap: after `git remote rename` a fetch moves refs under a name about which nobody would ask.
  private static func refuseStrangers(_ lines: [TransactionLine], _ remote: String, _ repository: Repository) throws {
    guard lines.contains(where: { $0.ref.starts(with: "refs/remotes/".utf8) }),
      try !repository.remotes().contains(where: { $0.name == remote })
    else { return }
    let folder =
      Ledger.kept(by: repository, of: remote).map {
        "; what was seen of \(printable(remote)) lies in \(printable($0.folder))"
      } ?? ""
    throw Failure.cannotJudge(
      "there is no remote \(printable(remote)) any more, whose branches this clone protects\(folder)",
      next: "git config maint.remote NAME, and move that folder to remote-NAME")
  }

  private struct Shown {
    /// The full name on the server.
    let ref: [UInt8]
    let shown: ObjectID?
    /// Where the clone has it. Git does not say what it overwrites by force (githooks(5), reference-transaction).
    let here: ObjectID?
  }

  /// What the server shows, by the names that its refs have there; nil for what is to go.
  private static func shown(
    _ lines: [TransactionLine], _ remote: String, _ repository: Repository
  ) throws -> [Shown] {
    var shown: [Shown] = []
    for line in lines {
      let ref: [UInt8]
      if let name = shortName(line.ref, under: "refs/remotes/\(remote)/") {
        // origin/HEAD is a name that git makes here, and no branch of the server's.
        if case .symbolic = line.new { continue }
        if try String(validating: line.ref, as: UTF8.self).flatMap({ try repository.reference($0) })?.symbolicTarget
          != nil
        {
          continue
        }
        ref = Array("refs/heads/".utf8) + name
      } else if line.ref.starts(with: "refs/tags/".utf8) {
        ref = line.ref
      } else {
        continue
      }
      guard case .object(let new) = line.new else { continue }
      if new.isZero, case .object(let old) = line.old, try PackedRefs(repository).keep(line.ref, at: old) { continue }
      let here = try String(validating: line.ref, as: UTF8.self).flatMap { try repository.resolve(ref: $0) }
      shown.append(Shown(ref: ref, shown: new.isZero ? nil : new, here: here))
    }
    return shown
  }

  private func judge(
    _ shown: [Shown], _ session: Session, _ ledger: Ledger?, _ console: Console
  ) throws -> [RemoteJudge.Answer] {
    let reviewer = session.reviewer
    let lead = try reviewer.leadRef()
    let isWatched = try reviewer.watchedRefs()
    // R2: co-signatures, then the lead, which may lean on them, then the others.
    let coSignatures = Array(try reviewer.protection().policy.coSignatureRef.utf8)
    func rank(_ ref: [UInt8]) -> Int { ref == coSignatures ? 0 : ref == lead ? 1 : 2 }
    let watched = shown.filter { $0.ref == lead || isWatched($0.ref) }.sorted { rank($0.ref) < rank($1.ref) }
    // Most of what a fetch brings is topic branches; only their names are looked at.
    var answers: [RemoteJudge.Answer] = []
    let others = shown.compactMap { other in
      other.ref == lead || isWatched(other.ref)
        ? nil : other.shown.map { RefUpdate(ref: other.ref, old: .zero, new: $0) }
    }
    let refused = others.isEmpty ? [:] : reviewer.judge(inThought: others).byRef(others)
    for other in others {
      if let verdict = refused[other.ref] { answers.append(.init(unwatched: other.ref, shown: other.new, verdict)) }
    }
    guard !watched.isEmpty else { return answers }
    let known = ledger.map { LedgerKnowledge($0) }
    let judge = RemoteJudge(reviewer, seen: known ?? NothingSeen(), lastLook: ledger?.lastLook ?? 0)
    var along: [RefUpdate] = []
    for move in watched {
      var answer = judge.judge(move.ref, shown: move.shown, along: along, here: move.here)
      if !answer.isAccepted, along.isEmpty, rank(move.ref) == 2,
        let (step, tip) = try LeadAhead(session.repository, lead, remote: session.settings.remote).step(
          below: answer)
      {
        let ahead = judge.judge(lead, shown: tip)
        let again = judge.judge(move.ref, shown: move.shown, along: [step], here: move.here)
        if ahead.isAccepted, again.isAccepted { answer = again }
      }
      // One transaction for all: the others are judged by what the lead would then say.
      if rank(move.ref) < 2, answer.isAccepted, let shown = move.shown {
        along.append(RefUpdate(ref: move.ref, old: answer.last?.new ?? .zero, new: shown))
      }
      answers.append(answer)
    }
    guard let ledger, answers.allSatisfy(\.isAccepted) else { return answers }
    do throws(LedgerError) {
      try ledger.enter(
        answers.flatMap(\.moves),
        place: session.repository.config("remote.\(session.settings.remote ?? "").url") ?? "origin")
    } catch {
      wrapped("note: what is accepted is not remembered: \(error.message)", width: HookRunning.width, indent: "  ")
        .forEach(console.err)
    }
    return answers
  }

  private static func speak(
    _ answer: RemoteJudge.Answer, _ remote: String, _ repository: Repository, _ console: Console
  ) {
    let name = printable(
      shortName(answer.ref, under: "refs/heads/").map { Array("\(remote)/".utf8) + $0 } ?? answer.ref)
    console.err("error: \(name) is not moved, by stagex-maint")
    RefusalText(width: 78, console: console) { repository.subject(of: $0) }
      .lines(Array(answer.verdict.refusals.prefix(3)), more: "stagex-maint fetch \(shellWord(remote)) --format json")
      .forEach(console.err)
    if answer.verdict.refusals.count > 3 {
      console.err("  and \(answer.verdict.refusals.count - 3) more: stagex-maint fetch \(shellWord(remote))")
    }
  }
}
