extension Model {
  func branchRule(_ ref: String, _ policy: Policy?) -> BranchRule? {
    ref == Model.coSignatures || ref.hasPrefix("tags/") ? nil : policy?.rule(for: ref)
  }

  /// R15: a branch that has handed over is one without a wildcard; and the lead is no follower, whatever pattern
  /// names it.
  func isWild(_ ref: String, _ lead: Lead) -> Bool {
    guard ref != lead.name, !lead.former.contains(ref), let rule = branchRule(ref, rules(lead.tip)?.policy) else {
      return false
    }
    return isPattern(rule.name)
  }

  /// R3.
  package func isProtected(_ ref: String, _ lead: Lead) -> Bool {
    ref == lead.name || lead.former.contains(ref) || branchRule(ref, rules(lead.tip)?.policy) != nil
  }

  /// R18: where a follower's own states begin; nil: nowhere.
  package func beginning(_ ref: String, _ tip: CommitID, _ lead: Lead) -> CommitID? {
    let start = starts[ref].map { history.reach($0) } ?? Commits()
    guard holds(.line_R18) else {
      return history.line(tip).first { history.reach(lead.tip).contains($0) || start.contains($0) }
    }
    return history.line(tip).first { lead.isState($0) || start.contains($0) }
  }

  /// R108: the states of a protected branch. Where a lead state begins it, that one too; a start is none.
  package func states(_ ref: String, _ refs: [String: Int], _ lead: Lead) -> [CommitID] {
    if ref == lead.name { return lead.states }
    guard let tip = refs[ref], isProtected(ref, lead), let begin = beginning(ref, tip, lead) else { return [] }
    let line = history.line(tip)
    return Array(line[..<line.firstIndex(of: begin)!]) + (lead.isState(begin) ? [begin] : [])
  }

  func statements(_ refs: [String: Int]) -> [Statement] {
    guard let tip = refs[Model.coSignatures] else { return [] }
    return history[tip].tree.values.compactMap { if case .statement(let statement) = $0 { statement } else { nil } }
  }

  /// R24–R38: a step of the lead. `now` is nil in an audit.
  package func judgeLeadStep(_ lead: Lead, _ index: Int, now: Time?, _ refs: [String: Int], ref: String) -> Codes {
    let (old, new) = (lead.states[index - 1], lead.states[index])
    guard let terms = terms(lead, step: index, now: now) else { return ["registry-invalid"] }
    var fresh = history.reach(new).subtracting(history.reach(old))
    if !holds(.stepsOfLead_R25) {
      for name in refs.keys where name != lead.name && isProtected(name, lead) {
        fresh = fresh.subtracting(history.reach(refs[name]!))
      }
    }
    var step = Step(
      ref: ref, old: old, new: new, fresh: fresh, terms: terms,
      threshold: holds(.highestThreshold_R37)
        ? terms.rules.policy.highestThreshold
        : branchRule(ref, terms.rules.policy)?.threshold ?? terms.rules.policy.threshold)
    step.later = Array(lead.states[(index + 1)...])
    if !holds(.coSigner_R87) { step.laterTerms = self.terms(lead) }
    for name in refs.keys where name != lead.name && isProtected(name, lead) {
      if !history[new].parents.dropFirst().allSatisfy({ !states(name, refs, lead).contains($0) }) {
        step.merged.insert(name)
      }
    }
    var codes = lacks(step, statements(refs))
    // R28.
    if let signature = history[new].signature, terms.rules.registry[signature.key] != nil,
      signature.date > clock + Model.hour, holds(.future_R28)
    {
      codes.insert("future-signature")
    }
    let changed = differences(history[old].tree, history[new].tree).filter(isRuleFile)
    guard !changed.isEmpty else { return codes }
    return codes.union(judgeChange(of: terms, lead, index, now == nil ? nil : refs))
  }

