package import GitBridge
package import Review

/// Fetches a pull request, and makes, verifies and publishes one maintainer's signature on it.
///
/// Nothing is pushed, and no ref of the repository's own moves, before the result has been judged by the same rule as
/// the hook's. Private refs under `refs/stagex-maint/` hold what was fetched and what was signed, so that an
/// interrupted run is continued by the next.
package final class Cosigner {
  /// The person's clone.
  package let repository: Repository
  /// Judges by the same rule as the server's hook.
  package let reviewer: Reviewer
  /// Starts git where the network or a work tree is needed.
  package let git: GitRunner
  /// The remote's name.
  package let remote: String
  /// What is known of the request.
  package let pull: PullRequestFacts
  /// The repository's identity, by the lead's policy; nil until the base has been judged, or where the policy has none.
  package var identityOfRepository: String?

  /// Fetches and signs nothing yet.
  package init(_ reviewer: Reviewer, git: GitRunner, remote: String, pull: PullRequestFacts) {
    self.reviewer = reviewer
    repository = reviewer.repository
    self.git = git
    self.remote = remote
    self.pull = pull
  }

  /// What every commit that is made here says of its own reach.
  func bounds(_ state: ReviewedState) -> EndorsementBounds {
    EndorsementBounds(base: state.base, target: pull.baseRef, repository: identityOfRepository)
  }

  /// Where a ref of the remote is kept here: a branch as remote-tracking ref, anything else under its own name.
  func tracking(_ ref: String) -> String {
    let heads = "refs/heads/"
    return ref.hasPrefix(heads) ? "refs/remotes/\(remote)/\(ref.dropFirst(heads.count))" : ref
  }

  // MARK: Fetch

  /// Brings the pull request's head and the remote's branches here.
  ///
  /// - Throws: `headDiffers` when the forge's interface claims another head than its repository has.
  package func fetch() throws(CosignError) -> ObjectID {
    let result = try git.run([
      "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
      "--", remote,
      "+\(pull.headRef):\(pull.privateRef)", "+refs/heads/*:refs/remotes/\(remote)/*",
    ])
    if result.status != 0 {
      let text = GitRunner.shown(result.errors)
      // git's own words (its builtin/fetch-pack.c); they are English, for we set LC_ALL.
      if text.contains("couldn't find remote ref \(pull.headRef)") { throw .noSuchPull(pr: pull.name, remote: remote) }
      throw .git(operation: "fetch \(pull.headRef)", text: text)
    }
    guard let head = try naming({ () throws(GitError) in try repository.resolve(ref: pull.privateRef) }) else {
      throw .git(operation: "fetch \(pull.headRef)", text: "it is not there")
    }
    guard try naming({ () throws(GitError) in try repository.kind(of: head) }) == .commit else {
      throw .git(operation: "read \(pull.headRef)", text: "it is no commit")
    }
    guard let base = try naming({ () throws(GitError) in try repository.resolve(ref: tracking(pull.baseRef)) }) else {
      throw .git(operation: "fetch \(printable(pull.baseRef))", text: "the server has no such branch")
    }
    guard try naming({ () throws(GitError) in try repository.kind(of: base) }) == .commit else {
      throw .git(operation: "read \(printable(pull.baseRef))", text: "it is no commit")
    }
    if let claimed = pull.claimedHead, claimed != head { throw .headDiffers(fetched: head, claimed: claimed) }
    return head
  }

  /// How many commits the head has, the base has not, and the review leaves out, since the rule has them judged
  /// elsewhere.
  package func countBeside(_ state: ReviewedState) throws(CosignError) -> Int {
    var count = 0
    try naming { () throws(GitError) in
      for exact in [false, true] {
        count = 0
        try unsafe repository.walk(from: [state.head], hiding: [state.base], exact: exact) { id, _, _ in
          if !state.commits.contains(id) { count += 1 }
        }
        // The quick look may see too much where clocks are forged; none is none.
        if count == 0 { return }
      }
    }
    return count
  }

  /// Asks the server once more, after the person has read: has anything moved?
  package func confirm(_ state: ReviewedState) throws(CosignError) {
    let output = try git.succeed(
      "look at \(pull.headRef) again", ["ls-remote", "--refs", "--", remote, pull.headRef, pull.baseRef])
    let now = Self.refs(output)
    guard now[pull.headRef] == state.head else { throw .headChanged(from: state.head, to: now[pull.headRef]) }
    guard now[pull.baseRef] == state.base else { throw .baseMoved(from: state.base, to: now[pull.baseRef]) }
    try state.stillHolds(in: repository)
  }

  /// `id TAB name` lines.
  package static func refs(_ output: [UInt8]) -> [String: ObjectID] {
    var refs: [String: ObjectID] = [:]
    for line in output.split(separator: UInt8(ascii: "\n")) {
      let parts = line.split(separator: 0x09, maxSplits: 1)
      guard parts.count == 2, let id = ObjectID(hex: parts[0]) else { continue }
      refs[String(decoding: parts[1], as: UTF8.self)] = id
    }
    return refs
  }

  /// The commit on the base branch's first-parent line that merged this head: its second parent is the head.
  package func mergeOnBranch(of head: ObjectID) throws(CosignError) -> ObjectID? {
    let lines = try git.succeed(
      "look for the merge",
      ["rev-list", "--first-parent", "--merges", "--parents", "--max-count=1000", tracking(pull.baseRef), "--"])
    for line in lines.split(separator: UInt8(ascii: "\n")) {
      let ids = line.split(separator: UInt8(ascii: " ")).map { ObjectID(hex: $0) }
      if ids.count == 3, ids[2] == head { return ids[0] }
    }
    return nil
  }

  // MARK: Make

  /// The gate's answer about a head that may have gained an adoption.
  package func answer(_ head: ObjectID, onto base: ObjectID) -> GateAnswer {
    reviewer.judge(pullRequest: head, onto: RefUpdate(ref: Array(pull.baseRef.utf8), old: base, new: head))
  }

  /// The adopting commit, signed and judged. Nothing has been pushed.
  package func adopt(_ state: ReviewedState, _ signer: inout any MaintainerSigner) throws(CosignError) -> ObjectID {
    if let known = try kept(.adopt, state, signer.identity) { return known }
    let tree = try naming { () throws(GitError) in try repository.treeOfCommit(state.head) }
    let who = try identity()
    let made = try commit(
      CommitText(
        tree: tree, parents: [state.head], author: who, committer: who, message: bounds(state).message("Adopt")),
      &signer)
    try judgeAdoption(made, state, person: signer.identity.person)
    try keep(made, .adopt, state, signer.identity)
    return made
  }

  /// By the rule: does the person now count for what they did not before?
  func judgeAdoption(_ made: ObjectID, _ state: ReviewedState, person: String) throws(CosignError) {
    func covered(_ answer: GateAnswer) -> Set<ObjectID> {
      Set(
        answer.verdict.updates.flatMap(\.changes).filter { change in
          change.kind != .adopt && change.endorsers.contains { $0.person == person }
        }.map(\.commit))
    }
    let before = answer(state.head, onto: state.base)
    let after = answer(made, onto: state.base)
    let adoption = after.verdict.updates.flatMap(\.changes).first { $0.commit == made }
    guard adoption?.kind == .adopt, adoption?.outcome == .accepted, covered(after).isStrictSuperset(of: covered(before))
    else {
      throw .ruleRefuses(what: "your adoption", after.verdict)
    }
    try demandShown(covered(after).subtracting(covered(before)), made, state)
    // A request from a branch of the repository itself, which may be a protected one: judged as the push that it is.
    guard case .here(let ref) = pull.home, ref != pull.headRef else { return }
    try judge(made, "your adoption on \(printable(ref))", RefUpdate(ref: Array(ref.utf8), old: state.head, new: made))
  }

  /// The merge commit, signed and judged as the push that it will be. Nothing has been pushed.
  package func merge(_ state: ReviewedState, _ signer: inout any MaintainerSigner) throws(CosignError) -> ObjectID {
    if let known = try kept(.merge, state, signer.identity) { return known }
    let tree = try mergedTree(state)
    let who = try identity()
    let made = try commit(
      CommitText(
        tree: tree, parents: [state.base, state.head], author: who, committer: who,
        message: bounds(state).message(pull.mergeTitle)),
      &signer)
    try judgeMerge(made, state, person: signer.identity.person)
    try keep(made, .merge, state, signer.identity)
    return made
  }

  func judgeMerge(_ made: ObjectID, _ state: ReviewedState, person: String) throws(CosignError) {
    let verdict = try judge(made, "your merge", RefUpdate(ref: Array(pull.baseRef.utf8), old: state.base, new: made))
    let endorsed = verdict.updates.flatMap(\.changes).filter { $0.endorsers.contains { $0.person == person } }.map(
      \.commit)
    try demandShown(Set(endorsed), made, state)
  }

  /// What a signature endorses must have been on the screen. Whatever else goes wrong before, it ends here.
  private func demandShown(_ endorsed: Set<ObjectID>, _ made: ObjectID, _ state: ReviewedState) throws(CosignError) {
    let unseen = endorsed.subtracting(state.commits).subtracting([made])
    if let first = unseen.min(by: { $0.hex < $1.hex }) { throw .notShown(first, count: unseen.count) }
  }

  /// The merge of the pull request into its base, with conflicts that a person has solved, signed and judged.
  ///
  /// The base comes first, so that the merge endorses what the request brings and the person was shown. The other way
  /// round it would endorse everything that the base has and the request has not.
  package func solvedMerge(of state: ReviewedState, tree: ObjectID, _ signer: inout any MaintainerSigner)
    throws(CosignError)
    -> ObjectID
  {
    if let known = try keptSolution(state, tree: tree, signer.identity) { return known }
    let who = try identity()
    let made = try commit(
      CommitText(
        tree: tree, parents: [state.base, state.head], author: who, committer: who,
        message: bounds(state).message(pull.mergeTitle)), &signer)
    try judgeSolution(made, state, person: signer.identity.person)
    try keep(made, .solve, state, signer.identity)
    return made
  }

  /// The solved merge that an earlier run has signed already, if it has exactly this tree.
  package func keptSolution(_ state: ReviewedState, tree: ObjectID, _ signer: SignerIdentity) throws(CosignError)
    -> ObjectID?
  {
    guard let known = try kept(.solve, state, signer) else { return nil }
    return try naming { () throws(GitError) in try repository.treeOfCommit(known) == tree ? known : nil }
  }

  func judgeSolution(_ made: ObjectID, _ state: ReviewedState, person: String) throws(CosignError) {
    let after = answer(made, onto: state.base)
    let change = after.verdict.updates.flatMap(\.changes).first { $0.commit == made }
    guard let change, change.endorsers.contains(where: { $0.person == person && $0.via == .own }) else {
      throw .ruleRefuses(what: "your merge", after.verdict)
    }
    let endorsed = after.verdict.updates.flatMap(\.changes).filter { $0.endorsers.contains { $0.by == made } }.map(
      \.commit)
    try demandShown(Set(endorsed), made, state)
  }

  /// The tree that merging the request would give; nil where somebody has to solve conflicts first.
  package func preview(_ state: ReviewedState) throws(CosignError) -> ObjectID? {
    do throws(CosignError) {
      return try mergedTree(state)
    } catch .conflicts {
      return nil
    }
  }

  /// Merges without touching a work tree; git writes the result, and libgit2 must come to the same.
  private func mergedTree(_ state: ReviewedState) throws(CosignError) -> ObjectID {
    let parents = [state.base, state.head]
    switch try naming({ () throws(GitError) in try repository.mergeAgain(parents: parents) }) {
    case .conflict(let paths): throw .conflicts(paths: paths, workTree: nil)
    case .clean(let expected):
      let output = try git.succeed(
        "merge",
        [
          "-c", "merge.renames=true", "-c", "diff.renames=true", "-c", "merge.directoryRenames=false", "merge-tree",
          "--write-tree",
          "--no-messages", state.base.hex, state.head.hex,
        ])
      guard let tree = ObjectID(hex: output.prefix { $0 != UInt8(ascii: "\n") }), tree == expected else {
        throw .mergesDiffer
      }
      return tree
    }
  }

  /// A statement about the head, signed. Judged when it is put on its ref.
  package func statement(
    _ state: ReviewedState, policy: Policy, creator: String, clock: Int64, _ signer: inout any MaintainerSigner
  ) throws(CosignError) -> [UInt8] {
    guard let name = policy.repository else { throw .noRepositoryName }
    if let known = try keptStatement(state, ref: policy.coSignatureRef, signer.identity) { return known }
    let bases = try naming { () throws(GitError) in try repository.mergeBases(state.base, state.head) }
    guard let start = bases.first else {
      throw .git(operation: "find the merge base", text: "the histories are unrelated")
    }
    let statement = CoSignatureStatement(
      repository: name, target: pull.baseRef, base: start, head: state.head, treeDigest: state.headDigest,
      created: clock,
      creator: creator, pullRequest: pull.name)
    let message: [UInt8]
    do throws(SigningError) {
      message = try signer.signedMessage(over: statement.bytes)
    } catch {
      throw .signing(error)
    }
    let blob = try naming { () throws(GitError) in try repository.write(.blob, message) }
    try keep(blob, .detached, state, signer.identity)
    return message
  }

  @discardableResult
  func judge(_ made: ObjectID, _ what: String, _ update: RefUpdate) throws(CosignError) -> Verdict {
    let verdict = reviewer.judge(inThought: [update])
    guard verdict.outcome == .accepted else { throw .ruleRefuses(what: what, verdict) }
    return verdict
  }

  /// Has the commit signed and writes it. It hangs from no ref yet.
  private func commit(_ text: CommitText, _ signer: inout any MaintainerSigner) throws(CosignError) -> ObjectID {
    let armor: [UInt8]
    do throws(SigningError) {
      armor = try signer.detachedSignature(over: text.payload)
    } catch {
      throw .signing(error)
    }
    return try naming { () throws(GitError) in try repository.write(.commit, text.bytes(signature: armor)) }
  }

  func identity() throws(CosignError) -> [UInt8] {
    let result = try git.run(["var", "GIT_COMMITTER_IDENT"])
    guard result.status == 0 else { throw .noIdentity(GitRunner.shown(result.errors)) }
    return Array(result.output.prefix { $0 != UInt8(ascii: "\n") })
  }
}
