internal import GitBridge

/// Makes the facts of an update of the ref that holds co-signatures.
struct CoSignatureRefReader {
  let reviewer: Reviewer
  /// The rules at the lead's tip, now.
  let terms: StepTerms

  private var repository: Repository { reviewer.repository }

  func facts(_ update: RefUpdate, object: UpdateFacts.NewObject?) throws(ReviewProblem) -> CoSignatureRefFacts {
    var facts = CoSignatureRefFacts()
    guard object == .commit else { return facts }
    if !update.old.isZero { facts.isForward = try reviewer.isAncestor(update.old, of: update.new) }
    guard facts.isForward else { return facts }
    let oldTree = update.old.isZero ? nil : try reviewer.treeOfCommit(update.old)
    let newTree = try reviewer.treeOfCommit(update.new)
    for change in try reading({ () throws(GitError) in try repository.changes(from: oldTree, to: newTree) }) {
      try reviewer.settings.checkDeadline()
      if let kind = try objection(to: change) { facts.findings.append(.init(path: change.path, kind: kind)) }
    }
    return facts
  }

  private func objection(to change: PathChange) throws(ReviewProblem) -> CoSignatureRefFacts.Finding.Kind? {
    guard change.oldMode == 0 else { return .changed }
    let parts = change.path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
    guard change.newMode == FileMode.file, parts.count == 3, let head = ObjectID(hex: parts[1]),
      Array(head.hex.utf8) == parts[1], Array(parts[1].prefix(2)) == parts[0]
    else { return .misplaced }
    let read = try CoSignatureFile(repository: repository)
      .read(change.newID, name: parts[2], head: head, terms.loaded, terms.signatures)
    switch read {
    case .failure(let defect): return .notGood(defect.text)
    // It could never count here, and would keep its maintainer from stating anything about that head.
    case .success((let statement, _)):
      let isOurs = terms.rules.policy.repository.map { statement.repository.utf8.elementsEqual($0.utf8) } ?? false
      return isOurs ? nil : .foreign(statement.repository)
    }
  }
}
