package import GitBridge
package import OpenPGP

/// Guix's rule: the key that signed a commit is listed in `.guix-authorizations` of each of its parents
/// (guix/git-authenticate.scm). It begins at an introduction, a commit whose signer is known from elsewhere.
///
/// Not StageX's rule; it makes the audit usable, and comparable, on other projects' histories.
package enum GuixRule {
  static let name = "guix"
  /// Signed well, by a key that a parent does not list.
  package static let unauthorized = "unauthorized"
  /// A parent has no list, and nothing stands in for it: a root commit, or a history beside the introduction's.
  package static let missing = "authorizations-missing"
  /// The same, and the parent is the one that took the list away.
  package static let removed = "authorizations-removed"
  /// The state under a list that is not strictly of its form.
  package static let invalid = "authorizations-invalid"
  /// The state of an introduction by another key.
  package static let wrongSigner = "wrong-introduction-signer"
  /// Fit by itself, but a commit below it is refused, which may have brought the very list that it is fit by.
  package static let afterRefused = "after-refused"
}

extension Reviewer {
  /// Who signed each commit from the introduction to `tip`, and whether all its parents had authorized that key.
  ///
  /// - Parameters:
  ///   - introduction: Trusted together with its ancestors, if `signer` has signed it.
  ///   - signer: The key itself, as in `.guix-authorizations`.
  package func guixAudit(
    tip: ObjectID, introduction: ObjectID, signer: Fingerprint, keyring: GuixKeyring
  ) throws(ReviewProblem) -> GuixAudit {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let checker = SignatureChecker(keyring: keyring.keyring, choice: settings.engines, reference: settings.reference)
    let collector = CommitCollector(repository: repository, checker: checker, settings: settings, workers: workers)
    let first = try collector.read([introduction]).settled().records[0]
    var judge = GuixJudge(repository, keyring.keyring, settings.reference)
    let start = judge.introduction(first, by: signer)
    var audit = GuixAudit(introduction: introduction, keyring: keyring, commits: [start])
    // Attack: a branch without the introduction, whose first commit lists whom it likes.
    guard try reading({ () throws(GitError) in try repository.isAncestor(introduction, of: tip) }) else {
      audit.commits.append(
        ForeignCommit(
          rule: GuixRule.name, commit: tip, state: RefusalCode.unrelatedHistory.rawValue,
          detail: "it does not descend from the introduction \(introduction.short)"))
      return audit
    }
    judge.table = try collector.collect(from: [tip], hiding: [introduction], exact: true)
    let graph = ChangeGraph(judge.table.records.map { ($0.id, $0.parents) })
    // For each place of the graph the refused commit at or below it; outside of the graph all hangs on the
    // introduction.
    let outside = start.isGood ? nil : introduction
    var refused: [ObjectID?] = []
    for (place, index) in graph.order.enumerated() {
      let below = graph.parents(of: place).lazy.compactMap { $0 < 0 ? outside : refused[Int($0)] }.first
      let commit = try judge.commit(judge.table.records[index], below: below)
      refused.append(commit.isGood ? nil : below ?? commit.commit)
      audit.commits.append(commit)
    }
    return audit
  }
}
