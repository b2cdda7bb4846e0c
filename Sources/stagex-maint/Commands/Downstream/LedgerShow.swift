internal import ArgumentParser
internal import GitBridge
internal import Review

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
      // Attack: a name that is mistyped must not read like a ref that never moved.
      if let ref, moves.isEmpty {
        throw Failure.usage("the ledger knows no \(printable(ref))", next: "stagex-maint ledger show")
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
        console.say(
          "ledger \(facts.id) of \(printable(facts.place)): \(facts.count) \(facts.count == 1 ? "entry" : "entries")")
        for move in moves { console.say("  \(Self.line(move))") }
      }
      return .success
    }
  }

  static func line(_ move: SeenMove) -> String {
    let span =
      move.since == move.time || move.keeper == .kept
      ? "" : move.since == 0 ? "  (nobody looked before)" : "  (not there \(timestamp(move.since)))"
    return """
      \(timestamp(move.time))  \(move.keeper.rawValue.padded(5))  \(short(move.old))..\(short(move.new))  \
      \(printable(move.ref))\(span)
      """
  }

  static func short(_ id: ObjectID) -> String { id.isZero ? "nothing     " : id.short }
}
