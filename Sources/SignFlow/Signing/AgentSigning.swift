internal import Glibc
internal import OpenPGP

/// Makes one signature after the other with a card that gpg has just signed with, by asking gpg-agent as gpg asks it.
/// Starting gpg costs more than all the rest that is not the card's and the person's; for hundreds of images that adds
/// up.
///
/// The PIN is no matter here: the card has it already, and where it wants it again gpg-agent starts pinentry, as ever.
struct AgentSigning {
  let agent: AgentConnection
  private let key: SigningKey
  /// gpg-agent's name for the key.
  private let keygrip: String
  private let keyAlgorithm: PublicKeyAlgorithm
  private let hash: HashAlgorithm

  /// - Parameter first: A signature that gpg made with this key: the others take its algorithms.
  /// - Returns: Nil for keys whose signatures are put together in ways that only gpg knows.
  init?(_ key: SigningKey, keygrip: String, like first: SignaturePacket, home: GnuPGHome, environment: [String: String])
  {
    guard [.rsa, .ecdsa, .eddsaLegacy].contains(first.keyAlgorithm), first.issuerFingerprint == key.signing,
      key.signing.bytes.count == 20,
      let agent = try? AgentConnection(home)
    else { return nil }
    self.agent = agent
    self.key = key
    self.keygrip = keygrip
    keyAlgorithm = first.keyAlgorithm
    hash = first.hashAlgorithm
    for option in Self.options(environment) { _ = agent.ask("OPTION \(option)") }
  }

  /// Where pinentry shows itself: what gpg tells the agent (GnuPG's common/session-env.c).
  private static func options(_ environment: [String: String]) -> [String] {
    var options = ["allow-pinentry-notify"]
    for (name, option) in [
      ("GPG_TTY", "ttyname"), ("TERM", "ttytype"), ("DISPLAY", "display"), ("XAUTHORITY", "xauthority"),
      ("LC_CTYPE", "lc-ctype"),
      ("LC_MESSAGES", "lc-messages"), ("PINENTRY_USER_DATA", "pinentry-user-data"),
    ] {
      if let value = environment[name] { options.append("\(option)=\(value)") }
    }
    for name in [
      "XMODIFIERS", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM", "GTK_IM_MODULE",
      "DBUS_SESSION_BUS_ADDRESS", "QT_IM_MODULE",
      "INSIDE_EMACS",
    ] {
      if let value = environment[name] { options.append("putenv=\(name)=\(value)") }
    }
    // A line's end would begin another command.
    return options.filter { !$0.utf8.contains { $0 < 0x20 } && $0.utf8.count < 900 }
  }

  enum Outcome {
    case signature([UInt8])
    /// The answer is in no form that is known here.
    case notUnderstood
    case failure(GPGMEFailure)
  }

  /// One signature's packet; whoever gets it has still to verify it.
  func sign(_ content: [UInt8], clock: Int64, watch: SigningWatch) -> Outcome {
    let form = SignatureForm(signer: key.signing, keyAlgorithm: keyAlgorithm, hash: hash, created: clock)
    guard let digest = form.digest(over: content), let name = Self.names[hash] else { return .notUnderstood }
    let digits = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    for command in ["SIGKEY \(keygrip)", "SETHASH --hash=\(name) \(digits)"] {
      if case .failure(let failure) = agent.ask(command) { return .failure(failure) }
    }
    switch agent.ask("PKSIGN", watch: watch) {
    case .failure(let failure): return .failure(failure)
    case .success(_, let data):
      guard let answer = SignatureExpression(data), let numbers = numbers(answer) else { return .notUnderstood }
      return .signature(form.packet(digest, numbers))
    }
  }

  private static let names: [HashAlgorithm: String] = [.sha256: "sha256", .sha384: "sha384", .sha512: "sha512"]

  private func numbers(_ answer: SignatureExpression) -> [[UInt8]]? {
    let (algorithm, wanted): (String, [String]) =
      switch keyAlgorithm {
      case .rsa: ("rsa", ["s"])
      case .ecdsa: ("ecdsa", ["r", "s"])
      default: ("eddsa", ["r", "s"])
      }
    guard answer.algorithm == algorithm, answer.numbers.map(\.name) == wanted else { return nil }
    return answer.numbers.map(\.value)
  }
}
