package import OpenPGP

/// A good signature by a key that counts: whose it is, and by which key.
package struct Signer: Sendable, Equatable {
  /// The person's id in the registry.
  package let person: String
  /// The primary key, which the registry lists.
  package let key: Fingerprint
  /// The key that made the signature; the same as ``key`` where the primary key signed.
  package let subkey: Fingerprint
  /// When the signature says that it was made, in seconds since 1970.
  package let time: Int64

  package init(person: String, key: Fingerprint, subkey: Fingerprint, time: Int64) {
    self.person = person
    self.key = key
    self.subkey = subkey
    self.time = time
  }
}

/// What the signature on a commit, a tag or a statement is worth under one registry.
package enum SignatureFact: Sendable, Equatable {
  /// Unsigned, or signed by somebody who is not registered. No error: contributors sign as they like.
  // R79
  case none
  case good(Signer)
  /// A registered key made it, but it endorses nothing.
  case notGood(code: RefusalCode, person: String?, detail: String)
  /// It names a registered key and the mathematics fails: somebody tampered. Refuses by itself.
  case bad(person: String, key: Fingerprint)
  /// The two engines say different things about it. Refuses by itself.
  case disagreed(detail: String)
  /// An engine broke. Nothing can be said, so nothing is accepted.
  case unjudged(detail: String)

  /// Who stands behind it; nil for all that endorses nothing.
  package var signer: Signer? {
    if case .good(let signer) = self { signer } else { nil }
  }
}

/// The circumstances under which signatures are judged.
package final class SignatureTerms: Sendable {
  /// Who counts. Its certificates have what later states and the lead's tip add (R30).
  package let registry: Registry
  /// The certificates as the step itself has them; where a key does not count by them, those of `registry`, which know
  /// what came later, are asked too: a key's expiry can be extended afterwards.
  package let own: [Fingerprint: Certificate]
  /// What must be known of a key for it to count (R68).
  package let evidence: Evidence
  /// The moment at which keys must not have expired, in seconds since 1970; nil: when they signed.
  package let time: Int64?
  /// The clock, in seconds since 1970.
  package let clock: Int64
  /// What the rules' own files take back. A soft one counts from its own time on.
  package let revocations: Set<KeyRevocation>
  /// Keys that some lead state revokes for all time.
  package let hardRevoked: Set<Fingerprint>
  /// Primary keys that are looked at as if they had been revoked as stolen.
  package let condemned: Set<Fingerprint>

  /// - Parameter own: Nil where nothing came later: the certificates are then those of `registry`.
  package init(
    registry: Registry, own: [Fingerprint: Certificate]? = nil, evidence: Evidence, time: Int64?, clock: Int64,
    revocations: Set<KeyRevocation> = [], hardRevoked: Set<Fingerprint> = [], condemned: Set<Fingerprint> = []
  ) {
    self.registry = registry
    self.own = own ?? registry.certificates
    self.evidence = evidence
    self.time = time
    self.clock = clock
    self.revocations = revocations
    self.hardRevoked = hardRevoked
    self.condemned = condemned
  }

  /// How far a signer's clock may run ahead of ours.
  package static let allowedLead: Int64 = 3600

  /// What a mathematically right signature is worth.
  ///
  /// - Parameters:
  ///   - subkey: The key that made the signature.
  ///   - primary: The primary key of the certificate it belongs to.
  ///   - created: When the signature says it was made.
  // R29
  package func worth(subkey: Fingerprint, primary: Fingerprint, created: Int64) -> SignatureFact {
    guard let entry = registry.key(primary), let certificate = registry.certificates[primary] else { return .none }
    func notGood(_ code: RefusalCode, _ detail: String) -> SignatureFact {
      .notGood(code: code, person: entry.person, detail: detail)
    }
    // Before anything else that may be said of the key: a machine's signature, too, would date the lead (R26, R28).
    if created > clock + Self.allowedLead {
      return notGood(.futureSignature, "made at \(timestamp(created)), more than an hour ahead of the clock")
    }
    switch registry.disqualification(of: entry, signing: subkey, needing: evidence) {
    case .machine: return notGood(.machineKey, "\(primary) is a machine's key")
    case .bot: return notGood(.machineKey, "\(entry.person) is a bot")
    case .shared: return notGood(.machineKey, "\(primary) is shared by several people")
    case .notOnCard(_, let why): return notGood(.keyNotOnCard, why)
    case nil: break
    }
    if condemned.contains(primary) {
      return notGood(.revokedKey, "the key \(primary) is looked at as if it were revoked as stolen")
    }
    // A signature later than the step that it is part of is held against its own time: it says itself that it is later.
    let time = max(time ?? created, created)
    if let revoked = revocation(of: subkey, primary, at: time) {
      return notGood(
        .revokedKey, "the key \(subkey) was revoked at \(timestamp(revoked.time))\(revoked.isHard ? Self.asStolen : "")"
      )
    }
    if hardRevoked.contains(primary) || hardRevoked.contains(subkey) {
      return notGood(.revokedKey, "the key \(subkey) was revoked\(Self.asStolen), in another state of the lead")
    }
    // R30
    var standing = own[primary]?.standing(of: subkey, signedAt: created, at: time, ignoringRevocations: true)
    if standing != .good, standing == nil || own[primary] !== certificate {
      standing = certificate.standing(of: subkey, signedAt: created, at: time, ignoringRevocations: true)
    }
    switch standing {
    case .good:
      return .good(Signer(person: entry.person, key: primary, subkey: subkey, time: created))
    case .expired(let time):
      return notGood(.expiredKey, "the key \(subkey) expired at \(timestamp(time))")
    case .revoked(let time, let hard):
      return notGood(.revokedKey, "the key \(subkey) was revoked at \(timestamp(time))\(hard ? Self.asStolen : "")")
    case .weakKey(let why): return notGood(.weakSignature, why)
    case .unsupported(let why): return notGood(.unknownKeyFormat, why)
    case .notBound(let why): return notGood(.unusableKey, why)
    case .cannotSign: return notGood(.unusableKey, "the key \(subkey) is not marked for signing")
    case .beforeKeyCreation: return notGood(.unusableKey, "made before the key \(subkey) was")
    case nil: return .none
    }
  }

  private static let asStolen = ", as compromised or without a reason"

  /// The revocation of this key, or of its primary key, that counts at the time in question.
  // R33
  private func revocation(of subkey: Fingerprint, _ primary: Fingerprint, at time: Int64) -> Revocation? {
    var worst: Revocation?
    for entry in revocations where entry.primary == primary && (entry.key == subkey || entry.key == primary) {
      let revocation = entry.revocation
      guard revocation.isHard || revocation.time <= time else { continue }
      if worst.map({ !$0.isHard && (revocation.isHard || revocation.time < $0.time) }) ?? true { worst = revocation }
    }
    return worst
  }

  /// The people of whom some key would count for a signature made at the time in question, sorted.
  // R38: the step's own time. Attack on the honest: a key has expired since, and an audit refuses what the hook took.
  package func countingPeople() -> [String] {
    let moment = time ?? clock
    var people: Set<String> = []
    for entry in registry.keys where !people.contains(entry.person) {
      for key in registry.certificates[entry.fingerprint]?.keys ?? [] {
        // Whether a key was made by then is nothing that locks anybody out.
        let created = max(moment, key.created)
        guard case .good = worth(subkey: key.fingerprint, primary: entry.fingerprint, created: created) else {
          continue
        }
        people.insert(entry.person)
        break
      }
    }
    return people.sorted()
  }
}
