/// What two engines say of one question, side by side.
package enum Agreement: Equatable, Sendable {
  case agree
  /// They contradict each other; the text says what each said. Refuse, and keep the bytes: one of them is wrong.
  case disagree(String)
}

/// Holds the native engine's answer against GnuPG's, for a question judged at `reference`.
///
/// What the native engine cannot judge it does not vouch for, so there is nothing to contradict. GnuPG's
/// remark that a key is expired or revoked by now contradicts only a judgement of now.
///
/// - Parameter isDoubtful: The native engine finds the mathematics good and does not let the key count at `reference`.
///   Whatever GnuPG thinks of that key, at another time it may count: the mathematics must be good to both.
package func agreement(
  native: Answer, gnupg: Answer, judgedAt reference: Reference, isDoubtful: Bool = false
) -> Agreement {
  let disagreement = Agreement.disagree("native says \(native.summary), GnuPG says \(gnupg.summary)")
  switch native {
  case .good where isDoubtful: return gnupg == .bad ? disagreement : .agree
  case .good:
    if gnupg == native { return .agree }
    guard reference == .then else { return disagreement }
    switch (native, gnupg) {
    case (.good(let key, let primary, let time), .expired(let other, let otherPrimary, let otherTime)),
      (.good(let key, let primary, let time), .revoked(let other, let otherPrimary, let otherTime)):
      return key == other && primary == otherPrimary && time == otherTime ? .agree : disagreement
    default: return disagreement
    }
  case .bad, .unknownKey:
    switch gnupg {
    case .good, .expired, .revoked: return disagreement
    case .bad, .unknownKey, .unsupported, .failed: return .agree
    }
  case .unsupported, .failed, .expired, .revoked: return .agree
  }
}

extension Answer {
  /// For a message: our own words and fingerprints only.
  package var summary: String {
    switch self {
    case .good(let key, _, _): "good, by key \(key)"
    case .expired(let key, _, _): "good, by key \(key), which has expired"
    case .revoked(let key, _, _): "good, by key \(key), which is revoked"
    case .bad: "bad"
    case .unknownKey: "unknown key"
    case .unsupported(let text): "it cannot judge (\(text))"
    case .failed(let text): "nothing (\(text))"
    }
  }
}

/// Both engines over one keyring, for one thread.
package final class EnginePair {
  /// Ours.
  package let native: NativeEngine
  private let gnupg: GnuPGEngine

  /// Starts gpg at once, so that it is ready when the first question comes.
  package init(keyring: Keyring) {
    native = NativeEngine(keyring: keyring)
    gnupg = GnuPGEngine(keyring: keyring)
    gnupg.start()
  }

  /// Both answers and what they come to. The engines work at the same time.
  package func judge(_ question: Question, judgedAt reference: Reference) -> (
    native: Answer, gnupg: Answer, agreement: Agreement
  ) {
    let early = gnupg.submit(question)
    let mine = native.judge(question)
    let answers = early + gnupg.finish()
    let other = answers.count == 1 ? answers[0] : Answer.failed("answers are under way")
    return (mine, other, agreement(native: mine, gnupg: other, judgedAt: reference))
  }
}
