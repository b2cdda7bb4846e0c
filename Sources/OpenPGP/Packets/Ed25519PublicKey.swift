internal import Csodium

/// An Ed25519 public key (RFC 8032), by libsodium: a quarter faster here than swift-crypto's, which matters where a
/// history has nothing but such signatures.
///
/// libsodium refuses what RFC 8032 leaves open: points of small order, for which a signature can be made that fits any
/// text, points and scalars that are not in their one canonical form.
struct Ed25519PublicKey: Sendable {
  static let octetCount = 32
  static let signatureOctetCount = 64

  let octets: [UInt8]

  /// Chooses the code for this processor; safe to be asked from several threads.
  private static let isReady = sodium_init() >= 0

  /// Nil when there are not exactly 32 octets.
  init?(_ octets: some Collection<UInt8>) {
    guard octets.count == Self.octetCount else { return nil }
    self.octets = Array(octets)
  }

  /// - Parameter signature: 64 octets; with any other number it is not valid.
  func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    guard Self.isReady, signature.count == Self.signatureOctetCount else { return false }
    return unsafe crypto_sign_verify_detached(signature, message, UInt64(message.count), octets) == 0
  }
}
