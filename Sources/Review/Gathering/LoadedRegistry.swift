internal import OpenPGP

/// A registry with the engines that check signatures under its keyring.
final class LoadedRegistry: Sendable {
  let registry: Registry
  let checker: SignatureChecker

  init(_ registry: Registry, _ settings: ReviewSettings) {
    self.registry = registry
    checker = SignatureChecker(keyring: registry.keyring, choice: settings.engines, reference: settings.reference)
  }

  /// What a checked signature is worth under this registry.
  ///
  /// - Parameters:
  ///   - check: Found under any keyring, perhaps an older registry's.
  ///   - again: Checks the same signature under this registry's keyring. Called only when it matters.
  func fact(
    of check: SignatureCheck, _ terms: SignatureTerms, again: () throws(ReviewProblem) -> SignatureCheck
  ) throws(ReviewProblem) -> SignatureFact {
    switch check {
    case .unsigned: return .none
    case .unreadable(let defect):
      return .notGood(code: RefusalCode(rawValue: defect.code), person: nil, detail: defect.message)
    case .disagreed(let hint, let text):
      return candidates(hint).isEmpty ? .none : .disagreed(detail: text)
    case .checked(let hint, let answer):
      let named = candidates(hint)
      guard let first = named.first else { return .none }
      if case .good(let key, let primary, let time) = answer, named.contains(key), registry.certificates[primary] != nil {
        return terms.worth(subkey: key, primary: primary, created: time)
      }
      switch try again() {
      case .checked(_, .good(let key, let primary, let time)),
        .checked(_, .expired(let key, let primary, let time)),
        .checked(_, .revoked(let key, let primary, let time)):
        return terms.worth(subkey: key, primary: primary, created: time)
      case .checked(_, .bad):
        return .bad(person: owner(of: first) ?? "", key: first)
      case .checked(_, .unknownKey), .unsigned: return .none
      case .checked(_, .unsupported(let text)):
        return .notGood(code: .unknownKeyFormat, person: owner(of: first), detail: text)
      case .checked(_, .failed(let text)): return .unjudged(detail: text)
      case .disagreed(_, let text): return .disagreed(detail: text)
      case .unreadable(let defect):
        return .notGood(code: RefusalCode(rawValue: defect.code), person: nil, detail: defect.message)
      }
    }
  }

  /// The registered keys that a signature may have been made by, by fingerprint or by key id where it
  /// names no fingerprint.
  private func candidates(_ hint: SignaturePacketHint) -> [Fingerprint] {
    registry.keyring.keys(fingerprint: hint.fingerprint, keyID: hint.keyID)
  }

  private func owner(of key: Fingerprint) -> String? {
    registry.keys.first { entry in
      registry.certificates[entry.fingerprint]?.keys.contains { $0.fingerprint == key } ?? false
    }?.person
  }
}
