/// Where commands may answer one question differently, and why. Each is met by the stories of every run: one that nothing
/// meets would be a hole that nobody sees.
enum Difference: String, CaseIterable {
  /// R118. The hook refuses a head that the gate accepts: the gate answers for the merge of somebody whom it names.
  case imaginedMerge
  /// The gate has nothing against a head that the branch holds already; to the hook it is a step back.
  case alreadyHeld
  /// R19, R20, R46. The history as it stands does not tell an audit where the ref stood before, or what came first.
  case auditSeesNoMove
  /// R54, R58. Rules of today refuse it and those of its time did not: an audit cannot tell, a hook need not.
  case unsettled
  /// R50. An audit judges the lead's steps at their own times, the hook by its clock.
  case ownTime
  /// R4, R61. `fetch` and `check` know what was there before, and call a step back by what it means to them: `rollback`.
  case clientsName
  /// docs/ledger.md. A clone that first looks after a key has ended takes no signature of that key for an old one.
  case backdated
  /// R82. `cosign` has nothing to add where the person stands behind all that lacks somebody.
  case alreadyCounts
}
