extension Armor {
  /// `bytes` as one block under `label`, with the checksum that older readers want (RFC 9580, section 6.1).
  static func encode(_ bytes: [UInt8], label: String) -> [UInt8] {
    var text = Array("-----BEGIN \(label)-----\n\n".utf8)
    // 48 octets are a line of 64 characters, as GnuPG breaks them.
    for start in stride(from: 0, to: bytes.count, by: 48) {
      text += base64(bytes[start..<min(start + 48, bytes.count)])
      text.append(UInt8(ascii: "\n"))
    }
    let sum = crc24(bytes)
    text.append(UInt8(ascii: "="))
    text += base64([2, 1, 0].map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }[...])
    return text + "\n-----END \(label)-----\n".utf8
  }

  /// RFC 4648, section 4.
  private static func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    var rest = bytes
    while !rest.isEmpty {
      let group = rest.prefix(3)
      rest = rest.dropFirst(3)
      let bits = group.reduce(0 as UInt32) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? digits[Int(bits >> (18 - 6 * UInt32(place))) & 63] : UInt8(ascii: "="))
      }
    }
    return text
  }
}
