internal import ArgumentParser
internal import GitBridge
internal import Review

struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "When each protected ref was first seen where, as a chained record.",
    subcommands: [LedgerShow.self, LedgerVerify.self, LedgerCompare.self, LedgerPublish.self])
}

/// Which ledger of a repository is meant.
struct LedgerChoice: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What was seen of this remote. Default: what this repository's own hook or gate took, else of origin.",
      valueName: "name"))
  var remote: String?

  func ledger(_ repository: Repository) throws -> Ledger {
    guard let here = Ledger.kept(by: repository) else {
      throw Failure.cannotJudge(
        "git config maint.ledger is false: none is kept here", next: "git config --unset maint.ledger")
    }
    if let remote { return Ledger.kept(by: repository, of: remote) ?? here }
    let origin = Ledger.kept(by: repository, of: repository.config("maint.remote") ?? "origin")
    guard LedgerExamination(here).files.isEmpty, let origin else { return here }
    return origin
  }
}

extension SeenMove {
  var json: JSONValue {
    .object([
      "ref": .string(name), "old": .string(old.hex), "new": .string(new.hex), "time": .integer(time),
      "since": .integer(since),
      "by": .string(keeper.rawValue),
    ])
  }
}

extension Failure {
  static func noLedger(_ ledger: Ledger) -> Failure {
    cannotJudge(
      "there is no ledger at \(printable(ledger.folder)), or its last file is broken",
      next: "stagex-maint ledger verify   (a hook, or stagex-maint fetch, begins one)")
  }

  static func ledger(_ error: LedgerError) -> Failure { cannotJudge(error.message, next: error.next) }
}

extension String {
  /// At least so wide.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
