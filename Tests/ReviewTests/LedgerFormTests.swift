import GitBridge
import Testing

@testable import Review

/// A line of a ledger and its header have one form each: what looks a move up by a line's bytes and what reads the
/// line's fields must see the same. Found while fuzzing.
@Suite struct LedgerFormTests {
  private static let chain = String(repeating: "ab", count: 32)
  private static let ledger = String(repeating: "0a", count: 16)
  private static let id = "0123456789abcdef0123456789abcdef01234567"

  private static func line(_ old: String, _ new: String) -> ArraySlice<UInt8> {
    Array("\(chain) 1700000000 1600000000 hook \(old) \(new) refs/heads/main".utf8)[...]
  }

  @Test func anIDInCapitalsIsNoLine() {
    #expect(LedgerLine(Self.line(Self.id, Self.id)) != nil)
    #expect(LedgerLine(Self.line(Self.id.uppercased(), Self.id)) == nil)
    #expect(LedgerLine(Self.line(Self.id, Self.id.uppercased())) == nil)
  }

  @Test(arguments: ["+1 0", "01 0", "1 +0", "1 00", "1 -0"])
  func aNumberInAnotherFormIsNoHeader(_ numbers: String) {
    func header(_ numbers: String) -> LedgerHeader? {
      LedgerHeader(Array("\(LedgerHeader.start)\(Self.ledger) \(numbers) \(Self.chain) here".utf8)[...])
    }
    #expect(header("1 0") != nil)
    #expect(header(numbers) == nil)
  }

  @Test(arguments: [
    "Id: x\nEntries: 4\nChain: \(chain)\n", "Id: \(ledger)\nEntries: +4\nChain: \(chain)\n",
    "Id: \(ledger)\nEntries: 4\nChain: \(chain)\r", "Id: \(ledger)\nEntries: 4\nChain: ab\n",
  ])
  func aPublicationInAnotherFormSaysNothing(_ message: String) {
    let good = "Publish\n\nId: \(Self.ledger)\nEntries: 4\nChain: \(Self.chain)\n"
    #expect(PublishedLedger.Summary(message: good.utf8)?.count == 4)
    #expect(PublishedLedger.Summary(message: message.utf8) == nil)
  }
}
