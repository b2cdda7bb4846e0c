internal import Basics
internal import GitBridge
internal import Crypto

/// A file's first line: `stagex-maint ledger 1 ID NUMBER BEFORE CHAIN PLACE`.
struct LedgerHeader: Equatable {
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
    guard fields.count == 5, Self.isID(fields[0]), let id = String(validating: fields[0], as: UTF8.self),
      let number = Self.number(fields[1]), number > 0, number < 1_000_000,
      let before = Self.number(fields[2]), (0..<1 << 40).contains(before),
      let previous = LedgerChain(fields[3]),
      let place = String(validating: fields[4], as: UTF8.self)
    else { return nil }
    self.init(id: id, number: number, before: before, previous: previous, place: place)
  }

  /// Whether it has the form of ``id``.
  static func isID(_ text: some Collection<UInt8>) -> Bool {
    text.count == 32 && areLowerHexadecimal(text)
  }

  /// In the one form that a number has: no sign, no leading zero.
  static func number(_ bytes: some Collection<UInt8>) -> Int? {
    guard let number = Int(String(decoding: bytes, as: UTF8.self)), String(number).utf8.elementsEqual(bytes) else {
      return nil
    }
    return number
  }

  /// Whether this is the header of the file after one with that header.
  ///
  /// - Parameters:
  ///   - chain: What the chain of the file before ends with.
  ///   - count: How many lines there were up to its end.
  func follows(_ before: LedgerHeader, ending chain: LedgerChain, at count: Int) -> Bool {
    id == before.id && number == before.number + 1 && previous == chain && self.before == count
  }
}
