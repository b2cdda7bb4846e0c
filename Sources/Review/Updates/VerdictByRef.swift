extension Verdict {
  /// What is said against each of many updates that were judged together; nothing for those that are accepted. What is
  /// said of none in particular is said of all.
  package func byRef(_ updates: [RefUpdate]) -> [[UInt8]: Verdict] {
    let names = Set(updates.map(\.name))
    let general = refusals.filter { !names.contains($0.ref) }
    var own: [String: [Refusal]] = [:]
    for refusal in refusals where names.contains(refusal.ref) { own[refusal.ref, default: []].append(refusal) }
    var found: [[UInt8]: Verdict] = [:]
    for update in updates {
      let refusals = general + (own[update.name] ?? [])
      if !refusals.isEmpty { found[update.ref] = Verdict(refusals: refusals) }
    }
    return found
  }
}
