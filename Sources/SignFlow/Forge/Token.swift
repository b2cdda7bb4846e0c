/// A secret for one forge. It shows itself nowhere: not when interpolated, dumped or logged.
package struct Token: Sendable, CustomStringConvertible, CustomReflectable {
  /// How it is shown to a server.
  package enum Kind: Sendable {
    /// A token of the forge's interface.
    case token
    /// A user and a password (or a token used as one), as git's credential helper has them.
    case password(user: String)
  }

  let secret: String
  /// How it is shown to a server.
  package let kind: Kind

  /// Refuses what is no line of printable ASCII: it goes into an HTTP header.
  package init?(_ secret: String, kind: Kind = .token) {
    let isPrintable = { (text: String) in text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
    guard !secret.isEmpty, secret.utf8.count <= 4096, isPrintable(secret) else { return nil }
    if case .password(let user) = kind, !isPrintable(user) || user.utf8.contains(UInt8(ascii: ":")) { return nil }
    self.secret = secret
    self.kind = kind
  }

  package var description: String { "(token)" }
  /// Nothing: what prints values must not print this one.
  package var customMirror: Mirror { Mirror(self, children: []) }
}
