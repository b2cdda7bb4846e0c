internal import Basics
internal import GitBridge
internal import Crypto

/// The chain that makes a line depend on all lines before it: SHA-256, in 64 lower-case hex digits.
package struct LedgerChain: Sendable, Hashable {
  /// The 64 digits, as ASCII.
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
    guard bytes.count == Self.count, areLowerHexadecimal(bytes) else { return nil }
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
