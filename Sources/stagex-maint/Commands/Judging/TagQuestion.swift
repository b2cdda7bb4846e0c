internal import ArgumentParser
internal import GitBridge
internal import Review

/// A tag that somebody asks about by its name: what a server would say to its being pushed.
enum TagQuestion {
  /// The making of the tag; nil where there is none of that name, or a branch has it too.
  static func update(_ name: String?, _ repository: Repository) throws -> RefUpdate? {
    guard let name else { return nil }
    let full = name.hasPrefix("refs/tags/") ? name : "refs/tags/" + name
    guard repository.mayBeRef(full), let object = try repository.resolve(ref: full) else { return nil }
    if !name.hasPrefix("refs/"), repository.mayBeRef("refs/heads/" + name),
      try repository.resolve(ref: "refs/heads/" + name) != nil
    {
      return nil
    }
    // Peeled to its commit, a tag by nobody would pass for a good one.
    return RefUpdate(ref: Array(full.utf8), old: .zero, new: object)
  }

  /// Judges and prints it; nil where no tag is asked about.
  static func answer(
    _ name: String?, _ session: Session, _ console: Console, as format: ReportFormat
  ) throws -> ExitCode? {
    let repository = session.repository
    guard let update = try self.update(name, repository) else { return nil }
    let protection = try session.reviewer.protection()
    guard protection.protects(update.ref) else {
      // A tag that nobody protects stands for its commit, as everywhere in git.
      return nil
    }
    let verdict = session.reviewer.judge(inThought: [update])
    console.endProgress()
    let what = "\(printable(update.ref)) (\(update.new.short))"
    switch format {
    case .json: console.out(verdict.json.text)
    case .text:
      VerdictText(console: console, repository: repository).print(verdict, what: what, more: "add --format json")
    default: console.out(Report(verdict, title: what) { repository.subject(of: $0) }, as: format)
    }
    return ExitCode(verdict.outcome.exitStatus)
  }
}
