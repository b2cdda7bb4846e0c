internal import OpenPGP

/// Why a key is not taken into the registry.
package struct KeyRefusal: Error, Equatable, Sendable {
  /// One stable word that scripts may rely on.
  package enum Code: String, Sendable, CaseIterable {
    /// There is a private key where a certificate should be.
    case secretKey = "secret-key"
    case severalCertificates = "several-certificates"
    /// Not a certificate that is understood.
    case unreadable
    case noSigningKey = "no-signing-key"
    /// Nothing vouches for the signing key in a way that counts.
    case notBound = "not-bound"
    case weakKey = "weak-key"
    case unsupportedKey = "unsupported-key"
    case expired
    case revoked
    /// It is, or has a key that is, another person's.
    case taken
    /// The person has another key of that label.
    case labelExists = "label-exists"
    /// The key is listed under another label.
    case listedOtherwise = "listed-otherwise"
    /// A new person's id can be taken for another's.
    case lookalike
    /// An option that is missing, or cannot be followed.
    case usage
    case badText = "bad-text"
    /// The registry cannot be read as it is.
    case registryInvalid = "registry-invalid"
    /// The registry could not be read afterwards.
    case wouldBreak = "would-break-registry"
  }

  /// Which of the reasons it is.
  package let code: Code
  /// One sentence, safe to print.
  package let message: String
  /// What to do instead, best first.
  package let next: [NextStep]

  init(_ code: Code, _ message: String, next: NextStep...) {
    self.init(code, message, steps: next)
  }

  init(_ code: Code, _ message: String, steps: [NextStep]) {
    self.code = code
    self.message = message
    next = steps
  }
}
