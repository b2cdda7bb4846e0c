/// One OpenPGP signed message, as `gpg --sign --no-armor` writes it: a one-pass signature, a literal and a signature,
/// perhaps compressed once (RFC 9580, sections 5.4, 5.6, 5.9 and 10.3). Its form has been checked to the last octet;
/// its mathematics has not: ask an engine about `signature` over `content`.
package struct SignedMessage: Sendable {
  /// What was signed: the literal without its name and date, which nobody signs.
  package let content: [UInt8]
  /// The one signature.
  package let signature: SignaturePacket

  /// Longest message that is read, before and after decompression, in octets.
  package static let limit = 1 << 20

  /// Reads exactly one message with exactly one signature.
  ///
  /// - Parameter admittingText: Also takes one in text mode, where what it signs has no line end.
  package static func read(_ bytes: [UInt8], admittingText: Bool = false) throws(SignatureDefect) -> SignedMessage {
    let parts: (content: [UInt8], onePass: [UInt8], packet: [UInt8])
    do throws(ParseError) {
      guard bytes.count <= limit else { throw ParseError("a message of more than \(limit) octets") }
      parts = try parse(try decompress(bytes))
    } catch {
      throw .malformed("the signed message is malformed: \(error.reason)")
    }
    // Text mode signs LF as CR LF: where there is no line end, that is the same. Where there is one, two texts could go
    // under one signature.
    let signature = try SignaturePacket(packet: parts.packet, ofText: admittingText && !hasLineEnd(parts.content))
    // A reader that trusts the one-pass packet would hash, or look for a key, by it.
    guard announces(signature, parts.onePass) else {
      throw .malformed("the signed message is malformed: its one-pass packet announces another signature")
    }
    return SignedMessage(content: parts.content, signature: signature)
  }

  /// The packets inside a compressed packet; `bytes` itself where it is not compressed. One layer only.
  private static func decompress(_ bytes: [UInt8]) throws(ParseError) -> [UInt8] {
    var reader = ByteReader(bytes)
    let packet = try StreamedPacket.read(&reader)
    guard packet.type == PacketHeader.compressedData else { return bytes }
    guard reader.isAtEnd else { throw ParseError("a packet after the compressed one") }
    let data = Array(packet.body.dropFirst())
    switch packet.body.first {
    case 1: return try Inflate.decompress(data, .raw, limit: limit)
    case 2: return try Inflate.decompress(data, .zlib, limit: limit)
    case 3: return try Inflate.decompress(data, .bzip2, limit: limit)
    case let algorithm: throw ParseError("compression algorithm \(algorithm ?? 0), which is not understood")
    }
  }

  private static func parse(
    _ bytes: [UInt8]
  ) throws(ParseError) -> (content: [UInt8], onePass: [UInt8], packet: [UInt8]) {
    var reader = ByteReader(bytes)
    let onePass = try PacketHeader.read(&reader)
    guard onePass.type == PacketHeader.onePassSignature else {
      throw ParseError("it does not begin with a one-pass packet")
    }
    let literal = try StreamedPacket.read(&reader)
    guard literal.type == PacketHeader.literalData else { throw ParseError("no literal after the one-pass packet") }
    let packet = Array(bytes[try reader.take(reader.remaining)])
    return (try content(ofLiteral: literal.body), Array(bytes[onePass.body]), packet)
  }

  private static let text = Set("tu".utf8)

  /// Format, length of the name, name, date, content (section 5.9).
  private static func content(ofLiteral body: [UInt8]) throws(ParseError) -> [UInt8] {
    var reader = ByteReader(body)
    let format = try reader.octet()
    let nameLength = Int(try reader.octet())
    _ = try reader.take(nameLength + 4)
    let content = Array(body[try reader.take(reader.remaining)])
    // “b” is binary, “t” and “u” are text, whose line ends some would change before they hash it.
    guard format == UInt8(ascii: "b") || text.contains(format) && !hasLineEnd(content) else {
      throw ParseError("a literal that is not binary")
    }
    return content
  }

  private static func hasLineEnd(_ content: [UInt8]) -> Bool { content.contains { $0 == 0x0A || $0 == 0x0D } }

  /// Version 3, type, hash, key algorithm, key id, and 1 for “the last” (section 5.4).
  private static func announces(_ signature: SignaturePacket, _ onePass: [UInt8]) -> Bool {
    var expected: [UInt8] = [3, signature.type, signature.hashAlgorithm.rawValue, signature.keyAlgorithm.rawValue]
    expected.append(bigEndian: signature.issuerKeyID?.value ?? 0)
    return onePass == expected + [1]
  }
}

/// A packet whose length may come in pieces, or be open to the end, as programs write it that do not know
/// the length beforehand (RFC 9580, sections 4.2.1.4 and 4.2.2). Only literals and compressed data may be so.
private struct StreamedPacket {
  let type: UInt8
  let body: [UInt8]

  static func read(_ reader: inout ByteReader) throws(ParseError) -> StreamedPacket {
    let bytes = reader.bytes
    guard reader.remaining >= 2 else { throw .truncated }
    let tag = bytes[reader.position]
    let length = bytes[reader.position + 1]
    if tag & 0xC3 == 0x83 {
      _ = try reader.take(1)
      let type = tag >> 2 & 0x0F
      guard type == PacketHeader.compressedData else { throw ParseError("a packet of open length") }
      return StreamedPacket(type: type, body: Array(bytes[try reader.take(reader.remaining)]))
    }
    guard tag & 0xC0 == 0xC0, 224..<255 ~= length else {
      let header = try PacketHeader.read(&reader)
      return StreamedPacket(type: header.type, body: Array(bytes[header.body]))
    }
    _ = try reader.take(1)
    let type = tag & 0x3F
    guard type == PacketHeader.compressedData || type == PacketHeader.literalData else {
      throw ParseError("a packet of partial length")
    }
    return StreamedPacket(type: type, body: try pieces(&reader))
  }

  private static func pieces(_ reader: inout ByteReader) throws(ParseError) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let first = Int(try reader.octet())
      guard 224..<255 ~= first else {
        body += reader.bytes[try reader.take(try PacketHeader.length(first, &reader))]
        return body
      }
      let piece = 1 << (first & 0x1F)
      // Section 4.2.1.4: else a message could be chopped into single octets.
      guard !body.isEmpty || piece >= 512 else { throw ParseError("a first piece of under 512 octets") }
      body += reader.bytes[try reader.take(piece)]
    }
  }
}
