internal import GitBridge

/// Judges what one ref update does as an update: its name, deletion, rewind, the shape of its first-parent line, tags,
/// co-signatures. A pure function of the facts; the steps of a branch are judged by themselves.
package func judge(_ facts: UpdateFacts) -> [Refusal] {
  let update = facts.update
  let shown = printable(update.ref)
  func refused(_ code: RefusalCode, _ message: String, next: String) -> [Refusal] {
    [Refusal(code, ref: update.name, message: message, next: next)]
  }
  // Attack: a claim that a branch stands on an unreviewed commit already.
  // Git holds it against the ref only after the hook.
  if facts.isStale {
    return refused(
      .staleUpdate, "\(shown) is not at \(update.old.short), or is updated twice", next: "git fetch, then push again")
  }
  // A replacement makes git show another object than the one that was signed.
  // R111
  if facts.isReplacement {
    return refused(
      .replaceRef, "\(shown) would replace one object by another", next: "git push REMOTE without refs/replace/*")
  }
  // Pushing to a symbolic ref moves the ref behind it, under another name.
  if let target = facts.symbolicTarget {
    return refused(
      .confusableRef, "\(shown) is a symbolic ref to \(printable(target))",
      next: "push to \(printable(target)) by its own name")
  }
  if let lookalike = facts.lookalike {
    return refused(
      .confusableRef, "\(shown) can be taken for the protected \(printable(lookalike))",
      next: "choose another name for the ref")
  }
  if let other = facts.inTheWayOf, !update.new.isZero {
    return refused(
      .confusableRef, "\(shown) would stand in the way of the protected \(printable(other))",
      next: "choose another name for the ref")
  }
  // R110
  if case .other = facts.subject { return [] }
  // What is not text cannot be named in a policy or a co-signature, nor shown to a person.
  guard String(validating: update.ref, as: UTF8.self) != nil else {
    return refused(.confusableRef, "\(shown) is not valid UTF-8", next: "choose another name for the ref")
  }
  switch facts.subject {
  case .other: return []
  case .branch(let branch): return judge(branch, facts)
  case .tag(let tag): return judge(tag, facts)
  case .coSignatures(let ref): return judge(ref, facts)
  }
}

private func judge(_ branch: BranchFacts, _ facts: UpdateFacts) -> [Refusal] {
  let update = facts.update
  let shown = printable(update.ref)
  func refused(_ code: RefusalCode, commit: ObjectID? = nil, _ message: String, next: String) -> [Refusal] {
    [Refusal(code, commit: commit, ref: update.name, message: message, next: next)]
  }
  if update.new.isZero {
    if branch.holdsNothing { return [] }
    let why = branch.hasWildcard ? ", and holds commits of its own" : ""
    return refused(
      .deletion, "\(shown) is protected\(why) and cannot be deleted", next: "leave it, or change the policy first")
  }
  if update.new == update.old { return [] }
  // R15
  if branch.isFormerLead, !branch.isNamed {
    return refused(
      .formerLead, "\(shown) carried the rules until another branch was named for that: it stays where it is",
      next: "push to the lead, or name \(shown) in the policy as a branch that follows it")
  }
  guard facts.object == .commit else {
    return refused(
      .notACommit, "\(shown) would point to \(update.new.short), which is not a commit",
      next: "git cat-file -t \(update.new.short)")
  }
  // Nobody squats on a release's name: what stands on the lead alone may be moved to another state of it.
  if branch.holdsNothing, branch.newIsLeadState { return [] }
  // R19
  guard branch.isForward || branch.isMadeAnew else {
    var why = branch.publishedBy.map { ", and \(printable($0)) holds what it was" } ?? ""
    // R121
    if branch.mayRewind, branch.newIsLeadState {
      why = ", and what may be made anew has to hold a commit of its own"
    }
    return refused(
      .rewind, commit: update.new,
      "\(shown) would lose commits: \(update.old.short) is not an ancestor of \(update.new.short)\(why)",
      next: "git fetch, then merge or rebase onto \(shown)")
  }
  if !branch.unjudged.isEmpty {
    return branch.unjudged.map { refusal(ofUnjudged: $0, protectedBy: update.new, on: update.name) }
  }
  switch branch.line {
  case .none: break
  case .foxtrot(let commit, let start):
    return refused(
      .foxtrot, commit: commit,
      "\(start.short) is not on the first-parent line of \(update.new.short): the merge was made the wrong way round",
      next: "git switch --detach \(start.short) && git merge -S \(update.new.short)^1")
  case .root(let commit): return [unrelatedRoot(commit, ref: update.name)]
  case .unanchored:
    return refused(
      .unrelatedHistory, commit: update.new,
      "\(shown) does not begin on the lead: no state of the lead is on the first-parent line of \(update.new.short)",
      next: "git switch -c NAME LEAD, or for a branch that was there before: git config maint.start.BRANCH COMMIT")
  }
  if let other = branch.stateOf, !branch.newIsLeadState {
    return refused(
      .wrongSourceBranch, commit: update.new,
      "\(shown) would begin at \(update.new.short), which is a state of \(printable(other)): "
        + "a branch begins on the lead",
      next: "git switch -c NAME LEAD, and merge \(printable(other)) there")
  }
  return []
}

