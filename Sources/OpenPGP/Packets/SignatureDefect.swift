/// Why a signature's bytes are not admitted, before any key is looked at.
package enum SignatureDefect: Error, Equatable, Sendable {
  /// An algorithm that is too weak, or a signature that takes itself back.
  case weak(String)
  /// A version or an algorithm that is not understood.
  case unknownFormat(String)
  /// Not one binary document signature in the one form that is admitted.
  case malformed(String)

  /// The refusal code for it.
  package var code: String {
    switch self {
    case .weak: "weak-signature"
    case .unknownFormat: "unknown-key-format"
    case .malformed: "malformed-signature"
    }
  }

  /// One sentence without a full stop, made of our own words only.
  package var message: String {
    switch self {
    case .weak(let text), .unknownFormat(let text), .malformed(let text): text
    }
  }
}
