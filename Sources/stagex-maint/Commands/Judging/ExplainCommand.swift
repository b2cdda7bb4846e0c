internal import ArgumentParser
internal import GitBridge
internal import Review

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Why a commit is or is not accepted, who endorsed it and how, and who still can.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions

  @Argument(help: "The commit.")
  var commit: String

  @Option(help: ArgumentHelp("The branch whose history is looked at. Default: the current one.", valueName: "branch"))
  var target: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var session = try Session(repository, judging, moment: .then, engines: .native)
      session.showProgress(on: console)
      if let status = try TagQuestion.answer(commit, session, console, as: judging.format) { return status }
      let id = try Session.resolve(commit, in: repository)
      let (ref, tip) = try BranchArgument.resolve(target, in: repository)
      let found = try session.reviewer.review(of: id, on: ref, tip: tip, seen: session.seen)
      console.endProgress()
      switch judging.format {
      // Of what is not there yet: with whose merge it would be.
      case .json: console.out(found.answer?.json.text ?? found.verdict.json.text)
      case .slsa: throw Failure.usage("explain prints no SLSA statement", next: "stagex-maint audit --format slsa")
      case .sarif, .junit, .github, .markdown, .html, .csv:
        console.out(
          Report(found.verdict, title: "\(found.commit.short) on \(printable(ref))") { repository.subject(of: $0) },
          as: judging.format)
      case .text: print(found, repository, console, ref, try provenRegistry(found, tip, session))
      }
      return ExitCode(found.verdict.outcome.exitStatus)
    }
  }

  /// The registry by which the commit was judged, with all that shows where its keys live.
  private func provenRegistry(_ found: CommitReview, _ tip: ObjectID, _ session: Session) throws -> Registry? {
    switch found.place {
    case .trusted: return nil
    case .pending: return try session.reviewer.registry(at: tip, proving: .witnessed)
    case .step:
      guard let base = found.verdict.updates.first?.base else { return nil }
      return try session.reviewer.registry(at: base, proving: .witnessed)
    }
  }

  private func print(
    _ found: CommitReview, _ repository: Repository, _ console: Console, _ ref: String, _ registry: Registry?
  ) {
    // Where nothing could be judged, nothing is trusted either.
    if found.place != .trusted, found.change == nil {
      console.say(
        """
        \(console.word(found.verdict.outcome)): commit \(found.commit.short) \
        \(repository.subject(of: found.commit) ?? "")
        """)
      RefusalText(width: console.width, console: console, subject: { repository.subject(of: $0) })
        .lines(found.verdict.refusals, more: "add --format json").forEach(console.say)
      for note in found.verdict.notes { console.say("note: \(printable(note, limit: 500))") }
      return
    }
    guard let change = found.change else {
      console.say("commit \(found.commit.short) \(repository.subject(of: found.commit) ?? "")")
      console.say("  trusted: the trust root, or an ancestor of it; it is not judged")
      return
    }
    // The verdict's word, which the status says too: a commit that lacks nothing may still not come in.
    console.say(
      """
      \(console.word(found.verdict.outcome)): commit \(change.commit.short) \
      \(repository.subject(of: change.commit) ?? "")
      """)
    console.say("  kind       \(change.kind.rawValue): \(meaning(change.kind))")
    console.say(
      """
        needs      \(change.required) \(change.required == 1 ? "maintainer" : "different maintainers"), \
      has \(change.endorserCount)
      """)
    switch found.place {
    case .step(let step): console.say("  came in    with \(step.short) \(repository.subject(of: step) ?? "")")
    case .pending:
      console.say("  came in    not yet: \(printable(ref)) does not hold it")
      if let answer = found.answer, answer.waiting.contains(change.commit) {
        let who = answer.mergers.map { printable($0) }.joined(separator: ", ")
        console.say("  would have \(change.required), with the signed merge of one of: \(who)")
      }
    case .trusted: break
    }
    if let update = found.verdict.updates.first {
      let time = update.time == 0 ? "" : ", keys as of \(datestamp(update.time))"
      console.say("  judged by  the rules at \(update.base.short)\(time)")
      if let state = update.without {
        console.say("  left out   what \(state.short) holds: it was judged on the branch that carries the rules")
      }
    }
    for path in change.paths {
      let groups = path.groups.isEmpty ? "" : ", and one of: \(path.groups.joined(separator: ", "))"
      console.say("  path rule  \(printable(path.path)) needs \(path.threshold)\(groups)")
    }
    if let claim = repository.uncountedSignature(of: change.commit) {
      console.say("  signature  \(claim.notCounted); the key is \(printable(claim.key))")
    }
    console.say("  endorsed by")
    if change.endorsers.isEmpty { console.say("    nobody") }
    for endorser in change.endorsers {
      console.say(
        """
            \(printable(endorser.person))  \(endorser.via.rawValue) \
        \(endorser.by == change.commit ? "(this commit)" : endorser.by.short)  \(datestamp(endorser.time))  \
        key \(endorser.subkey)
        """)
      if let registry, let entry = registry.key(endorser.key) {
        console.say("      evidence  \(EvidenceText(registry, entry, endorser.subkey).words)")
      }
    }
    let refusals = found.verdict.refusals.filter { $0.commit == change.commit }
    if !refusals.isEmpty {
      RefusalText(width: console.width, console: console, subject: { _ in nil }).lines(refusals, more: "").forEach(
        console.say)
    }
    let others = found.verdict.refusals.filter { $0.commit != change.commit }
    if !others.isEmpty {
      console.say("")
      let itself = refusals.isEmpty ? "by itself it lacks nothing; " : ""
      console.say(
        """
        \(itself)\(found.place == .pending ? "what merging it brings in" : "what came in with it") \
        is \(found.verdict.outcome.rawValue):
        """)
      RefusalText(width: console.width, console: console, subject: { repository.subject(of: $0) })
        .lines(others, more: "add --format json").forEach(console.say)
    }
    for note in found.verdict.notes { console.say("note: \(printable(note, limit: 500))") }
  }

  private func meaning(_ kind: ChangeKind) -> String {
    switch kind {
    case .ordinary: "a change of its own"
    case .adopt: "an empty commit by which a maintainer takes on what is below it"
    case .cleanMerge: "merging its parents again yields the same files"
    case .contentMerge: "a merge with content that comes from neither parent, or a resolved conflict"
    }
  }
}
