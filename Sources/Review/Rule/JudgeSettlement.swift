internal import GitBridge

/// What an audit says of a step that the rules of today refuse and those of a lead state of its time took.
///
/// - Parameters:
///   - today: What today's rules say.
///   - then: What those of `state` say: accepted.
///   - isSettled: Whether something shows that the step was there when they held. That a later lead state reaches it
///     shows nothing: nobody was shown an inner commit as a tip.
// R58
func settle(today: Verdict, then: Verdict, under state: ObjectID, isSettled: Bool, step new: ObjectID, ref: String)
  -> Verdict
{
  if isSettled {
    var verdict = then
    verdict.notes.append("\(new.short) is accepted by the rules of \(state.short), which held when it was made")
    return verdict
  }
  var verdict = today
  verdict.refusals = [
    Refusal(
      .unsettled, commit: new, ref: ref,
      message: "\(new.short) is refused by the rules of today and was in order by those of \(state.short); "
        + "nothing here shows that it was there then",
      next: "stagex-maint cosign \(new.short) --detached   (by somebody who counts now)",
      because: today.refusals.flatMap(\.because))
  ]
  return verdict
}
