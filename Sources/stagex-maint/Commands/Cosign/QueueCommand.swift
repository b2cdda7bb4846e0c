internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct QueueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue", abstract: "The open pull requests: what each has, what it lacks, and what you can do.",
    discussion: """
      Asks the forge which pull requests are open, fetches their heads, and judges each by the same rule as the \
      server. Without a forge it takes every refs/pull/N/head that the branch does not hold yet.

      Example: stagex-maint queue
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var sources: RuleSources
  @Option(help: ArgumentHelp("The branch to judge against, where the forge does not say.", valueName: "branch"))
  var base: String?
  @Option(help: ArgumentHelp("The remote with the pull requests. Default: maint.remote, or origin.", valueName: "name"))
  var remote: String?
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() throws {
    let console = common.console
    try cosigning(console) { try perform(console) }
  }

  private func perform(_ console: Console) throws -> ExitCode {
    let repository = try common.openRepository()
    let environment = ProcessEnvironment.takingSecrets()
    let lookup = PullRequestLookup(
      repository: repository, environment: environment, remoteName: remote, base: base, console: console)
    let remote = try lookup.remote()
    let git = GitRunner(repository, environment: environment, mayPrompt: Asking.isPossible) { console.err($0) }
    let spoken = try open(lookup, remote, git, console)
    let pulls = try present(spoken, remote, git, console)
    let fetched = pulls.isEmpty ? [] : try fetch(pulls, remote, git, console)
    guard !fetched.isEmpty else {
      if format == .json {
        console.out(JSONValue.object(["schema": .string("stagex-maint/queue/1"), "pulls": .array([])]).text)
      } else {
        // What could not be had is not what is not there.
        let number = count(spoken.count, "open pull request")
        console.out(spoken.isEmpty ? "no open pull requests" : "of \(number) none can be had here")
      }
      return .success
    }
    var session = try Session(repository, try sources.judging, moment: .now, engines: .both)
    session.settings.remote = remote.name
    let bases = JudgedBases(session)
    // Git keeps the heads of all requests for ever: what the branch holds already is no longer open.
    let rows = fetched.map { QueueRow($0, session, git, remote.name, bases) }
      .filter { $0.pull.state != nil || !$0.isMerged }
    switch format {
    case .json:
      console.out(
        JSONValue.object(["schema": .string("stagex-maint/queue/1"), "pulls": .array(rows.map(\.json))]).text)
    case .text: QueueText(console: console, rows: rows.map(\.text)).print()
    }
    return .success
  }

  /// Brings the heads here; those that can be. One that cannot is told, and hides no other.
  private func fetch(_ pulls: [PullRequestFacts], _ remote: Remote, _ git: GitRunner, _ console: Console) throws
    -> [PullRequestFacts]
  {
    let words = [
      "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
      "--", remote.name,
    ]
    _ = try git.succeed("fetch the branches", words + ["+refs/heads/*:refs/remotes/\(remote.name)/*"])
    func bring(_ pulls: [PullRequestFacts]) throws -> Bool {
      try git.run(words + pulls.map { "+\($0.headRef):\($0.privateRef)" }).status == 0
    }
    if try bring(pulls) { return pulls }
    return try pulls.filter { pull in
      if try bring([pull]) { return true }
      console.err(
        "note: \(pull.name) cannot be fetched: its repository says it has \(pull.headRef), and does not give it")
      return false
    }
  }

  /// Those whose heads the server has. One request whose ref is missing must not hide all the others.
  private func present(_ pulls: [PullRequestFacts], _ remote: Remote, _ git: GitRunner, _ console: Console) throws
    -> [PullRequestFacts]
  {
    guard !pulls.isEmpty else { return [] }
    let there = Cosigner.refs(
      try git.succeed(
        "list the pull requests",
        ["ls-remote", "--refs", "--", remote.name, "refs/pull/*/head", "refs/merge-requests/*/head"]))
    for pull in pulls where there[pull.headRef] == nil {
      console.err("note: the forge speaks of \(pull.name), and its repository has no \(pull.headRef)")
    }
    return pulls.filter { there[$0.headRef] != nil }
  }

  private func open(_ lookup: PullRequestLookup, _ remote: Remote, _ git: GitRunner, _ console: Console) throws
    -> [PullRequestFacts]
  {
    let forge = lookup.forge(behind: remote)
    let answer = forge.map { forge in
      waiting { () -> Result<OpenPullRequests, ForgeError> in
        do throws(ForgeError) {
          return .success(try await forge.openPullRequests())
        } catch {
          return .failure(error)
        }
      }
    }
    switch answer {
    case .success(let open)?:
      if open.tooLarge > 0 {
        console.err(
          "note: \(open.tooLarge) pull requests have descriptions too large to read; look at them in the browser")
      }
      for text in open.unreadable.prefix(10) {
        console.err("note: the forge's answer about a request makes no sense, \(text)")
      }
      if open.unreadable.count > 10 { console.err("note: and \(open.unreadable.count - 10) more of the kind") }
      if open.isCutOff {
        console.err("note: the forge has more open requests than it tells in time; these are not all")
      }
      return open.pulls.map { pull in
        var facts = PullRequestFacts(
          name: forge?.kind.name(of: pull.number) ?? "PR-\(pull.number)", number: pull.number, headRef: pull.headRef,
          base: base ?? pull.base.raw, claimedHead: pull.head, title: pull.title.raw, author: pull.author.raw,
          home: lookup.home(of: pull, at: forge))
        facts.add(pull)
        return facts
      }
    case .failure(let error)?:
      console.err("note: the forge does not answer, so git alone is asked: \(printable(error.message, limit: 300))")
      fallthrough
    case nil:
      let output = try git.succeed(
        "list the pull requests", ["ls-remote", "--refs", "--", remote.name, (forge?.kind ?? .forgejo).headRefPattern])
      var pulls: [PullRequestFacts] = []
      for name in Cosigner.refs(output).keys {
        let parts = name.split(separator: "/")
        guard parts.count == 4, let reference = try? PullRequestReference(String(parts[2])) else { continue }
        var facts = try lookup.facts(reference, remote: remote, forge: nil)
        facts.headRef = name
        if let kind = forge?.kind { facts.name = kind.name(of: facts.number) }
        pulls.append(facts)
      }
      return pulls.sorted { $0.number > $1.number }
    }
  }
}

/// One pull request, judged.
private struct QueueRow {
  let pull: PullRequestFacts
  let head: ObjectID?
  var answer: GateAnswer?
  /// What the person at the keyboard can do; nil when that is not known.
  var action = ""
  var note = ""
  var isMerged = false

  init(_ pull: PullRequestFacts, _ session: Session, _ git: GitRunner, _ remote: String, _ bases: JudgedBases) {
    self.pull = pull
    do throws(GitError) {
      head = try session.repository.resolve(ref: pull.privateRef)
    } catch {
      head = nil
      note = printable(error.message, limit: 300)
    }
    // Whatever is wrong with one request is said beside it, and keeps no other from being shown.
    do {
      try judge(session, git, remote, bases)
    } catch let error as CosignError {
      note = error.message
    } catch let error as GitError {
      note = printable(error.message, limit: 300)
    } catch let problem as ReviewProblem {
      note = printable(problem.refusal(ref: pull.baseRef).message, limit: 300)
    } catch {
      note = "it could not be judged"
    }
  }

  private mutating func judge(_ session: Session, _ git: GitRunner, _ remote: String, _ bases: JudgedBases) throws {
    let repository = session.repository
    guard let head else { return }
    guard try repository.kind(of: head) == .commit else {
      note = "its head is no commit"
      return
    }
    guard try repository.resolve(ref: "refs/remotes/\(remote)/\(pull.base)") != nil else {
      note = "its branch \(printable(pull.base)) is not there"
      return
    }
    if let claimed = pull.claimedHead, claimed != head {
      note = "the forge says its head is \(claimed.short), git says \(head.short)"
    }
    guard let judged = try bases.judge(pull.baseRef) else {
      note = "the rule does not protect \(printable(pull.base))"
      return
    }
    let base = judged.tip
    if try repository.isAncestor(head, of: base) {
      isMerged = true
      note = "already in \(printable(pull.base))"
      return
    }
    guard judged.verdict.outcome == .accepted else { throw CosignError.baseRefused(base: pull.base, judged.verdict) }
    try JudgedMemory(repository, remote: remote).check(judged)
    let answer = Cosigner(session.reviewer, git: git, remote: remote, pull: pull).answer(head, onto: base)
    self.answer = answer
    guard let person = try? SignerSource(repository, registry: judged.registry, policy: judged.policy).person() else {
      action = "stagex-maint cosign \(pull.name)"
      return
    }
    do throws(CosignError) {
      let choice = try CosignChoice(requested: nil, person: person, name: pull.name, answer: answer)
      action = "you can \(choice.action.rawValue) it: stagex-maint cosign \(pull.name)"
    } catch {
      action = error.message
    }
  }

  private var changes: [ReviewedChange] { answer?.verdict.updates.flatMap(\.changes) ?? [] }
  private var lacking: Int { changes.filter { $0.outcome != .accepted }.count }
  private var endorsers: [String] { Set(changes.flatMap(\.endorsers).map(\.person)).sorted() }

  var text: QueueText.Row {
    var row = QueueText.Row(
      name: pull.name, onto: printable(pull.base), title: pull.title.map { printable($0, limit: 200) } ?? "", note: note
    )
    guard let answer, let head else { return row }
    let who = endorsers.isEmpty ? "nobody" : endorsers.map { printable($0) }.joined(separator: ", ")
    row.lines.append("\(head.short), \(count(changes.count, "commit")); counting so far: \(who)")
    if answer.conflicts { row.lines.append("conflicts with \(printable(pull.base))") }
    if answer.mergers.isEmpty, !answer.mayFastForward {
      row.lines.append("lacks: \(lacking) of \(changes.count) have too few maintainers, whoever merges")
    } else if !answer.mergers.isEmpty {
      row.lines.append(
        "lacks: a signed merge by one of \(answer.mergers.map { printable($0) }.joined(separator: ", "))")
    }
    if !action.isEmpty { row.lines.append(action) }
    return row
  }

  var json: JSONValue {
    .object([
      "name": .string(pull.name), "number": .integer(Int64(pull.number)), "base": .string(pull.base),
      "head": head.map { .string($0.hex) } ?? .null, "title": pull.title.map(JSONValue.string) ?? .null,
      "commits": .integer(Int64(changes.count)), "endorsers": .strings(endorsers),
      "mergers": .strings(answer?.mergers ?? []), "conflicts": .bool(answer?.conflicts ?? false),
      "note": .string(note), "you": .string(action),
    ])
  }
}

/// The branches that requests are bound for, each judged once.
private final class JudgedBases {
  private let reviewer: Reviewer
  private var known: [String: Result<JudgedBase?, ReviewProblem>] = [:]

  init(_ session: Session) { reviewer = session.reviewer }

  /// Nil for one that the rules do not protect.
  func judge(_ ref: String) throws(ReviewProblem) -> JudgedBase? {
    if let found = known[ref] { return try found.get() }
    let result: Result<JudgedBase?, ReviewProblem>
    do throws(ReviewProblem) {
      result = .success(try reviewer.judgedBase(of: Array(ref.utf8)))
    } catch .notProtected {
      result = .success(nil)
    } catch {
      result = .failure(error)
    }
    known[ref] = result
    return try result.get()
  }
}
