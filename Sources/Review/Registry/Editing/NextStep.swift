internal import GitBridge
internal import OpenPGP

/// What to do about a key.
package enum NextStep: Sendable, Equatable {
  /// A command, in words that are quoted for a shell where they need it.
  case command([String])
  /// What no command does.
  case advice(String)

  /// On one line.
  package var text: String {
    switch self {
    case .command(let words): words.joined(separator: " ")
    case .advice(let text): text
    }
  }

  /// Gives a key, and its primary key where it ends with that, two more years.
  static func extend(_ key: Fingerprint, of primary: Fingerprint, primaryToo: Bool) -> [NextStep] {
    let head = ["gpg", "--quick-set-expire", primary.hex, "2y"]
    if key == primary { return [.command(head)] }
    return (primaryToo ? [.command(head)] : []) + [.command(head + [key.hex])]
  }

  static func addSigningKey(to primary: Fingerprint) -> NextStep {
    .command(["gpg", "--edit-key", primary.hex, "addcardkey", "save"])
  }

  static let newKey = NextStep.command([
    "gpg", "--quick-generate-key", "'You <you@example.org>'", "ed25519", "cert", "2y",
  ])

  /// Brings the certificate as gpg has it into the registry.
  static func bring(_ primary: Fingerprint, _ person: String?, _ label: String?) -> NextStep {
    var words = ["gpg", "--armor", "--export", primary.hex, "|", "stagex-maint", "keys", "add", "-"]
    if let person { words += ["--person", shellWord(person)] }
    if let label { words += ["--label", shellWord(label)] }
    return .command(words)
  }
}
