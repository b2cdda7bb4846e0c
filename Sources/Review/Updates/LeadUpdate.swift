internal import GitBridge
internal import OpenPGP

/// Judges an update of the lead, step by step, each by the rules at its first parent.
struct LeadUpdate {
  let reviewer: Reviewer
  let authority: Authority
  let refs: RefView

  private var repository: Repository { reviewer.repository }
  private var settings: ReviewSettings { reviewer.settings }

  func judge(
    _ update: RefUpdate, _ facts: UpdateFacts, _ branch: BranchFacts, from start: ObjectID
  ) throws(ReviewProblem) -> (Verdict, SignatureChecker) {
    let rulebook = try reviewer.rulebook()
    if let keys = authority.lead.keysAtTip { rulebook.keep(authority.lead.revocationsAtTip, of: keys) }
    let rules = try authority.rules(rulebook, in: repository)
    rules.loaded.checker.warmUp()
    let coSignatures = try CoSignatureIndex(repository, ref: rules.policy.coSignatureRef, refs: refs.after)

    func attempt(exact: Bool) throws(ReviewProblem) -> Verdict {
      // R25
      let table = try CommitCollector(
        repository: repository, checker: rules.loaded.checker, settings: settings, workers: reviewer.workers
      ).collect(from: [update.new], hiding: [start], exact: exact)
      let line: [ObjectID]
      switch try table.firstParentLine(from: update.new, to: start, in: repository, mayLeave: false) {
      case .line(let commits): line = commits
      case .foxtrot(let commit): return refused(update, facts, branch, .foxtrot(at: commit, start: start))
      case .root(let commit): return refused(update, facts, branch, .root(commit))
      }
      let (rulebook, ahead) = try whatComes(line, table, rulebook)
      let reader = StepReader(
        repository: repository, settings: settings, rulebook: rulebook, workers: reviewer.workers, ref: update.name,
        leadNames: authority.names.names, coSignatures: coSignatures)
      let steps = LeadSteps(reader: reader, refs: refs, lead: authority.lead)
      let facts = try steps.facts(
        table.steps(along: line, from: start), of: table, checkedBy: rules.loaded.checker, clock: .now, ahead: ahead,
        states: try StatesAbove(line, in: coSignatures))
      var verdict = Verdict()
      for (facts, notes) in facts {
        var judged = Review.judge(facts)
        judged.notes = notes
        verdict.append(judged)
      }
      return verdict
    }

    var verdict = try attempt(exact: false)
    reviewer.reportDisagreements(in: &verdict, rules.loaded.registry.keyring)
    if verdict.outcome != .accepted, try reviewer.namesOldCommit(verdict, [start]) {
      verdict = try attempt(exact: true)
    }
    return (verdict, rules.loaded.checker)
  }

  /// What the push itself says about the keys of all of its steps:
  /// what extends them, and what revokes them for all time.
  // R12
  private func whatComes(
    _ line: [ObjectID], _ table: CommitTable, _ rulebook: Rulebook
  ) throws(ReviewProblem) -> (Rulebook, Set<Fingerprint>) {
    guard line.count > 1, let tip = line.last else { return (rulebook, []) }
    var ahead: Set<Fingerprint> = []
    var seen: Set<ObjectID?> = [try rulebook.ruleFiles(tree: try reviewer.treeOfCommit(authority.lead.tip)).keys]
    for state in line {
      let tree = try reading { () throws(GitError) in try table.tree(of: state, in: repository) }
      let keys = try rulebook.ruleFiles(tree: tree).keys
      guard seen.insert(keys).inserted else { continue }
      // What cannot be looked through is refused where it comes in.
      let found = try readable { () throws(ReviewProblem) in try rulebook.revocations(keys, of: state) } ?? []
      for entry in found where entry.revocation.isHard { ahead.insert(entry.key) }
    }
    guard seen.count > 1 else { return (rulebook, []) }
    return (try reviewer.rulebook(newest: tip), ahead)
  }

  private func refused(
    _ update: RefUpdate, _ facts: UpdateFacts, _ branch: BranchFacts, _ line: BranchFacts.Line
  ) -> Verdict {
    var (facts, branch) = (facts, branch)
    branch.line = line
    facts.subject = .branch(branch)
    return Verdict(refusals: Review.judge(facts))
  }
}

extension Reviewer {
  /// Keeps the bytes over which the engines disagree, and says where.
  func reportDisagreements(in verdict: inout Verdict, _ keyring: Keyring) {
    for refusal in verdict.refusals where refusal.code == .enginesDisagree {
      guard let commit = refusal.commit,
        let folder = DisagreementReport(repository: repository).write(commit, keyring: keyring)
      else { continue }
      verdict.notes.append("the bytes over which the engines disagree are kept in \(folder): please report them")
    }
  }

  /// Whether a refused commit is held by the branch already: the quick walk takes too much for new
  /// where clocks were wrong, and nobody shall be refused for that.
  func namesOldCommit(_ verdict: Verdict, _ held: [ObjectID]) throws(ReviewProblem) -> Bool {
    for commit in Set(verdict.refusals.compactMap(\.commit)).sorted().prefix(64) {
      for tip in held where try isAncestor(commit, of: tip) { return true }
    }
    return false
  }
}
