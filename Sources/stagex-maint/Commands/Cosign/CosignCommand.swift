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
  @OptionGroup var sources: RuleSources

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
      """
      Instead of the typed word: what you have reviewed, ACTION:BASE..HEAD with full ids \
      (on another branch than the one with the rules, ACTION@BRANCH:BASE..HEAD), as --dry-run prints it.
      """,
      valueName: "word"))
  var reviewed: String?
  @Argument(help: "PR-123, 123, #123, !123, or the address of its page.")
  var pullRequest: String?

  func validate() throws {
    if [adopt, merge, detached].filter(\.self).count > 1 {
      throw ValidationError("choose one of --adopt, --merge and --detached")
    }
    if let reviewed, ReviewedWord(reviewed) == nil {
      throw ValidationError(
        "--reviewed must be ACTION:BASE..HEAD with both ids in full, such as merge:0123…..4567…; --dry-run prints it")
    }
    if pullRequest == nil, !resume { throw ValidationError("which pull request? stagex-maint cosign PR-123") }
  }

  private var requested: CosignAction? { adopt ? .adopt : merge ? .merge : detached ? .detached : nil }

  func run() throws {
    let console = common.console
    try cosigning(console) {
      do {
        return try perform(console)
      } catch let error as ForgeError {
        throw Failure(
          message: printable(error.message, limit: 500), next: error.next, status: ExitCode(error.isTemporary ? 75 : 2))
      }
    } telling: {
      explain($0, console)
    }
  }

  private func perform(_ console: Console) throws -> ExitCode {
    let repository = try common.openRepository()
    let environment = ProcessEnvironment.takingSecrets()
    let lookup = PullRequestLookup(
      repository: repository, environment: environment, remoteName: remote, base: base, console: console)
    let named = try pullRequest.map { text in try PullRequestReference(text) }
    let remote = try lookup.remote(of: named)
    let git = GitRunner(repository, environment: environment, mayPrompt: Asking.isPossible) { console.err($0) }
    let solving = SolvedMerge(console: console, repository: repository, git: git)
    let reference = try named ?? PullRequestReference(String(solving.number()))
    let forge = lookup.forge(behind: remote)
    let facts = try lookup.facts(reference, remote: remote, forge: forge)
    var session = try Session(repository, sources.judging, moment: .now, engines: .both)
    session.settings.remote = remote.name
    let cosigner = Cosigner(session.reviewer, git: git, remote: remote.name, pull: facts)
    let head = try cosigner.fetch()
    // The branch and its rules as the rule sees them, before anything of them is believed or shown.
    let judged = try BaseJudgement(session: session, lookup: lookup).judge(facts, remote)
    let tip = judged.tip
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
    let source = SignerSource(repository, registry: judged.registry, policy: judged.policy)
    let signing = dryRun ? nil : try source.signer(report: { event in hint(event, console) })
    guard let person = try signing?.signer.identity.person ?? source.person() else {
      throw SigningError.noRegisteredKey
    }

    cosigner.identityOfRepository = judged.policy.repository
    var answer = cosigner.answer(head, onto: tip)
    answer.name(facts.name)
    // Accepted without one change judged: an update of a branch that nobody watches.
    if answer.verdict.outcome == .accepted, answer.verdict.updates.isEmpty {
      throw CosignError.notProtected(base: facts.base)
    }
    let commits = answer.verdict.updates.flatMap(\.changes).map(\.commit)
    let state = try ReviewedState(head: head, base: tip, commits: Set(commits), in: repository)
    let solved = resume ? try solving.solved(facts.number, state) : nil
    let range = try ReviewedRange(state, cosigner, solved: solved)
    let survey = try ChangeSurvey(
      from: range.from, to: range.to, commits: commits, registry: source.registry, repository: repository, git: git)
    ReviewScreen(
      console: console, repository: repository, pull: facts, state: state, range: range, survey: survey, answer: answer,
      base: try BaseText(judged, facts, remote, repository), environment: environment,
      judgedElsewhere: try cosigner.countBeside(state)
    ).print()

    let asking = Asking(console: console, git: git, repository: repository, environment: environment, survey: survey)
    if let solved {
      return try finish(
        solving, solved, cosigner, state, judged.isLead ? nil : facts.base, range, signing?.signer, signing?.card,
        asking, console)
    }
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
          """
          note: without the forge nothing tells whether the request comes from a fork. \
          The adoption goes to \(facts.headRef); the next push to a fork's branch would drop it
          """,
          console)
      }
    }
    let isKept = try signing.map { signing throws(CosignError) in
      try cosigner.hasKept(
        choice.action, state, signing.signer.identity, coSignatureRef: source.policy.coSignatureRef)
    }
    sayTouches(isKept ?? false, signing?.signer.identity.card == nil && signing != nil, signing?.card, console)
    let word = ReviewedWord(choice.action, on: judged.isLead ? nil : facts.base, state)
    guard let signing, !dryRun else { return endDryRun(word, console) }
    let place =
      "\(printable(facts.base)) of \(judged.policy.repository.map { printable($0) } ?? printable(remote.name))"
    try agree(choice.action.word, "\(choice.action.description), for \(place)", word, range, asking)
    try cosigner.confirm(state)
    var signer = signing.signer
    try endorse(choice.action, cosigner, state, source.policy, &signer, forge, console)
    return .success
  }
}
