internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

struct LedgerPublish: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Put this ledger into a ref, signed by you, for others to compare with theirs.",
    discussion: """
      Makes refs/ledger/NAME: a commit with the ledger's files and your certificate, signed with your key, on top of \
      what was published before. A ledger that no longer holds what was published is refused.

      Example: stagex-maint ledger publish alice --to origin
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var choice: LedgerChoice
  @Option(help: ArgumentHelp("Push it to this remote too.", valueName: "remote"))
  var to: String?
  @Option(
    help: ArgumentHelp("The key that signs, as gpg takes it. Default: git config user.signingkey.", valueName: "key"))
  var key: String?
  @Argument(help: ArgumentHelp("The name after refs/ledger/: yours, or the server's.", valueName: "name"))
  var name: String

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      guard let key = key ?? repository.config("user.signingkey"), !key.isEmpty, !key.hasPrefix("-") else {
        throw Failure.usage(
          "nobody says who signs it", next: "stagex-maint ledger publish \(shellWord(name)) --key FINGERPRINT")
      }
      if let to, try !repository.remotes().contains(where: { $0.name == to }) {
        throw Failure.usage("there is no remote \(printable(to))", next: "git remote --verbose")
      }
      let ledger = try choice.ledger(repository)
      guard ledger.mayBeBroken else { throw Failure.noLedger(ledger) }
      let session = try Session(repository, nil, moment: .then, engines: .native)
      let git = GitRunner(repository, environment: ProcessEnvironment.current, mayPrompt: console.errIsTerminal)
      let ref = PublishedLedger.prefix + name
      let shown = try to.flatMap { try LedgerSource.shown(ref, on: $0, repository, console) }
      let again = try repository.again()
      let outcome = try flow { () throws(FlowError) in
        try LedgerPublishing(
          name, in: again, git: git, settings: session.settings, environment: ProcessEnvironment.current
        )
        .publish(ledger, key: key, shown: shown)
      }
      let made = outcome.ledger
      console.out(
        """
        \(outcome.isNew ? "published" : "nothing new since"): \(printable(outcome.ref)) at \(made.commit.short), \
        \(made.copy.count) \(made.copy.count == 1 ? "entry" : "entries"), signed with \(made.keeper)
        """)
      guard let to else {
        if !repository.isBare { console.out("next: git push REMOTE \(shellWord(outcome.ref))") }
        return .success
      }
      guard shown != made.commit else { return .success }
      _ = try CheckCommand.cosign { () throws(CosignError) in
        try git.succeed("push to \(printable(to))", ["push", "--quiet", "--", to, "\(outcome.ref):\(outcome.ref)"])
      }
      console.out("pushed to \(printable(to)); others: stagex-maint ledger compare \(shellWord("\(to):\(name)"))")
      return .success
    }
  }
}