private func judge(_ tag: TagFacts, _ facts: UpdateFacts) -> [Refusal] {
  let update = facts.update
  let shown = printable(update.ref)
  let again = "git tag -s \(printable(tag.name)) COMMIT"
  func refused(_ code: RefusalCode, _ message: String, next: String, because: [Because] = []) -> [Refusal] {
    [
      Refusal(
        code, commit: update.new.isZero ? nil : update.new, ref: update.name, message: message, next: next,
        because: because)
    ]
  }
  if update.new.isZero { return refused(.deletion, "\(shown) is protected and cannot be deleted", next: "leave it") }
  if update.new == update.old { return [] }
  // R109
  guard update.old.isZero else {
    return refused(.tagMoved, "\(shown) exists already and never moves", next: "git tag -s a new name")
  }
  // R106
  guard facts.object == .tag else {
    return refused(.tagUnsigned, "\(shown) is not an annotated tag, so it carries no signature", next: again)
  }
  guard let content = tag.content else {
    return refused(.tagUnsigned, "\(shown) is malformed: it cannot be read", next: again)
  }
  if let defect = content.defect { return refused(.tagUnsigned, "\(shown) is malformed: \(defect)", next: again) }
  // A signed tag of one version, served under the name of another, verifies in git.
  guard content.name == tag.name else {
    return refused(.tagNameMismatch, "\(shown) holds a tag named \(printable(content.name))", next: again)
  }
  guard content.targetIsCommit else {
    return refused(.tagTargetUnprotected, "\(shown) does not tag a commit", next: again)
  }
  // Attack: an inner commit of a merged request, which nobody ever agreed to as a state.
  guard content.targetIsState else {
    return refused(
      .tagTargetUnprotected,
      "\(shown) tags \(content.target.short), which is no state of the lead or of a branch that follows it",
      next: "push the branch first whose tip it is, or tag the merge that brought it in")
  }
  // R107
  switch content.signature {
  case .good(let signer):
    // R122
    if let voucher = tag.voucher {
      if tag.isOfVoucher {
        return refused(
          .tagNameMismatch, "\(shown) would stand behind a tag that is itself somebody's word for another",
          next: "git tag -s NAME+PERSON COMMIT, for the tag NAME of the release")
      }
      guard signer.person != voucher else { return [] }
      return refused(
        .tagUnsigned,
        "\(shown) says that \(printable(voucher)) stands behind it, and \(printable(signer.person)) has signed it",
        next: again)
    }
    let people = Set(tag.vouchers + [signer.person])
    guard people.count < tag.threshold else { return [] }
    return refused(
      .tooFewEndorsers,
      "\(shown) is signed by \(people.sorted().map { printable($0) }.joined(separator: ", ")), "
        + "and needs \(tag.threshold) maintainers",
      next:
        "another maintainer: git tag -s \(printable(tag.name))+PERSON \(content.target.short), pushed with it or before"
    )
  case .none: return refused(.tagUnsigned, "\(shown) carries no maintainer's signature", next: again)
  case .notGood(let code, let person, let detail):
    return refused(
      .tagUnsigned, "\(shown) carries no good signature of a maintainer: \(detail)", next: again,
      because: [Because(code: code, commit: update.new, person: person, detail: detail)])
  case .bad(let person, let key):
    return refused(
      .badSignature, "\(shown) carries a bad signature that names \(printable(person))'s key \(key)", next: again)
  case .disagreed(let detail):
    return refused(
      .enginesDisagree, "the two engines disagree on \(shown): \(detail)", next: "stagex-maint hook doctor")
  case .unjudged(let detail):
    return refused(
      .engineFailed, "the signature of \(shown) could not be checked: \(detail)", next: "stagex-maint hook doctor")
  }
}

// R113
private func judge(_ ref: CoSignatureRefFacts, _ facts: UpdateFacts) -> [Refusal] {
  let update = facts.update
  let shown = printable(update.ref)
  func refusal(_ code: RefusalCode, _ message: String) -> Refusal {
    Refusal(
      code, commit: update.new.isZero ? nil : update.new, ref: update.name, message: message,
      next: "git fetch, then stagex-maint cosign again")
  }
  if update.new.isZero { return [refusal(.coSignatureRemoved, "\(shown) holds co-signatures and cannot be deleted")] }
  guard facts.object == .commit else {
    return [refusal(.notACommit, "\(shown) would point to \(update.new.short), which is not a commit")]
  }
  guard ref.isForward else {
    return [
      refusal(
        .rewind, "\(shown) would lose co-signatures: \(update.old.short) is not an ancestor of \(update.new.short)")
    ]
  }
  return ref.findings.map { finding in
    let path = printable(finding.path)
    return switch finding.kind {
    case .changed:
      refusal(.coSignatureRemoved, "\(shown): \(path) is changed or removed; co-signatures are only added")
    case .misplaced: refusal(.coSignatureInvalid, "\(shown): \(path) is not the place of a co-signature")
    case .notGood(let why): refusal(.coSignatureInvalid, "\(shown): \(path) is no good co-signature: \(why)")
    case .foreign(let name):
      refusal(.coSignatureInvalid, "\(shown): \(path) is for the repository \(printable(name)), not this one")
    }
  }
}
