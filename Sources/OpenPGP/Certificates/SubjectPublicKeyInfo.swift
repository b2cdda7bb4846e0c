internal import Crypto
internal import CryptoExtras

extension CertificateKey {
  /// The key's numbers as X.509 writes them, in DER (RFC 5280, section 4.1.2.7), for comparing with a vendor's
  /// certificate; `nil` for kinds of keys that are not verified here.
  package var subjectPublicKeyInfo: [UInt8]? {
    switch packet.material {
    case .ed25519(let key): Self.ed25519Head + key.octets
    case .p256(let key): Array(key.derRepresentation)
    case .p384(let key): Array(key.derRepresentation)
    case .p521(let key): Array(key.derRepresentation)
    case .rsa(let key, _): Array(key.derRepresentation)
    case .weak, .other: nil
    }
  }

  /// A sequence of the algorithm 1.3.101.112 and a string of 32 octets (RFC 8410, section 4).
  private static let ed25519Head: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
}
