import Glibc

/// A GnuPG home with a virtual OpenPGP card in its reader and a signing key on the card; see `Tests/VirtualCard`.
///
/// Everything of it ends with the value, and with the test process even if that is killed.
package final class VirtualCard: Sendable {
  package enum Algorithm: String, CaseIterable, Sendable { case ed25519, rsa2048, rsa4096, nistp256 }
  package enum Touch: String, Sendable { case off, on, fixed, cached }
  package enum Persona: String, Sendable { case test, yubikey, nitrokey }

  /// What the person does when the card asks for a touch.
  package enum Person: Sendable {
    case gives(afterMilliseconds: Int)
    case refuses
    case neverTouches
    case waitsForTouch
  }

  /// The GNUPGHOME.
  package let home: String
  /// Primary key's fingerprint, 40 hex digits.
  package let fingerprint: String
  /// Fingerprint of the key on the card: the primary key's, or its signing subkey's.
  package let signingFingerprint: String
  private let folder: TemporaryFolder

  /// Whether this machine has what virtual cards need; a test is skipped where it is false.
  package static let isPossible: Bool =
    ["gpg", "gpg-connect-agent", "cc"].allSatisfy { Tool.find($0) != nil }
    && (try? Tool.run("/usr/bin/python3", ["-c", "import cryptography"]).status) == 0
    && access("/usr/lib/gnupg/scdaemon", X_OK) == 0

  /// - Parameters:
  ///   - subkey: the card holds a signing subkey, and the primary key's secret half is not in the home.
  ///   - delayMilliseconds: how long a signature takes on the card at least.
  ///   - pinForMany: the card asks for its PIN once, not for each signature.
  package init(
    name: String = "Alice", algorithm: Algorithm = .ed25519, subkey: Bool = false, touch: Touch = .off,
    persona: Persona = .test, serial: Int? = nil, expires: String = "0", delayMilliseconds: Int = 0,
    pinForMany: Bool = false
  ) throws {
    folder = try TemporaryFolder()
    home = "\(folder.path)/h"
    var arguments = [
      "make", home, "--name", name, "--mail", "\(name.lowercased())@example.org", "--algorithm", algorithm.rawValue,
      "--touch", touch.rawValue, "--persona", persona.rawValue, "--expires", expires,
      "--delay", String(delayMilliseconds), "--owner", String(getpid()),
      "--pin-for", pinForMany ? "many" : "each",
    ]
    if subkey { arguments.append("--subkey") }
    if let serial { arguments += ["--serial", String(serial)] }
    let facts = try Self.facts(Tool.succeed(Self.program, arguments).text)
    fingerprint = facts["fingerprint"] ?? ""
    signingFingerprint = facts["signs"] ?? ""
  }

  deinit {
    _ = try? Tool.run(Self.program, ["stop", home, "--delete"])
  }

  // MARK: the card

  /// Any command of `Tests/VirtualCard/card` about this home; returns what it printed.
  @discardableResult
  package func card(_ command: String, _ arguments: String...) throws -> String {
    try Tool.succeed(Self.program, [command, home] + arguments).text
  }

  package func remove() throws { try card("remove") }
  package func insert() throws { try card("insert") }

  package func person(_ person: Person) throws {
    switch person {
    case .gives(let milliseconds): try card("touch", "given", "--after", String(milliseconds))
    case .refuses: try card("touch", "refused")
    case .neverTouches: try card("touch", "times-out")
    case .waitsForTouch: try card("touch", "waits")
    }
  }

  /// What the next PIN prompts are answered: `right`, `wrong`, `cancel`, `die`, `pin:…`; `right` after them.
  package func answerPrompts(_ words: String...) throws { try Tool.succeed(Self.program, ["pinentry", home] + words) }

  /// What the person was shown by the pinentry, one prompt a line.
  package func prompts() throws -> [String] { try card("log").split(separator: "\n").map(String.init) }

  /// Signatures that the card has made with its key.
  package func signatureCount() throws -> Int { try Int(state("signatures")) ?? -1 }

  /// Tries left for the user's PIN, the reset code and the admin's PIN, as the card counts them.
  package func triesLeft() throws -> String { try state("tries") }

  /// One line of `card status`.
  package func state(_ name: String) throws -> String { try Self.facts(card("status"))[name] ?? "" }

  // MARK: GnuPG

  /// What a program needs in its environment to sign with this card.
  package var environment: [String: String] { ["GNUPGHOME": home] }

  /// gpg in this home, without a terminal.
  package func gpg(_ arguments: String..., input: [UInt8] = []) throws -> Tool.Result {
    try Tool.run(
      "gpg", ["--batch", "--no-tty", "--yes", "--quiet"] + arguments, environment: environment, input: input)
  }

  /// An armored detached signature by the card over `data`.
  package func sign(_ data: [UInt8]) throws -> [UInt8] {
    let result = try gpg("--armor", "--detach-sign", "-u", signingFingerprint + "!", input: data)
    guard result.status == 0 else { throw Tool.Failure(description: result.errorText) }
    return result.output
  }

  /// The public certificate, armored.
  package func certificate() throws -> [UInt8] { try gpg("--armor", "--export", fingerprint).output }

  private static var program: String { "\(Tool.packageFolder)/Tests/VirtualCard/card" }

  /// `name value` lines.
  private static func facts(_ text: String) -> [String: String] {
    text.split(separator: "\n").reduce(into: [:]) { facts, line in
      let parts = line.split(separator: " ", maxSplits: 1)
      facts[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }
  }
}
