extension Story {
  /// What has to hold after a push that passed, said without the rule.
  mutating func check(_ before: Model, _ updates: [Update]) {
    guard let lead = model.lead(model.refs), let old = before.lead(before.refs) else {
      broken.append("the lead is gone")
      return
    }
    let wasProtected = Set(updates.map(\.ref).filter { before.isProtected($0, old) })
    let isProtected = Set(model.refs.keys.filter { model.isProtected($0, lead) })
    for update in updates where !update.ref.hasPrefix("tags/") && update.ref != Model.coSignatures {
      guard wasProtected.contains(update.ref) || isProtected.contains(update.ref) else { continue }
      checkMove(update, old, before)
      guard isProtected.contains(update.ref), let new = update.new else { continue }
      checkContent(update, new)
      for state in history.line(new) {
        if state == update.old || stood.contains(state) { break }
        stood.insert(state)
      }
    }
    for update in updates where update.ref.hasPrefix("tags/") {
      guard let new = update.new, update.old == nil, wasTagProtected(before, old) else {
        if wasTagProtected(before, old) { broken.append("a protected tag moved") }
        continue
      }
      let tag = history.tags[new]
      if !stood.contains(tag.target) {
        broken.append("\(update.ref) is on \(tag.target), which never stood on a protected branch")
      }
      if let key = tag.signature?.key, Story.keysOfMal.contains(key), owner(key) != "mal" {
        broken.append("\(update.ref) is signed by \(key)")
      }
    }
    checkRules(lead, old)
    checkStanding(before, updates, lead, old)
    checkAudit(before, updates)
  }

  /// What holds for all refs after any push.
  private mutating func checkStanding(_ before: Model, _ updates: [Update], _ lead: Lead, _ old: Lead) {
    let model = truth
    for ref in model.refs.keys.sorted() where model.isProtected(ref, lead) {
      let tip = model.refs[ref]!
      if lead.tip != old.tip, !updates.contains(where: { $0.ref == ref }) { checkContent(Update(ref, nil, nil), tip) }
      let files = history[tip].tree.filter { isRuleFile($0.key) }
      if !lead.states.contains(where: { history[$0].tree.filter { isRuleFile($0.key) } == files }) {
        broken.append("\(ref) has rules of its own")
      }
      if history.reach(tip).ids.contains(where: { $0 != 0 && history[$0].parents.isEmpty }) {
        broken.append("\(ref) holds a foreign root")
      }
      for other in model.refs.keys
      where other != ref && other != lead.name && ref != lead.name && model.isProtected(other, lead) {
        if model.states(ref, model.refs, lead).contains(where: {
          !lead.isState($0) && model.states(other, model.refs, lead).contains($0)
        }) {
          broken.append("\(ref) and \(other) have a state in common")
        }
      }
    }
    for update in updates
    where old.former.contains(update.ref) && before.rules(old.tip)?.policy.rule(for: update.ref) == nil {
      broken.append("\(update.ref), which has handed over, moved")
    }
    for (below, state) in zip(lead.states, lead.states.dropFirst()) {
      guard let was = model.rules(below)?.policy, let now = model.rules(state)?.policy, was != now else { continue }
      if !(1...1000).contains(now.version - was.version) {
        broken.append("the policy's version goes from \(was.version) to \(now.version)")
      }
    }
    let counting = model.countingKeys()
    for (key, revocations) in before.rules(old.tip)?.revocations ?? [:]
    where !revocations.isEmpty && counting[key] != nil {
      broken.append("\(key) counts again")
    }
    let written = Set(model.statements(model.refs))
    if !Set(model.statements(before.refs)).isSubset(of: written) { broken.append("a co-signature is gone") }
    checkMain(updates, lead, old, counting.merging(before.countingKeys()) { $1 })
    if let policy = before.rules(old.tip)?.policy, !policy.paths.isEmpty,
      history[lead.tip].tree["boot"] != history[old.tip].tree["boot"]
    {
      let fresh = history.reach(lead.tip).subtracting(history.reach(old.tip))
      let signed = fresh.ids.contains { ["ann", "bob"].contains(history[$0].signature.map { owner($0.key) }) }
      if !signed,
        !written.contains(where: { ["ann", "bob"].contains(owner($0.signature.key)) && fresh.contains($0.head) })
      {
        broken.append("boot changed without its group")
      }
    }
  }

