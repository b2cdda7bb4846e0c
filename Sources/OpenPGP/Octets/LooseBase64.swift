extension Armor {
  /// What lies in the armored blocks of a text, whatever their labels, as far as it can be made out: for octets whose
  /// mathematics alone decides, never for those of which another reader might see others.
  ///
  /// A block that gpg has disarmed with a colon before its first line is read too: who has the file can take that off.
  static func looseBlocks(in text: [UInt8]) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    var lines = LineReader(text)
    while let line = lines.next() {
      let start = text[line].drop { $0 == UInt8(ascii: ":") || isBlank($0) }
      guard start.starts(with: "-----BEGIN PGP ".utf8) else { continue }
      blocks.append(looseBody(&lines))
    }
    return blocks
  }

  private static func looseBody(_ lines: inout LineReader) -> [UInt8] {
    var body = LooseBase64()
    var isHead = true
    while let line = lines.next() {
      let text = lines.text[line]
      if text.starts(with: "-----".utf8) { break }
      if isHead, text.contains(UInt8(ascii: ":")) { continue }
      isHead = isHead && text.allSatisfy(isBlank)
      // The checksum.
      if text.first == UInt8(ascii: "=") { continue }
      text.forEach { body.append($0) }
    }
    return body.bytes
  }

  static func isBlank(_ octet: UInt8) -> Bool {
    octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t") || octet == UInt8(ascii: "\r")
  }
}

/// Base64 that passes over what it does not know.
private struct LooseBase64 {
  private(set) var bytes: [UInt8] = []
  private var pending: UInt32 = 0
  private var bits = 0

  mutating func append(_ character: UInt8) {
    let value = Base64.values[Int(character)]
    guard value < 64 else { return }
    pending = pending << 6 | UInt32(value)
    bits += 6
    guard bits >= 8 else { return }
    bits -= 8
    bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
  }
}
