/// The octets inside an armor of any label, read loosely: for counting, never for judging.
package enum LooseArmor {
  /// What stands between the first line and the line that ends it; what is no base64 is passed over.
  package static func content(of armor: [UInt8]) -> [UInt8] {
    var content: [UInt8] = []
    content.reserveCapacity(armor.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    var start = armor.firstIndex(of: newline).map { $0 + 1 } ?? armor.count
    // Headers of the armor, and the empty line after them. SSH's and X.509's have none.
    while let end = armor[start...].firstIndex(of: newline),
      armor[start..<end].contains(UInt8(ascii: ":")) || end == start
    {
      start = end + 1
    }
    var isLineStart = true
    for byte in armor[start...] {
      let value = values[Int(byte)]
      if value >= 0 {
        bits = bits << 6 | UInt32(value)
        count += 1
        if count == 4 {
          content.append(UInt8(truncatingIfNeeded: bits >> 16))
          content.append(UInt8(truncatingIfNeeded: bits >> 8))
          content.append(UInt8(truncatingIfNeeded: bits))
          count = 0
        }
      } else if isLineStart, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "=") {
        break
      }
      isLineStart = byte == newline
    }
    if count >= 2 { content.append(UInt8(truncatingIfNeeded: bits >> (UInt32(count) * 6 - 8))) }
    if count == 3 { content.append(UInt8(truncatingIfNeeded: bits >> 2)) }
    return content
  }

  private static let newline = UInt8(ascii: "\n")

  private static let values: [Int8] = {
    var values = [Int8](repeating: -1, count: 256)
    for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8.enumerated() {
      values[Int(digit)] = Int8(value)
    }
    return values
  }()
}
