extension Certificate {
  /// How `key`, one of this certificate's, stands for a signature made at `signedAt` (seconds since 1970).
  ///
  /// The newest self-signature counts, chosen as GnuPG chooses it (`merge_selfsigs_main`, `merge_selfsigs_subkey`);
  /// where GnuPG would let doubtful ones pass, this does not.
  package func standing(of key: Fingerprint, signedAt: Int64, judgedAt reference: Reference) -> Standing {
    switch reference {
    case .now(let now): standing(of: key, signedAt: signedAt, at: now) { _ in true }
    case .then: standing(of: key, signedAt: signedAt, at: signedAt) { $0.isHard || $0.time <= signedAt }
    }
  }

  /// The same at a time of the caller's, who knows of the certificate's revocations from elsewhere, see
  /// ``KeyRevocation``.
  ///
  /// - Parameters:
  ///   - time: When the key must have been bound and not expired, in seconds since 1970.
  ///   - ignoringRevocations: Passes over those whose mathematics is good. One that cannot be checked, by a designated
  ///     revoker or with an old hash, nobody else knows of: it still counts, as a hard one does.
  package func standing(of key: Fingerprint, signedAt: Int64, at time: Int64, ignoringRevocations: Bool) -> Standing {
    standing(of: key, signedAt: signedAt, at: time, onlyUnchecked: ignoringRevocations) { _ in true }
  }

  private func standing(
    of key: Fingerprint, signedAt: Int64, at time: Int64, onlyUnchecked: Bool = false,
    revokedBy counts: (Revocation) -> Bool
  ) -> Standing {
    // Once: two threads that judge the same person's signatures would else count references against each other.
    let keys = keys
    guard let index = keys.firstIndex(where: { $0.fingerprint == key }) else {
      return .notBound("it is not a key of this certificate")
    }
    if let unfitness = keys[0].unfitness ?? keys[index].unfitness { return unfitness }
    let policy: KeyPolicy
    switch primaryPolicy(at: time) {
    case .failure(let reason): return .notBound(reason.text)
    case .success(let found): policy = found
    }
    var policies = [policy]
    if index > 0 {
      switch keys[index].policy(at: time) {
      case .failure(let reason): return .notBound(reason.text)
      case .success(let found): policies.append(found)
      }
    }
    // R72
    guard let flags = policies[policies.count - 1].flags, flags & KeyPolicy.signingFlag != 0 else { return .cannotSign }
    // R73
    guard signedAt >= keys[index].created else { return .beforeKeyCreation }
    let revocations = [keys[0], keys[index]].compactMap { onlyUnchecked ? $0.uncheckedRevocation : $0.revocation }
    if let revocation = Revocation.worst(of: revocations), counts(revocation) {
      return .revoked(revocation.time, hard: revocation.isHard)
    }
    if let expires = policies.compactMap(\.expires).min(), expires <= time { return .expired(expires) }
    return .good
  }

  /// What the primary key says of itself at `time`.
  ///
  /// A direct signature goes before user ids, for flags and for expiry each. Among user ids the newest
  /// one that says something about it decides; one that is revoked, or whose self-signature has expired, says nothing.
  // R31
  func primaryPolicy(at time: Int64) -> Result<KeyPolicy, NotBound> {
    let (ownDirect, ownUsers) = selfSignatures
    let direct = SelfSignature.newest(of: ownDirect, at: time)
    var users: [SelfSignature] = []
    for user in ownUsers {
      guard let newest = SelfSignature.newest(of: user.signatures, at: .min), !newest.hasExpired(at: time),
        newest.type != SignatureType.certificationRevocation
      else { continue }
      users.append(newest)
    }
    guard direct != nil || !users.isEmpty else {
      return .failure(NotBound("the certificate has no valid self-signature"))
    }
    let flags = direct?.keyFlags != nil ? direct : Self.newestUser(users) { $0.keyFlags != nil }
    let lifetime = direct?.keyLifetime != nil ? direct : Self.newestUser(users) { $0.keyLifetime != nil }
    for deciding in [direct, flags, lifetime, Self.newestUser(users) { _ in true }] {
      if let objection = deciding?.objection {
        return .failure(NotBound("the newest self-signature of the certificate does not count: \(objection)"))
      }
    }
    return .success(KeyPolicy(flags: flags?.keyFlags, expires: lifetime?.keyLifetime.map { $0 + tree.primary.created }))
  }

  private static func newestUser(_ users: [SelfSignature], _ condition: (SelfSignature) -> Bool) -> SelfSignature? {
    var newest: SelfSignature?
    for user in users where condition(user) {
      if let other = newest, other.created >= user.created { continue }
      newest = user
    }
    return newest
  }
}

extension CertificateKey {
  /// What the primary key says of this subkey at `time`.
  func policy(at time: Int64) -> Result<KeyPolicy, NotBound> {
    guard let binding = SelfSignature.newest(of: bindings, at: time) else {
      return .failure(NotBound("the primary key has not bound the subkey"))
    }
    if let objection = binding.objection {
      return .failure(NotBound("the newest binding of the subkey does not count: \(objection)"))
    }
    if let flags = binding.keyFlags, flags & KeyPolicy.signingFlag != 0 {
      // Without it, somebody could claim another person's signing key as a subkey, and with it that person's
      // signatures.
      guard binding.signsBack else {
        return .failure(NotBound("the subkey has not signed back"))
      }
    }
    return .success(KeyPolicy(flags: binding.keyFlags, expires: binding.keyLifetime.map { $0 + created }))
  }
}

/// What self-signatures let a key do, and until when.
struct KeyPolicy {
  /// Key may sign documents (RFC 9580, section 5.2.3.29).
  static let signingFlag: UInt8 = 0x02

  let flags: UInt8?
  /// Seconds since 1970.
  let expires: Int64?
}

struct NotBound: Error {
  let text: String
  init(_ text: String) { self.text = text }
}
