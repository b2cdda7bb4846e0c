package import GitBridge
internal import Crypto

/// One move of one ref, and between which two moments it must have happened, as whoever keeps a ledger saw it.
package struct SeenMove: Sendable, Hashable {
  /// Who saw it.
  package enum Keeper: String, Sendable, CaseIterable {
    /// A server's hook, which judged and accepted it.
    case hook
    /// A continuous integration's gate, which judged and accepted it.
    case gate
    /// A clone, which judged and accepted it.
    case fetch
    /// Nobody anew: where the ref stood when the file before this one was full. Its old and new are the same.
    case kept

    /// Whether it stood where the ref was moved, and asked the rule at that moment.
    package var isGuard: Bool { self == .hook || self == .gate }
  }

  /// The ref's full name on the server, as bytes.
  package let ref: [UInt8]
  /// All zeros stand for "was not there" and "is gone".
  package let old: ObjectID
  package let new: ObjectID
  /// When the ref was first seen at `new`, in seconds since 1970.
  package let time: Int64
  /// When it was last seen elsewhere than at `new`; the same as `time` for a hook, which sees the move itself, and 0
  /// where nobody had looked before.
  package let since: Int64
  package let keeper: Keeper

  package init(ref: [UInt8], old: ObjectID, new: ObjectID, time: Int64, since: Int64, keeper: Keeper) {
    self.ref = ref
    self.old = old
    self.new = new
    self.time = time
    self.since = since
    self.keeper = keeper
  }

  package var name: String { String(decoding: ref, as: UTF8.self) }
}

/// The chain that makes a line depend on all lines before it: SHA-256, in 64 lower-case hex digits.
package struct LedgerChain: Sendable, Hashable {
  package let hex: [UInt8]

  static let count = 64
  static let none = LedgerChain(hex: [UInt8](repeating: UInt8(ascii: "0"), count: count))

  /// The start of a file's chain.
  init(header: some Sequence<UInt8>) {
    var hash = SHA256()
    hash.update(data: Array(header))
    self.init(hash.finalize())
  }

  func next(_ rest: ArraySlice<UInt8>) -> LedgerChain {
    var hash = SHA256()
    hash.update(data: hex)
    hash.update(data: [UInt8(ascii: " ")])
    hash.update(data: rest)
    return LedgerChain(hash.finalize())
  }

  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == Self.count,
      bytes.allSatisfy({
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      })
    else { return nil }
    hex = Array(bytes)
  }

  private init(hex: [UInt8]) { self.hex = hex }

  private init(_ digest: SHA256.Digest) {
    let digits = Array("0123456789abcdef".utf8)
    var hex: [UInt8] = []
    hex.reserveCapacity(Self.count)
    for byte in digest {
      hex.append(digits[Int(byte >> 4)])
      hex.append(digits[Int(byte & 15)])
    }
    self.hex = hex
  }
}

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
      let old = ObjectID(hex: fields[3]), let new = ObjectID(hex: fields[4]), Self.mayBeName(fields[5])
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

/// A file's first line: `stagex-maint ledger 1 ID NUMBER BEFORE CHAIN PLACE`.
struct LedgerHeader {
  /// Tells this ledger from others: 32 random hex digits.
  let id: String
  /// The files of a ledger are numbered from 1.
  let number: Int
  /// How many lines the files before this one held.
  let before: Int
  /// What the chain of the file before ended with.
  let previous: LedgerChain
  /// What is watched: `here`, or the address of a remote without user and password.
  let place: String

  static let start = "stagex-maint ledger 1 "

  var line: [UInt8] {
    Array("\(Self.start)\(id) \(number) \(before) ".utf8) + previous.hex + Array(" \(place)".utf8)
  }

  init(id: String, number: Int, before: Int, previous: LedgerChain, place: String) {
    self.id = id
    self.number = number
    self.before = before
    self.previous = previous
    self.place = place
  }

  init?(_ line: ArraySlice<UInt8>) {
    let start = Array(Self.start.utf8)
    guard line.starts(with: start) else { return nil }
    let fields = line.dropFirst(start.count).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard fields.count == 5, fields[0].count == 32, let id = String(validating: fields[0], as: UTF8.self),
      let number = Int(String(decoding: fields[1], as: UTF8.self)), number > 0, number < 1_000_000,
      let before = Int(String(decoding: fields[2], as: UTF8.self)), (0..<1 << 40).contains(before), let previous = LedgerChain(fields[3]),
      let place = String(validating: fields[4], as: UTF8.self)
    else { return nil }
    self.init(id: id, number: number, before: before, previous: previous, place: place)
  }
}
