internal import Crypto
internal import CryptoExtras

/// The public numbers of a key, made ready once for many verifications.
enum KeyMaterial: Sendable {
  case ed25519(Ed25519PublicKey)
  case p256(P256.Signing.PublicKey)
  case p384(P384.Signing.PublicKey)
  case p521(P521.Signing.PublicKey)
  /// With the octets of the modulus.
  case rsa(_RSA.Signing.PublicKey, octets: Int)
  /// A signing key too weak to count: RSA under 2048 bits, DSA, ElGamal.
  case weak
  /// A key for encryption only, or one whose algorithm or curve this library has not.
  case other

  /// What was read of a key, for people: the algorithm's name with its size, and its strength in bits of the field or
  /// modulus.
  struct Description: Sendable, Equatable {
    let name: String
    let bits: Int?
  }

  /// Reads the material of a version 4 key of `algorithm`, which must fill the rest of the reader.
  static func read(
    _ algorithm: PublicKeyAlgorithm, _ reader: inout ByteReader
  ) throws(ParseError) -> (KeyMaterial, Description) {
    switch algorithm {
    case .rsa, .rsaSignOnly, .rsaEncryptOnly:
      return try rsa(algorithm, &reader)
    case .eddsaLegacy:
      return try eddsaLegacy(&reader)
    case .ed25519:
      let bytes = reader.bytes[try reader.take(32)]
      guard reader.isAtEnd else { throw ParseError("octets after a key") }
      return (try ed25519(bytes), Description(name: "Ed25519", bits: 256))
    case .ecdsa:
      return try ecdsa(&reader)
    case .ecdh:
      return (.other, Description(name: "ECDH \(try curve(&reader).name)", bits: nil))
    case .dsa:
      return (.weak, Description(name: "DSA", bits: bitCount(try reader.shortestInteger(), reader)))
    case .elGamal, .elGamalSign:
      return (.weak, Description(name: "ElGamal", bits: bitCount(try reader.shortestInteger(), reader)))
    case .x25519: return (.other, Description(name: "X25519", bits: 256))
    case .x448: return (.other, Description(name: "X448", bits: 448))
    case .ed448: return (.other, Description(name: "Ed448", bits: 456))
    default: return (.other, Description(name: algorithm.newName ?? "algorithm \(algorithm.rawValue)", bits: nil))
    }
  }

  private static func rsa(
    _ algorithm: PublicKeyAlgorithm, _ reader: inout ByteReader
  ) throws(ParseError) -> (KeyMaterial, Description) {
    let modulus = try reader.shortestInteger()
    let exponent = try reader.shortestInteger()
    guard reader.isAtEnd else { throw ParseError("octets after a key") }
    let description = Description(name: "RSA", bits: bitCount(modulus, reader))
    guard let bits = description.bits, bits >= 2048 else { return (.weak, description) }
    // Algorithm 3 is RSA that only signs: deprecated (RFC 9580, section 9.1), and the same mathematics.
    guard algorithm != .rsaEncryptOnly else { return (.other, description) }
    do {
      let key = try _RSA.Signing.PublicKey(n: Array(reader.bytes[modulus]), e: Array(reader.bytes[exponent]))
      return (.rsa(key, octets: modulus.count), description)
    } catch {
      // An even modulus, an exponent of 1, more than 16,384 bits: BoringSSL says no.
      return (.other, description)
    }
  }

  private static func eddsaLegacy(_ reader: inout ByteReader) throws(ParseError) -> (KeyMaterial, Description) {
    let curve = try curve(&reader)
    let point = try reader.shortestInteger()
    guard reader.isAtEnd else { throw ParseError("octets after a key") }
    guard curve == .ed25519 else { return (.other, Description(name: "EdDSA \(curve.name)", bits: nil)) }
    // 0x40 marks a native point (RFC 9580, section 11.2.2).
    guard point.count == 33, reader.bytes[point.lowerBound] == 0x40 else {
      throw ParseError("an Ed25519 key that is not a native point")
    }
    return (try ed25519(reader.bytes[point].dropFirst()), Description(name: "Ed25519", bits: 256))
  }

  private static func ed25519(_ point: ArraySlice<UInt8>) throws(ParseError) -> KeyMaterial {
    guard let key = Ed25519PublicKey(point) else { throw ParseError("an Ed25519 key of the wrong length") }
    return .ed25519(key)
  }

  private static func ecdsa(_ reader: inout ByteReader) throws(ParseError) -> (KeyMaterial, Description) {
    let curve = try curve(&reader)
    let point = Array(reader.bytes[try reader.shortestInteger()])
    guard reader.isAtEnd else { throw ParseError("octets after a key") }
    do {
      switch curve {
      case .p256: return (.p256(try .init(x963Representation: point)), Description(name: curve.name, bits: 256))
      case .p384: return (.p384(try .init(x963Representation: point)), Description(name: curve.name, bits: 384))
      case .p521: return (.p521(try .init(x963Representation: point)), Description(name: curve.name, bits: 521))
      default: return (.other, Description(name: "ECDSA \(curve.name)", bits: nil))
      }
    } catch {
      throw ParseError("an ECDSA key that is not a point of its curve")
    }
  }

  private static func bitCount(_ number: Range<Int>, _ reader: ByteReader) -> Int {
    number.count * 8 - reader.bytes[number.lowerBound].leadingZeroBitCount
  }

  private static func curve(_ reader: inout ByteReader) throws(ParseError) -> Curve {
    let length = Int(try reader.octet())
    let identifier = reader.bytes[try reader.take(length)]
    return Curve.all.first { identifier.elementsEqual($0.identifier) } ?? .unknown
  }
}

/// Curves by their object identifiers (RFC 9580, section 9.2).
struct Curve: Equatable {
  let name: String
  let identifier: [UInt8]

  static let p256 = Curve(name: "NIST P-256", identifier: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])
  static let p384 = Curve(name: "NIST P-384", identifier: [0x2B, 0x81, 0x04, 0x00, 0x22])
  static let p521 = Curve(name: "NIST P-521", identifier: [0x2B, 0x81, 0x04, 0x00, 0x23])
  static let ed25519 = Curve(name: "Ed25519", identifier: [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01])
  static let curve25519 = Curve(
    name: "Curve25519", identifier: [0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01])
  static let brainpool = [(0x07, "256"), (0x0B, "384"), (0x0D, "512")].map { last, bits in
    Curve(
      name: "Brainpool P-\(bits)", identifier: [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, last])
  }
  static let unknown = Curve(name: "an unknown curve", identifier: [])

  static let all = [p256, p384, p521, ed25519, curve25519] + brainpool
}
