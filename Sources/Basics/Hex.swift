/// Octets as hexadecimal digits in lower case, two an octet.
package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  String(decoding: digits(bytes, of: lowerDigits), as: UTF8.self)
}

/// Octets as hexadecimal digits in upper case, two an octet.
package func upperHexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  String(decoding: digits(bytes, of: upperDigits), as: UTF8.self)
}

/// The octets that digits in lower case stand for, two digits an octet; nil for anything else.
package func bytesOfHex(_ text: String) -> [UInt8]? {
  var nibbles: [UInt8] = []
  for digit in text.utf8 {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): nibbles.append(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): nibbles.append(digit - UInt8(ascii: "a") + 10)
    default: return nil
    }
  }
  guard nibbles.count.isMultiple(of: 2) else { return nil }
  return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
}

/// Whether all octets are hexadecimal digits in lower case, as git and SHA-256 sums are written.
package func areLowerHexadecimal(_ text: some Sequence<UInt8>) -> Bool {
  text.allSatisfy {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
  }
}

private let lowerDigits = Array("0123456789abcdef".utf8)
private let upperDigits = Array("0123456789ABCDEF".utf8)

private func digits(_ bytes: some Sequence<UInt8>, of digits: [UInt8]) -> [UInt8] {
  var text: [UInt8] = []
  text.reserveCapacity(2 * bytes.underestimatedCount)
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return text
}
