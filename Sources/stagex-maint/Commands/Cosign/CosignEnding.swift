internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// The person's word, and what follows from it: the signature and the push.
extension CosignCommand {
  /// Signs the merge that the person has solved, and pushes it to the pull request's head.
  func finish(
    _ solving: SolvedMerge, _ cosigner: Cosigner, _ state: ReviewedState, _ signer: inout any SignFlow.Signer,
    _ card: CardStatus?, _ console: Console
  ) throws -> ExitCode {
    let pull = cosigner.pull
    try checkHome(pull)
    let solved = try solving.solved(pull.number)
    // Solved for another head or base, it would bring back what has changed since.
    guard solved.head == state.head else { throw CosignError.headChanged(from: solved.head, to: state.head) }
    guard solved.base == state.base else { throw CosignError.baseMoved(from: solved.base, to: state.base) }
    console.out("\(pull.name): the merge of \(printable(pull.base)) as you solved it, tree \(solved.tree.hex)")
    let changes = try cosigner.repository.changes(
      from: cosigner.repository.treeOfCommit(state.head), to: solved.tree)
    for change in changes.prefix(40) { console.out("changed in the pull request: \(printable(change.path))") }
    if changes.count > 40 { console.out("and \(changes.count - 40) more; the diff shows all of it") }
    let isKept = try cosigner.keptSolution(state, tree: solved.tree, signer.identity) != nil
    sayTouches(isKept, signer.identity.card == nil, card, console)
    guard !dryRun else { return .success }
    let asking = Asking(
      console: console, git: cosigner.git, repository: cosigner.repository, environment: Environment.current)
    try agree(.merge, state, from: state.base, to: solved.tree, asking)
    try cosigner.confirm(state)
    guard try solving.solved(pull.number).tree == solved.tree else { throw CosignError.contentChanged(state.head) }
    let made = try cosigner.mergeBase(into: state, tree: solved.tree, &signer)
    console.out("signed and verified: merge \(made.hex)")
    if noPush {
      kept(console)
      return .success
    }
    try cosigner.publish(adoption: made, state)
    solving.tidy(pull.number)
    cosigner.forget()
    console.out(
      "pushed to \(pull.name). Solved conflicts are content: next, another maintainer runs stagex-maint cosign \(pull.name)"
    )
    return .success
  }

  /// The typed word, or the id that stands for it.
  func agree(
    _ action: CosignAction, _ state: ReviewedState, from start: ObjectID, to end: ObjectID, _ asking: Asking
  ) throws {
    if let reviewed {
      // Bound to the head: a script cannot agree to what it has not seen.
      guard ObjectID(hexString: reviewed) == state.head else {
        throw CosignError.headChanged(from: ObjectID(hexString: reviewed) ?? .zero, to: state.head)
      }
      return
    }
    guard Asking.isPossible else { throw CosignError.noTerminal(head: state.head, word: action.word) }
    guard try asking.agrees(to: action.word, what: action.description, from: start, to: end) else {
      throw CosignError.declined
    }
  }

  /// Signs, verifies, pushes, tells the forge.
  func endorse(
    _ action: CosignAction, _ cosigner: Cosigner, _ state: ReviewedState, _ policy: Policy,
    _ signer: inout any SignFlow.Signer,
    _ forge: (any Forge)?, _ console: Console
  ) throws {
    let pull = cosigner.pull
    switch action {
    case .adopt:
      let made = try cosigner.adopt(state, &signer)
      console.out("signed and verified: adoption \(made.hex)")
      if noPush { return kept(console) }
      try cosigner.publish(adoption: made, state)
      console.out("pushed to \(pull.name). next: another maintainer runs stagex-maint cosign \(pull.name)")
    case .merge:
      let made = try cosigner.merge(state, &signer)
      console.out("signed and verified: merge \(made.hex)")
      if noPush { return kept(console) }
      try cosigner.publish(merge: made, state)
      console.out("pushed to \(printable(pull.base)): \(pull.name) is merged")
      tell(forge, pull.number, made, console)
    case .detached:
      let statement = try cosigner.statement(
        state, policy: policy, creator: "stagex-maint \(Version.text)", clock: Clock.now, &signer)
      let tip = try cosigner.publish(
        statement: statement, state, signer: signer.identity, ref: policy.coSignatureRef, dryRun: noPush)
      console.out("signed and verified: co-signature of \(state.head.hex)")
      if noPush { return kept(console) }
      console.out("pushed to \(printable(policy.coSignatureRef)), now \(tip.short)")
    }
    cosigner.forget()
  }

  /// Before anybody touches a card, or solves a conflict, for a commit that could go nowhere.
  func checkHome(_ pull: PullRequestFacts) throws(CosignError) {
    guard case .closed(let reason) = pull.home else { return }
    throw .authorMustPush(
      reason: reason,
      advice: "ask the author to allow it or to rebase, or: stagex-maint cosign \(pull.name) --detached")
  }
}