  /// main, where it follows, moves by a counting person's own signature, and takes only what stood on a protected
  /// branch.
  private mutating func checkMain(_ updates: [Update], _ lead: Lead, _ was: Lead, _ counting: [Key: Person]) {
    for update in updates {
      guard let old = update.old, let new = update.new, old != new,
        ["main", "staging", lead.name].contains(update.ref),
        truth.isProtected(update.ref, lead)
      else { continue }
      if !history.line(new).contains(old) { broken.append("\(update.ref) has changed its line") }
      let signed = history[new].signature.map { counting[$0.key] != nil } ?? false
      let coSigned = truth.statements(truth.refs).contains { history.reach(new).contains($0.head) }
      if history[new].parents.count > 1 || update.ref != lead.name, !signed, !coSigned {
        broken.append("\(update.ref) moved and nobody signed")
      }
      guard update.ref != lead.name, update.ref != was.name,
        let from = truth.rules(lead.tip)?.policy.rule(for: update.ref)?.from, !from.isEmpty
      else { continue }
      for parent in history[new].parents.dropFirst() where !stood.contains(parent) {
        broken.append("\(update.ref) takes what stood nowhere")
      }
    }
  }

  private func wasTagProtected(_ before: Model, _ lead: Lead) -> Bool {
    before.rules(lead.tip)?.policy.protectsTags ?? true
  }

  /// Nothing on a protected branch goes away.
  private mutating func checkMove(_ update: Update, _ lead: Lead, _ was: Model) {
    guard let old = update.old, before(update.ref, lead) else { return }
    if let new = update.new, !history.reach(new).contains(old), mayBeMadeAnew(update.ref, lead) {
      if !lead.isState(old), history.reach(old).contains(new) {
        broken.append("\(update.ref) went back to what it was")
      }
      let own = history.line(old).prefix { !lead.isState($0) }
      for (name, tag) in was.refs where name.hasPrefix("tags/") && own.contains(history.tags[tag].target) {
        broken.append("\(update.ref) was made anew although \(name) is out")
      }
      // Whoever takes work away stands for what comes in its place.
      if self.lead.isState(new), !lead.isState(old) { broken.append("\(update.ref) was emptied") }
      return
    }
    let holdsWork = !(update.ref.hasPrefix("release/") && lead.isState(old))
    guard let new = update.new else {
      if holdsWork { broken.append("\(update.ref) was deleted") }
      return
    }
    if holdsWork, !history.reach(new).contains(old) { broken.append("\(update.ref) went back") }
  }

  private func mayBeMadeAnew(_ ref: String, _ lead: Lead) -> Bool {
    ref.hasPrefix("release/")
      && [lead.tip, self.lead.tip].contains { truth.rules($0)?.policy.rule(for: ref)?.mayRewind ?? false }
  }

  private func before(_ ref: String, _ lead: Lead) -> Bool {
    ref == lead.name || lead.former.contains(ref) || ["main", "staging"].contains(ref) || ref.hasPrefix("release/")
  }

  /// Somebody honest has seen all that stands there, and what the move changes.
  private mutating func checkContent(_ update: Update, _ new: CommitID) {
    let tree = history[new].tree
    for (path, content) in tree where !(seen[path]?.contains(content) ?? false) {
      broken.append("\(update.ref) holds \(path) = \(content), which nobody honest has seen")
    }
    guard let old = update.old, history.reach(new).contains(old) else { return }
    for path in differences(history[old].tree, tree) where tree[path] == nil && !(seen[path]?.contains(nil) ?? false) {
      broken.append("\(update.ref) has lost \(path), which nobody honest has seen")
    }
  }

  /// Enough people count to go on, whoever they are.
  private mutating func checkRules(_ lead: Lead, _ old: Lead) {
    guard lead.tip != old.tip else { return }
    guard let terms = truth.terms(lead) else {
      broken.append("the rules cannot be read")
      return
    }
    let wanted = max(terms.rules.policy.highestThreshold, terms.rules.policy.paths.map(\.threshold).max() ?? 0)
    let before = truth.terms(old)?.people.count ?? 0
    if terms.people.count < min(wanted, before) { broken.append("too few count to go on") }
  }

  /// The audit says what the hook said.
  private mutating func checkAudit(_ before: Model, _ updates: [Update]) {
    let isStolen = truth.hardRevoked(lead.states) != truth.hardRevoked(before.lead(before.refs)!.states)
    if let was = before.auditLead(), let now = model.auditLead() {
      for step in now where step.answer != .accepted {
        let earlier = was.first { $0.new == step.new }
        let becauseStolen =
          isStolen || Set(truth.hardRevoked(lead.states)).contains { history[step.new].signature?.key == $0 }
        if earlier == nil || earlier!.answer == .accepted, !becauseStolen {
          broken.append("the audit answers otherwise than the hook: \(step.old) to \(step.new) \(step.answer)")
        }
      }
    }
    for update in updates {
      guard let old = update.old, let new = update.new, model.isProtected(update.ref, lead),
        !lead.former.contains(update.ref), update.ref != lead.name
      else { continue }
      var forgetful = model
      forgetful.ledger = []
      let line = history.line(new).prefix { $0 != old }
      for step in forgetful.auditFollower(update.ref) ?? [] where line.contains(step.new) && step.answer != .accepted {
        broken.append("the audit of \(update.ref) answers otherwise: \(step.old) to \(step.new) \(step.answer)")
      }
    }
  }
}
