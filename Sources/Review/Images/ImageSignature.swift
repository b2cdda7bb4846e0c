package import OpenPGP

/// What one signature file turns out to be.
package enum ImageSignature: Sendable, Equatable {
  /// A good signature by a maintainer over this statement.
  case good(ImageStatement, Signer)
  /// Signed by nobody registered.
  case unregistered(ImageStatement)
  /// By a registered key, and it counts for nothing: expired, revoked, not on a card…
  case notGood(ImageStatement, code: RefusalCode, person: String?, detail: String)
  /// It names a registered key, and the mathematics fails: somebody tampered.
  case bad(ImageStatement, person: String, key: Fingerprint)
  /// StageX's form until 2025.
  case oldForm
  /// Not one signed message over one statement.
  case unreadable(String)
  /// No bytes at all. Programs of containers/image fail on the whole image.
  case empty
  /// More bytes than any signature has.
  case oversize
  /// A symbolic link, a folder, a device.
  case notAFile
  /// The engines disagree, or one of them broke: nothing can be said.
  case unjudged(String)

  /// The most bytes that a signature file may have: twenty times what RSA-4096 needs.
  package static let limit = 16_384

  /// What it states, where that can be read.
  package var statement: ImageStatement? {
    switch self {
    case .good(let statement, _), .unregistered(let statement), .notGood(let statement, _, _, _),
      .bad(let statement, _, _):
      statement
    default: nil
    }
  }

  /// Who made it, where it counts.
  package var signer: Signer? {
    if case .good(_, let signer) = self { signer } else { nil }
  }

  /// One sentence without a full stop; nil for a good signature. Safe to print.
  package var objection: String? {
    switch self {
    case .good: nil
    case .unregistered: "it is signed by nobody registered"
    case .notGood(_, _, let person, let detail):
      "\(person.map { printable($0) + "'s" } ?? "its") signature does not count: \(printable(detail, limit: 300))"
    case .bad(_, let person, let key): "it names \(printable(person))'s key \(key), and that key did not sign it"
    case .oldForm: "it is in StageX's form of before 2026, an array, which no program accepts"
    case .unreadable(let text): printable(text, limit: 300)
    case .empty: "it is empty, and podman fails on an image with an empty signature"
    case .oversize: "it is larger than \(Self.limit) bytes"
    case .notAFile: "it is not a regular file"
    case .unjudged(let text): printable(text, limit: 300)
    }
  }
}
