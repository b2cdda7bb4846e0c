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

struct LedgerShow: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "The moves, newest last.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var choice: LedgerChoice
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Option(
    name: [.customShort("n"), .customLong("max-count")],
    help: ArgumentHelp("Only so many of the newest. Default: 50; 0: all.", valueName: "n"))
  var count = 50
  @Argument(help: ArgumentHelp("Only this branch or full ref.", valueName: "ref"))
  var ref: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let ledger = try choice.ledger(repository)
      let knowledge = LedgerKnowledge(ledger)
      guard let facts = knowledge.header else { throw Failure.noLedger(ledger) }
      var moves: [SeenMove] = []
      knowledge.moves { move in
        if let ref, move.name != ref, move.name != "refs/heads/" + ref, move.name != "refs/tags/" + ref { return }
        moves.append(move)
        if count > 0, moves.count > 4 * count { moves.removeFirst(moves.count - count) }
      }
      if count > 0 { moves = moves.suffix(count) }
      switch format {
      case .json:
        console.out(
          JSONValue.object([
            "schema": .string("stagex-maint/ledger/1"), "id": .string(facts.id), "place": .string(facts.place),
            "count": .integer(Int64(facts.count)), "moves": .array(moves.map(\.json)),
          ]).text)
      case .text:
        console.out(
          "ledger \(facts.id) of \(printable(facts.place)): \(facts.count) \(facts.count == 1 ? "entry" : "entries")")
        for move in moves { console.out("  \(Self.line(move))") }
      }
      return .success
    }
  }

  static func line(_ move: SeenMove) -> String {
    let span =
      move.since == move.time || move.keeper == .kept
      ? "" : move.since == 0 ? "  (nobody looked before)" : "  (not there \(timestamp(move.since)))"
    return
      "\(timestamp(move.time))  \(move.keeper.rawValue.padded(5))  \(short(move.old))..\(short(move.new))  \(printable(move.ref))\(span)"
  }

  static func short(_ id: ObjectID) -> String { id.isZero ? "nothing     " : id.short }
}

struct LedgerVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Whether the chain is whole: nothing changed, nothing taken out.")

  @OptionGroup var common: CommonOptions
  @OptionGroup var choice: LedgerChoice
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text

  func run() throws {
    let console = common.console
    try running(console) {
      let ledger = try choice.ledger(try common.openRepository())
      let examination = LedgerExamination(ledger)
      guard !examination.files.isEmpty || examination.defects.count > 1 else { throw Failure.noLedger(ledger) }
      switch format {
      case .json:
        console.out(
          JSONValue.object([
            "schema": .string("stagex-maint/ledger-verify/1"), "whole": .bool(examination.isWhole),
            "id": .string(examination.id),
            "place": .string(examination.place), "count": .integer(Int64(examination.count)),
            "given-up": .integer(Int64(examination.givenUp)),
            "chain": .string(examination.chain), "defects": .strings(examination.defects),
            "notes": .strings(examination.notes),
          ]).text)
      case .text:
        console.out(
          "\(examination.isWhole ? console.green("whole") : console.red("broken")): \(printable(examination.folder))")
        console.out("  watched    \(printable(examination.place))")
        console.out(
          "  entries    \(examination.count)\(examination.givenUp == 0 ? "" : ", the oldest \(examination.givenUp) given up")"
        )
        console.out("  files      \(examination.files.count), \(examination.files.map(\.bytes).reduce(0, +) >> 10) KiB")
        console.out("  chain ends \(examination.chain)")
        for note in examination.notes { console.out("note: \(note)") }
        for defect in examination.defects { console.out("\(console.red("broken")): \(defect)") }
        if !examination.isWhole {
          console.out(
            "next: stagex-maint ledger compare \(shellWord(examination.folder)) COPY   (an older copy, to see what changed)"
          )
        }
      }
      return examination.isWhole ? .success : .failure
    }
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
