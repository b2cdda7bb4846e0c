internal import GitBridge
internal import Glibc
internal import Review

/// A repository together with how it is to be judged: git config `maint.*` first, options over it.
///
/// Settings come from git config so that a server's admin sets them out of reach of a push.
struct Session {
  let repository: Repository
  var settings: ReviewSettings

  init(_ repository: Repository, _ options: JudgingOptions?, moment: Moment, engines: EngineChoice) throws {
    self.repository = repository
    settings = ReviewSettings(clock: Clock.now, threads: Clock.processors)
    settings.moment = moment
    settings.engines = options?.engine ?? engines
    settings.usesCache = !(options?.noCache ?? false) && repository.config("maint.cache") != "false"
    settings.version = Version.text
    if let root = options?.trustRoot {
      settings.trustRoot = try Self.resolve(root, in: repository)
    } else if let root = repository.config("maint.trustRoot") {
      // A name could be moved by a push; only a full id is out of everybody's reach.
      guard let id = ObjectID(hexString: root) else {
        throw Failure.cannotJudge(
          "maint.trustRoot is not a full 40-digit commit id: \(printable(root))",
          next: "git config maint.trustRoot $(git rev-parse COMMIT)")
      }
      settings.trustRoot = id
    }
    try readLead(options)
    settings.remote = remoteOfClone
    settings.ledger = Ledger.took(ledgers)
    settings.registry = try (options?.registry ?? repository.config("maint.registry")).map {
      try Self.pin($0, in: repository)
    }
    settings.policy = try (options?.policy ?? repository.config("maint.policy")).map {
      try Self.pin($0, in: repository)
    }
  }

  /// What is kept beside the repository: what its own hook took, and what was seen of the remote.
  var ledgers: [Ledger] {
    [Ledger.kept(by: repository), Ledger.kept(by: repository, of: repository.config("maint.remote") ?? "origin")]
      .compactMap(\.self)
  }

  /// What the ledgers know together of when signatures came.
  var seen: any FirstSeen { Ledger.seen(ledgers) }

  /// Which branch carries the rules, and where branches begin that were there before.
  private mutating func readLead(_ options: JudgingOptions?) throws {
    if let name = repository.config("maint.lead") {
      guard repository.mayBeRef("refs/heads/" + name) else {
        throw Failure.cannotJudge(
          "maint.lead is not the name of a branch: \(printable(name))", next: "git config maint.lead BRANCH")
      }
      settings.lead = name
    }
    for entry in try repository.configEntries(matching: "^maint\\.start\\.") {
      // git keeps the case of a part between two dots only, and takes no slash in the last: maint.start.NAME.commit is
      // read too.
      var name = String(entry.key.dropFirst("maint.start.".count))
      if name.hasSuffix(".commit") { name.removeLast(".commit".count) }
      guard let id = ObjectID(hexString: entry.value) else {
        throw Failure.cannotJudge(
          "\(printable(entry.key)) is not a full 40-digit commit id: \(printable(entry.value))",
          next: "git config \(shellWord(entry.key)) $(git rev-parse COMMIT)")
      }
      settings.starts[name] = id
    }
    if let lead = options?.lead {
      settings.leadStandIn = try Self.resolve(lead, in: repository)
    }
  }

  /// In a clone: the remote whose branches are the protected ones. A server's repository is bare and has its own.
  private var remoteOfClone: String? {
    guard !repository.isBare else { return nil }
    if let name = repository.config("maint.remote") { return name }
    let prefix = Array("refs/remotes/origin/".utf8)
    return (try? repository.references())?.contains { $0.name.starts(with: prefix) } == true ? "origin" : nil
  }

  var reviewer: Reviewer { Reviewer(repository, settings) }

  /// Counts commits on a terminal while they are read.
  mutating func showProgress(on console: Console) {
    guard console.errIsTerminal else { return }
    settings.progress = { console.progress("\($0) commits read") }
  }

  static func resolve(_ revision: String, in repository: Repository) throws -> ObjectID {
    do throws(GitError) {
      return try repository.resolve(revision: revision)
    } catch {
      throw Failure.cannotJudge(error)
    }
  }

  /// A path when there is one of that name, a revision otherwise.
  private static func pin(_ text: String, in repository: Repository) throws -> Pin {
    if unsafe access(text, F_OK) == 0 { return .path(text) }
    do throws(GitError) {
      return .commit(try repository.resolve(revision: text), name: text)
    } catch {
      throw Failure.cannotJudge(
        "there is neither a file or folder nor a revision \(printable(text))", next: "git rev-parse \(shellWord(text))")
    }
  }
}
