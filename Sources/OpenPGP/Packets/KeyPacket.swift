internal import Crypto

/// One public key or subkey packet of version 4 (RFC 9580, section 5.5.2).
struct KeyPacket: Sendable {
  /// The packet's body: version, creation time, algorithm, material.
  let body: [UInt8]
  let isPrimary: Bool
  /// Seconds since 1970.
  let created: Int64
  let algorithm: PublicKeyAlgorithm
  let material: KeyMaterial
  let description: KeyMaterial.Description
  let fingerprint: Fingerprint

  init(body: [UInt8], isPrimary: Bool) throws(ParseError) {
    var reader = ByteReader(body)
    guard try reader.octet() == 4 else { throw ParseError("a key that is not version 4") }
    created = Int64(try reader.number32())
    algorithm = PublicKeyAlgorithm(rawValue: try reader.octet())
    (material, description) = try KeyMaterial.read(algorithm, &reader)
    self.body = body
    self.isPrimary = isPrimary
    guard let fingerprint = Self.fingerprint(of: body) else { throw ParseError("a key that is too long") }
    self.fingerprint = fingerprint
  }

  /// Of a version 4 key with this body; nil when it is longer than a fingerprint can say.
  static func fingerprint(of body: [UInt8]) -> Fingerprint? {
    guard body.count <= 0xFFFF else { return nil }
    return Fingerprint(bytes: Array(Insecure.SHA1.hash(data: hashed(body))))
  }

  /// The octets that stand for this key in a fingerprint and in signatures over it (RFC 9580, section 5.2.4).
  var hashed: [UInt8] { Self.hashed(body) }

  static func hashed(_ body: [UInt8]) -> [UInt8] {
    [0x99, UInt8(truncatingIfNeeded: body.count >> 8), UInt8(truncatingIfNeeded: body.count)] + body
  }

  /// Whether this key may be shown to GnuPG: its numbers are of the kinds and sizes that our own mathematics took, and
  /// GnuPG 2.2 knows its algorithm.
  ///
  /// Attack: one listed certificate with a number of 16,385 bits, or a curve's name of no octets. GnuPG gives up a
  /// keyring at a key that it cannot parse, and everybody behind it would be locked out, those who could take it away
  /// again too.
  var isSafeForGnuPG: Bool {
    switch material {
    case .weak, .other: false
    case .ed25519: algorithm == .eddsaLegacy
    case .p256, .p384, .p521, .rsa: true
    }
  }

  /// An RSA key's modulus, whose first octet is not zero; nil for other keys.
  var modulus: ArraySlice<UInt8>? {
    guard case .rsa(_, let octets) = material else { return nil }
    // Version, creation time, algorithm, and the number's bit count.
    return body[8..<8 + octets]
  }

  /// The packet, framed anew.
  var packet: [UInt8] {
    PacketHeader.frame(isPrimary ? PacketHeader.publicKey : PacketHeader.publicSubkey, body)
  }
}
