internal import GitBridge

/// Whether a ledger's chain is whole.
package struct LedgerExamination: Sendable {
  package struct File: Sendable {
    package let name: String
    package let lines: Int
    package let bytes: Int
  }

  package let folder: String
  package private(set) var id = ""
  package private(set) var place = ""
  package private(set) var files: [File] = []
  /// How many lines were in files that have been given up.
  package private(set) var givenUp = 0
  package private(set) var count = 0
  /// What the chain ends with.
  package private(set) var chain = ""
  /// What is wrong, in words safe to print; empty where the chain is whole.
  package private(set) var defects: [String] = []
  package private(set) var notes: [String] = []

  package init(_ ledger: Ledger) {
    folder = ledger.folder
    var previous: (header: LedgerHeader, chain: LedgerChain, count: Int)?
    for name in ledger.files.numbers().map(LedgerFiles.name) + [LedgerFiles.current] {
      guard let file = ledger.files.map(name) else {
        defects.append("\(name) is not there, or others may write it")
        continue
      }
      let reading = unsafe LedgerReading(file.bytes)
      guard let header = reading.header else {
        defects.append("\(name) does not begin as a ledger")
        continue
      }
      if let broken = reading.firstBreak() {
        defects.append(
          "\(name), line \(broken.line) does not follow from the one before: it was changed, or lines were taken out")
      }
      if reading.isTorn { notes.append("the last line of \(name) is cut off, as by a crash; the next entry mends it") }
      let summary = reading.summary()
      if let before = previous {
        // The newest full file may still be the growing one, under two names: somebody was stopped between two steps.
        if header.number == before.header.number, header.previous == before.header.previous,
          summary.chain == before.chain
        {
          continue
        }
        if header.id != before.header.id || header.number != before.header.number + 1 || header.previous != before.chain
          || header.before != before.count
        {
          defects.append("\(name) does not go on from the file before it")
        }
      } else {
        givenUp = header.before
      }
      (id, place, count, chain) = (
        header.id, header.place, header.before + summary.count, String(decoding: summary.chain.hex, as: UTF8.self)
      )
      previous = (header, summary.chain, count)
      files.append(File(name: name, lines: summary.count, bytes: unsafe file.bytes.count))
    }
  }

  package var isWhole: Bool { defects.isEmpty && !files.isEmpty }
}
