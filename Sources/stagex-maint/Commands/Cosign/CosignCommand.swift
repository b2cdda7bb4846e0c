internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

struct CosignCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cosign", abstract: "Review a pull request and put your signature behind it.",
    discussion: """
      Fetches the pull request, shows what it brings and what the rule still lacks, asks for a typed word, signs with \
      your smartcard, verifies the signature by the same rule as the server's hook, and pushes it. Without --adopt, \
      --merge or --detached it chooses and says why. Nothing is pushed before it is verified; an interrupted run is \
      continued by running the command again.

      Exit status: 0 done; 1 refused; 2 could not judge; 3 stopped by you; 64 wrong usage; 75 try again.

      Example: stagex-maint cosign PR-123
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: CosignJudging

  @Flag(help: "An empty signed commit on top of the pull request: for work that no maintainer signed.")
  var adopt = false
  @Flag(help: "A signed merge commit into the branch that the pull request is bound for.")
  var merge = false
  @Flag(help: "A signed statement beside the history, in the co-signature ref.")
  var detached = false
  @Flag(name: .customLong("continue"), help: "Sign the merge whose conflicts you have solved.")
  var resume = false
  @Option(
    help: ArgumentHelp("The branch that the request is bound for. Default: what the forge says.", valueName: "branch"))
  var base: String?
  @Option(help: ArgumentHelp("The remote with the pull requests. Default: maint.remote, or origin.", valueName: "name"))
  var remote: String?
  @Flag(help: "Sign and verify, but push nothing; the next run without it pushes.")
  var noPush = false
  @Flag(help: "Show it all and sign nothing.")
  var dryRun = false
  @Option(
    help: ArgumentHelp(
      "Instead of the typed word: the full id of the head that you have reviewed.", valueName: "commit"))
  var reviewed: String?
  @Argument(help: "PR-123, 123, #123, !123, or the address of its page.")
  var pullRequest: String?

  func validate() throws {
    if [adopt, merge, detached].filter(\.self).count > 1 {
      throw ValidationError("choose one of --adopt, --merge and --detached")
    }
    if pullRequest == nil, !resume { throw ValidationError("which pull request? stagex-maint cosign PR-123") }
  }

  private var requested: CosignAction? { adopt ? .adopt : merge ? .merge : detached ? .detached : nil }

  func run() throws {
    let console = common.console
    try running(console) {
      do {
        return try perform(console)
      } catch let error as CosignError {
        explain(error, console)
        throw Failure.cosign(error)
      } catch let error as SigningError {
        throw Failure.signing(error)
      } catch let error as ForgeError {
        throw Failure(
          message: printable(error.message, limit: 500), next: error.next, status: ExitCode(error.isTemporary ? 75 : 2))
      }
    }
  }

  private func perform(_ console: Console) throws -> ExitCode {
    let repository = try common.openRepository()
    let environment = Environment.current
    let lookup = PullRequestLookup(
      repository: repository, environment: environment, remoteName: remote, base: base, console: console)
    // Only we speak to the forge: what we start (gpg-agent, the pager, git) needs no token.
    unsafe unsetenv("MAINT_TOKEN")
    let named = try pullRequest.map { text in try PullRequestReference(text) }
    let remote = try lookup.remote(of: named)
    let git = GitRunner(gitDirectory: repository.gitDirectory, environment: environment, mayPrompt: Asking.isPossible)
    let solving = SolvedMerge(console: console, repository: repository, git: git)
    let reference = try named ?? PullRequestReference(String(solving.number()))
    let forge = lookup.forge(behind: remote)
    let facts = try lookup.facts(reference, remote: remote, forge: forge)
    var session = try Session(repository, judging.all, moment: .now, engines: .both)
    session.settings.remote = remote.name
    let cosigner = Cosigner(session.reviewer, git: git, remote: remote.name, pull: facts)
    let (head, tip) = try cosigner.fetch()
    guard !(try repository.isAncestor(head, of: tip)) else {
      if !dryRun, tellLate(forge, facts, head, cosigner, console) { return .success }
      throw CosignError.alreadyMerged(pr: facts.name, base: facts.base)
    }
    switch facts.state {
    case .open?, nil: break
    case .closed?: throw CosignError.notOpen(pr: facts.name, state: "closed")
    case .merged?:
      throw CosignError.notOpen(
        pr: facts.name, state: "merged, although \(printable(facts.base)) does not hold its head")
    }

    // Who is asking, before anybody reads two thousand lines for nothing.
    let source = try SignerSource(session, at: tip)
    let signing = dryRun ? nil : try source.signer(report: { event in hint(event, console) })
    guard let person = try signing?.signer.identity.person ?? source.person() else {
      throw SigningError.noRegisteredKey
    }

    let state = try ReviewedState(head: head, base: tip, in: repository)
    if resume, var signer = signing?.signer { return try finish(solving, cosigner, state, &signer, signing?.card, console) }
    let start = try repository.mergeBases(tip, head).first ?? tip
    var answer = cosigner.answer(head, onto: tip)
    answer.name(facts.name)
    // Accepted without one change judged: an update of a branch that nobody watches.
    if answer.verdict.outcome == .accepted, answer.verdict.updates.isEmpty {
      throw CosignError.notProtected(base: facts.base)
    }
    let commits = answer.verdict.updates.flatMap(\.changes).map(\.commit)
    let survey = try ChangeSurvey(
      from: start, to: head, commits: commits, registry: source.registry, repository: repository, git: git)
    ReviewScreen(console: console, repository: repository, pull: facts, state: state, survey: survey, answer: answer)
      .print()

    let choice = try CosignChoice(requested: requested, person: person, name: facts.name, answer: answer)
    console.out("")
    say("you are \(printable(person)). To do: \(choice.action.description)", console)
    say("why: \(choice.reason)", console)
    if choice.action == .merge, answer.conflicts {
      try checkHome(facts)
      throw CosignError.conflicts(
        paths: conflictPaths(repository, state), workTree: dryRun ? nil : try solving.prepare(facts, state))
    }
    if choice.action == .adopt {
      try checkHome(facts)
      if facts.state == nil {
        say(
          "note: without the forge nothing tells whether the request comes from a fork. The adoption goes to \(facts.headRef); the next push to a fork's branch would drop it",
          console)
      }
    }
    let isKept = try signing.map { signing throws(CosignError) in
      try cosigner.hasKept(
        choice.action, state, signing.signer.identity, coSignatureRef: source.policy.coSignatureRef)
    }
    sayTouches(isKept ?? false, signing?.signer.identity.card == nil && signing != nil, signing?.card, console)
    guard let signing, !dryRun else {
      console.out("dry run: nothing was signed")
      return .success
    }
    try agree(
      choice.action, state, start, Asking(console: console, git: git, repository: repository, environment: environment))
    try cosigner.confirm(state)
    var signer = signing.signer
    try endorse(choice.action, cosigner, state, source.policy, &signer, forge, console)
    return .success
  }

  /// Signs the merge that the person has solved, and pushes it to the pull request's head.
  private func finish(
    _ solving: SolvedMerge, _ cosigner: Cosigner, _ state: ReviewedState, _ signer: inout any SignFlow.Signer,
    _ card: CardStatus?, _ console: Console
  ) throws -> ExitCode {
    let pull = cosigner.pull
    try checkHome(pull)
    let solved = try solving.solved(pull.number)
    // Solved for another head or base, it would bring back what has changed since.
    guard solved.head == state.head else { throw CosignError.headChanged(from: solved.head, to: state.head) }
    guard solved.base == state.base else { throw CosignError.baseMoved(from: solved.base, to: state.base) }
    console.out("\(pull.name): the merge of \(printable(pull.base)) as you solved it, tree \(solved.tree.hex)")
    let changes = try cosigner.repository.changes(
      from: cosigner.repository.treeOfCommit(state.head), to: solved.tree)
    for change in changes.prefix(40) { console.out("changed in the pull request: \(printable(change.path))") }
    if changes.count > 40 { console.out("and \(changes.count - 40) more; the diff shows all of it") }
    let isKept = try cosigner.keptSolution(state, tree: solved.tree, signer.identity) != nil
    sayTouches(isKept, signer.identity.card == nil, card, console)
    guard !dryRun else { return .success }
    let asking = Asking(
      console: console, git: cosigner.git, repository: cosigner.repository, environment: Environment.current)
    try agree(.merge, state, state.base, to: solved.tree, asking)
    try cosigner.confirm(state)
    guard try solving.solved(pull.number).tree == solved.tree else { throw CosignError.contentChanged(state.head) }
    let made = try cosigner.mergeBase(into: state, tree: solved.tree, &signer)
    console.out("signed and verified: merge \(made.hex)")
    if noPush {
      kept(console)
      return .success
    }
    try cosigner.publish(adoption: made, state)
    solving.tidy(pull.number)
    cosigner.forget()
    console.out(
      "pushed to \(pull.name). Solved conflicts are content: next, another maintainer runs stagex-maint cosign \(pull.name)"
    )
    return .success
  }

  /// The typed word, or the id that stands for it.
  private func agree(
    _ action: CosignAction, _ state: ReviewedState, _ start: ObjectID, to end: ObjectID? = nil, _ asking: Asking
  ) throws {
    if let reviewed {
      // Bound to the head: a script cannot agree to what it has not seen.
      guard ObjectID(hexString: reviewed) == state.head else {
        throw CosignError.headChanged(from: ObjectID(hexString: reviewed) ?? .zero, to: state.head)
      }
      return
    }
    guard Asking.isPossible else { throw CosignError.noTerminal(head: state.head, word: action.word) }
    guard try asking.agrees(to: action.word, what: action.description, from: start, to: end ?? state.head) else {
      throw CosignError.declined
    }
  }

  /// Signs, verifies, pushes, tells the forge.
  private func endorse(
    _ action: CosignAction, _ cosigner: Cosigner, _ state: ReviewedState, _ policy: Policy,
    _ signer: inout any SignFlow.Signer,
    _ forge: (any Forge)?, _ console: Console
  ) throws {
    let pull = cosigner.pull
    switch action {
    case .adopt:
      let made = try cosigner.adopt(state, &signer)
      console.out("signed and verified: adoption \(made.hex)")
      if noPush { return kept(console) }
      try cosigner.publish(adoption: made, state)
      console.out("pushed to \(pull.name). next: another maintainer runs stagex-maint cosign \(pull.name)")
    case .merge:
      let made = try cosigner.merge(state, &signer)
      console.out("signed and verified: merge \(made.hex)")
      if noPush { return kept(console) }
      try cosigner.publish(merge: made, state)
      console.out("pushed to \(printable(pull.base)): \(pull.name) is merged")
      tell(forge, pull.number, made, console)
    case .detached:
      let statement = try cosigner.statement(
        state, policy: policy, creator: "stagex-maint \(Version.text)", clock: Clock.now, &signer)
      let tip = try cosigner.publish(
        statement: statement, state, signer: signer.identity, ref: policy.coSignatureRef, dryRun: noPush)
      console.out("signed and verified: co-signature of \(state.head.hex)")
      if noPush { return kept(console) }
      console.out("pushed to \(printable(policy.coSignatureRef)), now \(tip.short)")
    }
    cosigner.forget()
  }

  /// Before anybody touches a card, or solves a conflict, for a commit that could go nowhere.
  private func checkHome(_ pull: PullRequestFacts) throws(CosignError) {
    guard case .closed(let reason) = pull.home else { return }
    throw .authorMustPush(
      reason: reason,
      advice: "ask the author to allow it or to rebase, or: stagex-maint cosign \(pull.name) --detached")
  }

  private func conflictPaths(_ repository: Repository, _ state: ReviewedState) -> [[UInt8]] {
    guard case .conflict(let paths)? = try? repository.mergeAgain(parents: [state.base, state.head]) else { return [] }
    return paths
  }
}
