internal import OpenPGP

/// A registry with the engines that check signatures under its keyring.
final class LoadedRegistry: Sendable {
  let registry: Registry
  let checker: SignatureChecker

  init(_ registry: Registry, _ settings: ReviewSettings) {
    self.registry = registry
    checker = SignatureChecker(
      keyring: registry.keyring, choice: settings.engines, reference: settings.reference, shelf: settings.keyboxes,
      deadline: settings.deadline)
  }

  /// The same registry with what was found out about its keys. The engines go on: certificates are as they were.
  init(_ loaded: LoadedRegistry, holding evidence: KeyEvidence) {
    registry = loaded.registry.holding(evidence)
    checker = loaded.checker
  }

  /// What a checked signature is worth under this registry.
  ///
  /// - Parameters:
  ///   - check: Found under any keyring, perhaps an older registry's.
  ///   - again: Checks the same signature under this registry's keyring. Called only when it matters.
  func fact(
    of check: SignatureCheck, _ terms: SignatureTerms, again: () throws(ReviewProblem) -> SignatureCheck
  ) throws(ReviewProblem) -> SignatureFact {
    if let fact = fact(of: check, terms) { return fact }
    guard case .checked(let hint, _) = check, let first = candidates(hint).first else { return .none }
    switch try again() {
    case .checked(_, .good(let key, let primary, let time)),
      .checked(_, .expired(let key, let primary, let time)),
      .checked(_, .revoked(let key, let primary, let time)):
      return terms.worth(subkey: key, primary: primary, created: time)
    case .checked(_, .bad):
      return .bad(person: owner(of: first) ?? "", key: first)
    case .checked(_, .unknownKey), .unsigned: return .none
    case .checked(_, .unsupported(let text)):
      let code: RefusalCode = isWeak(first) ? .weakSignature : .unknownKeyFormat
      return .notGood(code: code, person: owner(of: first), detail: text)
    case .checked(_, .failed(let text)): return .unjudged(detail: text)
    case .disagreed(_, let text): return .disagreed(detail: text)
    case .unreadable(let defect):
      return .notGood(code: RefusalCode(rawValue: defect.code), person: nil, detail: defect.message)
    }
  }

  /// What a checked signature is worth under this registry; nil where it must be checked under this registry's keyring.
  func fact(of check: SignatureCheck, _ terms: SignatureTerms) -> SignatureFact? {
    switch check {
    case .unsigned: return SignatureFact.none
    case .unreadable(let defect):
      return .notGood(code: RefusalCode(rawValue: defect.code), person: nil, detail: defect.message)
    case .disagreed(let hint, let text):
      return candidates(hint).isEmpty ? SignatureFact.none : .disagreed(detail: text)
    case .checked(let hint, let answer):
      let named = candidates(hint)
      if named.isEmpty { return SignatureFact.none }
      guard case .good(let key, let primary, let time) = answer, named.contains(key),
        registry.certificates[primary] != nil
      else { return nil }
      return terms.worth(subkey: key, primary: primary, created: time)
    }
  }

  /// When a signature was made that a key of this registry made, whatever the key is worth; nil for any other.
  ///
  /// - Parameter own: The registry without what came later: a subkey that somebody bound afterwards dates nothing.
  func date(
    of check: SignatureCheck, knownTo own: Registry, again: () throws(ReviewProblem) -> SignatureCheck
  ) throws(ReviewProblem) -> Int64? {
    guard case .checked(let hint, let answer) = check, !candidates(hint).isEmpty else { return nil }
    func date(_ answer: Answer) -> Int64? {
      switch answer {
      case .good(let key, let primary, let time), .expired(let key, let primary, let time),
        .revoked(let key, let primary, let time):
        own.certificates[primary]?.fingerprints.contains(key) == true ? time : nil
      default: nil
      }
    }
    switch answer {
    case .good, .expired, .revoked: return date(answer)
    default: break
    }
    if case .checked(_, let answer) = try again() { return date(answer) }
    return nil
  }

  /// The registered keys that a signature may have been made by, by fingerprint or by key id where it
  /// names no fingerprint.
  private func candidates(_ hint: SignaturePacketHint) -> [Fingerprint] {
    registry.keyring.keys(fingerprint: hint.fingerprint, keyID: hint.keyID)
  }

  /// Whether a key is of a kind or a size that never counts. An engine only says that it cannot check it.
  private func isWeak(_ key: Fingerprint) -> Bool {
    registry.keyring.places(of: key).contains { place in
      let certificate = registry.keyring.certificates[place.certificate]
      guard case .weakKey = certificate.standing(of: key, signedAt: 0, judgedAt: .then) else { return false }
      return true
    }
  }

  private func owner(of key: Fingerprint) -> String? {
    registry.keys.first { entry in
      registry.certificates[entry.fingerprint]?.fingerprints.contains(key) ?? false
    }?.person
  }
}
