internal import Glibc
internal import Review

/// Runs of bytes over a socket, each with its length in front.
struct Messages {
  let descriptor: Int32
  /// No message of ours is longer; what claims to be is not ours.
  static let limit = 1 << 20

  func send(_ parts: [[UInt8]]) -> Bool {
    var bytes = Self.number(parts.count)
    for part in parts { bytes += Self.number(part.count) + part }
    var rest = bytes[...]
    while !rest.isEmpty {
      // Without MSG_NOSIGNAL a caller that was killed would kill us too.
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Nil when the other end is gone or says what nobody of ours says.
  func receive() -> [[UInt8]]? {
    guard let count = number(), count <= 256 else { return nil }
    var parts: [[UInt8]] = []
    var total = 0
    for _ in 0..<count {
      guard let length = number(), length <= Self.limit - total, let part = read(length) else { return nil }
      total += length
      parts.append(part)
    }
    return parts
  }

  private static func number(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }

  private func number() -> Int? { read(4)?.reduce(0) { $0 << 8 | Int($1) } }

  private func read(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(count, 65_536))
    while bytes.count < count {
      let got = unsafe Glibc.read(descriptor, &buffer, min(buffer.count, count - bytes.count))
      guard got > 0 else { return nil }
      bytes += buffer.prefix(got)
    }
    return bytes
  }
}
