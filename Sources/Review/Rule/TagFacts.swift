package import GitBridge

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
