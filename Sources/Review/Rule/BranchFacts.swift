package import GitBridge

/// One update of a protected branch.
package struct BranchFacts: Sendable {
  /// How the first-parent line from `new` down to where judging starts came out.
  package enum Line: Sendable {
    /// It holds the start, or was not looked at: something else refuses the update, or settles it.
    case none
    /// The start is in the history but beside the line: the merge was made the wrong way round here.
    case foxtrot(at: ObjectID, start: ObjectID)
    /// The line ends in a root commit.
    case root(ObjectID)
    /// It passes no lead state, nor the start configured for the branch.
    case unanchored
  }

  /// Whether it carries the rules now (R8, R14).
  package var isLead = false
  /// Whether it carried the rules until another was named.
  package var isFormerLead = false
  /// Whether the policy names it, or a pattern of the policy does.
  package var isNamed = true
  /// Whether the policy names it by a pattern with a wildcard; false for one that carried the rules (R15).
  package var hasWildcard = false
  /// Whether `old` is a state of the lead; false where there is no old value.
  package var oldIsLeadState = false
  /// Whether `new` is a state of the lead. False for a deletion, and where ``stateOf`` refuses whatever it is.
  package var newIsLeadState = false
  /// Whether `old` is an ancestor of `new`; true where there is no old value.
  package var isForward = true
  /// Whether the policy lets it be made anew until it is published.
  package var mayRewind = false
  /// Whether `old` is no state of the line that `new` stands on.
  package var isBeside = false
  /// Whether `new` is an ancestor of `old`.
  package var isBackward = false
  /// A protected tag that reaches what the branch holds of its own.
  package var publishedBy: [UInt8]?
  /// How the first-parent line came out; `none` until that has been looked at.
  package var line = Line.none
  /// Where the lead comes to a server that had none: refs that are there, that its policy protects and that nobody
  /// judged.
  package var unjudged: [String] = []
  /// The follower, by its full name, of which `new` is a state already, where a branch is made there.
  package var stateOf: [UInt8]?

  package init() {}

  /// A branch named by a pattern that stands on a lead state holds nothing of its own: it may go anywhere on the lead.
  // R49
  package var holdsNothing: Bool { hasWildcard && !isFormerLead && !isLead && oldIsLeadState }

  /// Whether it is made anew beside what it was, and is judged as a new branch is. One that holds nothing of its own
  /// would be nobody's word for taking away what several have signed.
  // R121
  package var isMadeAnew: Bool {
    mayRewind && hasWildcard && !isFormerLead && !isLead && isBeside && !isBackward && !newIsLeadState
      && publishedBy == nil
  }
}
