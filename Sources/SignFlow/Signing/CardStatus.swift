package import OpenPGP

/// When the card asks to be touched (OpenPGP Smart Card Application 3.4, section 4.4.3.6; "cached" is Yubico's).
package enum TouchPolicy: UInt8, Sendable {
  case off = 0
  case on = 1
  /// On, and it cannot be switched off without losing the key.
  case fixed = 2
  /// On, and one touch is good for 15 seconds.
  case cached = 3
  case cachedFixed = 4

  package var description: String {
    switch self {
    case .off: "off"
    case .on: "on"
    case .fixed: "on, fixed"
    case .cached: "on, one touch lasts 15 s"
    case .cachedFixed: "on, fixed, one touch lasts 15 s"
    }
  }
}

/// What the card in the reader says of itself.
package struct CardStatus: Sendable, Equatable {
  /// Maker and serial number.
  package var number: CardNumber
  /// The keys for signing, decryption and authentication; nil where a slot is empty.
  package var keys: [Fingerprint?]
  /// Attempts left for the PIN, the reset code and the admin PIN; nil when the card does not say.
  package var pinTries: Int?
  /// Tries left for the reset code; nil where the card does not say.
  package var resetTries: Int?
  /// Tries left for the admin PIN; nil where the card does not say.
  package var adminTries: Int?
  /// Signatures made with the present signing key.
  package var signatures: Int?
  /// Nil when the card knows no touch.
  package var touch: TouchPolicy?
  /// Whether the card asks for the PIN before each signature, not only for the first.
  package var asksPINAlways: Bool?

  package init(number: CardNumber, keys: [Fingerprint?] = [nil, nil, nil]) {
    self.number = number
    self.keys = keys
  }

  /// The key in the first slot, if there is one.
  package var signingKey: Fingerprint? { keys.first ?? nil }

  /// What the person should know before signing; none when all is well.
  package var warnings: [String] {
    var warnings: [String] = []
    switch touch {
    case .off:
      warnings.append(
        "the card signs without a touch: any program on this computer can use it while the PIN is unlocked")
    case nil: warnings.append("the card does not say whether it asks for a touch")
    default: break
    }
    if pinTries == 1 { warnings.append("one PIN attempt is left before the card blocks") }
    return warnings
  }

  /// Takes in one status line of scdaemon's, keyword and arguments apart.
  mutating func read(_ keyword: String, _ arguments: String) {
    // Spaces inside come as "+", as in a URL.
    let words = arguments.split { $0 == " " || $0 == "+" }
    switch keyword {
    case "KEY-FPR":
      guard words.count >= 2, let slot = Int(words[0]), (1...3).contains(slot) else { return }
      keys[slot - 1] = Fingerprint(hex: String(words[1]))
    case "SIG-COUNTER":
      signatures = words.first.flatMap { Int($0) }
    case "CHV-STATUS":
      let numbers = words.map { Int($0) }
      guard numbers.count >= 7 else { return }
      asksPINAlways = numbers[0].map { $0 == 0 }
      (pinTries, resetTries, adminTries) = (numbers[4], numbers[5], numbers[6])
    default: break
    }
  }
}
