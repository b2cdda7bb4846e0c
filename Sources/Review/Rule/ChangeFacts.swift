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
  package let commit: ObjectID
  package let parents: [ObjectID]
  /// Why the commit is not well formed, in words; nil when it is.
  package let defect: String?
  /// Whether the tree is its single parent's, and the subject starts with the word "adopt".
  package let isAdoption: Bool
  package let signature: SignatureFact
  /// For two or more parents.
  package let merge: MergeFact?
  /// For at most one parent: what differs from it. For a clean merge: what differs from every parent.
  package let touched: [PathChange]

  package init(
    commit: ObjectID, parents: [ObjectID], defect: String? = nil, isAdoption: Bool = false,
    signature: SignatureFact = .none, merge: MergeFact? = nil, touched: [PathChange] = []
  ) {
    self.commit = commit
    self.parents = parents
    self.defect = defect
    self.isAdoption = isAdoption
    self.signature = signature
    self.merge = merge
    self.touched = touched
  }

  package var kind: ChangeKind {
    if parents.count >= 2 { return merge == .clean ? .cleanMerge : .contentMerge }
    return isAdoption ? .adopt : .ordinary
  }

  /// The paths for which this change answers itself. An adoption brings none.
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
  package let base: ObjectID
  package let head: ObjectID
  package let signature: SignatureFact

  package init(statement: ObjectID, base: ObjectID, head: ObjectID, signature: SignatureFact) {
    self.statement = statement
    self.base = base
    self.head = head
    self.signature = signature
  }
}

/// What steps of one branch share that stand under the same rules. A class: thousands of steps hold the same one.
package final class StepRules: Sendable {
  package let ref: String
  /// The policy and the maintainers in force at the steps' first parents.
  package let policy: Policy
  package let threshold: Int
  /// Who may endorse at all, sorted.
  package let maintainers: [String]
  package let leansOn: [String]

  package init(ref: String, policy: Policy, threshold: Int, maintainers: [String], leansOn: [String]) {
    self.ref = ref
    self.policy = policy
    self.threshold = threshold
    self.maintainers = maintainers
    self.leansOn = leansOn
  }
}

/// Everything the rule needs to know of one step `p -> m` of a protected branch.
package struct StepFacts: Sendable {
  package let rules: StepRules
  package let old: ObjectID
  package let new: ObjectID
  /// The step's new commits, in any order.
  package let changes: [ChangeFacts]
  package let coSignatures: [CoSignatureFact]

  package var ref: String { rules.ref }
  package var policy: Policy { rules.policy }
  package var threshold: Int { rules.threshold }
  package var maintainers: [String] { rules.maintainers }
  package var leansOn: [String] { rules.leansOn }

  package init(
    rules: StepRules, old: ObjectID, new: ObjectID, changes: [ChangeFacts], coSignatures: [CoSignatureFact]
  ) {
    self.rules = rules
    self.old = old
    self.new = new
    self.changes = changes
    self.coSignatures = coSignatures
  }

  package init(
    ref: String, old: ObjectID, new: ObjectID, policy: Policy, threshold: Int, maintainers: [String],
    changes: [ChangeFacts], coSignatures: [CoSignatureFact] = [], leansOn: [String] = []
  ) {
    self.init(
      rules: StepRules(ref: ref, policy: policy, threshold: threshold, maintainers: maintainers, leansOn: leansOn),
      old: old, new: new, changes: changes, coSignatures: coSignatures)
  }
}
