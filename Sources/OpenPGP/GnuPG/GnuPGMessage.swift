/// The message that gpg is given: a one-pass packet, the payload as a literal, the signature. It is judged exactly
/// as a detached signature is (RFC 9580, section 10.3), and unlike that it needs one file only.
enum GnuPGMessage {
  /// All that stands before the payload.
  static func head(_ signature: SignaturePacket, payloadSize: Int) -> [UInt8] {
    // Version 3, type, hash, key algorithm, key id, last of its kind (RFC 9580, section 5.4).
    var onePass: [UInt8] = [3, signature.type, signature.hashAlgorithm.rawValue, signature.keyAlgorithm.rawValue]
    onePass.append(bigEndian: signature.issuerKeyID?.value ?? 0)
    onePass.append(1)
    var head = PacketHeader.frame(PacketHeader.onePassSignature, onePass)
    // Binary, no name, no date (section 5.9).
    head += [0xC0 | PacketHeader.literalData, 255]
    head.append(bigEndian: UInt32(payloadSize + 6))
    head += [UInt8(ascii: "b"), 0, 0, 0, 0, 0]
    return head
  }
}
