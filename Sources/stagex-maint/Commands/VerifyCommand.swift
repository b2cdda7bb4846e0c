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

  @Option(help: ArgumentHelp("The branch's tip after the update.", valueName: "rev"))
  var new: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      var session = try Session(repository, judging, moment: .now, engines: .both)
      session.showProgress(on: console)
      let (update, remote) = try self.update(repository)
      session.settings.remote = remote
      let verdict = session.reviewer.judge(inThought: [update])
      console.endProgress()
      let what = "\(printable(update.ref)) \(update.old.isZero ? "(new)" : update.old.short)..\(update.new.short)"
      switch judging.format {
      case .json: console.out(verdict.json.text)
      case .sarif, .junit, .github, .markdown, .html:
        console.out(Report(verdict, title: what) { repository.subject(of: $0) }, as: judging.format)
      case .text:
        VerdictText(console: console, repository: repository).print(verdict, what: what, more: "add --format json")
        if verdict.updates.isEmpty && verdict.refusals.isEmpty {
          console.out("nothing to judge: the ref is not protected, or nothing is new")
        }
      }
      return ExitCode(verdict.outcome.exitStatus)
    }
  }

  /// The update that the arguments describe, and the remote whose branches they are held against.
  private func update(_ repository: Repository) throws -> (RefUpdate, remote: String?) {
    let upstream = repository.headBranch().flatMap { repository.upstream(ofBranch: $0) }
    let (ref, tracking, remote) = try target(upstream, repository)
    var oldText = old
    var newText = new
    if let range {
      guard old == nil, new == nil else { throw Failure.usage("give either BASE..HEAD or --old and --new") }
      let ends = range.split(separator: ".", omittingEmptySubsequences: false)
      guard ends.count == 3, ends[1].isEmpty, !ends[0].isEmpty else {
        throw Failure.usage("the range must be written BASE..HEAD, such as origin/main..HEAD")
      }
      oldText = String(ends[0])
      newText = ends[2].isEmpty ? "HEAD" : String(ends[2])
    }
    let oldID: ObjectID
    if let oldText {
      oldID = oldText.utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? .zero : try Session.resolve(oldText, in: repository)
    } else {
      oldID = try tracking.flatMap { try repository.resolve(ref: $0) } ?? .zero
    }
    let newName = newText ?? "HEAD"
    // A tag is judged as the tag object, not as the commit behind it.
    if ref.hasPrefix("refs/tags/"), let tag = try repository.resolve(ref: ref), newText == nil {
      return (RefUpdate(ref: Array(ref.utf8), old: oldID, new: tag), remote)
    }
    return (RefUpdate(ref: Array(ref.utf8), old: oldID, new: try Session.resolve(newName, in: repository)), remote)
  }

  /// The target's full name, the local ref that shows where it stands, and its remote.
  private func target(_ upstream: String?, _ repository: Repository) throws -> (ref: String, tracking: String?, remote: String?) {
    if let target {
      if target.hasPrefix("refs/") { return (target, target, nil) }
      if let slash = target.firstIndex(of: "/"), try repository.resolve(ref: "refs/remotes/" + target) != nil {
        return ("refs/heads/" + target[target.index(after: slash)...], "refs/remotes/" + target, String(target[..<slash]))
      }
      return ("refs/heads/" + target, "refs/heads/" + target, nil)
    }
    if let upstream, upstream.hasPrefix("refs/remotes/") {
      let name = upstream.dropFirst("refs/remotes/".count)
      if let slash = name.firstIndex(of: "/") {
        return ("refs/heads/" + name[name.index(after: slash)...], upstream, String(name[..<slash]))
      }
    }
    guard let head = repository.headBranch() else {
      throw Failure.usage("HEAD is on no branch and no target is given", next: "stagex-maint verify BASE..HEAD --target main")
    }
    return (head, upstream, nil)
  }
}
