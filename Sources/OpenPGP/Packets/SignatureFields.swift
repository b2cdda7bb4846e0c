/// The fields of one version 4 signature of any type, with offsets into the octets it was read from
/// (RFC 9580, section 5.2.3).
struct SignatureFields: Sendable {
  /// The array that the ranges below point into: a packet, or a packet that embeds this signature.
  let bytes: [UInt8]
  let type: UInt8
  let keyAlgorithm: PublicKeyAlgorithm
  let hashAlgorithm: HashAlgorithm
  let subpackets: Subpackets
  /// From the version octet to the end of the hashed area: what the digest covers of the signature itself.
  let hashedPart: Range<Int>
  /// The area that nobody signs.
  let unhashed: Range<Int>
  /// The first two octets of the digest, as the signature states them. Nobody signs them: they are a hint.
  let digestStart: Range<Int>
  /// The numbers that the algorithm makes, to the end of the body.
  let numbers: Range<Int>

  /// Why a body could not be read: the version is told apart, because it has a refusal of its own.
  enum Failure: Error {
    case version(UInt8)
    case malformed(ParseError)
  }

  init(_ bytes: [UInt8], body: Range<Int>) throws(Failure) {
    do throws(ParseError) {
      try self.init(versionFour: bytes, body: body)
    } catch {
      if let version = bytes[body].first, version != 4 { throw .version(version) }
      throw .malformed(error)
    }
  }

  private init(versionFour bytes: [UInt8], body: Range<Int>) throws(ParseError) {
    var reader = ByteReader(bytes, in: body)
    guard try reader.octet() == 4 else { throw ParseError("not version 4") }
    self.bytes = bytes
    type = try reader.octet()
    keyAlgorithm = PublicKeyAlgorithm(rawValue: try reader.octet())
    hashAlgorithm = HashAlgorithm(rawValue: try reader.octet())
    let hashed = try reader.take(try reader.number16())
    hashedPart = body.lowerBound..<hashed.upperBound
    unhashed = try reader.take(try reader.number16())
    digestStart = try reader.take(2)
    numbers = try reader.take(reader.remaining)
    subpackets = try Subpackets(
      bytes, hashed: hashed, unhashed: unhashed,
      isOfDocument: type == SignatureType.document || type == SignatureType.text)
  }

  /// The fields of a whole packet; nil where it is none that is understood.
  init?(packet: [UInt8]) {
    var reader = ByteReader(packet)
    guard let header = try? PacketHeader.read(&reader), let fields = try? SignatureFields(packet, body: header.body)
    else { return nil }
    self = fields
  }

  /// The key id, stated or taken from the fingerprint; `nil` when the signature names nobody.
  var issuerKeyID: KeyID? { subpackets.issuerKeyID ?? subpackets.issuerFingerprint?.keyID }

  /// The octets that close every version 4 digest: version, 0xFF, and the length of the hashed part.
  var trailer: [UInt8] {
    let length = hashedPart.count
    return [
      4, 0xFF, 0, 0, UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
    ]
  }
}
