import OpenPGP

/// Writes OpenPGP's encodings for tests. Written apart from the reader that is under test, so that one
/// misunderstanding cannot hide in both.
package enum OpenPGPEncoding {
  /// `body` as a packet in the new format (RFC 9580, section 4.2.1).
  package static func packet(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0xC0 | type] + length(body.count) + body
  }

  /// `body` as a packet in the old format (section 4.2.2), with a length of 1, 2 or 4 octets.
  package static func oldPacket(_ type: UInt8, _ body: [UInt8], lengthOctets: Int = 2) -> [UInt8] {
    let code: UInt8 = lengthOctets == 1 ? 0 : lengthOctets == 2 ? 1 : 2
    return [0x80 | type << 2 | code] + number(body.count, octets: lengthOctets) + body
  }

  /// The length of a packet or subpacket: one, two or five octets, the shortest that fits.
  package static func length(_ count: Int) -> [UInt8] {
    switch count {
    case 0..<192: [UInt8(count)]
    case 192..<8384: [UInt8((count - 192) / 256 + 192), UInt8((count - 192) % 256)]
    default: [255] + number(count, octets: 4)
    }
  }

  /// `value` in `octets` octets, most significant first.
  package static func number(_ value: Int, octets: Int) -> [UInt8] {
    (0..<octets).map { UInt8(truncatingIfNeeded: value >> (8 * (octets - 1 - $0))) }
  }

  /// A multiprecision integer (section 3.2) of these octets, whose leading zeros are dropped.
  package static func multiprecisionInteger(_ octets: some Collection<UInt8>) -> [UInt8] {
    let digits = Array(octets.drop { $0 == 0 })
    guard let first = digits.first else { return [0, 0] }
    return number(digits.count * 8 - first.leadingZeroBitCount, octets: 2) + digits
  }

  /// Multiprecision integers with a bit count of whole octets, which may be more than they have.
  package static func declaringMoreBits(_ numbers: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = numbers[...]
    while rest.count >= 2 {
      let octets = (Int(rest[rest.startIndex]) << 8 + Int(rest[rest.startIndex + 1]) + 7) / 8
      result += number(octets * 8, octets: 2) + rest.dropFirst(2).prefix(octets)
      rest = rest.dropFirst(2 + octets)
    }
    return result
  }

  /// One subpacket of a signature (section 5.2.3.7).
  package static func subpacket(_ type: UInt8, _ content: [UInt8], isCritical: Bool = false) -> [UInt8] {
    length(content.count + 1) + [type | (isCritical ? 0x80 : 0)] + content
  }

  /// A notation with a text value (section 5.2.3.24).
  package static func notation(_ name: String, _ value: String, isCritical: Bool = false) -> [UInt8] {
    let content = [0x80, 0, 0, 0] + number(name.utf8.count, octets: 2) + number(value.utf8.count, octets: 2)
    return subpacket(20, content + name.utf8 + value.utf8, isCritical: isCritical)
  }

  /// `bytes` in armor (section 6), as GnuPG writes it.
  package static func armor(
    _ bytes: [UInt8], label: String = "PGP SIGNATURE", headers: [String] = [], checksum: Bool = true
  ) -> [UInt8] {
    var lines = ["-----BEGIN \(label)-----"] + headers + [""]
    let text = Array(base64(bytes))
    for start in stride(from: 0, to: text.count, by: 64) {
      lines.append(String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self))
    }
    if checksum { lines.append("=" + String(decoding: base64(number(crc24(bytes), octets: 3)), as: UTF8.self)) }
    lines.append("-----END \(label)-----")
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  package static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return stride(from: 0, to: bytes.count, by: 3).flatMap { start -> [UInt8] in
      let group = Array(bytes[start..<min(start + 3, bytes.count)])
      let padded = group + [UInt8](repeating: 0, count: 3 - group.count)
      let bits = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
      let digits = (0..<4).map { alphabet[bits >> (18 - 6 * $0) & 63] }
      return digits.prefix(group.count + 1) + [UInt8](repeating: UInt8(ascii: "="), count: 3 - group.count)
    }
  }

  package static func crc24(_ bytes: [UInt8]) -> Int {
    bytes.reduce(0xB704CE) { sum, byte in
      (0..<8).reduce(sum ^ Int(byte) << 16) { sum, _ in
        let shifted = sum << 1
        return shifted & 0x1000000 == 0 ? shifted : (shifted ^ 0x1864CFB) & 0xFFFFFF
      }
    }
  }
}
