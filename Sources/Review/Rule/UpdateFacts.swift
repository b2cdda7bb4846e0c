internal import GitBridge

/// Everything the rule needs to know of one ref moving from `old` to `new`, besides the steps of a branch.
/// Plain values.
package struct UpdateFacts: Sendable {
  /// What the rules make of a ref.
  package enum Subject: Sendable {
    /// Nothing protects it.
    case other
    case branch(BranchFacts)
    case tag(TagFacts)
    case coSignatures(CoSignatureRefFacts)
  }

  /// What an object is that a ref would name.
  package enum NewObject: Sendable {
    case commit, tag, other
  }

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
  package var subject = Subject.other
  /// Nil for a deletion.
  package var object: NewObject?

  package init(_ update: RefUpdate) { self.update = update }
}

/// One update of the ref that holds co-signatures.
package struct CoSignatureRefFacts: Sendable {
  /// What is wrong with one path that the update changes.
  package struct Finding: Sendable {
    package enum Kind: Sendable {
      case changed, misplaced
      /// With the reason, safe to print.
      case notGood(String)
      /// With the repository that it is for.
      case foreign(String)
    }

    package let path: [UInt8]
    package let kind: Kind

    package init(path: [UInt8], kind: Kind) {
      self.path = path
      self.kind = kind
    }
  }

  package var isForward = true
  package var findings: [Finding] = []

  package init() {}
}
