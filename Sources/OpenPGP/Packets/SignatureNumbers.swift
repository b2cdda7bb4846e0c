/// The numbers of a signature in the fixed-width form that the mathematics takes.
enum SignatureNumbers {
  /// Checks that `numbers` has the shape of its algorithm, to the last octet.
  static func check(_ fields: SignatureFields) throws(ParseError) {
    switch fields.keyAlgorithm {
    case .rsa, .rsaSignOnly: _ = try number(fields, octets: 2048)
    case .ecdsa: _ = try pair(fields, octets: 66)
    case .eddsaLegacy: _ = try pair(fields, octets: 32)
    case .ed25519: _ = try raw(fields, octets: 64)
    default: break
    }
  }

  /// Checks that a signature by `key` has the least of the numbers that mean the same. Not every engine asks for that.
  static func checkCanonical(_ fields: SignatureFields, of key: KeyPacket) throws(ParseError) {
    switch fields.keyAlgorithm {
    case .eddsaLegacy: try checkScalar(pair(fields, octets: 32)[32...])
    case .ed25519: try checkScalar(raw(fields, octets: 64)[32...])
    case .rsa, .rsaSignOnly:
      guard let modulus = key.modulus else { return }
      let number = try rsa(fields, octets: modulus.count)
      guard number.lexicographicallyPrecedes(modulus) else {
        throw ParseError("an RSA number that is not below its modulus")
      }
    default: break
    }
  }

  /// The order of Ed25519's group, most significant octet first: 2^252 and 27742317777372353535851937790883648493.
  private static let order: [UInt8] = [
    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0x14, 0xDE, 0xF9, 0xDE, 0xA2, 0xF7, 0x9C, 0xD6, 0x58, 0x12, 0x63, 0x1A, 0x5C, 0xF5, 0xD3, 0xED,
  ]

  /// RFC 8032, section 5.1.7: the scalar, least significant octet first, is below the order.
  private static func checkScalar(_ scalar: ArraySlice<UInt8>) throws(ParseError) {
    guard scalar.reversed().lexicographicallyPrecedes(order) else {
      throw ParseError("an Ed25519 number that is not below the order of its group")
    }
  }

  /// One number, padded on the left to the width of the modulus.
  static func rsa(_ fields: SignatureFields, octets: Int) throws(ParseError) -> [UInt8] {
    let number = try number(fields, octets: octets)
    if number.count == octets { return Array(fields.bytes[number]) }
    var padded = [UInt8](repeating: 0, count: octets - number.count)
    padded.append(contentsOf: fields.bytes[number])
    return padded
  }

  /// Where an RSA signature's one number lies.
  private static func number(_ fields: SignatureFields, octets: Int) throws(ParseError) -> Range<Int> {
    var reader = ByteReader(fields.bytes, in: fields.numbers)
    let number = try reader.multiprecisionInteger()
    guard reader.isAtEnd else { throw ParseError("octets after the signature's number") }
    guard number.count <= octets else { throw ParseError("a signature longer than its key") }
    return number
  }

  /// Two numbers (r and s), each padded on the left to `octets`.
  static func pair(_ fields: SignatureFields, octets: Int) throws(ParseError) -> [UInt8] {
    var reader = ByteReader(fields.bytes, in: fields.numbers)
    let first = try reader.multiprecisionInteger()
    let second = try reader.multiprecisionInteger()
    guard reader.isAtEnd else { throw ParseError("octets after the signature's numbers") }
    guard first.count <= octets, second.count <= octets else { throw ParseError("a number larger than the curve") }
    var padded: [UInt8] = []
    padded.reserveCapacity(2 * octets)
    for number in [first, second] {
      padded.append(contentsOf: repeatElement(0, count: octets - number.count))
      padded.append(contentsOf: fields.bytes[number])
    }
    return padded
  }

  /// Native octets, as algorithm 27 has them.
  static func raw(_ fields: SignatureFields, octets: Int) throws(ParseError) -> [UInt8] {
    guard fields.numbers.count == octets else { throw ParseError("a signature of the wrong length") }
    return Array(fields.bytes[fields.numbers])
  }
}
