internal import GitBridge

/// A ledger as somebody else hands it over: its folder or one of its files. What it says is that person's word.
package struct LedgerCopy: Sendable {
  /// What the person called it: a path, a ref, `REMOTE:NAME`. Not yet safe to print.
  package let name: String
  /// The 32 digits of its header. Two copies with the same are copies of one ledger.
  package let id: String
  /// What is watched, as the header has it: `here`, or an address. Not yet safe to print.
  package let place: String
  /// Oldest first.
  package let moves: [SeenMove]
  /// The chain after each line, by the number of the line in the whole ledger.
  package let chains: [Int: LedgerChain]

  /// How many entries its files go back to, and were given up before.
  package let givenUp: Int
  /// How many entries there ever were.
  package let count: Int
  /// What the chain ends with.
  package let chain: LedgerChain

  /// - Throws: ``LedgerError`` where it is no ledger, or its chain is broken: then nothing in it can be relied on.
  package init(path: String) throws(LedgerError) {
    let folder = LedgerFiles(folder: path)
    let names = folder.numbers().map { "\(path)/\(LedgerFiles.name(ofFile: $0))" } + ["\(path)/\(LedgerFiles.current)"]
    var maps = names.compactMap { LedgerFiles.map($0, ofAnybody: true) }
    if maps.isEmpty, let file = LedgerFiles.map(path, ofAnybody: true) { maps = [file] }
    try self.init(name: path, parts: maps) { map, read throws(LedgerError) in try read(unsafe LedgerReading(map.bytes))
    }
  }

  /// - Parameter files: The bytes of each file, the oldest first.
  package init(name: String, files: [[UInt8]]) throws(LedgerError) {
    try self.init(name: name, parts: files) { bytes, read throws(LedgerError) in
      var outcome: Result<Void, LedgerError> = .success(())
      unsafe bytes.withUnsafeBytes { raw in
        do throws(LedgerError) { try read(unsafe LedgerReading(raw)) } catch { outcome = .failure(error) }
      }
      try outcome.get()
    }
  }

  private init<Part>(
    name: String, parts: [Part], read: (Part, (LedgerReading) throws(LedgerError) -> Void) throws(LedgerError) -> Void
  ) throws(LedgerError) {
    self.name = name
    var moves: [SeenMove] = []
    var chains: [Int: LedgerChain] = [:]
    var first: LedgerHeader?
    var end: (count: Int, chain: LedgerChain) = (0, .none)
    var before: LedgerHeader?
    for part in parts {
      try read(part) { reading throws(LedgerError) in
        guard let header = reading.header else {
          if parts.count == 1 { return }
          throw Self.broken("\(printable(name)): one of its files does not begin as a ledger")
        }
        if let broken = reading.firstBreak() {
          throw Self.broken(
            "\(printable(name)): line \(broken.line) of file \(header.number) does not follow from the one before")
        }
        if let before {
          // The newest full file may still be the growing one, under two names.
          if header == before, reading.summary().chain == end.chain { return }
          // Attack: what was entered after the last publication is written anew, with a chain of its own to the end.
          guard header.follows(before, ending: end.chain, at: end.count) else {
            throw Self.broken("\(printable(name)): file \(header.number) does not go on from the file before it")
          }
        }
        before = header
        first = first ?? header
        end = (header.before, LedgerChain(header: header.line))
        reading.lines { line in
          guard let read = LedgerLine(line) else { return false }
          end = (end.count + 1, read.chain)
          moves.append(read.move)
          chains[end.count] = read.chain
          return true
        }
      }
    }
    guard let first else {
      throw LedgerError(
        "\(printable(name)) is no ledger", next: "name a ledger's folder, one of its files, or REMOTE:NAME")
    }
    (id, place, self.moves, self.chains) = (first.id, first.place, moves, chains)
    (givenUp, count, chain) = (first.before, end.count, end.chain)
  }

  private static func broken(_ message: String) -> LedgerError {
    LedgerError(message, next: "ask for a whole copy: stagex-maint ledger verify")
  }
}
