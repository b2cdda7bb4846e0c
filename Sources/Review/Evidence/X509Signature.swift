internal import Crypto
internal import CryptoExtras

extension X509Certificate {
  /// Whether this certificate's key has signed the other one.
  ///
  /// With RSA (PKCS #1) or ECDSA over the NIST curves, and SHA-256, SHA-384 or SHA-512. SHA-1 is missing on purpose:
  /// two certificates can be made that share one. Ed25519 is missing because no card attests with it.
  func hasSigned(_ other: X509Certificate) -> Bool {
    let algorithm = Array(other.algorithm)
    let isRSA = Self.rsa.contains(algorithm)
    switch (isRSA ? Self.rsa : Self.ecdsa).firstIndex(of: algorithm) {
    case 0: return isValid(other.signature, for: SHA256.hash(data: other.signedBytes), isRSA)
    case 1: return isValid(other.signature, for: SHA384.hash(data: other.signedBytes), isRSA)
    case 2: return isValid(other.signature, for: SHA512.hash(data: other.signedBytes), isRSA)
    default: return false
    }
  }

  /// What cannot be read, key or signature, is no signature.
  private func isValid(_ signature: ArraySlice<UInt8>, for digest: some Digest, _ isRSA: Bool) -> Bool {
    let (key, signature) = (Array(publicKey), Array(signature))
    if isRSA {
      guard isOf(Self.rsaKey), let key = try? _RSA.Signing.PublicKey(derRepresentation: key) else { return false }
      return key.isValidSignature(.init(rawRepresentation: signature), for: digest, padding: .insecurePKCS1v1_5)
    }
    if isOf(Self.p256Key), let key = try? P256.Signing.PublicKey(derRepresentation: key),
      let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
    {
      return key.isValidSignature(signature, for: digest)
    }
    if isOf(Self.p384Key), let key = try? P384.Signing.PublicKey(derRepresentation: key),
      let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature)
    {
      return key.isValidSignature(signature, for: digest)
    }
    if isOf(Self.p521Key), let key = try? P521.Signing.PublicKey(derRepresentation: key),
      let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature)
    {
      return key.isValidSignature(signature, for: digest)
    }
    return false
  }

  // Algorithms in their one DER (RFC 4055, section 5; RFC 5758, section 3.2), for SHA-256, SHA-384 and SHA-512.
  private static let rsa: [[UInt8]] = [0x0B, 0x0C, 0x0D].map {
    [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, $0, 0x05, 0x00]
  }
  private static let ecdsa: [[UInt8]] = [0x02, 0x03, 0x04].map {
    [0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, $0]
  }

  // Kinds of keys in the same way (RFC 3279, section 2.3; RFC 5480, section 2.1).
  private static let rsaKey: [UInt8] = [
    0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
  ]
  private static let anyCurve: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
  private static let p256Key = [0x30, 0x13] + anyCurve + [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
  private static let p384Key = [0x30, 0x10] + anyCurve + [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
  private static let p521Key = [0x30, 0x10] + anyCurve + [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]

  /// Whether the key is of this kind: its DER, behind the head of the whole, begins so.
  private func isOf(_ kind: [UInt8]) -> Bool {
    // The head: 30, and a length in one octet or, for RSA, in three.
    [2, 3, 4].contains { publicKey.dropFirst($0).starts(with: kind) }
  }
}
