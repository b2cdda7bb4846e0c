package import OpenPGP

/// Why no signature came about. Each outcome is its own case, with its own message and the next thing to do.
///
/// Messages are made of our own words, fingerprints and serial numbers only; text from outside goes through `printable`
/// before it gets here.
package enum SigningError: Error, Sendable, Equatable {
  // The key.
  /// None of the registry's keys that count has its secret half, or a card's stub of it, in this GnuPG home.
  case noRegisteredKey
  /// The keys of several people are at hand, and no card says who is at the keyboard.
  case severalPeople([String])
  /// The key that was asked for is nobody's in the registry.
  case notRegistered(String)
  /// The key is registered and cannot endorse anything; the reason in words.
  case doesNotCount(person: String, key: Fingerprint, reason: String)
  /// The secret key lies on this computer's disk.
  case softwareKey(person: String, key: Fingerprint)
  /// Split GPG shows no secret keys, so git must name the one to use.
  case noKeyNamed
  /// The Split GPG program failed; its words, made printable.
  case splitGPGFailed(program: String, text: String)
  /// `maint.gpgProgram` or `STAGEX_GPG_SIGN` is set and the policy does not allow Split GPG.
  case splitGPGNotAllowed(program: String)

  // The card.
  /// No card is in the reader; the card that holds the key.
  case cardNotPresent(needed: CardNumber?)
  case wrongCard(inserted: CardNumber, needed: CardNumber)
  case cardRemoved(needed: CardNumber?)
  /// The PIN was wrong; how many attempts remain, when the card still says.
  case wrongPIN(triesLeft: Int?)
  case blocked(needed: CardNumber?)
  case touchTimedOut(seconds: Int)
  case touchRefused

  // The person's surroundings.
  case cancelled
  /// GnuPG's program for smartcards is missing.
  case noScdaemon
  case noPinentry
  case noTerminal
  /// gpg-agent ended in the middle.
  case agentGone
  /// gpg, gpg-agent or scdaemon is in trouble.
  case gnupg(operation: String, code: UInt32, text: String)

  // The result.
  /// A signature was made and is not what the rule would count. It has been thrown away.
  case notVerified(String)
  /// Another key than the chosen one signed.
  case otherSigner(expected: Fingerprint, found: Fingerprint)

  /// What happened, in one sentence without a full stop.
  package var message: String {
    switch self {
    case .noRegisteredKey:
      """
      none of the registered keys that count can be used from here: gpg knows no secret key, \
      and no card, for any of them
      """
    case .severalPeople(let people): "the keys of several people are here: \(people.joined(separator: ", "))"
    case .notRegistered(let key): "the key \(key) is nobody's in the registry"
    case .doesNotCount(let person, let key, let reason): "\(person)'s key \(key) does not count: \(reason)"
    case .softwareKey(let person, let key):
      "\(person)'s key \(key) lies on this computer's disk, not on a smartcard: a signature with it is not made"
    case .noKeyNamed: "Split GPG is set up, and git does not say with which key you sign"
    case .splitGPGFailed(let program, let text): "\(program) did not sign\(text.isEmpty ? "" : ": \(text)")"
    case .noScdaemon: "gpg-agent finds no scdaemon, the program that talks to smartcards"
    case .splitGPGNotAllowed(let program):
      "signing through \(program) is set up, and the policy does not allow Split GPG"
    case .cardNotPresent(let needed): "no card is in the reader\(Self.wanted(needed))"
    case .wrongCard(let inserted, let needed): "the card in the reader is \(inserted), the key is on \(needed)"
    case .cardRemoved(let needed): "the card was taken out before it had signed\(Self.wanted(needed))"
    case .wrongPIN(let tries?):
      "the PIN was wrong: \(tries) \(tries == 1 ? "attempt remains" : "attempts remain") before the card blocks it"
    case .wrongPIN(nil): "the PIN was wrong"
    case .blocked(let card): "the PIN of \(card.map(\.description) ?? "the card") is blocked"
    case .touchTimedOut(let seconds): "the card was not touched in time: it waited \(seconds) s"
    case .touchRefused: "the card did not get its touch and refused to sign"
    case .cancelled: "the PIN prompt was cancelled"
    case .noPinentry: "gpg-agent finds no pinentry program, so it cannot ask for the PIN"
    case .agentGone: "gpg-agent ended before the card had signed"
    case .noTerminal: "the PIN prompt has no terminal to appear on"
    case .gnupg(let operation, let code, let text): "GnuPG cannot \(operation): \(text) (error \(code))"
    case .notVerified(let why): "the signature that was made is not good and was thrown away: \(why)"
    case .otherSigner(let expected, let found): "\(found) signed instead of \(expected); the signature was thrown away"
    }
  }

  /// The command to type, or the thing to do, that mends it.
  package var next: String {
    switch self {
    case .noRegisteredKey:
      """
      insert your card, then: gpg --import keys/YOUR-FINGERPRINT.asc && gpg --card-status; then stagex-maint card status
      """
    case .severalPeople: "insert your card, or: git config user.signingkey YOUR-FINGERPRINT"
    case .notRegistered: "git config --unset user.signingkey, or choose a registered key: stagex-maint keys list"
    case .doesNotCount: "stagex-maint keys list"
    case .softwareKey: "move the key to a card (gpg --edit-key, keytocard), or sign on the computer that has your card"
    case .splitGPGNotAllowed:
      "unset maint.gpgProgram and STAGEX_GPG_SIGN and use a card, or set split-gpg in review.toml"
    case .noKeyNamed: "git config user.signingkey YOUR-FINGERPRINT"
    case .splitGPGFailed: "start the qube that has the key, allow the request there, and run the command again"
    case .noScdaemon: "install it (Debian: apt-get install scdaemon), then: gpgconf --kill all"
    case .cardNotPresent, .cardRemoved: "insert the card and run the command again; nothing was changed"
    case .wrongCard(_, let needed): "insert \(needed) and run the command again"
    case .wrongPIN: "run the command again; nothing was changed"
    case .blocked: "unblock it with the admin PIN or the reset code: gpg --card-edit, admin, passwd"
    case .touchTimedOut, .touchRefused: "run the command again and touch the card when it blinks; nothing was changed"
    case .cancelled: "run the command again when you are ready; nothing was changed"
    case .noPinentry: "install pinentry (for instance pinentry-curses), then: gpgconf --kill all"
    case .noTerminal: "run it in a terminal, after: export GPG_TTY=$(tty)"
    case .agentGone: "run the command again, which starts gpg-agent anew; nothing was changed"
    case .gnupg: "gpgconf --kill all, then try gpg --card-status"
    case .notVerified: "look for digest-algo, textmode and the like in gpg.conf; then run the command again"
    case .otherSigner(let expected, _): "gpg --card-status, and look whether \(expected) is on the card"
    }
  }

  /// The exit status: 3 when the person stopped it, or the card in the person's hand did; 75 where the same command may
  /// work again at once; 2 otherwise.
  package var exitStatus: Int32 {
    switch self {
    case .cardNotPresent, .wrongCard, .cardRemoved, .wrongPIN, .blocked, .touchTimedOut, .touchRefused, .cancelled: 3
    case .agentGone: 75
    default: 2
    }
  }

  private static func wanted(_ card: CardNumber?) -> String { card.map { "; the key is on \($0)" } ?? "" }
}
