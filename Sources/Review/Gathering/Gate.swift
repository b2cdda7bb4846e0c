package import GitBridge

/// What is to be said of a pull request before it is merged.
package struct GateAnswer: Sendable {
  /// What the request already has, and what keeps it out even if the best placed maintainer merged it.
  package var verdict: Verdict
  /// The maintainers by whose signed merge the rule would be satisfied, sorted.
  package var mergers: [String] = []
  /// Whether pushing the head itself as the branch's new tip would be accepted, without any merge.
  package var mayFastForward = false
  /// Whether merging conflicts.
  package var conflicts = false

  package var json: JSONValue {
    guard case .object(var members) = verdict.json else { return verdict.json }
    members.append(
      .init(
        "gate",
        .object([
          "mergers": .strings(mergers), "fast-forward": .bool(mayFastForward), "conflicts": .bool(conflicts),
        ])))
    return .object(members)
  }
}

extension Reviewer {
  /// Answers for a pull request: would the rule be satisfied, and who may make the merge?
  ///
  /// The merge is imagined, once for each maintainer, and judged like a real one.
  package func judge(pullRequest head: ObjectID, onto target: RefUpdate) -> GateAnswer {
    do throws(ReviewProblem) {
      return try answer(head, target)
    } catch {
      return GateAnswer(verdict: Verdict(refusals: [error.refusal(ref: target.name)], notes: pinNotes))
    }
  }

  private func answer(_ head: ObjectID, _ target: RefUpdate) throws(ReviewProblem) -> GateAnswer {
    if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
    let base = target.old
    if try reading({ () throws(GitError) in try repository.isAncestor(head, of: base) }) {
      return GateAnswer(verdict: Verdict(notes: ["\(printable(target.ref)) already holds \(head.short)"]), mayFastForward: true)
    }
    let direct = judge(inThought: [RefUpdate(ref: target.ref, old: base, new: head)])
    if direct.outcome == .accepted { return GateAnswer(verdict: direct, mayFastForward: true) }

    let rulebook = try rulebook()
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(base) }
    let rules = try rulebook.rules(tree: tree, of: base)
    let refs = try RefView(repository, push: [], remote: settings.remote)
    let rule = rules.policy.branchRule(for: target.ref)
    let names = try ProtectedNames(self, refs)
    let sources = refs.sources(of: target.ref, matching: rule?.from ?? [], isProtected: names.protectsBranch)
    let coSignatures = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)
    let table = try CommitCollector(
      repository: repository, checker: rules.loaded.checker, settings: settings, workers: workers
    ).collect(from: [head], hiding: [base] + sources.map(\.tip), exact: true)
    let step = Step(old: base, new: head, members: Array(table.records.indices))
    let facts = try FactGatherer(repository: repository, settings: settings, rulebook: rulebook, workers: workers)
      .facts(
        for: [step], of: table, checkedBy: rules.loaded.checker, ref: target.name, coSignatures: coSignatures,
        leansOn: sources.map { String(decoding: $0.name, as: UTF8.self) })[0]
    let merged = try reading { () throws(GitError) in try repository.mergeAgain(parents: [base, head]) }

    var refusals: [Refusal] = []
    for record in table.records where record.parents.isEmpty && record.defect == nil {
      refusals.append(unrelatedRoot(record.id, ref: target.name))
    }
    if let from = rule?.from, !from.isEmpty {
      var held = false
      for source in sources where !held {
        held = try reading { () throws(GitError) in try repository.isAncestor(head, of: source.tip) }
      }
      if !held {
        let list = from.map(\.pattern).joined(separator: ", ")
        refusals.append(
          Refusal(
            .wrongSourceBranch, commit: head, ref: target.name,
            message: "\(printable(target.ref)) takes only merges from \(list), and none of them holds \(head.short)",
            next: "open the request against one of: \(list)"))
      }
    }
    var newTree = tree
    switch merged {
    case .clean(let tree): newTree = tree
    case .conflict(let paths):
      refusals.append(
        Refusal(
          .tooFewEndorsers, commit: head, ref: target.name,
          message: "merging \(head.short) conflicts in \(paths.prefix(3).map { printable($0) }.joined(separator: ", "))\(paths.count > 3 ? " and \(paths.count - 3) more" : ""): the merge would have content of its own, which its one signature does not cover",
          next: "git rebase \(shellWord(shortName(target.ref, under: "refs/heads/") ?? target.ref))"))
    }
    refusals += try RuleChangeReview(reviewer: self, rulebook: rulebook)
      .judge(step, ref: target.name, rules: rules, oldTree: tree, newTree: newTree)

    let bare = imagine(mergedBy: nil, facts)
    var answer = GateAnswer(verdict: bare)
    answer.conflicts = merged.isConflict
    var best: Verdict?
    for person in facts.maintainers {
      let verdict = imagine(mergedBy: person, facts)
      if verdict.refusals.isEmpty && refusals.isEmpty { answer.mergers.append(person) }
      if verdict.refusals.count < best?.refusals.count ?? .max { best = verdict }
    }
    answer.verdict.refusals = answer.mergers.isEmpty ? refusals + (best ?? bare).refusals : []
    answer.verdict.notes = pinNotes + rules.notes
    return answer
  }

  /// Judges the request as if this person had made a clean, signed merge of it.
  ///
  /// What the imagined merge itself would lack is left out when nobody makes it.
  private func imagine(mergedBy person: String?, _ facts: StepFacts) -> Verdict {
    let merge = ChangeFacts(
      commit: .zero, parents: [facts.old, facts.new],
      signature: person.map { .good(Signer(person: $0, key: .unknown, subkey: .unknown, time: settings.clock)) } ?? .none,
      merge: .clean)
    var verdict = Review.judge(
      StepFacts(
        ref: facts.ref, old: facts.old, new: facts.new, policy: facts.policy, threshold: facts.threshold,
        maintainers: facts.maintainers, changes: facts.changes + [merge], coSignatures: facts.coSignatures,
        leansOn: facts.leansOn))
    for index in verdict.updates.indices { verdict.updates[index].changes.removeAll { $0.commit == .zero } }
    verdict.refusals.removeAll { $0.commit == .zero }
    return verdict
  }
}

extension MergedAgain {
  fileprivate var isConflict: Bool {
    if case .conflict = self { true } else { false }
  }
}
