internal import GitBridge
internal import Crypto

/// A line of a ledger: `CHAIN TIME SINCE KEEPER OLD NEW REF`.
struct LedgerLine {
  let chain: LedgerChain
  let move: SeenMove
  /// What the chain covers besides the line before: all after `CHAIN `.
  let rest: ArraySlice<UInt8>

  /// Reads a line without its line feed; nil where it is none.
  init?(_ line: ArraySlice<UInt8>) {
    let start = line.startIndex
    guard line.count > LedgerChain.count + 1, let chain = LedgerChain(line.prefix(LedgerChain.count)),
      line[start + LedgerChain.count] == UInt8(ascii: " ")
    else { return nil }
    rest = line.dropFirst(LedgerChain.count + 1)
    let fields = rest.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard fields.count == 6, let time = Self.number(fields[0]), let since = Self.number(fields[1]),
      let keeper = SeenMove.Keeper(rawValue: String(decoding: fields[2], as: UTF8.self)),
      let old = Self.id(fields[3]), let new = Self.id(fields[4]), Self.mayBeName(fields[5])
    else { return nil }
    self.chain = chain
    move = SeenMove(ref: Array(fields[5]), old: old, new: new, time: time, since: since, keeper: keeper)
  }

  /// Digits only, so that one number has one form.
  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard !bytes.isEmpty, bytes.count <= 12, bytes.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }),
      bytes.count == 1 || bytes.first != UInt8(ascii: "0")
    else { return nil }
    return bytes.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Lower-case digits only: whoever looks a move up by a line's bytes must find what others read in it.
  private static func id(_ bytes: ArraySlice<UInt8>) -> ObjectID? {
    bytes.contains { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) } ? nil : ObjectID(hex: bytes)
  }

  /// What git allows in a name and what a line can hold: no space, no control character (git-check-ref-format(1)).
  static func mayBeName(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.count <= 1024 && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }

  /// All of a line but its chain and its line feed.
  static func rest(of move: SeenMove) -> [UInt8] {
    var bytes = Array("\(max(0, move.time)) \(max(0, move.since)) \(move.keeper.rawValue) ".utf8)
    bytes += move.old.hexBytes
    bytes.append(UInt8(ascii: " "))
    bytes += move.new.hexBytes
    bytes.append(UInt8(ascii: " "))
    bytes += move.ref
    return bytes
  }
}
