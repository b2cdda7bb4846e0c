package import GitBridge

/// What merging a merge commit's parents again yields, held against the commit.
package enum MergeFact: Sendable, Equatable {
  /// The same tree, without conflict.
  case clean
  /// Something was added or dropped by hand, or a conflict was resolved; with the paths that concerns.
  case content(paths: [PathChange])
}

/// Everything the rule needs to know of one new commit. Plain values: no repository, no clock.
package struct ChangeFacts: Sendable {
  /// The commit itself; all zeros for a merge that is only imagined (R118).
  package let commit: ObjectID
  /// In the order of the commit's lines, whether they are new or not.
  package let parents: [ObjectID]
  /// Why the commit is not well formed, in words; nil when it is.
  package let defect: String?
  /// Whether the tree is its single parent's, and the subject starts with the word "adopt".
  package let isAdoption: Bool
  /// What its own signature is worth under the step's rules, whoever else stands behind it.
  package let signature: SignatureFact
  /// For two or more parents.
  package let merge: MergeFact?
  /// For at most one parent: what differs from it. For a clean merge: what differs from every parent.
  package let touched: [PathChange]
  /// How far the commit says that its maker's endorsement of others reaches; nil where it says nothing.
  package let bounds: BoundFacts?
  /// Why nobody here could do a merge again, in words; nil where somebody could.
  package let remergeFailure: String?
  /// With which program a signature was made that this rule does not count; nil for an OpenPGP signature, or none.
  package var foreignSignature: String?

  package init(
    commit: ObjectID, parents: [ObjectID], defect: String? = nil, isAdoption: Bool = false,
    signature: SignatureFact = .none, merge: MergeFact? = nil, touched: [PathChange] = [], bounds: BoundFacts? = nil,
    remergeFailure: String? = nil
  ) {
    self.commit = commit
    self.parents = parents
    self.defect = defect
    self.isAdoption = isAdoption
    self.signature = signature
    self.merge = merge
    self.touched = touched
    self.bounds = bounds
    self.remergeFailure = remergeFailure
  }

  /// What is asked of it (R93 to R96). A merge that could not be done again is one with content.
  package var kind: ChangeKind {
    if parents.count >= 2 { return merge == .clean ? .cleanMerge : .contentMerge }
    return isAdoption ? .adopt : .ordinary
  }

  /// The paths for which this change answers itself. An adoption brings none.
  // R100
  var ownPaths: [PathChange] {
    switch kind {
    case .ordinary, .cleanMerge: return touched
    case .adopt: return []
    case .contentMerge:
      guard case .content(let paths)? = merge else { return [] }
      return paths
    }
  }
}

/// A co-signature about one of a step's new commits. Its signature is good only if the statement too
/// is: bound to this repository and target, with the digest that its head's tree has.
package struct CoSignatureFact: Sendable {
  /// The blob that holds the statement.
  package let statement: ObjectID
  /// What it takes for reviewed already. May be all zeros where the signature is not good.
  package let base: ObjectID
  /// The commit that the statement is about: one of the step's, or see ``isAbove``.
  package let head: ObjectID
  /// Who made it, and whether that counts by the step's rules (R87).
  package let signature: SignatureFact
  /// Whether its head is a state of the branch above the step:
  /// it then covers all of the step, but for what its base has.
  package var isAbove = false
  /// New commits of the step that its base reaches, beside the base itself.
  package var excluded: [ObjectID] = []

  package init(statement: ObjectID, base: ObjectID, head: ObjectID, signature: SignatureFact) {
    self.statement = statement
    self.base = base
    self.head = head
    self.signature = signature
  }
}
