internal import GitBridge

/// Whether a ledger's chain is whole.
package struct LedgerExamination: Sendable {
  /// One of the ledger's files that can be read as one.
  package struct File: Sendable {
    /// Within the folder: `ledger`, or `ledger-` and six digits.
    package let name: String
    /// How many moves it holds, up to the first line that cannot be read. The header is not among them.
    package let lines: Int
    /// Its size on the disk.
    package let bytes: Int
  }

  /// The folder that was looked at. Not yet safe to print.
  package let folder: String
  /// The 32 digits that tell this ledger from others; empty where no file can be read.
  package private(set) var id = ""
  /// What is watched, as the newest header has it. Not yet safe to print.
  package private(set) var place = ""
  /// The oldest first, the one that grows last.
  package private(set) var files: [File] = []
  /// How many lines were in files that have been given up.
  package private(set) var givenUp = 0
  /// How many moves were ever entered, those of files that have been given up included.
  package private(set) var count = 0
  /// What the chain ends with.
  package private(set) var chain = ""
  /// What is wrong, in words safe to print; empty where the chain is whole.
  package private(set) var defects: [String] = []
  /// What is unusual and breaks nothing: a last line that a crash has cut off. Safe to print.
  package private(set) var notes: [String] = []

  /// Reads all files that belong to this user and that nobody else may write. What cannot be read is a defect.
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
        if header == before.header, summary.chain == before.chain { continue }
        if !header.follows(before.header, ending: before.chain, at: before.count) {
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

  /// Whether there is a ledger, and each line of it follows from the one before.
  package var isWhole: Bool { defects.isEmpty && !files.isEmpty }
}
