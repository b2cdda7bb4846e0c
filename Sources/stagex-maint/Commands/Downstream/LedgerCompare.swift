internal import ArgumentParser
internal import GitBridge
internal import OpenPGP
internal import Review
internal import SignFlow

struct LedgerCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Hold two ledgers against each other: has a server shown two people different things?",
    discussion: """
      Two copies of one ledger must agree line by line. Ledgers of two people must show one history: each state that \
      one of them saw is above or below what the other saw, and nobody was shown an older state later.

      REMOTE:NAME is what somebody has published as refs/ledger/NAME there (stagex-maint ledger publish). It is \
      fetched; each publication must be signed by one and the same key, and none may take back what an earlier one said.

      Examples: stagex-maint ledger compare origin:bob
                stagex-maint ledger compare .git/stagex-maint/ledger/remote-origin ~/from-bob/ledger
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var choice: LedgerChoice
  @Option(help: "How to print: text or json.")
  var format = OutputFormat.text
  @Argument(
    help: ArgumentHelp(
      """
      One or two of: a ledger's folder, one of its files, REMOTE:NAME, refs/ledger/NAME. \
      With one, the other is this repository's own.
      """,
      valueName: "ledger"))
  var ledgers: [String]

  func validate() throws {
    guard (1...2).contains(ledgers.count) else { throw ValidationError("name one ledger, or two") }
  }

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let source = LedgerSource(repository, console)
      let names = ledgers.count == 2 ? ledgers : [try choice.ledger(repository).folder] + ledgers
      let (first, second) = (names[0], names[1])
      let found = try names.map { name in try source.read(name) }
      let (a, b) = (found[0].copy, found[1].copy)
      let comparison = try LedgerComparison(a, b) { (one, other) throws(GitError) -> Bool? in
        for id in [one, other] where try repository.kind(of: id) != .commit { return nil }
        return try repository.isAncestor(one, of: other)
      }
      let against = comparison.findings.filter { !$0.isUnknown }
      switch format {
      case .json:
        console.out(
          JSONValue.object([
            "schema": .string("stagex-maint/ledger-compare/1"), "agree": .bool(against.isEmpty),
            "keepers": .array(found.map { $0.keeper.map { .string($0.hex) } ?? .null }),
            "common": .integer(Int64(comparison.common)),
            "only-first": .integer(Int64(comparison.onlyFirst)), "only-second": .integer(Int64(comparison.onlySecond)),
            "findings": .array(comparison.findings.map(\.json)),
          ]).text)
      case .text:
        let word =
          against.isEmpty
          ? (comparison.findings.isEmpty ? console.green("agree") : console.yellow("cannot tell"))
          : console.red("differ")
        console.say("\(word): \(printable(first)) and \(printable(second))")
        console.say(
          """
            states     \(comparison.common) seen by both, \(comparison.onlyFirst) only by the first, \
          \(comparison.onlySecond) only by the second
          """)
        for (name, ledger) in zip(names, found) {
          if let words = ledger.words { console.say("  keeper     of \(printable(name)): \(words)") }
        }
        for finding in comparison.findings { finding.lines(console).forEach(console.say) }
      }
      return against.isEmpty ? (comparison.findings.isEmpty ? .success : ExitCode(2)) : .failure
    }
  }
}

extension LedgerComparison.Finding {
  var isUnknown: Bool { if case .unknown = self { true } else { false } }

  private var code: String {
    switch self {
    case .rewritten: "rewritten"
    case .fork: "fork"
    case .rollback: "rollback"
    case .tag: "tag-moved"
    case .unknown: "missing-object"
    }
  }

  private var moves: [SeenMove] {
    switch self {
    case .rewritten: []
    case .fork(let a, let b), .rollback(let a, let b), .tag(let a, let b): [a, b]
    case .unknown(let a): [a]
    }
  }

  var json: JSONValue {
    var members: [JSONValue.Member] = [.init("code", .string(code)), .init("moves", .array(moves.map(\.json)))]
    if case .rewritten(let line) = self { members.append(.init("line", .integer(Int64(line)))) }
    return .object(members)
  }

  func lines(_ console: Console) -> [String] {
    let ref = printable(moves.first?.name ?? "")
    let words: String
    var next = "ask both where they fetched from, and keep both ledgers: one of the two was shown a history of its own"
    switch self {
    case .rewritten(let line):
      words = "two copies of one ledger differ from entry \(line) on: one of them was written anew"
      next = "stagex-maint ledger verify, on both computers"
    case .fork(let a, let b):
      words = """
        neither of two states of \(ref) holds the other: \(a.new.short) (seen \(timestamp(a.time))) and \(b.new.short) \
        (seen \(timestamp(b.time)))
        """
    case .rollback(let newer, let older):
      words = """
        \(ref) was shown at \(older.new.short) on \(timestamp(older.time)), \
        after it had stood at \(newer.new.short) on \(timestamp(newer.time))
        """
    case .tag(let a, let b): words = "the tag \(ref) is \(a.new.short) for one and \(b.new.short) for the other"
    case .unknown(let move):
      words = "\(move.new.short), seen of \(ref), is not in this repository"
      next = "git fetch it from whoever saw it, then the same command again"
    }
    return ["", isUnknown ? console.yellow(code) : console.red(code)]
      + wrapped(words, width: 98, indent: "").map { "  " + $0 } + ["  next: \(next)"]
  }
}
