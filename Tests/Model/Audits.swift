/// What an audit says of one step.
package enum Answer: Hashable, Sendable {
  case accepted
  case unsettled
  case refused(Codes)
}

extension Model {
  /// R50: the lead, from the trust root, at the steps' times.
  package func auditLead() -> [(old: CommitID, new: CommitID, answer: Answer)]? {
    guard let lead = lead(refs) else { return nil }
    return (1..<max(1, lead.states.count)).map { index in
      let codes = judgeLeadStep(lead, index, now: nil, refs, ref: leadName(at: index, lead))
      return (lead.states[index - 1], lead.states[index], codes.isEmpty ? .accepted : .refused(codes))
    }
  }

  /// R53: a follower's steps by the rules of today.
  package func auditFollower(_ ref: String) -> [(old: CommitID, new: CommitID, answer: Answer)]? {
    guard let lead = lead(refs), let tip = refs[ref], let begin = beginning(ref, tip, lead) else { return nil }
    let line = history.line(tip)
    let own = Array(line[...line.firstIndex(of: begin)!].reversed())
    return zip(own, own.dropFirst()).map { ($0, $1, settles(ref, $0, $1, lead, refs)) }
  }

  /// R54–R58.
  func settles(_ ref: String, _ old: CommitID, _ new: CommitID, _ lead: Lead, _ refs: [String: Int]) -> Answer {
    let codes = judgeFollowerStep(ref, old, new, lead, refs)
    if codes.isEmpty { return .accepted }
    let first = lead.states.lastIndex { history.reach(new).contains($0) } ?? 0
    guard (first..<lead.states.count).contains(where: { judgeFollowerStep(ref, old, new, lead, refs, by: $0).isEmpty })
    else {
      return .refused(codes)
    }
    let later = history.line(refs[ref] ?? new).prefix { $0 != new }
    let now = terms(lead)
    if isTake(old, new, lead) || !holds(.takesOnly_R56),
      later.contains(where: { now?.signer(history[$0].signature) != nil })
    {
      return .accepted
    }
    return ledger.contains("\(ref) \(old) \(new)") ? .accepted : .unsettled
  }

  /// R118: those whose clean merge, pushed, is accepted. `keys` are the keys at hand.
  package func mergers(_ head: CommitID, onto ref: String, keys: [Key: Person]) -> Set<Person> {
    guard let base = refs[ref] else { return [] }
    let (tree, conflicts) = history.mergeAgain([base, head], fromEach: holds(.eachBase_R95))
    guard conflicts.isEmpty else { return [] }
    return Set(
      keys.filter { key, _ in
        let merge = history.add(Commit([base, head], tree, by: Signature(key, clock), made: clock))
        return judge(push: [Update(ref, base, merge)]).isEmpty
      }.values)
  }
}
