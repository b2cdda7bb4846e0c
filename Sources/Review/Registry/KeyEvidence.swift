package import OpenPGP

/// What a vendor's attestation says of the card that a signing key lives on.
package struct AttestedCard: Sendable, Equatable {
  /// In decimal digits, as it is printed on the card; nil where the attestation does not say.
  package let serial: String?
  /// `5.7.4`; nil where the attestation does not say.
  package let firmware: String?
  /// Whether the card asks for a touch, by the statement.
  package let touch: CardTouch
}

/// What witnesses agree on about the card that a signing key lives on.
package struct WitnessedCard: Sendable, Equatable {
  /// The card's model, in the witnesses' words.
  package let device: String
  /// The card's serial number, in decimal digits, as it is printed on it.
  package let serial: String
  /// Two people or more, none of them the key's owner, sorted by id.
  package let witnesses: [String]
}

/// What the registry's files show of where keys live, each file checked. Empty where the policy does not ask.
package struct KeyEvidence: Sendable {
  /// A key that signs, under the primary key that the registry lists.
  struct Part: Hashable, Sendable {
    let primary: Fingerprint
    let key: Fingerprint
  }

  private(set) var attested: [Part: AttestedCard] = [:]
  private(set) var witnessed: [Part: WitnessedCard] = [:]
  private var defects: [Fingerprint: [String]] = [:]
  /// Statements that are good and too few, by the part they are about: who made them.
  private var lonely: [Part: [String]] = [:]

  /// Nothing was looked at, so nothing is shown.
  static let none = KeyEvidence()

  mutating func attest(_ key: Fingerprint, of primary: Fingerprint, by card: AttestedCard) {
    attested[Part(primary: primary, key: key)] = card
  }

  mutating func witness(_ key: Fingerprint, of primary: Fingerprint, by card: WitnessedCard) {
    witnessed[Part(primary: primary, key: key)] = card
  }

  mutating func noteTooFew(_ key: Fingerprint, of primary: Fingerprint, witnesses: [String]) {
    lonely[Part(primary: primary, key: key)] = witnesses
  }

  mutating func object(_ primary: Fingerprint, _ text: String) { defects[primary, default: []].append(text) }

  /// What is wrong with the files about a primary key, one sentence each. Safe to print.
  package func objections(to primary: Fingerprint) -> [String] { defects[primary] ?? [] }

  /// What a card has stated of a key; nil where nothing that holds.
  package func attestation(of key: Fingerprint, under primary: Fingerprint) -> AttestedCard? {
    attested[Part(primary: primary, key: key)]
  }

  /// What two maintainers have stated of a key; nil where fewer have.
  package func witnesses(of key: Fingerprint, under primary: Fingerprint) -> WitnessedCard? {
    witnessed[Part(primary: primary, key: key)]
  }

  /// Whether a proof reaches a level. An attestation is the stronger proof: it reaches what witnesses reach.
  func reaches(_ level: Evidence, _ key: Fingerprint, of primary: Fingerprint) -> Bool {
    let part = Part(primary: primary, key: key)
    switch level {
    case .off, .declared: return true
    case .witnessed: return witnessed[part] != nil || attested[part] != nil
    case .attested: return attested[part] != nil
    }
  }

  /// Why a key does not reach a level, in one sentence. Safe to print.
  func shortfall(_ level: Evidence, _ keys: [Fingerprint], of primary: Fingerprint) -> String {
    var reasons = objections(to: primary)
    if level == .witnessed {
      for key in keys {
        guard let names = lonely[Part(primary: primary, key: key)] else { continue }
        reasons.append(
          "only \(names.map { printable($0) }.joined(separator: ", ")) has witnessed it, and two others must")
      }
    }
    let others = attested.keys.filter { $0.primary == primary }.map(\.key.hex).sorted()
    if level == .attested, !others.isEmpty {
      reasons.append("\(EvidencePlace.attestation) attests \(others.joined(separator: ", "))")
    }
    if reasons.isEmpty { reasons.append("nothing in \(EvidencePlace.folder(of: primary)) shows it") }
    let name = keys.count == 1 ? "the key \(keys[0])" : "no key of \(primary)"
    return "\(name) is \(keys.count == 1 ? "not " : "")\(level.rawValue): \(reasons.joined(separator: "; "))"
  }
}

extension Evidence {
  /// Whether a level asks for more than the registry's list says, so that files must be read for it.
  var needsProof: Bool { self == .witnessed || self == .attested }
}
