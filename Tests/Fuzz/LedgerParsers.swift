@testable import GitBridge
@testable import Review

/// Ledgers, which are copied from machine to machine.
let ledgerParsers: [String: Parser] = [
  // A line and a header have one form only.
  "ledger-line": { bytes in
    let line = Array(bytes)
    guard let read = LedgerLine(line[...]) else { return }
    precondition(line == read.chain.hex + [UInt8(ascii: " ")] + LedgerLine.rest(of: read.move))
  },
  "ledger-header": { bytes in
    guard let header = LedgerHeader(Array(bytes)[...]) else { return }
    precondition(header.line == Array(bytes))
  },
  // The input without its chains: they are filled in, so that what lies behind them is reached. Of a whole ledger each
  // line is counted, none is broken, and where each ref was last is found in the lines; one that has lost a line, or
  // in which one octet is another, is broken.
  "ledger": { bytes in
    let (head, lines) = firstLine(bytes)
    _ = LedgerReading(bytes).summary()
    _ = LedgerReading(bytes).firstBreak()
    guard LedgerHeader(head[...]) != nil else { return }
    var chain = LedgerChain(header: head)
    var written = head + [UInt8(ascii: "\n")]
    var places: [Range<Int>] = []
    for line in lines.split(separator: UInt8(ascii: "\n")).prefix(8) {
      let next = chain.next(line)
      let whole = next.hex + [UInt8(ascii: " ")] + line
      guard LedgerLine(whole[...]) != nil else { return }
      chain = next
      places.append(written.count..<written.count + whole.count + 1)
      written += whole + [UInt8(ascii: "\n")]
    }
    written.withUnsafeBytes { bytes in
      let reading = LedgerReading(bytes)
      let summary = reading.summary()
      precondition(reading.firstBreak() == nil && !reading.isTorn)
      precondition(summary.count == places.count && summary.chain == chain)
      for (ref, move) in summary.last {
        let end = Array(" \(move.new.hex) ".utf8) + ref + [UInt8(ascii: "\n")]
        precondition(reading.first(endingIn: end) { $0 == move } == move)
      }
    }
    guard places.count > 1 else { return }
    for range in places.dropLast() {
      let shorter = Array(written[..<range.lowerBound] + written[range.upperBound...])
      precondition(shorter.withUnsafeBytes { LedgerReading($0).firstBreak() } != nil)
      var other = written
      other[range.lowerBound + (Int(written[range.upperBound - 2]) % (range.count - 1))] ^= 1
      precondition(other.withUnsafeBytes { LedgerReading($0).firstBreak() } != nil)
    }
  },
  // What a publication says of its ledger reads back from what it is written as.
  "ledger-summary": { bytes in
    guard let summary = PublishedLedger.Summary(message: bytes) else { return }
    precondition(PublishedLedger.Summary(message: summary.lines.utf8) == summary)
  },
]
