import Foundation
import GitBridge
import Review
import Support
import Testing

/// What a ledger of a million moves costs. Not a test of anything: it prints, and is run by hand with
/// STAGEX_MAINT_MEASURE=1.
@Suite struct LedgerMeasureTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["STAGEX_MAINT_MEASURE"] != nil, "set STAGEX_MAINT_MEASURE=1"))
  func aMillionMoves() throws {
    let folder = try TemporaryFolder()
    let ledger = LedgerTests.ledger(folder)
    let clock = ContinuousClock()
    let million = 1_000_000
    let writing = try clock.measure {
      for part in 0..<100 {
        try ledger.enter(
          (1...(million / 100)).map { LedgerTests.move(part * (million / 100) + $0 - 1, part * (million / 100) + $0) },
          place: "here")
      }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: ledger.folder)
    let bytes = try names.map {
      try FileManager.default.attributesOfItem(atPath: "\(ledger.folder)/\($0)")[.size] as? Int ?? 0
    }.reduce(0, +)
    print("a million moves in 100 pushes: \(writing); \(names.count) files, \(bytes >> 20) MiB")
    let one = try clock.measure { try ledger.enter([LedgerTests.move(million, million + 1)], place: "here") }
    print("one more: \(one)")
    var known: LedgerKnowledge?
    print(
      """
      open: \(clock.measure { known = LedgerKnowledge(ledger) }); newest file only: \
      \(clock.measure { _ = LedgerKnowledge(ledger, whole: false) })
      """)
    let main = Array("refs/heads/main".utf8)
    print(
      """
      a look-up that finds nothing: \
      \(clock.measure { #expect(known?.took(ref: main, old: LedgerTests.id(1), new: LedgerTests.id(2)) == nil) })
      """)
    print("verify: \(clock.measure { #expect(LedgerExamination(ledger).isWhole) })")
  }
}
