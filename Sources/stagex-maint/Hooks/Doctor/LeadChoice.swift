internal import GitBridge
internal import Review

/// Which branch carries the rules, and why: what `hook install` proposes.
struct LeadChoice {
  let lines: [String]

  /// - Parameters:
  ///   - asked: The branch that is to be it, checked here.
  ///   - root: The trust root that is about to be set; nil for the one that is.
  init(_ repository: Repository, asked: String?, root: ObjectID? = nil) throws {
    let branches = try repository.references().compactMap { shortName($0.name) }
    if let asked {
      guard SettingsExamination.isBranch(asked, repository) else {
        throw Failure.usage("--lead must be the name of a branch, such as staging: \(printable(asked))")
      }
      guard branches.isEmpty || branches.contains(asked) || !repository.isBare else {
        throw Failure.usage("there is no branch \(printable(asked)) here", next: "git branch --list")
      }
      lines = ["maint.lead = \(printable(asked))"]
    } else if let set = repository.config("maint.lead") {
      lines = ["the lead, which carries the rules, is \(printable(set)): maint.lead says so"]
    } else if let named = Self.named(in: repository, root: root) {
      lines = ["the lead, which carries the rules, is \(printable(named)): the policy says so"]
    } else if branches.contains("main"), branches.contains("staging") {
      lines = [
        "the lead, which carries the rules, is main, since nothing else is set",
        "where changes land on staging first, staging may be the lead:",
        "    stagex-maint hook install --lead staging",
      ]
    } else if branches.contains("main") || branches.isEmpty {
      lines = ["the lead, which carries the rules, is main, unless the trust root's policy names another"]
    } else {
      let other = repository.headBranch().flatMap { shortName(Array($0.utf8)) } ?? branches[0]
      lines = [
        "the lead, which carries the rules, would be main, and there is no such branch here",
        "    stagex-maint hook install --lead \(shellWord(other))",
      ]
    }
  }

  /// The branch that the policy names to carry the rules: at the trust root, or at a state that has handed over since.
  /// Nil where none says so, or nothing of it is here.
  static func named(in repository: Repository, root: ObjectID? = nil) -> String? {
    guard var session = try? Session(repository, nil, moment: .now, engines: .native) else { return nil }
    if let root { session.settings.trustRoot = root }
    if !repository.isBare { session.settings.remote = repository.config("maint.remote") ?? "origin" }
    guard session.settings.trustRoot != nil, let protection = try? session.reviewer.protection(),
      let lead = shortName(Array(protection.lead.utf8))
    else { return nil }
    return lead != Policy.usualLead || protection.policy.lead == lead ? lead : nil
  }
}

private func shortName(_ ref: [UInt8]) -> String? {
  let mark = Array("refs/heads/".utf8)
  return ref.starts(with: mark) ? String(validating: ref.dropFirst(mark.count), as: UTF8.self) : nil
}
