internal import ArgumentParser
internal import GitBridge
internal import Review

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Judge one update, as the server's hook would.",
    discussion: """
      Without arguments: what you would push, from the upstream of the current branch to HEAD.

      Example: stagex-maint verify origin/main..HEAD --target main
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var judging: JudgingOptions

  @Argument(help: ArgumentHelp("The update, from the branch's tip to the new one.", valueName: "base..head"))
  var range: String?

  @Option(help: ArgumentHelp("The branch that is updated. Default: the current branch's upstream.", valueName: "ref"))
  var target: String?

  @Option(help: ArgumentHelp("The branch's tip before the update; zeros for a new branch.", valueName: "rev"))
  var old: String?

  @Option(help: ArgumentHelp("The branch's tip after the update; zeros for one that goes.", valueName: "rev"))
  var new: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var session = try Session(repository, judging, moment: .now, engines: .both)
      session.showProgress(on: console)
      let (update, remote) = try self.update(repository, session.settings.remote)
      session.settings.remote = remote
      let protection = try session.reviewer.protection()
      // R117
      // "Accepted" is never said of what nobody judges.
      guard protection.protects(update.ref) else {
        throw Failure.usage(
          "\(printable(update.ref)) is not protected here, so there is nothing to judge",
          next:
            """
            name the protected ref that it is bound for with --target: \
            \(protection.list.map { printable($0) }.joined(separator: ", "))
            """)
      }
      guard update.old != update.new else {
        throw Failure.usage(
          "nothing is new: \(printable(update.ref)) is at \(update.new.short) already",
          next: "stagex-maint audit, for what it holds")
      }
      let verdict = session.reviewer.judge(inThought: [update])
      console.endProgress()
      let what = """
        \(printable(update.ref)) \
        \(update.old.isZero ? "(new)" : update.old.short)..\(update.new.isZero ? "(gone)" : String(update.new.short))
        """
      switch judging.format {
      case .json: console.out(verdict.json.text)
      case .slsa:
        console.out(
          try SLSAStatement(verdict.outcome, commit: update.new, ref: update.name, basis: .update, session).json.text)
      case .sarif, .junit, .github, .markdown, .html, .csv:
        console.out(Report(verdict, title: what) { repository.subject(of: $0) }, as: judging.format)
      case .text:
        VerdictText(console: console, repository: repository).print(verdict, what: what, more: "add --format json")
      }
      return ExitCode(verdict.outcome.exitStatus)
    }
  }

  /// The update that the arguments describe, and the remote whose branches they are held against.
  private func update(_ repository: Repository, _ usual: String?) throws -> (RefUpdate, remote: String?) {
    let (ref, tracking, remote) = try target(repository, usual)
    var oldText = old
    var newText = new
    if let range {
      guard old == nil, new == nil else { throw Failure.usage("give either BASE..HEAD or --old and --new") }
      if target == nil, let tag = try TagQuestion.update(range, repository) { return (tag, usual) }
      let ends = range.split(separator: ".", omittingEmptySubsequences: false)
      if ends.count == 1 {
        newText = range
      } else {
        guard ends.count == 3, ends[1].isEmpty, !ends[0].isEmpty else {
          throw Failure.usage("the range must be written BASE..HEAD, such as origin/main..HEAD")
        }
        oldText = String(ends[0])
        newText = ends[2].isEmpty ? "HEAD" : String(ends[2])
      }
    }
    let oldID: ObjectID
    if let oldText {
      oldID = Self.isZero(oldText) ? .zero : try object(oldText, ref, repository)
    } else {
      oldID = try tracking.flatMap { try repository.resolve(ref: $0) } ?? .zero
    }
    // Git's own way to say that a ref goes.
    if let newText, Self.isZero(newText) { return (RefUpdate(ref: Array(ref.utf8), old: oldID, new: .zero), remote) }
    // A tag is judged as the tag object, not as the commit behind it.
    if ref.hasPrefix("refs/tags/") {
      let name = newText ?? ref
      guard let object = try tagObject(name, repository) else {
        throw Failure.usage(
          "there is no tag \(printable(name)) here", next: "git tag -s NAME COMMIT, or git fetch --tags")
      }
      return (RefUpdate(ref: Array(ref.utf8), old: oldText == nil ? .zero : oldID, new: object), remote)
    }
    let newID = try Session.resolve(newText ?? "HEAD", in: repository)
    return (RefUpdate(ref: Array(ref.utf8), old: oldID, new: newID), remote)
  }

  private static func isZero(_ text: String) -> Bool {
    text.utf8.count >= 4 && text.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
  }

  /// Where a tag stood before is a tag object too, not the commit behind it.
  private func object(_ text: String, _ ref: String, _ repository: Repository) throws -> ObjectID {
    if ref.hasPrefix("refs/tags/"), let tag = try tagObject(text, repository) { return tag }
    return try Session.resolve(text, in: repository)
  }

  private func tagObject(_ name: String, _ repository: Repository) throws -> ObjectID? {
    if let id = ObjectID(hexString: name) { return id }
    for full in [name, "refs/tags/" + name] where full.hasPrefix("refs/") && repository.mayBeRef(full) {
      if let id = try repository.resolve(ref: full) { return id }
    }
    return nil
  }

  /// The target's full name, the ref that shows where it stands on the server, and its remote.
  ///
  /// What is checked out here never stands for what the server has: only remote-tracking refs do. In a bare repository,
  /// the server's own, its branches are the ones that are meant.
  private func target(_ repository: Repository, _ usual: String?) throws -> (
    ref: String, tracking: String?, remote: String?
  ) {
    func place(_ ref: String, _ remote: String?) -> (ref: String, tracking: String?, remote: String?) {
      guard let remote else { return (ref, ref, nil) }
      let short = ref.hasPrefix("refs/heads/") ? String(ref.dropFirst("refs/heads/".count)) : nil
      return (ref, short.map { "refs/remotes/\(remote)/\($0)" }, remote)
    }
    if let target {
      if target.hasPrefix("refs/") { return place(target, usual) }
      if let slash = target.firstIndex(of: "/"), repository.mayBeRef("refs/remotes/" + target),
        try repository.resolve(ref: "refs/remotes/" + target) != nil
      {
        return place("refs/heads/" + target[target.index(after: slash)...], String(target[..<slash]))
      }
      return place("refs/heads/" + target, usual)
    }
    guard let head = repository.headBranch() else {
      throw Failure.usage(
        "HEAD is on no branch and no target is given", next: "stagex-maint verify BASE..HEAD --target main")
    }
    // As git finds @{push}: where a plain push of the branch would go.
    let branch = head.dropFirst("refs/heads/".count)
    let pushRemote = repository.config("branch.\(branch).pushRemote") ?? repository.config("remote.pushDefault")
    let upstream = repository.upstream(ofBranch: head)
    if let upstream, upstream.hasPrefix("refs/remotes/"), pushRemote == nil {
      let name = upstream.dropFirst("refs/remotes/".count)
      if let slash = name.firstIndex(of: "/") {
        return place("refs/heads/" + name[name.index(after: slash)...], String(name[..<slash]))
      }
    }
    return place(head, pushRemote ?? usual)
  }
}
