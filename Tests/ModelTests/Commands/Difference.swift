/// Where commands may answer one question differently, and why. All else is a disagreement.
enum Difference: String, CaseIterable {
  /// R118. The hook refuses a head that the gate accepts: the gate answers for the merge of somebody whom it names.
  case imaginedMerge
  /// The gate has nothing against a head that the branch holds already; to the hook it is a step back.
  case alreadyHeld
  /// R19, R20, R46. The history as it stands does not tell an audit where the ref stood before, or what came first.
  case auditSeesNoMove
  /// R46. A clone that sees two branches for the first time cannot know which of them was there first.
  case neverSeen
  /// R4, R61. `fetch` and `check` know what was there before, and call a step back by what it means to them:
  /// `rollback`.
  case clientsName
  /// docs/ledger.md. A clone that first looks after a key has ended takes no signature of that key for an old one.
  case backdated
  /// R82. `cosign` has nothing to add where the person stands behind all that lacks somebody.
  case alreadyCounts

  /// Those that the stories of each run meet; the others come up in longer runs.
  static let met: Set<Difference> = [.imaginedMerge, .auditSeesNoMove, .neverSeen, .alreadyCounts]
}
