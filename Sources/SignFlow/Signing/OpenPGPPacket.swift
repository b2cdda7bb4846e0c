internal import OpenPGP

/// Puts a detached signature and what it signs into one OpenPGP signed message (RFC 9580, section 10.3): a one-pass
/// packet, the literal data, the signature. It is what `gpg --sign` writes without compression, and it is built here so
/// that only one form of signature ever comes from outside and has to be read.
func signedMessage(_ content: [UInt8], _ signature: SignaturePacket) -> [UInt8]? {
  guard let issuer = signature.issuerKeyID else { return nil }
  let keyID = (0..<8).map { UInt8(truncatingIfNeeded: issuer.value >> UInt64(56 - 8 * $0)) }
  // Section 5.4: version 3, type 0x00, hash, public-key algorithm, issuer, 1: the last one-pass packet.
  let onePass = [3, 0, signature.hashAlgorithm.rawValue, signature.keyAlgorithm.rawValue] + keyID + [1]
  // Section 5.9: binary, no file name, no date.
  let literal = [UInt8(ascii: "b"), 0, 0, 0, 0, 0] + content
  return OpenPGPPacket.encode(4, onePass) + OpenPGPPacket.encode(11, literal) + signature.packet
}

enum OpenPGPPacket {
  /// A packet with a header in the current format, section 4.2.1.
  static func encode(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    let count = body.count
    let length: [UInt8] =
      switch count {
      case ..<192: [UInt8(count)]
      case ..<8384: [UInt8((count - 192) >> 8) + 192, UInt8((count - 192) & 0xFF)]
      default: [255] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
      }
    return [0xC0 | type] + length + body
  }
}
