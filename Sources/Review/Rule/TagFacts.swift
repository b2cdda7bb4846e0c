package import GitBridge

/// One update of a protected tag.
package struct TagFacts: Sendable {
  /// What the tag object holds; nil when it cannot be read as one.
  package struct Content: Sendable {
    /// Why it is malformed, in words.
    package var defect: String?
    /// The name inside of the tag, as bytes; it has to be the ref's (R106).
    package var name: [UInt8]
    /// The object that it tags, of whatever kind.
    package var target: ObjectID
    /// Whether it says that it tags a commit. Nothing further is asked of one that does not.
    package var targetIsCommit: Bool
    /// Whether the target is a state of the lead or of a follower.
    package var targetIsState = false
    /// What its signature is worth by the rules at the lead's tip, now (R107).
    /// Not looked at where there is a ``defect``, or no commit.
    package var signature = SignatureFact.none

    package init(name: [UInt8], target: ObjectID, targetIsCommit: Bool) {
      self.name = name
      self.target = target
      self.targetIsCommit = targetIsCommit
    }
  }

  /// The part of the ref's name after `refs/tags/`.
  package let name: [UInt8]
  /// Nil where it cannot be read as a tag, and where that was not tried: the ref moves, goes, or holds no tag object.
  package var content: Content?
  /// How many maintainers must have signed it.
  package var threshold = 1
  /// Who stands behind it by a good tag `NAME+PERSON` on the same commit.
  package var vouchers: [String] = []
  /// For a tag `NAME+PERSON`: the person whose it must be.
  package var voucher: String?
  /// Whether it would stand behind a tag that itself only stands behind another.
  package var isOfVoucher = false

  package init(name: [UInt8]) { self.name = name }
}
