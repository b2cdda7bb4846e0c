package import OpenPGP

/// A good signature by a key that counts: whose it is, and by which key.
package struct Signer: Sendable, Equatable {
  package let person: String
  package let key: Fingerprint
  package let subkey: Fingerprint
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

  package var signer: Signer? {
    if case .good(let signer) = self { signer } else { nil }
  }
}

/// The circumstances under which signatures are judged.
package final class SignatureTerms: Sendable {
  package let registry: Registry
  package let evidence: Evidence
  /// Whether keys are judged as they are now, or as they were when they signed.
  package let reference: Reference
  /// The clock, in seconds since 1970.
  package let clock: Int64
  /// Primary keys that are looked at as if they had been revoked as stolen.
  package let condemned: Set<Fingerprint>

  package init(
    registry: Registry, evidence: Evidence, reference: Reference, clock: Int64, condemned: Set<Fingerprint> = []
  ) {
    self.registry = registry
    self.evidence = evidence
    self.reference = reference
    self.clock = clock
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
  package func worth(subkey: Fingerprint, primary: Fingerprint, created: Int64) -> SignatureFact {
    guard let entry = registry.key(primary), let certificate = registry.certificates[primary] else { return .none }
    func notGood(_ code: RefusalCode, _ detail: String) -> SignatureFact {
      .notGood(code: code, person: entry.person, detail: detail)
    }
    switch registry.disqualification(of: entry, signing: subkey, needing: evidence) {
    case .machine: return notGood(.machineKey, "\(primary) is a machine's key")
    case .bot: return notGood(.machineKey, "\(entry.person) is a bot")
    case .shared: return notGood(.machineKey, "\(primary) is shared by several people")
    case .notOnCard(_, let why): return notGood(.keyNotOnCard, why)
    case nil: break
    }
    if condemned.contains(primary) { return notGood(.revokedKey, "the key \(primary) is looked at as if it were revoked as stolen") }
    if created > clock + Self.allowedLead {
      return notGood(.futureSignature, "made at \(created), more than an hour ahead of the clock")
    }
    switch certificate.standing(of: subkey, signedAt: created, judgedAt: reference) {
    case .good:
      return .good(Signer(person: entry.person, key: primary, subkey: subkey, time: created))
    case .expired(let time):
      return notGood(.expiredKey, "the key \(subkey) expired at \(timestamp(time))")
    case .revoked(let time, let hard):
      return notGood(.revokedKey, "the key \(subkey) was revoked at \(timestamp(time))\(hard ? ", as compromised or without a reason" : "")")
    case .weakKey(let why): return notGood(.weakSignature, why)
    case .unsupported(let why): return notGood(.unknownKeyFormat, why)
    case .notBound(let why): return notGood(.unusableKey, why)
    case .cannotSign: return notGood(.unusableKey, "the key \(subkey) is not marked for signing")
    case .beforeKeyCreation: return notGood(.unusableKey, "made before the key \(subkey) was")
    }
  }
}
