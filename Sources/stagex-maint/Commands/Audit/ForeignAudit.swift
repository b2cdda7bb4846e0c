internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review

extension AuditCommand {
  /// Audits by another project's rule, so that our answers can be held against theirs.
  func runForeign(_ rule: ForeignRule, _ repository: Repository, _ console: Console) throws -> ExitCode {
    switch rule {
    case .guix: return try runGuix(repository, console)
    case .plain:
      guard let keyring else {
        throw Failure.usage(
          "--rule plain needs a folder of certificates", next: "stagex-maint audit --rule plain --keyring DIR")
      }
      let format = try judging.listFormat()
      let certificates = try PlainRule.certificates(in: keyring)
      for warning in certificates.warnings { console.err("warning: \(printable(warning, limit: 500))") }
      var session = try Session(repository, judging, moment: .then, engines: .native)
      session.showProgress(on: console)
      let (_, tip) = try BranchArgument.resolve(branch, in: repository)
      let start = try from.map { try Session.resolve($0, in: repository) } ?? session.settings.trustRoot
      let result = try session.reviewer.plainAudit(tip: tip, start: start, keyring: Keyring(certificates.list))
      console.endProgress()
      switch format {
      case .json:
        for commit in result { console.out(commit.json.text) }
        console.out(PlainRule.summary(result).text)
      case .text:
        for commit in result { console.say(commit.line) }
        let good = result.filter { $0.isGood }.count
        console.say(
          """
          \(good == result.count ? console.word(.accepted) : console.word(.refused)): \
          \(good) of \(result.count) commits carry a good signature by a key of \(printable(keyring))
          """)
      }
      return result.allSatisfy(\.isGood) ? .success : ExitCode(1)
    }
  }

  /// An option that is passed over would leave somebody believing that it had been obeyed.
  func refuseOptionsOfOtherRules() throws {
    try surveyed.refuseWithoutSurvey(others)
    let given: [(option: String, isGiven: Bool, rules: [ForeignRule?])] = [
      ("--from", from != nil, [nil, .plain]), ("--since", since != nil, [nil]), ("--whole", whole, [nil]),
      ("--shard", shard != nil, [nil]), ("--keyring", keyring != nil, [.plain]),
      ("--registry", judging.registry != nil, [nil]), ("--policy", judging.policy != nil, [nil]),
      ("--trust-root", judging.trustRoot != nil, [nil, .plain]),
      ("--introduction", !introduction.isEmpty, [.guix]), ("--keyring-reference", keyringReference != nil, [.guix]),
    ]
    for (option, isGiven, rules) in given where isGiven && !rules.contains(rule) {
      let which = rules.compactMap { $0.map { "--rule \($0.rawValue)" } ?? "our own rule" }.joined(separator: " and ")
      throw Failure.usage("\(option) goes with \(which) only", next: "stagex-maint audit --help")
    }
  }
}
