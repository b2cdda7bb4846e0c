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
  @OptionGroup var judging: CosignJudging
  @Option(help: ArgumentHelp("The branch to judge against, where the forge does not say.", valueName: "branch"))
  var base: String?
  @Option(help: ArgumentHelp("The remote with the pull requests. Default: maint.remote, or origin.", valueName: "name"))
  var remote: String?
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() throws {
    let console = common.console
    try running(console) {
      do {
        return try perform(console)
      } catch let error as CosignError {
        throw Failure.cosign(error)
      } catch let error as SigningError {
        throw Failure.signing(error)
      }
    }
  }

  private func perform(_ console: Console) throws -> ExitCode {
    let repository = try common.openRepository()
    let environment = Environment.current
    let lookup = PullRequestLookup(
      repository: repository, environment: environment, remoteName: remote, base: base, console: console)
    let remote = try lookup.remote()
    let git = GitRunner(gitDirectory: repository.gitDirectory, environment: environment, mayPrompt: Asking.isPossible)
    let pulls = try present(open(lookup, remote, git, console), remote, git, console)
    guard !pulls.isEmpty else {
      if format == .json {
        console.out(JSONValue.object(["schema": .string("stagex-maint/queue/1"), "pulls": .array([])]).text)
      } else {
        console.out("no open pull requests")
      }
      return .success
    }
    _ = try git.succeed(
      "fetch the pull requests",
      [
        "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
        "--", remote.name,
        "+refs/heads/*:refs/remotes/\(remote.name)/*",
      ] + pulls.map { "+\($0.headRef):\($0.privateRef)" })
    var session = try Session(repository, try judging.all, moment: .now, engines: .both)
    session.settings.remote = remote.name
    // Git keeps the heads of all requests for ever: what the branch holds already is no longer open.
    let rows = try pulls.map { try QueueRow($0, session, git, remote.name) }
      .filter { $0.pull.state != nil || !$0.isMerged }
    switch format {
    case .json:
      console.out(
        JSONValue.object(["schema": .string("stagex-maint/queue/1"), "pulls": .array(rows.map(\.json))]).text)
    case .text: QueueText(console: console, rows: rows.map(\.text)).print()
    }
    return .success
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
      return open.pulls.map { pull in
        var facts = PullRequestFacts(
          name: forge?.kind.name(of: pull.number) ?? "PR-\(pull.number)", number: pull.number, headRef: pull.headRef,
          base: base ?? pull.base.raw, claimedHead: pull.head, title: pull.title.raw, author: pull.author.raw,
          home: lookup.home(of: pull, at: forge))
        facts.state = pull.state
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

  init(_ pull: PullRequestFacts, _ session: Session, _ git: GitRunner, _ remote: String) throws {
    self.pull = pull
    let repository = session.repository
    head = try repository.resolve(ref: pull.privateRef)
    guard let head, let base = try repository.resolve(ref: "refs/remotes/\(remote)/\(pull.base)") else {
      note = "its branch \(printable(pull.base)) is not there"
      return
    }
    if let claimed = pull.claimedHead, claimed != head {
      note = "the forge says its head is \(claimed.short), git says \(head.short)"
    }
    let answer = Cosigner(session.reviewer, git: git, remote: remote, pull: pull).answer(head, onto: base)
    self.answer = answer
    if try repository.isAncestor(head, of: base) {
      isMerged = true
      note = "already in \(printable(pull.base))"
      return
    }
    if answer.verdict.outcome == .accepted, answer.verdict.updates.isEmpty {
      note = "the rule does not protect \(printable(pull.base))"
      return
    }
    guard let person = try? SignerSource(session, at: base).person() else {
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
    var row = QueueText.Row(name: pull.name, onto: printable(pull.base), title: pull.title.map { printable($0, limit: 200) } ?? "", note: note)
    guard let answer, let head else { return row }
    let who = endorsers.isEmpty ? "nobody" : endorsers.map { printable($0) }.joined(separator: ", ")
    row.lines.append("\(head.short), \(count(changes.count, "commit")); counting so far: \(who)")
    if answer.conflicts { row.lines.append("conflicts with \(printable(pull.base))") }
    if answer.mergers.isEmpty, !answer.mayFastForward {
      row.lines.append("lacks: \(lacking) of \(changes.count) have too few maintainers, whoever merges")
    } else if !answer.mergers.isEmpty {
      row.lines.append("lacks: a signed merge by one of \(answer.mergers.map { printable($0) }.joined(separator: ", "))")
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
