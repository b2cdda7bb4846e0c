internal import GitBridge

/// A ledger as somebody else hands it over: its folder or one of its files. What it says is that person's word.
package struct LedgerCopy: Sendable {
  package let name: String
  package let id: String
  package let place: String
  /// Oldest first.
  package let moves: [SeenMove]
  /// The chain after each line, by the number of the line in the whole ledger.
  package let chains: [Int: LedgerChain]

  /// - Throws: ``LedgerError`` where it is no ledger, or its chain is broken: then nothing in it can be relied on.
  package init(path: String) throws(LedgerError) {
    name = path
    let folder = LedgerFiles(folder: path)
    let names = folder.numbers().map { "\(path)/\(LedgerFiles.name(ofFile: $0))" } + ["\(path)/\(LedgerFiles.current)"]
    var maps = names.compactMap { LedgerFiles.map($0, ofAnybody: true) }
    if maps.isEmpty, let file = LedgerFiles.map(path, ofAnybody: true) { maps = [file] }
    var moves: [SeenMove] = []
    var chains: [Int: LedgerChain] = [:]
    var first: LedgerHeader?
    for map in maps {
      let reading = unsafe LedgerReading(map.bytes)
      guard let header = reading.header else { continue }
      if let broken = reading.firstBreak() {
        throw LedgerError(
          "\(printable(path)): line \(broken.line) of file \(header.number) does not follow from the one before",
          next: "ask for a whole copy: stagex-maint ledger verify")
      }
      first = first ?? header
      var number = header.before
      reading.lines { line in
        guard let read = LedgerLine(line) else { return false }
        number += 1
        moves.append(read.move)
        chains[number] = read.chain
        return true
      }
    }
    guard let first else {
      throw LedgerError("\(printable(path)) is no ledger", next: "name a ledger's folder, or one of its files")
    }
    (id, place, self.moves, self.chains) = (first.id, first.place, moves, chains)
  }
}
