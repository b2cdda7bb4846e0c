internal import Crypto
internal import GitBridge
internal import OpenPGP

/// Sixteen octets of a SHA-256: names a keyring or a policy in the cache.
struct CacheKey: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  static let none = CacheKey(high: 0, low: 0)

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(of bytes: [UInt8]) {
    var words: [UInt64] = [0, 0]
    for (index, byte) in SHA256.hash(data: bytes).prefix(16).enumerated() {
      words[index / 8] = words[index / 8] << 8 | UInt64(byte)
    }
    self.init(high: words[0], low: words[1])
  }
}