  /// R5, R16, R35, R36, R38: a step of the lead that changes the rules.
  ///
  /// - Parameter refs: R5 and R16 are asked of the refs as they stand; nil in an audit, which cannot know how they
  /// stood.
  private func judgeChange(of terms: Terms, _ lead: Lead, _ index: Int, _ refs: [String: Int]?) -> Codes {
    let new = lead.states[index]
    let before = terms.rules
    var codes: Codes = []
    guard let after = rules(new) else { return holds(.lockOut_R38) ? ["lock-out"] : [] }
    for (key, revocations) in before.revocations where holds(.revocationKept_R35) {
      if !revocations.isSubset(of: after.revocations[key] ?? []) { codes.insert("revocation-lost") }
    }
    if before.policy != after.policy, holds(.version_R36),
      !(1...1000).contains(after.policy.version - before.policy.version)
    {
      codes.insert("policy-rollback")
    }
    // R38: by what the states up to here revoke.
    let hard = hardRevoked(lead.states[...index])
    let people = Terms(rules: after, time: terms.time, hard: hard, latest: clock + Model.hour, clauses: without).people
    let wanted = after.policy.paths.map(\.threshold).max() ?? 0
    let groups = after.policy.paths.filter { !$0.group.isEmpty }.map(\.group)
    if people.count < max(after.policy.highestThreshold, wanted) || groups.contains(where: people.isDisjoint),
      holds(.lockOut_R38)
    {
      codes.insert("lock-out")
    }
    // R16: hands over to a branch that could never take a step.
    guard let refs else { return codes }
    var known = lead
    known.states = Array(lead.states[...index])
    let next = after.policy.lead
    let handsOver = next != nil && next != before.policy.lead && next != leadName(at: index, lead)
    if handsOver, let tip = refs[next!], !known.isState(tip), holds(.handover_R16) { codes.insert("lock-out") }
    for (name, tip) in refs where name != Model.coSignatures && holds(.newlyProtected_R5) {
      let target = name.hasPrefix("tags/") ? history.tags[tip].target : tip
      let (was, isNow) =
        name.hasPrefix("tags/")
        ? (before.policy.protectsTags, after.policy.protectsTags)
        : (
          branchRule(name, before.policy) != nil || name == leadName(at: index, lead) || lead.former.contains(name),
          branchRule(name, after.policy) != nil
        )
      let trusted = starts[name].map { history.reach($0).contains(target) } ?? false
      if isNow, !was, !known.isState(target), !trusted { codes.insert("unjudged-branch") }
    }
    return codes
  }

  /// The lead's name when this state was made.
  func leadName(at index: Int, _ lead: Lead) -> String {
    var name = firstLead
    for place in 1..<max(1, index) {
      if let next = rules(lead.states[place])?.policy.lead, next != name,
        next != rules(lead.states[place - 1])?.policy.lead
      {
        name = next
      }
    }
    return name
  }

  /// R39–R48: a step of a follower. `state` asks by the rules of another lead state (R54).
  package func judgeFollowerStep(
    _ ref: String, _ old: CommitID, _ new: CommitID, _ lead: Lead, _ refs: [String: Int], by state: Int? = nil
  ) -> Codes {
    if lead.isState(new) {
      // R44, R45.
      return isWild(ref, lead) || !holds(.mergeOfItsOwn_R44) ? [] : ["wrong-source-branch"]
    }
    let held = holds(.wholeStates_R40) ? lead.states.last { history.reach(new).contains($0) } : lead.tip
    var judged = state ?? lead.states.count - 1
    if !holds(.rulesOfToday_R41), let held { judged = lead.states.firstIndex(of: held)! }
    guard let terms = terms(lead, of: holds(.rulesOfToday_R41) ? state : judged) else { return ["registry-invalid"] }
    let policy = terms.rules.policy
    let trusted = [old, root] + (held.map { [$0] } ?? []) + (starts[ref].map { [$0] } ?? [])
    var step = Step(
      ref: ref, old: old, new: new, fresh: history.reach(new).subtracting(history.reach(trusted)), terms: terms,
      threshold: branchRule(ref, policy)?.threshold ?? policy.threshold)
    step.held = held
    let line = history.line(refs[ref] ?? new)
    step.later = Array(line.prefix { $0 != new })
    var codes = lacks(step, statements(refs))
    // R43.
    let files = history[new].tree.filter { isRuleFile($0.key) }
    let allowed = [old] + (held.map { [$0] } ?? [])
    if !allowed.contains(where: { history[$0].tree.filter { isRuleFile($0.key) } == files }), holds(.ruleFiles_R43) {
      codes.insert("rules-elsewhere")
    }
    if !isWild(ref, lead), history[new].parents.count < 2, holds(.mergeOfItsOwn_R44) {
      codes.insert("wrong-source-branch")
    }
    // R47, R48.
    if let from = branchRule(ref, policy)?.from, !from.isEmpty, holds(.from_R47) {
      let named = refs.keys.filter { name in name != ref && from.contains { matches($0, name) } }
      for parent in history[new].parents.dropFirst()
      where !named.contains(where: { states($0, refs, lead).contains(parent) }) {
        codes.insert("wrong-source-branch")
      }
    }
    return codes
  }

  /// R55.
  package func isTake(_ old: CommitID, _ new: CommitID, _ lead: Lead) -> Bool {
    let held = lead.states.last { history.reach(new).contains($0) }
    let fresh = history.reach(new).subtracting(history.reach([old, root] + (held.map { [$0] } ?? [])))
    return fresh.ids == [new] && kind(new).kind == .cleanMerge
      && history[new].parents.dropFirst().allSatisfy(lead.isState)
  }
}
