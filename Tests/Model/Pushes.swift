/// One ref that moves; nil stands for "does not exist".
package struct Update: Hashable, Sendable {
  package var ref: String
  package var old: Int?
  package var new: Int?

  package init(_ ref: String, _ old: Int?, _ new: Int?) {
    self.ref = ref
    self.old = old
    self.new = new
  }
}

extension Model {
  /// R1, R2: all or nothing. Empty: accepted.
  package func judge(push updates: [Update]) -> Codes {
    // Whoever holds the trust root only: an empty server (R62).
    let isEmpty = lead(refs) == nil
    var refs = refs
    var codes: Codes = []
    func apply(_ update: Update, _ found: Codes) {
      codes.formUnion(found)
      if found.isEmpty { refs[update.ref] = update.new }
    }
    let before = lead(refs)
    var waiting = updates.sorted { $0.ref < $1.ref }
    func take(_ isNext: (Update) -> Bool) -> [Update] {
      let next = waiting.filter(isNext)
      waiting.removeAll(where: isNext)
      return next
    }
    // R2: the successor of a lead that hands over in this push comes after it.
    let next = lead(updates.reduce(into: refs) { $0[$1.ref] = $1.new })
    func isJudged(_ ref: String) -> Bool {
      guard let before else { return true }
      return ref == Model.coSignatures || ref == next?.name || next?.former.contains(ref) ?? false
        || isProtected(ref, before)
        || ref.hasPrefix("tags/") && rules(before.tip)?.policy.protectsTags ?? true
    }
    for update in take({ $0.new == nil }) { apply(update, judgeDeletion(update, refs)) }
    for update in take({ !isJudged($0.ref) }) { apply(update, []) }
    let statements = take { $0.ref == Model.coSignatures }
    // R62: on an empty server read for the lead, and judged after it.
    if isEmpty { for update in statements { refs[update.ref] = update.new } }
    if !isEmpty { for update in statements { apply(update, judgeStatements(update, refs)) } }
    while let name = lead(refs)?.name ?? (refs[firstLead] == nil ? firstLead : nil),
      let update = take({ $0.ref == name }).first
    {
      apply(update, judgeLead(update, refs, isEmpty: isEmpty))
    }
    if isEmpty {
      for update in statements { apply(update, judgeStatements(Update(update.ref, nil, update.new), refs)) }
    }
    var branches = take { !$0.ref.hasPrefix("tags/") }
    // R2: those with `from` after those that they name: round and round until nothing more is accepted.
    var moved = true
    while moved {
      moved = false
      for update in branches where judgeFollower(update, refs, isEmpty: isEmpty).isEmpty {
        refs[update.ref] = update.new
        branches.removeAll { $0 == update }
        moved = true
      }
    }
    for update in branches { apply(update, judgeFollower(update, refs, isEmpty: isEmpty)) }
    // R122: those that come in the same push count, each for itself.
    let after = updates.reduce(into: self.refs) { $0[$1.ref] = $1.new }
    for update in waiting { apply(update, judgeTag(update, refs, beside: after)) }
    return codes
  }

  /// Judges, and moves the refs if that is accepted.
  package mutating func push(_ updates: [Update]) -> Codes {
    let codes = judge(push: updates)
    if codes.isEmpty {
      for update in updates {
        refs[update.ref] = update.new
        if let old = update.old, let new = update.new { ledger.insert("\(update.ref) \(old) \(new)") }
      }
    }
    return codes
  }

  /// R19, R49, R109, R113.
  func judgeDeletion(_ update: Update, _ refs: [String: Int]) -> Codes {
    if update.ref == Model.coSignatures { return ["co-signature-removed"] }
    guard let lead = lead(refs) else { return ["no-lead"] }
    if update.ref.hasPrefix("tags/") { return rules(lead.tip)?.policy.protectsTags ?? true ? ["tag-moved"] : [] }
    guard isProtected(update.ref, lead) else { return [] }
    if isWild(update.ref, lead), let old = update.old, lead.isState(old), holds(.freeName_R49) { return [] }
    return holds(.rewind_R19) ? ["deletion"] : []
  }

  func judgeLead(_ update: Update, _ refs: [String: Int], isEmpty: Bool) -> Codes {
    guard let new = update.new else { return ["deletion"] }
    let line = history.line(new)
    if let old = update.old {
      if !history.reach(new).contains(old) { return ["rewind"] }
      if !line.contains(old) { return ["foxtrot"] }
    }
    var after = refs
    after[update.ref] = new
    guard let lead = lead(after),
      let own = line.firstIndex(where: {
        $0 == update.old || lead.isState($0) && self.lead(refs)?.isState($0) ?? ($0 == root)
      })
    else { return ["unrelated-history"] }
    var codes: Codes = []
    for (step, below) in zip(line, line.dropFirst())[..<own].reversed() {
      guard let index = lead.states.firstIndex(of: step), index > 0, lead.states[index - 1] == below else {
        // R14, R15.
        if holds(.former_R15) { codes.insert(lead.former.contains(update.ref) ? "former-lead" : "foxtrot") }
        continue
      }
      if self.lead(refs)?.isState(step) ?? false { continue }
      codes.formUnion(judgeLeadStep(lead, index, now: isEmpty ? nil : clock, refs, ref: update.ref))
    }
    return codes
  }

