internal import ArgumentParser
internal import GitBridge
internal import Review

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
        console.say(
          "\(examination.isWhole ? console.green("whole") : console.red("broken")): \(printable(examination.folder))")
        console.say("  watched    \(printable(examination.place))")
        console.say(
          """
            entries    \
          \(examination.count)\(examination.givenUp == 0 ? "" : ", the oldest \(examination.givenUp) given up")
          """)
        console.say("  files      \(examination.files.count), \(examination.files.map(\.bytes).reduce(0, +) >> 10) KiB")
        console.say("  chain ends \(examination.chain)")
        for note in examination.notes { console.say("note: \(note)") }
        for defect in examination.defects { console.say("\(console.red("broken")): \(defect)") }
        if !examination.isWhole {
          console.say(
            """
            next: stagex-maint ledger compare \(shellWord(examination.folder)) COPY   \
            (an older copy, to see what changed)
            """)
        }
      }
      return examination.isWhole ? .success : .failure
    }
  }
}
