internal import GitBridge
internal import OpenPGP

/// Judges the update of a protected tag: annotated, signed by a maintainer, named as its ref, on a
/// commit that a protected branch holds, and never moved.
struct TagReview {
  let reviewer: Reviewer
  let refs: RefView
  let names: ProtectedNames

  private var repository: Repository { reviewer.repository }

  func judge(_ update: RefUpdate) throws(ReviewProblem) -> Verdict {
    let shown = printable(update.ref)
    func refused(_ code: RefusalCode, _ message: String, next: String, because: [Because] = []) -> Verdict {
      Verdict(refusals: [Refusal(code, commit: update.new.isZero ? nil : update.new, ref: update.name, message: message, next: next, because: because)])
    }
    if update.new.isZero { return refused(.deletion, "\(shown) is protected and cannot be deleted", next: "leave it") }
    if update.new == update.old { return Verdict() }
    guard update.old.isZero else {
      return refused(.tagMoved, "\(shown) exists already and never moves", next: "git tag -s a new name")
    }
    let name = shortName(update.ref, under: "refs/tags/") ?? []
    let again = "git tag -s \(printable(name)) COMMIT"
    switch try reading({ () throws(GitError) in try repository.kind(of: update.new) }) {
    case .tag: break
    case nil: throw .git(.missingObject(update.new, promised: repository.isPartialClone))
    default: return refused(.tagUnsigned, "\(shown) is not an annotated tag, so it carries no signature", next: again)
    }
    let bytes = try reading { () throws(GitError) in try repository.read(update.new, as: .tag) }
    let parsed = unsafe bytes.withUnsafeBytes { unsafe TagParse.parse($0) }
    guard let tag = parsed, tag.defect == nil else {
      return refused(.tagUnsigned, "\(shown) is malformed: \(parsed?.defect?.rawValue ?? "it cannot be read")", next: again)
    }
    // A signed tag of one version, served under the name of another, verifies in git.
    guard tag.name == name else {
      return refused(.tagNameMismatch, "\(shown) holds a tag named \(printable(tag.name))", next: again)
    }
    guard tag.targetKind == .commit else {
      return refused(.tagTargetUnprotected, "\(shown) does not tag a commit", next: again)
    }
    guard let holder = try holder(of: tag.target) else {
      return refused(
        .tagTargetUnprotected, "\(shown) tags \(tag.target.short), which no protected branch holds",
        next: "push the branch that holds it first")
    }
    let rulebook = try reviewer.rulebook()
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(holder) }
    let rules = try rulebook.rules(tree: tree, of: holder)
    var check = SignatureCheck.unsigned
    if let signature = tag.signature {
      check = unsafe bytes.withUnsafeBytes { raw in
        let job = SignatureJob(armor: Array(bytes[signature]), payload: (tag.payload, tag.payload.upperBound..<tag.payload.upperBound))
        return unsafe rules.loaded.checker.check([job], in: raw)[0]
      }
    }
    let fact = try rules.loaded.fact(of: check, rules.terms(reviewer.settings)) { () throws(ReviewProblem) in check }
    switch fact {
    case .good: return Verdict(notes: rules.notes)
    case .none: return refused(.tagUnsigned, "\(shown) carries no maintainer's signature", next: again)
    case .notGood(let code, let person, let detail):
      return refused(
        .tagUnsigned, "\(shown) carries no good signature of a maintainer: \(detail)", next: again,
        because: [Because(code: code, commit: update.new, person: person, detail: detail)])
    case .bad(let person, let key):
      return refused(.badSignature, "\(shown) carries a bad signature that names \(printable(person))'s key \(key)", next: again)
    case .disagreed(let detail):
      return refused(.enginesDisagree, "the two engines disagree on \(shown): \(detail)", next: "stagex-maint hook doctor")
    case .unjudged(let detail): throw .engine(detail)
    }
  }

  /// The commit whose registry judges the tag: the tip, before the push, of a protected branch that
  /// holds the target then or after it. A branch that this push creates has no tip before it; the
  /// target's own tree speaks then.
  private func holder(of target: ObjectID) throws(ReviewProblem) -> ObjectID? {
    // What this push adds counts once it has been judged.
    let tips = names.protectedTips(in: refs.before) + names.protectedTips(in: refs.accepted)
    for (name, tip) in tips
    where try reading({ () throws(GitError) in try repository.isAncestor(target, of: tip) }) {
      return refs.before[name] ?? target
    }
    return nil
  }
}
