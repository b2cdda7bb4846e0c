internal import GitBridge

/// Judges an update of the co-signature ref: it only grows, and each added file is a good statement
/// by the maintainer whose fingerprint names it.
struct CoSignatureRefReview {
  let reviewer: Reviewer
  let refs: RefView
  let names: ProtectedNames

  private var repository: Repository { reviewer.repository }

  func judge(_ update: RefUpdate) throws(ReviewProblem) -> Verdict {
    let shown = printable(update.ref)
    func refusal(_ code: RefusalCode, _ message: String, next: String = "git fetch, then stagex-maint cosign again") -> Refusal {
      Refusal(code, commit: update.new.isZero ? nil : update.new, ref: update.name, message: message, next: next)
    }
    if update.new.isZero {
      return Verdict(refusals: [refusal(.coSignatureRemoved, "\(shown) holds co-signatures and cannot be deleted")])
    }
    guard try reading({ () throws(GitError) in try repository.kind(of: update.new) }) == .commit else {
      return Verdict(refusals: [refusal(.notACommit, "\(shown) would point to \(update.new.short), which is not a commit")])
    }
    if !update.old.isZero {
      guard try reading({ () throws(GitError) in try repository.isAncestor(update.old, of: update.new) }) else {
        return Verdict(refusals: [refusal(.rewind, "\(shown) would lose co-signatures: \(update.old.short) is not an ancestor of \(update.new.short)")])
      }
    }
    let oldTree = update.old.isZero ? nil : try reading { () throws(GitError) in try repository.treeOfCommit(update.old) }
    let newTree = try reading { () throws(GitError) in try repository.treeOfCommit(update.new) }
    let changes = try reading { () throws(GitError) in try repository.changes(from: oldTree, to: newTree) }
    let holder = try registryHolder()
    let rulebook = try reviewer.rulebook()
    let rules = try rulebook.rules(tree: try reading { () throws(GitError) in try repository.treeOfCommit(holder) }, of: holder)
    var verdict = Verdict(notes: rules.notes)
    for change in changes {
      try reviewer.settings.checkDeadline()
      let path = printable(change.path)
      guard change.oldMode == 0 else {
        verdict.refusals.append(refusal(.coSignatureRemoved, "\(shown): \(path) is changed or removed; co-signatures are only added"))
        continue
      }
      let parts = change.path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
      guard change.newMode == 0o100644, parts.count == 3, let head = ObjectID(hex: parts[1]),
        Array(head.hex.utf8) == parts[1], Array(parts[1].prefix(2)) == parts[0]
      else {
        verdict.refusals.append(refusal(.coSignatureInvalid, "\(shown): \(path) is not the place of a co-signature"))
        continue
      }
      let read = try CoSignatureFile(repository: repository)
        .read(change.newID, name: parts[2], head: head, rules: rules, settings: reviewer.settings)
      switch read {
      case .failure(let defect):
        verdict.refusals.append(refusal(.coSignatureInvalid, "\(shown): \(path) is no good co-signature: \(defect.text)"))
      // It could never count here, and would keep its maintainer from stating anything about that head.
      case .success((let statement, _)) where rules.policy.repository.map { statement.repository.utf8.elementsEqual($0.utf8) } != true:
        verdict.refusals.append(
          refusal(.coSignatureInvalid, "\(shown): \(path) is for the repository \(printable(statement.repository)), not this one"))
      case .success: break
      }
    }
    return verdict
  }

  /// The commit whose registry says who may co-sign: the tip of the branch that HEAD names, before
  /// the push, or the trust root.
  private func registryHolder() throws(ReviewProblem) -> ObjectID {
    if let head = repository.headBranch(), let tip = refs.before[Array(head.utf8)] { return tip }
    if let root = reviewer.settings.trustRoot { return root }
    throw .trustRootMissing("there is no branch yet whose registry could say who may co-sign")
  }
}
