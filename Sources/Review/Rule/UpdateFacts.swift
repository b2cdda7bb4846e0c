package import GitBridge

/// Everything the rule needs to know of one ref moving from `old` to `new`, besides the steps of a branch. Plain values.
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

/// One update of a protected tag.
package struct TagFacts: Sendable {
  /// What the tag object holds; nil when it cannot be read as one.
  package struct Content: Sendable {
    /// Why it is malformed, in words.
    package var defect: String?
    package var name: [UInt8]
    package var target: ObjectID
    package var targetIsCommit: Bool
    /// Whether the target is a state of the lead or of a follower.
    package var targetIsState = false
    package var signature = SignatureFact.none

    package init(name: [UInt8], target: ObjectID, targetIsCommit: Bool) {
      self.name = name
      self.target = target
      self.targetIsCommit = targetIsCommit
    }
  }

  /// The part of the ref's name after `refs/tags/`.
  package let name: [UInt8]
  package var content: Content?
  /// How many maintainers must have signed it.
  package var threshold = 1
  /// Who stands behind it by a good tag `NAME+PERSON` on the same commit.
  package var vouchers: [String] = []
  /// For a tag `NAME+PERSON`: the person whose it must be.
  package var voucher: String?

  package init(name: [UInt8]) { self.name = name }
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
