package import GitBridge

/// What is kept of each new commit: ids, shape and the signature's check. The bytes are not.
package struct CommitRecord: Sendable {
  /// The commit itself, under which a ``CommitTable`` finds it.
  package let id: ObjectID
  /// The tree that the commit names.
  package let tree: ObjectID
  /// In the order of the commit's lines: the first is the first parent. With a ``defect`` some may be missing.
  package let parents: [ObjectID]
  /// Seconds since 1970, by the committer's clock.
  package let time: Int64
  /// Why the commit refuses by itself (R80); nil where it is well formed. Of its tree nothing is said here (R81).
  package let defect: CommitDefect?
  /// Whether its subject begins with the word "adopt". An adoption has its parent's tree besides (R84).
  package let saysAdopt: Bool
  /// What the engines said of it under one keyring; ``SignatureCheck/unsigned`` until that has been asked.
  package var signature: SignatureCheck
  /// How far its message says that it endorses others; nil for nearly all.
  let bounds: ReviewBounds?
  private let facts: RememberedFacts?

  init(
    id: ObjectID, tree: ObjectID, parents: [ObjectID], time: Int64, defect: CommitDefect?, saysAdopt: Bool,
    signature: SignatureCheck, bounds: ReviewBounds? = nil, remembered: FactRecord? = nil
  ) {
    self.id = id
    self.tree = tree
    self.parents = parents
    self.time = time
    self.defect = defect
    self.saysAdopt = saysAdopt
    self.signature = signature
    self.bounds = bounds
    facts = remembered.map(RememberedFacts.init)
  }

  /// Facts that the cache already holds; nil where they must be found out.
  var remembered: FactRecord? { facts?.record }
}

/// In a box: most records of a long history have none, and one takes more room than all else.
private final class RememberedFacts: Sendable {
  let record: FactRecord
  init(_ record: FactRecord) { self.record = record }
}
