package import GitBridge
package import Review

/// Fetches a pull request, and makes, verifies and publishes one maintainer's signature on it.
///
/// Nothing is pushed, and no ref of the repository's own moves, before the result has been judged by the same rule as
/// the hook's. Private refs under `refs/stagex-maint/` hold what was fetched and what was signed, so that an interrupted
/// run is continued by the next.
package final class Cosigner {
  package let repository: Repository
  package let reviewer: Reviewer
  package let git: GitRunner
  package let remote: String
  package let pull: PullRequestFacts

  package init(_ reviewer: Reviewer, git: GitRunner, remote: String, pull: PullRequestFacts) {
    self.reviewer = reviewer
    repository = reviewer.repository
    self.git = git
    self.remote = remote
    self.pull = pull
  }

  /// The remote-tracking ref of a branch.
  func tracking(_ branchRef: String) -> String { "refs/remotes/\(remote)/\(branchRef.dropFirst("refs/heads/".count))" }

  // MARK: Fetch

  /// Brings the pull request's head and the remote's branches here.
  ///
  /// - Throws: `headDiffers` when the forge's interface claims another head than its repository has.
  package func fetch() throws(CosignError) -> (head: ObjectID, base: ObjectID) {
    _ = try git.succeed(
      "fetch \(pull.headRef)",
      [
        "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance",
        "--", remote,
        "+\(pull.headRef):\(pull.privateRef)", "+refs/heads/*:refs/remotes/\(remote)/*",
      ])
    guard let head = try naming({ () throws(GitError) in try repository.resolve(ref: pull.privateRef) }) else {
      throw .git(operation: "fetch \(pull.headRef)", text: "it is not there")
    }
    guard let base = try naming({ () throws(GitError) in try repository.resolve(ref: tracking(pull.baseRef)) }) else {
      throw .git(operation: "fetch \(pull.baseRef)", text: "the server has no such branch")
    }
    if let claimed = pull.claimedHead, claimed != head { throw .headDiffers(fetched: head, claimed: claimed) }
    return (head, base)
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

  // MARK: Make

  /// The gate's answer about a head that may have gained an adoption.
  package func answer(_ head: ObjectID, onto base: ObjectID) -> GateAnswer {
    reviewer.judge(pullRequest: head, onto: RefUpdate(ref: Array(pull.baseRef.utf8), old: base, new: head))
  }

  /// The adopting commit, signed and judged. Nothing has been pushed.
  package func adopt(_ state: ReviewedState, _ signer: inout any Signer) throws(CosignError) -> ObjectID {
    let tree = try naming { () throws(GitError) in try repository.treeOfCommit(state.head) }
    let who = try identity()
    let text = CommitText(tree: tree, parents: [state.head], author: who, committer: who, message: "Adopt\n")
    let known = try kept(.adopt, state) { id, _ throws(GitError) in
      let commit = try self.repository.readCommit(id).commit
      return commit.parents == [state.head] && commit.tree == tree && commit.subjectSaysAdopt
    }
    let made: ObjectID
    if let known { made = known } else { made = try commit(text, &signer) }
    try judgeAdoption(made, state, person: signer.identity.person)
    try keep(made, .adopt, state)
    return made
  }

  /// By the rule: does the person now count for what they did not before?
  private func judgeAdoption(_ made: ObjectID, _ state: ReviewedState, person: String) throws(CosignError) {
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
  }

  /// The merge commit, signed and judged as the push that it will be. Nothing has been pushed.
  package func merge(_ state: ReviewedState, _ signer: inout any Signer) throws(CosignError) -> ObjectID {
    let made: ObjectID
    if let known = try kept(
      .merge, state,
      { id, _ throws(GitError) in try self.repository.readCommit(id).commit.parents == [state.base, state.head] })
    {
      made = known
    } else {
      let tree = try mergedTree(state)
      let who = try identity()
      made = try commit(
        CommitText(tree: tree, parents: [state.base, state.head], author: who, committer: who, message: mergeMessage),
        &signer)
    }
    try judge(made, "your merge", RefUpdate(ref: Array(pull.baseRef.utf8), old: state.base, new: made))
    try keep(made, .merge, state)
    return made
  }

  /// The merge of the base branch into the pull request's head, with conflicts that a person has solved, signed and judged.
  package func mergeBase(into state: ReviewedState, tree: ObjectID, _ signer: inout any Signer) throws(CosignError)
    -> ObjectID
  {
    let who = try identity()
    let made = try commit(
      CommitText(
        tree: tree, parents: [state.head, state.base], author: who, committer: who,
        message: "Merge remote-tracking branch '\(remote)/\(pull.base)' into \(pull.headRef)\n"), &signer)
    let after = answer(made, onto: state.base)
    let change = after.verdict.updates.flatMap(\.changes).first { $0.commit == made }
    let person = signer.identity.person
    guard let change, change.endorsers.contains(where: { $0.person == person && $0.via == .own }) else {
      throw .ruleRefuses(what: "your merge", after.verdict)
    }
    return made
  }

  /// As `git merge REMOTE/refs/pull/N/head` words it, which is what StageX's history has.
  package var mergeMessage: String { "Merge remote-tracking branch '\(remote)/\(pull.headRef)' into \(pull.base)\n" }

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
    _ state: ReviewedState, policy: Policy, creator: String, clock: Int64, _ signer: inout any Signer
  ) throws(CosignError) -> [UInt8] {
    guard let name = policy.repository else { throw .noRepositoryName }
    let bases = try naming { () throws(GitError) in try repository.mergeBases(state.base, state.head) }
    guard let start = bases.first else {
      throw .git(operation: "find the merge base", text: "the histories are unrelated")
    }
    if let known = try kept(.detached, state, { _, kind throws(GitError) in kind == .blob }) {
      return try naming { () throws(GitError) in try repository.read(known, as: .blob) }
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
    try keep(blob, .detached, state)
    return message
  }

  func judge(_ made: ObjectID, _ what: String, _ update: RefUpdate) throws(CosignError) {
    let verdict = reviewer.judge(inThought: [update])
    guard verdict.outcome == .accepted else { throw .ruleRefuses(what: what, verdict) }
  }

  /// Has the commit signed and writes it. It hangs from no ref yet.
  private func commit(_ text: CommitText, _ signer: inout any Signer) throws(CosignError) -> ObjectID {
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

  // MARK: Kept between runs

  private func keptRef(_ action: CosignAction, _ state: ReviewedState) -> String {
    "refs/stagex-maint/signed/\(pull.number)/\(action.rawValue)-\(state.head.hex)-\(state.base.hex)"
  }

  /// A signature that an earlier run made for exactly this head and base. It is judged again like a new one.
  private func kept(
    _ action: CosignAction, _ state: ReviewedState, _ fits: (ObjectID, ObjectKind?) throws(GitError) -> Bool
  ) throws(CosignError) -> ObjectID? {
    try naming { () throws(GitError) in
      guard let id = try repository.resolve(ref: keptRef(action, state)), try fits(id, try repository.kind(of: id))
      else { return nil }
      return id
    }
  }

  /// Whether an earlier run has signed already, so that no touch is needed.
  package func hasKept(_ action: CosignAction, _ state: ReviewedState) -> Bool {
    (try? repository.resolve(ref: keptRef(action, state))).flatMap(\.self) != nil
  }

  private func keep(_ id: ObjectID, _ action: CosignAction, _ state: ReviewedState) throws(CosignError) {
    try naming { () throws(GitError) in
      let name = keptRef(action, state)
      let current = try repository.resolve(ref: name)
      if current != id { try repository.updateRef(name, to: id, expecting: current, message: "stagex-maint cosign") }
    }
  }

  /// Forgets what was kept for this pull request, of this head and of older ones, once it is on the server.
  package func forget() {
    let prefix = Array("refs/stagex-maint/signed/\(pull.number)/".utf8)
    for ref in (try? repository.references()) ?? []
    where ref.name.starts(with: prefix) || ref.name == Array(pull.privateRef.utf8) {
      let name = String(decoding: ref.name, as: UTF8.self)
      // What cannot be removed does no harm: it is judged again before it is used.
      try? repository.updateRef(name, to: nil, expecting: ref.target, message: "stagex-maint cosign")
    }
  }
}
