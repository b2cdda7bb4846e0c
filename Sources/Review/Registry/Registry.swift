package import OpenPGP

/// A person whom the registry lists.
// R64
package struct Person: Sendable {
  /// The table's name under `[people]`, unique in the registry.
  package let id: String
  /// For people to read; nothing goes by it.
  package let name: String?
  /// Whether it is a program: never counts.
  package let isBot: Bool
}

/// A key that the registry lists for a person.
package struct RegisteredKey: Sendable {
  /// The id of the person it belongs to.
  package let person: String
  /// The table's name under the person in `[keys]`.
  package let label: String
  /// The primary key's fingerprint.
  package let fingerprint: Fingerprint
  /// Whether a machine uses it: never counts.
  package let isMachine: Bool
  /// Whether several people use it: never counts.
  package let isShared: Bool
  /// The smartcards the entry names; empty when it names none.
  package let devices: String
}

/// Why a listed key cannot count although it is listed.
package enum Disqualification: Equatable, Sendable {
  case machine
  case shared
  case bot
  /// The level that was asked for, and why it is not reached: one sentence, safe to print.
  case notOnCard(needed: Evidence, why: String)
}

/// The people and keys that may endorse, with the certificates at hand.
package struct Registry: Sendable {
  /// All that are listed.
  package let people: [Person]
  /// All that are listed.
  package let keys: [RegisteredKey]
  /// The certificates of listed keys, by primary fingerprint.
  package let certificates: [Fingerprint: Certificate]
  /// Listed keys whose certificate is missing or cannot be used. They do not count, and every verdict says so.
  package let warnings: [String]
  /// The certificates, to check signatures with.
  package let keyring: Keyring
  /// What was found out about where the keys live; nothing where nobody asked.
  package private(set) var evidence = KeyEvidence.none
  private let keyIndex: [Fingerprint: Int]
  private let bots: Set<String>

  /// - Throws: `FileDefect` when a signing key appears in two people's certificates: nobody could
  ///   say whose signature it makes.
  package init(
    people: [Person], keys: [RegisteredKey], certificates: [Fingerprint: Certificate], warnings: [String]
  ) throws(FileDefect) {
    self.people = people
    self.keys = keys
    self.certificates = certificates
    self.warnings = warnings
    keyring = Keyring(keys.compactMap { certificates[$0.fingerprint] })
    keyIndex = Dictionary(keys.enumerated().map { ($1.fingerprint, $0) }, uniquingKeysWith: { first, _ in first })
    bots = Set(people.filter(\.isBot).map(\.id))
    // R65
    var owners: [Fingerprint: String] = [:]
    for key in keys {
      for part in certificates[key.fingerprint]?.fingerprints ?? [] {
        if let other = owners.updateValue(key.person, forKey: part), other != key.person {
          throw FileDefect("the key \(part) appears in the certificates of \(other) and of \(key.person)")
        }
      }
    }
  }

  /// What the listed certificates take back themselves. Other files beside them may take back more.
  package var ownRevocations: Set<KeyRevocation> {
    Set(
      certificates.values.flatMap { certificate in
        certificate.keys.compactMap { key in
          key.revocation.map { KeyRevocation(primary: certificate.primary, key: key.fingerprint, revocation: $0) }
        }
      })
  }

  /// The registry's entry for a primary key.
  package func key(_ primary: Fingerprint) -> RegisteredKey? { keyIndex[primary].map { keys[$0] } }

  /// The same registry with what was found out about where its keys live.
  func holding(_ evidence: KeyEvidence) -> Registry {
    var registry = self
    registry.evidence = evidence
    return registry
  }

  /// Why a listed key does not count under a policy; nil when it does.
  ///
  /// - Parameter signing: The key that makes the signature, for proofs are about each signing key by itself: a card
  ///   says nothing of another subkey beside it. Nil asks whether any key of the certificate would do.
  package func disqualification(
    of key: RegisteredKey, signing part: Fingerprint? = nil, needing level: Evidence
  ) -> Disqualification? {
    // R66
    if bots.contains(key.person) { return .bot }
    if key.isMachine { return .machine }
    if key.isShared { return .shared }
    // R68
    guard level != .off else { return nil }
    // The higher levels ask for it as well: what reaches one reaches those below.
    guard !key.devices.isEmpty else {
      return .notOnCard(
        needed: level, why: "the registry's entry keys.\(printable(key.person)).\(printable(key.label)) names no device"
      )
    }
    guard level.needsProof else { return nil }
    let parts = part.map { [$0] } ?? certificates[key.fingerprint]?.fingerprints ?? []
    if parts.contains(where: { evidence.reaches(level, $0, of: key.fingerprint) }) { return nil }
    return .notOnCard(needed: level, why: evidence.shortfall(level, parts, of: key.fingerprint))
  }

  /// Everybody who has a key that counts under the policy, sorted by id.
  ///
  /// - Parameter revoked: Primary keys that count no more, whatever their certificates say here.
  package func maintainers(needing evidence: Evidence, without revoked: Set<Fingerprint> = []) -> [String] {
    Set(
      keys.filter {
        disqualification(of: $0, needing: evidence) == nil && certificates[$0.fingerprint] != nil
          && (revoked.isEmpty || !revoked.contains($0.fingerprint))
      }
      .map(\.person)
    ).sorted()
  }

  /// The same people and keys, with the self-signatures that another registry knows of their
  /// certificates: the key itself made those, so expiry can be extended and theft revoked later.
  ///
  /// - Throws: `FileDefect` when the other registry's certificates give one signing key to two people.
  package func adding(selfSignaturesOf newer: Registry) throws(FileDefect) -> Registry {
    var merged = certificates
    var changed = false
    for (fingerprint, certificate) in certificates {
      guard let other = newer.certificates[fingerprint], other.content != certificate.content else { continue }
      merged[fingerprint] = certificate.adding(selfSignaturesOf: other)
      changed = true
    }
    guard changed else { return self }
    return try Registry(people: people, keys: keys, certificates: merged, warnings: warnings)
  }
}
