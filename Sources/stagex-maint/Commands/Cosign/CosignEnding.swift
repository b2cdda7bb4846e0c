internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// The person's word, and what follows from it: the signature and the push.
extension CosignCommand {
  /// Signs the merge that the person has solved, and pushes it to the pull request's head.
  func finish(
    _ solving: SolvedMerge, _ tree: ObjectID, _ cosigner: Cosigner, _ state: ReviewedState, _ branch: String?,
    _ range: ReviewedRange, _ given: (any MaintainerSigner)?, _ card: CardStatus?, _ asking: Asking, _ console: Console
  ) throws -> ExitCode {
    let pull = cosigner.pull
    try checkHome(pull)
    console.out("")
    say(
      """
      To do: sign the merge into \(printable(pull.base)) as you solved it, tree \(tree.hex), and push it to \(pull.name)
      """,
      console)
    let word = ReviewedWord(solvedInto: tree, on: branch, state)
    guard var signer = given, !dryRun else { return endDryRun(word, console) }
    let isKept = try cosigner.keptSolution(state, tree: tree, signer.identity) != nil
    sayTouches(isKept, signer.identity.card == nil, card, console)
    try agree(
      "merge", "sign it: your merge of \(pull.name), with the conflicts as you solved them", word, range, asking)
    try cosigner.confirm(state)
    guard try solving.solved(pull.number, state) == tree else { throw CosignError.contentChanged(state.head) }
    let made = try cosigner.solvedMerge(of: state, tree: tree, &signer)
    console.out("signed and verified: merge \(made.hex)")
    if noPush {
      kept(console)
      return .success
    }
    try cosigner.publish(adoption: made, state)
    solving.tidy(pull.number)
    cosigner.forget()
    console.out(
      """
      pushed to \(pull.name). Solved conflicts are content: \
      next, another maintainer runs stagex-maint cosign \(pull.name)
      """)
    return .success
  }

  func endDryRun(_ word: ReviewedWord, _ console: Console) -> ExitCode {
    console.out("dry run: nothing was signed")
    console.out("reviewed elsewhere, it is agreed to by: --reviewed \(shellWord(word.description, limit: 2000))")
    return .success
  }

  /// The typed word, or what stands for it.
  func agree(_ word: String, _ what: String, _ bound: ReviewedWord, _ range: ReviewedRange, _ asking: Asking) throws {
    if let reviewed {
      // Bound to all that is done: a script cannot agree to what it has not seen.
      guard let given = ReviewedWord(reviewed) else {
        throw CosignError.reviewedOther(given: reviewed, expected: bound.description)
      }
      if let objection = given.objection(to: bound) { throw objection }
      return
    }
    guard Asking.isPossible else { throw CosignError.noTerminal(word: word, reviewed: bound.description) }
    guard try asking.agrees(to: word, what: what, from: range.from, to: range.to) else { throw CosignError.declined }
  }

  /// Signs, verifies, pushes, tells the forge.
  func endorse(
    _ action: CosignAction, _ cosigner: Cosigner, _ state: ReviewedState, _ policy: Policy,
    _ signer: inout any MaintainerSigner,
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
