internal import GitBridge
internal import OpenPGP

/// A walk over a history that reads only those commits that the cache does not know.
struct CachedWalk {
  let repository: Repository
  let cache: FactCache?
  /// The keyring and engines under which a remembered signature holds.
  let keyring: CacheKey

  /// `reach(tips) - reach(hidden)`, each commit once: either `known` with what is remembered of it, or
  /// `visit` with its bytes.
  func run(
    from tips: [ObjectID], hiding hidden: [ObjectID], exact: Bool, known: (CommitRecord) -> Void,
    visit: (ObjectID, CommitParse, UnsafeRawBufferPointer) throws(GitError) -> Void
  ) throws(GitError) {
    guard let cache else {
      return try unsafe repository.walk(from: tips, hiding: hidden, exact: exact, visit: visit)
    }
    var seen = Set<ObjectID>()
    var waiting = hidden
    while let id = waiting.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let record = cache.record(id) {
        waiting += record.parents
      } else {
        let parse = try repository.commit(id)
        waiting += parse.parents
        if parse.defect == nil {
          cache.add(
            FactRecord(
              id: id, tree: parse.tree, parents: parse.parents, time: parse.committerTime,
              saysAdopt: parse.subjectSaysAdopt))
        }
      }
    }
    waiting = tips
    while let id = waiting.popLast() {
      guard seen.insert(id).inserted else { continue }
      if let record = cache.record(id), let commit = CommitRecord(remembered: record, keyring: keyring) {
        waiting += record.parents
        known(commit)
      } else {
        try unsafe repository.withCommit(id) { parse, bytes throws(GitError) in
          waiting += parse.parents
          try unsafe visit(id, parse, bytes)
        }
      }
    }
  }
}

extension CommitRecord {
  /// A commit as it is remembered; nil when its signature was not checked under this keyring.
  init?(remembered record: FactRecord, keyring: CacheKey) {
    guard let signature = record.signature, signature.keyring == keyring else { return nil }
    self.init(
      id: record.id, tree: record.tree, parents: record.parents, time: record.time, defect: nil,
      saysAdopt: record.saysAdopt,
      signature: signature.good.map {
        .checked(SignaturePacketHint(fingerprint: $0.subkey), .good(key: $0.subkey, primary: $0.primary, time: $0.time))
      } ?? .unsigned, remembered: record)
  }

  /// What may be remembered of this commit.
  func toRemember(keyring: CacheKey, shape: FactRecord.Shape?, ruleFiles: RuleFileIDs?) -> FactRecord? {
    guard defect == nil, parents.count <= 2, bounds == nil else { return nil }
    var record = FactRecord(id: id, tree: tree, parents: parents, time: time, saysAdopt: saysAdopt)
    switch signature {
    case .unsigned: record.signature = FactRecord.Signature(keyring: keyring, good: nil)
    case .checked(let hint, .good(let subkey, let primary, let time)) where hint.fingerprint == subkey:
      record.signature = FactRecord.Signature(keyring: keyring, good: (subkey: subkey, primary: primary, time: time))
    // A signature that names a stranger here may name a registered key in another step's registry.
    default: break
    }
    record.shape = shape
    record.ruleFiles = ruleFiles
    return record
  }
}
