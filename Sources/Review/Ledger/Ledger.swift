internal import GitBridge
internal import Glibc

/// An append-only, chained record of when each protected ref was first seen where: docs/ledger.md.
///
/// Only what was judged and accepted is entered, after it was. Losing the files loses that knowledge and nothing else.
package struct Ledger: Sendable {
  let files: LedgerFiles

  /// The folder of its files, as it was given. It need not exist.
  package var folder: String { files.folder }

  /// - Parameter folder: where its files lie; made by the first entry.
  package init(folder: String) { files = LedgerFiles(folder: folder) }

  /// Enters moves, oldest first. What the newest lines say already is not entered twice: a hook and the backstop behind
  /// it see the same move.
  ///
  /// - Parameter place: what is watched, for the header of a new ledger.
  /// - Throws: ``LedgerError``. Nothing, or less than all, has then been entered.
  package func enter(_ moves: [SeenMove], place: String) throws(LedgerError) {
    guard !moves.isEmpty else { return }
    try files.make()
    try files.locked { () throws(LedgerError) in
      if unsafe access(files.currentPath, F_OK) != 0 { try start(place) }
      var tail = try LedgerTail(files)
      for move in moves where !tail.holds(move) && LedgerLine.mayBeName(move.ref) { tail.add(move) }
      try tail.flush()
      if tail.size >= LedgerFiles.fullAt { try turnOver(tail) }
    }
  }

  private func start(_ place: String) throws(LedgerError) {
    // A file that went while older ones are there is a loss, and the chain says so by going on from the newest.
    var header = LedgerHeader(id: Self.newID(), number: 1, before: 0, previous: .none, place: Self.escaped(place))
    if let last = files.numbers().last, let file = files.map(LedgerFiles.name(ofFile: last)) {
      let old = unsafe LedgerReading(file.bytes)
      if let known = old.header {
        let summary = old.summary()
        header = LedgerHeader(
          id: known.id, number: last + 1, before: known.before + summary.count, previous: summary.chain,
          place: known.place)
      }
    }
    try files.replaceCurrent(with: header.line + [UInt8(ascii: "\n")])
  }

  /// Puts a full file aside and begins the next, with a line for where each ref stood.
  private func turnOver(_ tail: borrowing LedgerTail) throws(LedgerError) {
    guard let file = files.map(LedgerFiles.current) else { return }
    let reading = unsafe LedgerReading(file.bytes)
    guard let header = reading.header else { return }
    let summary = reading.summary()
    let aside = "\(files.folder)/\(LedgerFiles.name(ofFile: header.number))"
    // Linked first, so that at no moment there is no `ledger`. Who was stopped here before has made this very link.
    guard unsafe link(files.currentPath, aside) == 0 || errno == EEXIST else {
      throw .system("put aside", aside, errno)
    }
    let next = LedgerHeader(
      id: header.id, number: header.number + 1, before: header.before + summary.count, previous: summary.chain,
      place: header.place)
    var bytes = next.line + [UInt8(ascii: "\n")]
    var chain = LedgerChain(header: next.line)
    for last in summary.last.values.filter({ !$0.new.isZero }).sorted(by: { $0.time > $1.time }).prefix(4096) {
      let rest = LedgerLine.rest(
        of: SeenMove(ref: last.ref, old: last.new, new: last.new, time: last.time, since: last.since, keeper: .kept))
      chain = chain.next(rest[...])
      bytes += chain.hex + [UInt8(ascii: " ")] + rest + [UInt8(ascii: "\n")]
    }
    try files.replaceCurrent(with: bytes)
    for number in files.numbers() where number <= header.number - LedgerFiles.keptFiles {
      _ = unsafe unlink("\(files.folder)/\(LedgerFiles.name(ofFile: number))")
    }
  }

  /// Remembers that somebody looked and that all refs stood where this ledger says. Says nothing where it cannot: the
  /// next new state is then known less well.
  package func looked(at time: Int64) {
    guard (try? files.make()) != nil else { return }
    // Attack: a pipe of that name, at which a fetch would wait for ever.
    let file = unsafe open(
      "\(files.folder)/looked", O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_TRUNC, 0o600)
    guard file >= 0 else { return }
    try? LedgerFiles.write(Array("\(time)\n".utf8), to: file, files.folder)
    close(file)
  }

  /// When somebody last looked at all refs; 0 where nobody is known to have.
  package var lastLook: Int64 {
    guard let bytes = try? readWholeFile("\(files.folder)/looked", limit: 64, flags: O_NOFOLLOW),
      let text = String(validating: bytes, as: UTF8.self), text.last == "\n"
    else { return 0 }
    return Int64(text.dropLast()) ?? 0
  }

  private static func newID() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<4).map { _ in
      let digits = String(UInt32.random(in: 0 ... .max, using: &generator), radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// An address as one word without user and password, which are nobody's business.
  package static func escaped(_ place: String) -> String {
    var text = place
    if let scheme = text.firstRange(of: "://"),
      let at = text[scheme.upperBound...].prefix(while: { $0 != "/" }).lastIndex(of: "@")
    {
      text = String(text[..<scheme.upperBound] + text[text.index(after: at)...])
    }
    var word = ""
    for byte in text.utf8.prefix(512) {
      let isPlain = byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "%")
      word +=
        isPlain ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }
    return word.isEmpty ? "here" : word
  }
}
