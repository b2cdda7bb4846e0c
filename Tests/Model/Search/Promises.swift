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
      checkMove(update, old)
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
      if !stood.contains(tag.target) { broken.append("\(update.ref) is on \(tag.target), which never stood on a protected branch") }
      if let key = tag.signature?.key, Story.keysOfMal.contains(key), key != "mal/1" { broken.append("\(update.ref) is signed by \(key)") }
    }
    checkRules(lead, old)
    checkAudit(before, updates)
  }

  private func wasTagProtected(_ before: Model, _ lead: Lead) -> Bool { before.rules(lead.tip)?.policy.protectsTags ?? true }

  /// Nothing on a protected branch goes away.
  private mutating func checkMove(_ update: Update, _ lead: Lead) {
    guard let old = update.old, before(update.ref, lead) else { return }
    let holdsWork = !(update.ref.hasPrefix("release/") && lead.isState(old))
    guard let new = update.new else {
      if holdsWork { broken.append("\(update.ref) was deleted") }
      return
    }
    if holdsWork, !history.reach(new).contains(old) { broken.append("\(update.ref) went back") }
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
        let becauseStolen = isStolen || Set(truth.hardRevoked(lead.states)).contains { history[step.new].signature?.key == $0 }
        if earlier == nil || earlier!.answer == .accepted, !becauseStolen {
          broken.append("the audit answers otherwise than the hook: \(step.old) to \(step.new) \(step.answer)")
        }
      }
    }
    for update in updates {
      guard let old = update.old, let new = update.new, model.isProtected(update.ref, lead), update.ref != lead.name else { continue }
      var forgetful = model
      forgetful.ledger = []
      let line = history.line(new).prefix { $0 != old }
      for step in forgetful.auditFollower(update.ref) ?? [] where line.contains(step.new) && step.answer != .accepted {
        broken.append("the audit of \(update.ref) answers otherwise: \(step.old) to \(step.new) \(step.answer)")
      }
    }
  }
}
