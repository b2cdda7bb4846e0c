package import OpenPGP
package import Review

/// The key that a person will sign with.
package struct SigningKey: Sendable {
  /// The id in the registry.
  package let person: String
  /// The primary key's fingerprint.
  package let primary: Fingerprint
  /// The fingerprint of the key that signs.
  package let signing: Fingerprint
  /// The card that holds it; nil for none.
  package let card: CardNumber?
  /// As the registry has it.
  package let certificate: Certificate

  /// Who signs, and with what.
  package var identity: SignerIdentity {
    SignerIdentity(person: person, primary: primary, signing: signing, card: card)
  }
}

/// Chooses among the keys at hand the one whose signature would count under a registry and a policy.
package struct KeyChoice {
  let registry: Registry
  let policy: Policy
  /// Seconds since 1970.
  let clock: Int64

  package init(registry: Registry, policy: Policy, clock: Int64) {
    self.registry = registry
    self.policy = policy
    self.clock = clock
  }

  /// The key to sign with.
  ///
  /// - Parameters:
  ///   - secrets: What GnuPG can sign with.
  ///   - wanted: git's `user.signingkey`: a fingerprint or a key id, perhaps with "!". Anything else names no key and
  ///     is passed over.
  ///   - inserted: The card in the reader: it says who is at the keyboard.
  package func choose(
    from secrets: [SecretKey], wanted: String?, inserted: CardStatus?
  ) throws(SigningError) -> SigningKey {
    var fit: [SigningKey] = []
    var objection: SigningError?
    for entry in try entries(wanted) {
      switch candidates(entry, secrets) {
      case .success(let keys): fit += keys
      case .failure(let error): objection = objection ?? error
      }
    }
    // The card in the reader decides: whose key it holds is who signs.
    if let inserted, let key = fit.first(where: { $0.card == inserted.number && $0.signing == inserted.signingKey }) {
      return key
    }
    guard let first = fit.first else { throw objection ?? .noRegisteredKey }
    let people = Set(fit.map(\.person))
    guard people.count == 1 else { throw .severalPeople(people.sorted()) }
    guard let needed = first.card else { return first }
    guard let inserted else { throw .cardNotPresent(needed: needed) }
    if inserted.number == needed, let found = inserted.signingKey {
      throw .otherSigner(expected: first.signing, found: found)
    }
    throw .wrongCard(inserted: inserted.number, needed: needed)
  }

  /// The people whose keys are at hand, whether their cards are in or not: for answers that sign nothing.
  package func people(from secrets: [SecretKey], wanted: String?) -> [String] {
    let all = ((try? entries(wanted)) ?? []).flatMap { entry in (try? candidates(entry, secrets).get()) ?? [] }
    return Set(all.map(\.person)).sorted()
  }

  /// The key behind Split GPG: nothing is known here of its secret half, so it must be named.
  package func chooseElsewhere(wanted: String?) throws(SigningError) -> SigningKey {
    guard let wanted, let digits = Self.hexDigits(wanted) else { throw .noKeyNamed }
    let parts = registry.certificates.values.flatMap(\.keys).map {
      SecretKey(fingerprint: $0.fingerprint, isUsable: true, card: nil)
    }
    var objection: SigningError?
    for entry in try entries(wanted) {
      switch candidates(entry, parts, needsCard: false) {
      case .success(let keys):
        // A subkey that is named itself, else the last in the certificate, which is the newest one.
        if let key = keys.first(where: { $0.signing.hex.hasSuffix(digits) && $0.signing != $0.primary }) ?? keys.last {
          return key
        }
      case .failure(let error): objection = error
      }
    }
    throw objection ?? .noRegisteredKey
  }

  /// The registry's entries among which to choose.
  private func entries(_ wanted: String?) throws(SigningError) -> [RegisteredKey] {
    guard let wanted, let digits = Self.hexDigits(wanted) else { return registry.keys }
    let named = registry.keys.filter { entry in
      entry.fingerprint.hex.hasSuffix(digits)
        || registry.certificates[entry.fingerprint]?.keys.contains { $0.fingerprint.hex.hasSuffix(digits) } ?? false
    }
    guard !named.isEmpty else { throw .notRegistered(digits) }
    return named
  }

  /// 16, 40 or 64 hex digits in capitals; nil for anything else. A short id is no key: it can be made to collide at
  /// will.
  static func hexDigits(_ text: String) -> String? {
    var digits = text.utf8[...]
    if digits.starts(with: "0x".utf8) { digits = digits.dropFirst(2) }
    if digits.last == UInt8(ascii: "!") { digits = digits.dropLast() }
    guard [16, 40, 64].contains(digits.count),
      digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 })
    else { return nil }
    return String(decoding: digits, as: UTF8.self).uppercased()
  }

  /// One registered key's parts that can sign today and lie on a card; or why there are none.
  private func candidates(
    _ entry: RegisteredKey, _ secrets: [SecretKey], needsCard: Bool = true
  ) -> Result<[SigningKey], SigningError> {
    guard let certificate = registry.certificates[entry.fingerprint] else { return .success([]) }
    func unfit(_ key: Fingerprint, _ reason: String) -> Result<[SigningKey], SigningError> {
      .failure(.doesNotCount(person: entry.person, key: key, reason: reason))
    }
    var fit: [SigningKey] = []
    var objection: Result<[SigningKey], SigningError>?
    for part in certificate.keys {
      guard let secret = secrets.first(where: { $0.fingerprint == part.fingerprint && $0.isUsable }) else { continue }
      var shortfall: String?
      switch registry.disqualification(of: entry, signing: part.fingerprint, needing: policy.evidence) {
      case .machine: return unfit(entry.fingerprint, "it is a machine's key")
      case .shared: return unfit(entry.fingerprint, "several people share it")
      case .bot: return unfit(entry.fingerprint, "\(entry.person) is a bot")
      case .notOnCard(_, let why): shortfall = why
      case nil: break
      }
      switch certificate.standing(of: part.fingerprint, signedAt: clock, judgedAt: .now(clock)) {
      case .good:
        // Another key of the certificate may be proved: each signing key stands by itself.
        if let shortfall {
          objection = objection ?? unfit(part.fingerprint, shortfall)
          continue
        }
        // Without a card only where the project asks for none.
        guard secret.card != nil || policy.evidence == .off || !needsCard else {
          objection = objection ?? .failure(.softwareKey(person: entry.person, key: part.fingerprint))
          continue
        }
        fit.append(
          SigningKey(
            person: entry.person, primary: entry.fingerprint, signing: part.fingerprint, card: secret.card,
            certificate: certificate))
      case .expired(let time): objection = objection ?? unfit(part.fingerprint, "it expired on \(datestamp(time))")
      case .revoked(let time, _):
        objection = objection ?? unfit(part.fingerprint, "it was revoked on \(datestamp(time))")
      case .cannotSign: continue
      case .beforeKeyCreation:
        objection = objection ?? unfit(part.fingerprint, "it is made in the future; look at the clock")
      case .notBound(let why), .weakKey(let why), .unsupported(let why):
        objection = objection ?? unfit(part.fingerprint, why)
      }
    }
    // A key that only certifies says nothing; one that should sign and cannot is worth a word.
    return fit.isEmpty ? objection ?? .success([]) : .success(fit)
  }
}
