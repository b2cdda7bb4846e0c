extension Armor {
  /// `bytes` as one block under `label`, with the checksum that older readers want (RFC 9580, section 6.1).
  static func encode(_ bytes: [UInt8], label: String) -> [UInt8] {
    var text = Array("-----BEGIN \(label)-----\n\n".utf8)
    // 48 octets are a line of 64 characters, as GnuPG breaks them.
    for start in stride(from: 0, to: bytes.count, by: 48) {
      text += Base64.encode(bytes[start..<min(start + 48, bytes.count)])
      text.append(UInt8(ascii: "\n"))
    }
    let sum = crc24(bytes)
    text.append(UInt8(ascii: "="))
    text += Base64.encode([2, 1, 0].map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) })
    return text + "\n-----END \(label)-----\n".utf8
  }
}
