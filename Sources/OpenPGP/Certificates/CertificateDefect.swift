/// Why bytes are not one usable certificate.
package enum CertificateDefect: Error, Equatable, Sendable {
  /// Not one certificate in the one form that is admitted.
  case malformed(String)
  /// A version that is not understood.
  case unknownFormat(String)
  /// A file with a private key: nothing is read from it, and it should not be where it was found.
  case secretKey

  /// One sentence without a full stop, made of our own words only.
  package var message: String {
    switch self {
    case .malformed(let text): "the certificate is malformed: \(text)"
    case .unknownFormat(let text): text
    case .secretKey: "the file holds a private key where a certificate should be"
    }
  }

  /// The refusal code for it.
  package var code: String {
    switch self {
    case .unknownFormat: "unknown-key-format"
    case .malformed, .secretKey: "registry-invalid"
    }
  }
}
