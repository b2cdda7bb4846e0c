internal import GitBridge
internal import OpenPGP

/// Judges commits one by one by Guix's rule.
struct GuixJudge {
  /// The commits after the introduction.
  var table = CommitTable()
  private let repository: Repository
  private let keyring: Keyring
  private let reference: OpenPGP.Reference
  private var listings: GuixListings

  init(_ repository: Repository, _ keyring: Keyring, _ reference: OpenPGP.Reference) {
    self.repository = repository
    self.keyring = keyring
    self.reference = reference
    listings = GuixListings(repository)
  }

  /// Why a commit is refused whose signature is good.
  private typealias Objection = (state: String, detail: String)

  func introduction(_ record: CommitRecord, by signer: Fingerprint) -> ForeignCommit {
    judge(record) { key in
      key == signer ? nil : (GuixRule.wrongSigner, "the introduction is signed by this key instead of \(signer)")
    }
  }

  /// - Parameter below: A refused commit that this one descends from.
  mutating func commit(_ record: CommitRecord, below: ObjectID?) throws(ReviewProblem) -> ForeignCommit {
    guard case .key(let key, let primary, _) = record.signer else { return judge(record) { _ in nil } }
    let objection = try reading { () throws(GitError) in try self.objection(to: key, of: primary, record.parents) }
    return judge(record) { _ in
      objection ?? below.map { (GuixRule.afterRefused, "it descends from \($0.short), which is refused") }
    }
  }

  private func judge(_ record: CommitRecord, _ objection: (Fingerprint) -> Objection?) -> ForeignCommit {
    switch record.signer {
    case .nobody(let state, let detail):
      return ForeignCommit(rule: GuixRule.name, commit: record.id, state: state, detail: detail)
    case .key(let key, let primary, let time):
      let standing = keyring.standing(of: key, in: primary, signedAt: time, judgedAt: reference)
      let objection = objection(key) ?? foreignKind(key)
      return ForeignCommit(
        rule: GuixRule.name, commit: record.id, state: objection?.state ?? ForeignCommit.good,
        detail: objection?.detail ?? standing?.code.map(GuixAudit.disregarding) ?? "", key: primary, subkey: key,
        time: time)
    }
  }

  /// Guix reads no other keys (guix/openpgp.scm), so it would not have taken the commit.
  private func foreignKind(_ key: Fingerprint) -> Objection? {
    let known = keyring.places(of: key).contains { place in
      [.rsa, .eddsaLegacy].contains(keyring.certificates[place.certificate].keys[place.key].algorithm)
    }
    return known ? nil : (RefusalCode.unknownKeyFormat.rawValue, "guix does not read keys of this kind")
  }

  private mutating func objection(
    to key: Fingerprint, of primary: Fingerprint, _ parents: [ObjectID]
  ) throws(GitError) -> Objection? {
    guard !parents.isEmpty else { return (GuixRule.missing, "it has no parent that could authorize its key") }
    var without: [ObjectID] = []
    var listsPrimary = false
    for parent in parents {
      switch try listings.listing(of: table.tree(of: parent, in: repository)) {
      case .absent:
        return try (
          wasRemoved(by: parent) ? GuixRule.removed : GuixRule.missing,
          "its parent \(parent.short) has no \(GuixAuthorizations.path)"
        )
      case .invalid(let text): return (GuixRule.invalid, "of its parent \(parent.short): \(text)")
      case .keys(let keys) where !keys.contains(key):
        without.append(parent)
        if keys.contains(primary) { listsPrimary = true }
      case .keys: break
      }
    }
    guard !without.isEmpty else { return nil }
    let names = without.prefix(4).map(\.short).joined(separator: ", ")
    let hint = listsPrimary ? "; its primary key is, but the key that signs must be" : ""
    return (GuixRule.unauthorized, "the key is not listed by its parent \(names)\(hint)")
  }

  private mutating func wasRemoved(by commit: ObjectID) throws(GitError) -> Bool {
    for parent in try table.parents(of: commit, in: repository) {
      if case .absent = try listings.listing(of: table.tree(of: parent, in: repository)) { continue }
      return true
    }
    return false
  }
}
