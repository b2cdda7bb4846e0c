internal import Crypto
internal import CryptoExtras

/// What the mathematics says of one signature and one key.
enum Verification: Equatable {
  case good
  case bad
  /// This library cannot say.
  case unsupported(String)
}

extension KeyMaterial {
  /// Checks `fields` as a signature by this key over `head` followed by `tail`.
  @safe func verify(
    _ fields: SignatureFields, over head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer
  ) -> Verification {
    switch fields.hashAlgorithm {
    case .sha512: unsafe check(fields, fields.digest(SHA512.self, head, tail), bits: 512)
    case .sha256: unsafe check(fields, fields.digest(SHA256.self, head, tail), bits: 256)
    case .sha384: unsafe check(fields, fields.digest(SHA384.self, head, tail), bits: 384)
    // Old self-signatures only; whoever calls decides by their date.
    case .sha1: unsafe check(fields, fields.digest(Insecure.SHA1.self, head, tail), bits: 160)
    default: .unsupported(fields.hashAlgorithm.name)
    }
  }

  /// The same, over an array.
  func verify(_ fields: SignatureFields, over bytes: [UInt8]) -> Verification {
    unsafe bytes.withUnsafeBytes { unsafe verify(fields, over: $0, UnsafeRawBufferPointer(start: nil, count: 0)) }
  }

  /// How much longer a check takes than one of the usual kinds, roughly.
  var cost: Int {
    switch self {
    case .p384, .p521: 8
    // With the square of its length: of 16,384 bits sixteen times as long as of 4,096.
    case .rsa(_, let octets): max(1, octets * octets >> 18)
    default: 1
    }
  }

  private func check(_ fields: SignatureFields, _ digest: some Digest, bits: Int) -> Verification {
    do throws(ParseError) {
      switch (self, fields.keyAlgorithm) {
      case (.ed25519(let key), .eddsaLegacy):
        return key.isValid(try SignatureNumbers.pair(fields, octets: 32), over: Array(digest)) ? .good : .bad
      case (.ed25519(let key), .ed25519):
        return key.isValid(try SignatureNumbers.raw(fields, octets: 64), over: Array(digest)) ? .good : .bad
      case (.rsa(let key, let width), .rsa), (.rsa(let key, let width), .rsaSignOnly):
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try SignatureNumbers.rsa(fields, octets: width))
        return key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5) ? .good : .bad
      case (.p256(let key), .ecdsa):
        guard bits >= 256 else { return Self.shortHash }
        let numbers = try SignatureNumbers.pair(fields, octets: 32)
        guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: numbers) else { return .bad }
        return key.isValidSignature(signature, for: digest) ? .good : .bad
      case (.p384(let key), .ecdsa):
        guard bits >= 384 else { return Self.shortHash }
        let numbers = try SignatureNumbers.pair(fields, octets: 48)
        guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: numbers) else { return .bad }
        return key.isValidSignature(signature, for: digest) ? .good : .bad
      case (.p521(let key), .ecdsa):
        guard bits >= 512 else { return Self.shortHash }
        let numbers = try SignatureNumbers.pair(fields, octets: 66)
        guard let signature = try? P521.Signing.ECDSASignature(rawRepresentation: numbers) else { return .bad }
        return key.isValidSignature(signature, for: digest) ? .good : .bad
      case (.weak, _), (.other, _):
        return .unsupported("a key of a kind that is not verified here")
      default:
        // The signature claims another algorithm than its key has.
        return .bad
      }
    } catch {
      return .bad
    }
  }

  /// RFC 9580, section 5.2.3.2: the digest must be at least as long as the curve's order.
  private static let shortHash = Verification.unsupported("an ECDSA signature over a hash shorter than its curve")
}

extension SignatureFields {
  @unsafe fileprivate func digest<H: HashFunction>(
    _: H.Type, _ head: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer
  ) -> H.Digest {
    var hash = H()
    unsafe hash.update(bufferPointer: head)
    unsafe hash.update(bufferPointer: tail)
    unsafe bytes.withUnsafeBytes { unsafe hash.update(bufferPointer: .init(rebasing: $0[hashedPart])) }
    hash.update(data: trailer)
    return hash.finalize()
  }

  /// Whether the digest over `data` begins as the signature states it: a test that costs next to nothing and that a
  /// forger passes with ease. It only says where looking closer is worth it.
  func fitsDigestStart(over data: [UInt8]) -> Bool {
    func fits<H: HashFunction>(_: H.Type) -> Bool {
      let found = unsafe data.withUnsafeBytes {
        unsafe self.digest(H.self, $0, UnsafeRawBufferPointer(start: nil, count: 0))
      }
      return found.prefix(2).elementsEqual(bytes[digestStart])
    }
    return switch hashAlgorithm {
    case .sha512: fits(SHA512.self)
    case .sha256: fits(SHA256.self)
    case .sha384: fits(SHA384.self)
    case .sha1: fits(Insecure.SHA1.self)
    // It cannot be said.
    default: true
    }
  }
}
