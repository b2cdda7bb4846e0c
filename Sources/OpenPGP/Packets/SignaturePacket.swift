/// One detached signature over a document: version 4, binary (or text, where that is the same), with a strong hash,
/// made by an algorithm that is understood. Its shape has been checked to the last octet; its mathematics has not.
package struct SignaturePacket: Sendable {
  /// The whole packet as it came, for another engine to judge.
  package let packet: [UInt8]
  let fields: SignatureFields

  /// The only one that is read.
  package var version: UInt8 { 4 }
  /// 0x00, or 0x01 over a text without line ends.
  var type: UInt8 { fields.type }
  /// Of the key that made it, by the packet.
  package var keyAlgorithm: PublicKeyAlgorithm { fields.keyAlgorithm }
  /// What was signed was hashed by it.
  package var hashAlgorithm: HashAlgorithm { fields.hashAlgorithm }
  /// Seconds since 1970, as the signer's clock had it; from the hashed area.
  package let created: Int64
  /// From the hashed subpackets; nil where they have none.
  package var issuerFingerprint: Fingerprint? { fields.subpackets.issuerFingerprint }
  /// The key id, stated or taken from the fingerprint; `nil` when the signature names nobody.
  package var issuerKeyID: KeyID? { fields.issuerKeyID }

  /// Reads `bytes`, which must be one signature packet and nothing else.
  ///
  /// - Parameter ofText: Whether it may be one in text mode: what it covers has no line end, so both modes sign the
  ///   same.
  package init(packet bytes: [UInt8], ofText: Bool = false) throws(SignatureDefect) {
    let body: Range<Int>
    do throws(ParseError) {
      var reader = ByteReader(bytes)
      let header = try PacketHeader.read(&reader)
      guard header.type == PacketHeader.signature else {
        throw ParseError("packet of type \(header.type) where a signature should be")
      }
      // mgorny's attack of 2019: a good packet beside a bad one, of which each reader picks another.
      guard reader.isAtEnd else { throw ParseError("more than one packet") }
      body = header.body
    } catch {
      throw .malformed("the signature is malformed: \(error.reason)")
    }
    do throws(SignatureFields.Failure) {
      fields = try SignatureFields(bytes, body: body)
    } catch {
      switch error {
      case .version(let version): throw .unknownFormat("signatures of version \(version) are not understood")
      case .malformed(let error): throw .malformed("the signature is malformed: \(error.reason)")
      }
    }
    packet = bytes
    created = try Self.admit(fields, ofText: ofText)
  }

  /// Returns the creation time of a signature that may be looked at further.
  // R71
  private static func admit(_ fields: SignatureFields, ofText: Bool) throws(SignatureDefect) -> Int64 {
    // Text mode (0x01) would let LF become CRLF under the signature; every other type signs keys, not documents.
    guard fields.type == SignatureType.document || ofText && fields.type == SignatureType.text else {
      throw .malformed("the signature is of type \(fields.type), not a binary document signature")
    }
    guard fields.hashAlgorithm.isStrong else {
      throw .weak("the signature uses \(fields.hashAlgorithm.name); only SHA-256, SHA-384 and SHA-512 count")
    }
    switch fields.keyAlgorithm {
    case .rsa, .rsaSignOnly, .ecdsa, .eddsaLegacy, .ed25519: break
    case .dsa: throw .weak("the signature is made with DSA")
    case .elGamal, .elGamalSign: throw .weak("the signature is made with ElGamal")
    default: throw .unknownFormat("signatures of algorithm \(fields.keyAlgorithm.rawValue) are not understood")
    }
    if let objection = fields.subpackets.objection { throw .malformed("the signature is malformed: \(objection)") }
    guard let created = fields.subpackets.created else { throw .malformed("the signature has no creation time") }
    if fields.subpackets.signatureLifetime != nil {
      throw .weak("the signature itself expires, so it cannot stand for a commit")
    }
    do throws(ParseError) {
      try SignatureNumbers.check(fields)
    } catch {
      throw .malformed("the signature is malformed: \(error.reason)")
    }
    return created
  }
}
