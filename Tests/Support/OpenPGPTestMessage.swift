import OpenPGP

/// An OpenPGP signed message to be made, each part of it open to being wrong on purpose.
package struct TestMessage: Sendable {
  package var content: [UInt8]
  package var signature: TestSignature
  /// The body of the literal up to its content: format, name, date.
  package var literalHead: [UInt8] = [UInt8(ascii: "b"), 0, 0, 0, 0, 0]
  /// Signed over this instead of the content.
  package var signedContent: [UInt8]?

  package init(_ content: [UInt8], by key: TestKey, at time: Int64 = TestKey.defaultCreation + 1000) {
    self.content = content
    signature = TestSignature(by: key, at: time)
  }

  /// In text mode.
  package static func text(of content: [UInt8], by key: TestKey, change: (inout TestMessage) -> Void = { _ in })
    -> TestMessage
  {
    var message = TestMessage(content, by: key)
    message.literalHead[0] = UInt8(ascii: "t")
    message.signature.type = 1
    change(&message)
    return message
  }

  package var onePass: [UInt8] {
    OpenPGPEncoding.packet(
      4,
      [3, signature.type, signature.hash.rawValue, (signature.algorithm ?? signature.key.algorithm).rawValue]
        + signature.key.fingerprint.bytes.suffix(8) + [1])
  }

  package var literal: [UInt8] { OpenPGPEncoding.packet(11, literalHead + content) }

  /// The literal in pieces: one of 512 octets, and the rest.
  package var literalInPieces: [UInt8] {
    let body = literalHead + content
    return [0xCB, 0xE9] + body.prefix(512) + OpenPGPEncoding.length(body.count - 512) + body.dropFirst(512)
  }

  package var signaturePacket: [UInt8] { signature.packet(over: signedContent ?? content) }

  /// The message, not compressed and not armored.
  package var bytes: [UInt8] { onePass + literal + signaturePacket }

  /// `packets` as a compressed packet of open length, as gpg makes it: raw DEFLATE without compressing anything.
  package static func compressed(_ packets: [UInt8]) -> [UInt8] {
    [0xA3, 1] + stored(packets)
  }

  /// A DEFLATE stream of stored blocks (RFC 1951, section 3.2.4).
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(0xFFFF)
      rest = rest.dropFirst(block.count)
      let length = UInt16(block.count)
      stream += [
        rest.isEmpty ? 1 : 0, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8),
      ]
      stream += block
    } while !rest.isEmpty
    return stream
  }

  /// A compressed packet of some 13 KiB that unfolds to two megabytes of zeros: one block with the fixed Huffman codes
  /// (RFC 1951, section 3.2.6), a zero and then "the last octet, 258 times" again and again.
  package static let bomb: [UInt8] = {
    var bits: [UInt8] = []
    func append(_ code: Int, _ count: Int) { for bit in (0..<count).reversed() { bits.append(UInt8(code >> bit & 1)) } }
    bits += [1, 1, 0]  // The last block; kind 1, its lower bit first.
    append(0x30, 8)
    for _ in 0..<8_200 {
      append(0xC5, 8)
      append(0, 5)
    }
    append(0, 7)
    let octets = stride(from: 0, to: bits.count, by: 8).map { start in
      bits[start..<min(start + 8, bits.count)].enumerated().reduce(UInt8(0)) { $0 | $1.element << UInt8($1.offset) }
    }
    return [0xA3, 1] + octets
  }()
}
