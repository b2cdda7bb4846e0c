import Crypto
import CryptoExtras
import Foundation
import OpenPGP
import Synchronization

/// A private key for tests, made in this process from a seed. Ed25519 keys and signatures are the same in every run;
/// so are RSA keys of 2,048, 3,072 and 4,096 bits with seeds 0 and 1 (others are made in each run, which takes
/// seconds); ECDSA signatures hold chance.
package struct TestKey: Sendable, CustomStringConvertible {
  enum Secret: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case p521(P521.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
    /// Key material that nothing can be signed with.
    case opaque
  }

  /// When test keys are made unless a test says otherwise: 2023-11-14.
  package static let defaultCreation: Int64 = 1_700_000_000

  let secret: Secret
  package let algorithm: PublicKeyAlgorithm
  /// Seconds since 1970; part of the fingerprint.
  package let created: Int64
  /// Algorithm-specific part of the key packet.
  package let material: [UInt8]

  package var description: String { "key \(fingerprint) of algorithm \(algorithm.rawValue)" }

  /// The body of the version 4 key packet.
  package var body: [UInt8] {
    [4] + OpenPGPEncoding.number(Int(created), octets: 4) + [algorithm.rawValue] + material
  }

  /// The octets that stand for the key in fingerprints and signatures over it.
  package var hashed: [UInt8] { [0x99] + OpenPGPEncoding.number(body.count, octets: 2) + body }

  package var fingerprint: Fingerprint { Fingerprint(bytes: Array(Insecure.SHA1.hash(data: hashed)))! }

  /// EdDSA as GnuPG and smartcards make it (algorithm 22), or RFC 9580's form of the same (27).
  package static func ed25519(
    seed: Int, created: Int64 = defaultCreation, algorithm: PublicKeyAlgorithm = .eddsaLegacy
  ) -> TestKey {
    let secret = try! Curve25519.Signing.PrivateKey(rawRepresentation: seedBytes("ed25519", seed, count: 32))
    let point = Array(secret.publicKey.rawRepresentation)
    let legacy = curve([0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01], [0x40] + point)
    return TestKey(
      secret: .ed25519(secret), algorithm: algorithm, created: created,
      material: algorithm == .ed25519 ? point : legacy)
  }

  package static func p256(seed: Int, created: Int64 = defaultCreation) -> TestKey {
    let secret = try! P256.Signing.PrivateKey(rawRepresentation: seedBytes("p256", seed, count: 32))
    return TestKey(
      secret: .p256(secret), algorithm: .ecdsa, created: created,
      material: curve([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07], Array(secret.publicKey.x963Representation)))
  }

  package static func p384(seed: Int, created: Int64 = defaultCreation) -> TestKey {
    let secret = try! P384.Signing.PrivateKey(rawRepresentation: seedBytes("p384", seed, count: 48))
    return TestKey(
      secret: .p384(secret), algorithm: .ecdsa, created: created,
      material: curve([0x2B, 0x81, 0x04, 0x00, 0x22], Array(secret.publicKey.x963Representation)))
  }

  package static func p521(seed: Int, created: Int64 = defaultCreation) -> TestKey {
    let bytes = [0, 1] + seedBytes("p521", seed, count: 64)
    let secret = try! P521.Signing.PrivateKey(rawRepresentation: bytes)
    return TestKey(
      secret: .p521(secret), algorithm: .ecdsa, created: created,
      material: curve([0x2B, 0x81, 0x04, 0x00, 0x23], Array(secret.publicKey.x963Representation)))
  }

  package static func rsa(bits: Int = 2048, seed: Int = 0, created: Int64 = defaultCreation) -> TestKey {
    let secret = rsaKeys.withLock { keys in
      if let known = keys["\(bits)/\(seed)"] { return known }
      let made =
        if let written = testRSAKeys["\(bits)/\(seed)"] {
          try! _RSA.Signing.PrivateKey(unsafeDERRepresentation: Data(base64Encoded: written)!)
        } else {
          try! _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))
        }
      keys["\(bits)/\(seed)"] = made
      return made
    }
    let numbers = try! secret.publicKey.getKeyPrimitives()
    return TestKey(
      secret: .rsa(secret), algorithm: .rsa, created: created,
      material: OpenPGPEncoding.multiprecisionInteger(numbers.modulus)
        + OpenPGPEncoding.multiprecisionInteger(numbers.publicExponent))
  }

  /// A key packet with any algorithm and material, which cannot sign.
  package static func opaque(
    _ algorithm: PublicKeyAlgorithm, material: [UInt8], created: Int64 = defaultCreation
  ) -> TestKey {
    TestKey(secret: .opaque, algorithm: algorithm, created: created, material: material)
  }

  /// An RSA key under the number of those that only sign.
  package var signOnly: TestKey {
    TestKey(secret: secret, algorithm: .rsaSignOnly, created: created, material: material)
  }

  /// The same secret in a key packet with another creation time, hence another fingerprint.
  package func recreated(at time: Int64) -> TestKey {
    TestKey(secret: secret, algorithm: algorithm, created: time, material: material)
  }

  /// The algorithm-specific part of a signature over the digest of `bytes`, and the digest.
  package func sign(_ bytes: [UInt8], hash: HashAlgorithm) -> (numbers: [UInt8], digest: [UInt8]) {
    switch hash {
    case .sha256: sign(SHA256.hash(data: bytes))
    case .sha384: sign(SHA384.hash(data: bytes))
    case .sha512: sign(SHA512.hash(data: bytes))
    case .sha1: sign(Insecure.SHA1.hash(data: bytes))
    // A hash that this process has not: the numbers are made with another one, so the mathematics fails.
    default: sign(SHA256.hash(data: bytes))
    }
  }

  private func sign(_ digest: some Digest) -> (numbers: [UInt8], digest: [UInt8]) {
    let octets = Array(digest)
    let numbers: [UInt8]
    switch secret {
    case .ed25519(let key):
      let signature = Array(try! key.signature(for: octets))
      numbers = algorithm == .ed25519 ? signature : pair(signature)
    case .p256(let key): numbers = pair(Array(try! key.signature(for: digest).rawRepresentation))
    case .p384(let key): numbers = pair(Array(try! key.signature(for: digest).rawRepresentation))
    case .p521(let key): numbers = pair(Array(try! key.signature(for: digest).rawRepresentation))
    case .rsa(let key):
      let signature = try! key.signature(for: digest, padding: .insecurePKCS1v1_5)
      numbers = OpenPGPEncoding.multiprecisionInteger(signature.rawRepresentation)
    // Of the right shape, at least.
    case .opaque where algorithm == .ed25519: numbers = Array((octets + octets).prefix(64))
    case .opaque: numbers = OpenPGPEncoding.multiprecisionInteger(octets)
    }
    return (numbers, octets)
  }

  private func pair(_ signature: [UInt8]) -> [UInt8] {
    OpenPGPEncoding.multiprecisionInteger(signature.prefix(signature.count / 2))
      + OpenPGPEncoding.multiprecisionInteger(signature.suffix(signature.count / 2))
  }

  private static func curve(_ identifier: [UInt8], _ point: [UInt8]) -> [UInt8] {
    [UInt8(identifier.count)] + identifier + OpenPGPEncoding.multiprecisionInteger(point)
  }

  private static func seedBytes(_ kind: String, _ seed: Int, count: Int) -> [UInt8] {
    Array(SHA512.hash(data: Array("stagex-maint test key \(kind) \(seed)".utf8)).prefix(count))
  }

  private static let rsaKeys = Mutex<[String: _RSA.Signing.PrivateKey]>([:])
}
