internal import GitBridge

/// Everything the rule needs to know of one ref moving from `old` to `new`, besides the steps of a branch.
/// Plain values.
package struct UpdateFacts: Sendable {
  /// What the rules make of a ref.
  package enum Subject: Sendable {
    /// Nothing protects it.
    case other
    /// The lead, or one that the rules protect.
    case branch(BranchFacts)
    /// One that the policy at the lead's tip protects.
    case tag(TagFacts)
    /// The ref that the policy names for co-signatures.
    case coSignatures(CoSignatureRefFacts)
  }

  /// What an object is that a ref would name.
  package enum NewObject: Sendable {
    case commit, tag, other
  }

  /// The move itself, as the push has it.
  package let update: RefUpdate
  /// Whether the ref does not stand where the update starts, or is updated more than once.
  package var isStale = false
  /// Whether it lies in the folder of replacements, or in one that a file system takes for it.
  package var isReplacement = false
  /// The ref that it stands for, where it is a symbolic one.
  package var symbolicTarget: [UInt8]?
  /// The protected name or pattern that an unprotected ref could be taken for.
  package var lookalike: String?
  /// The protected name or pattern in whose way an unprotected ref would stand.
  package var inTheWayOf: String?
  /// What the rules make of the ref; `other` until its name has been found in order.
  package var subject = Subject.other
  /// Nil for a deletion.
  package var object: NewObject?

  package init(_ update: RefUpdate) { self.update = update }
}