  func judgeFollower(_ update: Update, _ refs: [String: Int], isEmpty: Bool) -> Codes {
    guard let lead = lead(refs), let new = update.new else { return ["no-lead"] }
    let rule = branchRule(update.ref, rules(lead.tip)?.policy)
    if rule == nil, update.ref != lead.name {
      return lead.former.contains(update.ref) && holds(.former_R15) ? ["former-lead"] : []
    }
    let line = history.line(new)
    if let old = update.old {
      if isWild(update.ref, lead), lead.isState(old), lead.isState(new), holds(.freeName_R49) { return [] }
      if !isMadeAnew(update.ref, old, new, lead, refs) {
        if !history.reach(new).contains(old) { return holds(.rewind_R19) ? ["rewind"] : [] }
        if !line.contains(old), holds(.foxtrot_R20) { return ["foxtrot"] }
      }
    }
    guard let begin = beginning(update.ref, new, lead) else { return ["unrelated-history"] }
    let from = update.old.flatMap { line.contains($0) ? $0 : nil } ?? begin
    var after = refs
    after[update.ref] = new
    var codes: Codes = []
    // R46.
    let brought = history.reach(new).subtracting(from == update.old ? history.reach(from) : Commits())
    for name in refs.keys where name != update.ref && name != lead.name && holds(.anothersState_R46) {
      let theirs = states(name, refs, lead)
      if line.contains(where: { brought.contains($0) && theirs.contains($0) && !lead.isState($0) }) {
        codes.insert("wrong-source-branch")
      }
    }
    for (step, below) in zip(line, line.dropFirst())[..<line.firstIndex(of: from)!].reversed() {
      var found = judgeFollowerStep(update.ref, below, step, lead, after)
      if isEmpty, !found.isEmpty, settles(update.ref, below, step, lead, after) == .accepted { found = [] }
      codes.formUnion(found)
    }
    return codes
  }

  /// R121: beside what it was, never back, never to nothing of its own, and not once a tag is out that reaches what it
  /// held of its own.
  func isMadeAnew(_ ref: String, _ old: CommitID, _ new: CommitID, _ lead: Lead, _ refs: [String: Int]) -> Bool {
    guard isWild(ref, lead), branchRule(ref, rules(lead.tip)?.policy)?.mayRewind ?? false, holds(.madeAnew_R121),
      !history.line(new).contains(old), !history.reach(old).contains(new), !lead.isState(new)
    else { return false }
    return !isPublished(ref, old, lead, refs) || !holds(.published_R121)
  }

  /// R121.
  package func isPublished(_ ref: String, _ tip: CommitID, _ lead: Lead, _ refs: [String: Int]) -> Bool {
    guard let begin = beginning(ref, tip, lead) else { return true }
    let line = history.line(tip)
    guard let first = line[..<line.firstIndex(of: begin)!].last, rules(lead.tip)?.policy.protectsTags ?? true else {
      return false
    }
    return refs.contains { $0.key.hasPrefix("tags/") && history.reach(history.tags[$0.value].target).contains(first) }
  }

  /// R106–R109, R122.
  ///
  /// - Parameter after: The refs as the whole push would leave them.
  func judgeTag(_ update: Update, _ refs: [String: Int], beside after: [String: Int]) -> Codes {
    guard let lead = lead(refs), let terms = terms(lead), let new = update.new else { return ["no-lead"] }
    guard rules(lead.tip)?.policy.protectsTags ?? true else { return [] }
    let tag = history.tags[new]
    var codes: Codes = []
    if update.old != nil, holds(.tagMoved_R109) { codes.insert("tag-moved") }
    if "tags/" + tag.name != update.ref { codes.insert("tag-name-mismatch") }
    let signer = terms.signer(tag.signature)
    if signer == nil, holds(.tagSigner_R107) { codes.insert("tag-unsigned") }
    let wanted = terms.rules.policy.tagThreshold
    if wanted > 1, let voucher = terms.people.first(where: { tag.name.hasSuffix("+" + $0) }) {
      if signer != voucher, holds(.ownVoucher_R122) { codes.insert("tag-unsigned") }
    } else if wanted > 1, holds(.vouchers_R122) {
      let vouchers = terms.people.filter { person in
        guard let beside = after["tags/\(tag.name)+\(person)"].map({ history.tags[$0] }) else { return false }
        return beside.name == "\(tag.name)+\(person)" && beside.target == tag.target
          && (terms.signer(beside.signature) == person || !holds(.ownVoucher_R122))
      }
      if vouchers.union(signer.map { [$0] } ?? []).count < wanted { codes.insert("too-few-endorsers") }
    }
    let isState = lead.isState(tag.target) || refs.keys.contains { states($0, refs, lead).contains(tag.target) }
    if !isState, holds(.tagTarget_R108) { codes.insert("tag-target-unprotected") }
    return codes
  }

  /// R113.
  func judgeStatements(_ update: Update, _ refs: [String: Int]) -> Codes {
    guard let lead = lead(refs), let terms = terms(lead), let new = update.new else { return ["no-lead"] }
    let before = update.old.map { history[$0].tree } ?? [:]
    var codes: Codes = []
    if let old = update.old, !history.reach(new).contains(old), holds(.statementsStay_R113) { codes.insert("rewind") }
    for (path, content) in before where history[new].tree[path] != content && holds(.statementsStay_R113) {
      codes.insert("co-signature-removed")
    }
    for (path, content) in history[new].tree where before[path] != content {
      guard case .statement(let statement) = content, terms.signer(statement.signature) != nil else {
        codes.insert("co-signature-invalid")
        continue
      }
    }
    return codes
  }
}

extension Zip2Sequence where Sequence1 == [CommitID], Sequence2 == ArraySlice<CommitID> {
  fileprivate subscript(range: PartialRangeUpTo<Int>) -> [(CommitID, CommitID)] { Array(Array(self)[range]) }
}
