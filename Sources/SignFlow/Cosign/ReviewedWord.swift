package import GitBridge

/// What stands for the typed word where nobody types: what is done, onto which base, to which head, and, for conflicts
/// that somebody solved, with which tree. `merge:BASE..HEAD`, `solve:BASE..HEAD:TREE`, each id in full.
///
/// Attack: the id of a head alone, agreed to for one branch, would be taken for another, or for another way of signing.
package struct ReviewedWord: Sendable, Equatable, CustomStringConvertible {
  /// `adopt`, `merge`, `detached` or `continue`.
  package let action: String
  /// In full.
  package let base: ObjectID
  /// In full.
  package let head: ObjectID
  /// Of a merge that was solved by hand.
  package let tree: ObjectID?

  /// The word that stands for having seen this.
  package init(_ action: CosignAction, _ state: ReviewedState) {
    self.action = action.rawValue
    base = state.base
    head = state.head
    tree = nil
  }

  /// For a merge whose conflicts were solved into this tree.
  package init(solvedInto tree: ObjectID, _ state: ReviewedState) {
    action = "solve"
    base = state.base
    head = state.head
    self.tree = tree
  }

  /// Reads one; nil for anything else, a short id above all.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, CosignAction(rawValue: String(parts[0])) != nil || parts[0] == "solve",
      (parts[0] == "solve") == (parts.count == 3)
    else { return nil }
    let range = parts[1].utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard range.count == 3, range[1].isEmpty, let base = ObjectID(hex: Array(range[0])), let head = ObjectID(hex: Array(range[2]))
    else { return nil }
    if parts.count == 3 {
      guard let tree = ObjectID(hex: Array(parts[2].utf8)) else { return nil }
      self.tree = tree
    } else {
      tree = nil
    }
    action = String(parts[0])
    self.base = base
    self.head = head
  }

  package var description: String { "\(action):\(base.hex)..\(head.hex)\(tree.map { ":\($0.hex)" } ?? "")" }

  /// What keeps this from standing for another; nil when they are the same.
  package func objection(to wanted: ReviewedWord) -> CosignError? {
    if self == wanted { return nil }
    if head != wanted.head { return .headChanged(from: head, to: wanted.head) }
    if base != wanted.base { return .baseMoved(from: base, to: wanted.base) }
    return .reviewedOther(given: description, expected: wanted.description)
  }
}
