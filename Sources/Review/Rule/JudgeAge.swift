internal import GitBridge
internal import OpenPGP

/// Refuses an accepted change that lacks somebody once the signatures are left out which cannot be as old as they say.
///
/// - Parameters:
///   - ends: When each key was revoked, where that does not condemn all that it ever signed.
///   - move: The first move that is known to have brought the change; nil where nobody saw it.
// R123
func judgeAge(
  of change: ReviewedChange, ends: [Fingerprint: Int64], broughtBy move: SeenMove?, ref: String
) -> Refusal? {
  var late: (endorser: Endorser, end: Int64)?
  var counted: Set<String> = []
  for endorser in change.endorsers {
    if let end = ends[endorser.subkey] ?? ends[endorser.key],
      Backdating.of(claimed: endorser.time, end: end, move: move) == .backdated
    {
      late = late ?? (endorser, end)
    } else {
      counted.insert(endorser.person)
    }
  }
  guard let (endorser, end) = late, let move else { return nil }
  let needed = max(change.required, change.paths.map(\.threshold).max() ?? 0)
  // Who is in a group a change does not say: then whoever it was is missed.
  if counted.count >= needed, change.paths.allSatisfy(\.groups.isEmpty) { return nil }
  return backdated(
    change.commit, whose: "\(printable(endorser.person))'s", claimed: endorser.time, end: end, move, ref: ref)
}

/// The refusal of a signature that claims a time before its key's end, and was not there yet when that had come.
func backdated(
  _ commit: ObjectID, whose: String, claimed: Int64, end: Int64, _ move: SeenMove, ref: String
) -> Refusal {
  Refusal(
    .backdated, commit: commit, ref: ref,
    message:
      "\(whose) signature on \(commit.short) says \(timestamp(claimed)); "
      + "its key was revoked at \(timestamp(end)), and the commit was not there yet at \(timestamp(move.since))",
    next: "ask who has that key; if the change is wanted: stagex-maint cosign, by people who count today")
}
