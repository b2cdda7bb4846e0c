internal import OpenPGP
// Placeholder until OpenPGP brings its own: reads uncompressed messages only.
struct SignedMessageDefect: Error { let message: String }
struct SignedMessage {
  let content: [UInt8]
  let signature: SignaturePacket
  static func read(_ b: [UInt8]) throws(SignedMessageDefect) -> SignedMessage {
    var position = 0
    var found: [(UInt8, Range<Int>, Range<Int>)] = []
    func octet() throws(SignedMessageDefect) -> Int {
      guard position < b.count else { throw SignedMessageDefect(message: "it ends too early") }
      position += 1
      return Int(b[position - 1])
    }
    while position < b.count {
      let start = position
      let tag = try octet()
      guard tag & 0x80 != 0 else { throw SignedMessageDefect(message: "no packet begins where one should") }
      var type = tag & 0x3F
      var length = 0
      if tag & 0x40 != 0 {
        let first = try octet()
        switch first {
        case 0..<192: length = first
        case 192..<224: length = (first - 192) << 8 + (try octet()) + 192
        case 255: for _ in 0..<4 { length = length << 8 | (try octet()) }
        default: throw SignedMessageDefect(message: "a packet of partial length")
        }
      } else {
        type = tag >> 2 & 0x0F
        for _ in 0..<(1 << (tag & 3)) { length = length << 8 | (try octet()) }
      }
      guard length <= b.count - position else { throw SignedMessageDefect(message: "it ends too early") }
      found.append((UInt8(type), start..<position + length, position..<position + length))
      position += length
    }
    guard found.map(\.0) == [4, 11, 2], found[1].2.count >= 6 else { throw SignedMessageDefect(message: "not one signed message") }
    let literal = b[found[1].2]
    let name = Int(literal[literal.startIndex + 1])
    let content = Array(literal.dropFirst(6 + name))
    let announced = Array(b[found[0].2])
    do throws(SignatureDefect) {
      let signature = try SignaturePacket(packet: Array(b[found[2].1]))
      let issuer = signature.issuerKeyID.map { id in (0..<8).map { UInt8(truncatingIfNeeded: id.value >> UInt64(56 - 8 * $0)) } } ?? []
      guard announced == [3, 0, signature.hashAlgorithm.rawValue, signature.keyAlgorithm.rawValue] + issuer + [1] else {
        throw SignatureDefect.malformed("announced is another signature than the one that follows")
      }
      return SignedMessage(content: content, signature: try SignaturePacket(packet: Array(b[found[2].1])))
    } catch { throw SignedMessageDefect(message: error.message) }
  }
}
