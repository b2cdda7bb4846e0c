internal import GitBridge
internal import Glibc

/// One file of a ledger, read. Lines that are cut off at its end are left out.
@safe struct LedgerReading {
  private let bytes: UnsafeRawBufferPointer
  let header: LedgerHeader?
  private let body: Int
  private let count: Int

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    count = bytes.count
    if let feed = unsafe bytes[..<min(count, 2048)].firstIndex(of: UInt8(ascii: "\n")) {
      header = unsafe LedgerHeader(Array(bytes[..<feed])[...])
      body = feed + 1
    } else {
      header = nil
      body = count
    }
  }

  private var start: LedgerChain? {
    header == nil ? nil : unsafe LedgerChain(header: Array(bytes[..<(body - 1)]))
  }

  /// Visits each line from the first to the last; stops where `visit` answers false.
  func lines(_ visit: (ArraySlice<UInt8>) -> Bool) {
    var start = body
    while start < count, let end = feed(from: start) {
      let line = unsafe Array(bytes[start..<end])
      guard visit(line[...]) else { return }
      start = end + 1
    }
  }

  private func feed(from start: Int) -> Int? {
    guard let base = unsafe bytes.baseAddress, let found = unsafe memchr(base + start, 0x0A, count - start) else {
      return nil
    }
    return unsafe UnsafeRawPointer(found) - base
  }

  struct Summary {
    var count = 0
    var chain = LedgerChain.none
    var last: [[UInt8]: SeenMove] = [:]
  }

  /// How many lines there are, what the chain ends with, and where each ref was last.
  func summary() -> Summary {
    var summary = Summary()
    if let start { summary.chain = start }
    lines { line in
      guard let read = LedgerLine(line) else { return false }
      summary.count += 1
      summary.chain = read.chain
      summary.last[read.move.ref] = read.move
      return true
    }
    return summary
  }

  /// The first line that does not follow from the one before, counted from 1; nil where all do.
  func firstBreak() -> (line: Int, chain: LedgerChain)? {
    guard var chain = start else { return (1, .none) }
    var number = 1
    var isBroken = false
    lines { line in
      number += 1
      guard let read = LedgerLine(line), chain.next(read.rest) == read.chain else {
        isBroken = true
        return false
      }
      chain = read.chain
      return true
    }
    return isBroken ? (number, chain) : nil
  }

  /// Whether the file ends in the middle of a line.
  var isTorn: Bool { unsafe bytes.last != UInt8(ascii: "\n") }

  /// The first line that ends in these bytes, a line feed among them, and reads as a move that `isWanted`. Compared as
  /// bytes, since a ledger may hold hundreds of thousands of lines.
  func first(endingIn suffix: [UInt8], where isWanted: (SeenMove) -> Bool) -> SeenMove? {
    var start = body
    while start < count, let end = feed(from: start) {
      if end + 1 - start >= suffix.count, isEqual(suffix, at: end + 1 - suffix.count),
        let line = unsafe LedgerLine(Array(bytes[start..<end])[...]), isWanted(line.move)
      {
        return line.move
      }
      start = end + 1
    }
    return nil
  }

  private func isEqual(_ other: [UInt8], at offset: Int) -> Bool {
    unsafe other.withUnsafeBytes { wanted in
      guard let ours = unsafe bytes.baseAddress, let theirs = wanted.baseAddress else { return false }
      return unsafe memcmp(ours + offset, theirs, wanted.count) == 0
    }
  }
}
