package import GitBridge
internal import OpenPGP
internal import Review

extension Cosigner {
  /// Pushes the merge to the base branch, if that still is where it was.
  package func publish(merge: ObjectID, _ state: ReviewedState) throws(CosignError) {
    switch try push(merge, to: pull.baseRef, at: remote, expecting: state.base) {
    case .done:
      // A server that forgets it again moves the branch back, and the next run is to say so.
      JudgedMemory(repository, remote: remote).remember(pull.baseRef, at: merge)
    case .moved(let now): throw .overtaken(ref: pull.baseRef, from: state.base, to: now)
    case .refused(let text): throw .pushRefused(ref: pull.baseRef, text: text)
    }
  }

  /// Pushes the adoption to the pull request's head, if that still is where it was.
  package func publish(adoption: ObjectID, _ state: ReviewedState) throws(CosignError) {
    let place: (url: String, ref: String)
    switch pull.home {
    case .here(let ref): place = (remote, ref)
    case .fork(let url, let ref): place = (url, ref)
    case .closed(let reason):
      throw .authorMustPush(
        reason: reason,
        advice: "stagex-maint cosign \(pull.name) --detached, or ask the author to allow maintainers' edits")
    }
    switch try push(adoption, to: place.ref, at: place.url, expecting: state.head) {
    case .done: return
    case .moved(let now): throw .overtaken(ref: place.ref, from: state.head, to: now)
    case .refused(let text):
      guard case .fork = pull.home else { throw .pushRefused(ref: place.ref, text: text) }
      throw .authorMustPush(
        reason: "the author's branch cannot be pushed to:\n\(text)",
        advice: "ask the author to allow maintainers' edits, or: stagex-maint cosign \(pull.name) --detached")
    }
  }

  /// How often somebody else may be faster before we give up.
  package static let coSignatureAttempts = 8

  /// Adds the signed statement to the co-signature ref and pushes it. When others were faster, their files are kept and
  /// ours is put on top: nothing is overwritten, and nothing is signed again.
  ///
  /// - Returns: The new tip of the co-signature ref.
  package func publish(
    statement: [UInt8], _ state: ReviewedState, signer: SignerIdentity, ref: String, dryRun: Bool = false
  ) throws(CosignError) -> ObjectID {
    for _ in 0..<Self.coSignatureAttempts {
      let old = try tip(of: ref)
      let commit = try coSignatureCommit(statement, state, signer: signer, ref: ref, onto: old)
      if dryRun { return commit }
      switch try push(commit, to: ref, at: remote, expecting: old) {
      case .done: return commit
      case .moved: continue
      case .refused(let text): throw .pushRefused(ref: ref, text: text)
      }
    }
    throw .lostRace(ref: ref)
  }

  /// The commit that adds the statement to the co-signature ref, written and judged; nothing has moved.
  func coSignatureCommit(
    _ statement: [UInt8], _ state: ReviewedState, signer: SignerIdentity, ref: String, onto old: ObjectID?
  ) throws(CosignError) -> ObjectID {
    let path = ["\(state.head.hex.prefix(2))", state.head.hex, signer.primary.hex].map { Array($0.utf8) }
    let (blob, tree, there) = try naming { () throws(GitError) in
      let blob = try repository.write(.blob, statement)
      var there: ObjectID?
      let before = try old.map { id throws(GitError) in try repository.treeOfCommit(id) }
      let tree = try adding(blob, at: path[...], to: before, there: &there)
      return (blob, tree, there)
    }
    // Another file at our place, be it an older statement of ours or a stranger's garbage: with it there ours would
    // not arrive, and nothing on this ref may be overwritten.
    if let there, there != blob {
      throw .placeTaken(ref: ref, path: path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/"))
    }
    let who = try identity()
    let text = CommitText(
      tree: tree, parents: old.map { [$0] } ?? [], author: who, committer: who,
      message: "Co-signature of \(pull.name) by \(printable(signer.person))\n")
    let commit = try naming { () throws(GitError) in try repository.write(.commit, text.payload) }
    try judge(commit, "your co-signature", RefUpdate(ref: Array(ref.utf8), old: old ?? .zero, new: commit))
    return commit
  }

  /// The co-signature ref as the server has it now, fetched.
  private func tip(of ref: String) throws(CosignError) -> ObjectID? {
    let now = Self.refs(try git.succeed("look at \(ref)", ["ls-remote", "--refs", "--", remote, ref]))[ref]
    guard let now else { return nil }
    _ = try git.succeed(
      "fetch \(ref)",
      [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--", remote,
        "+\(ref):\(tracking(ref))",
      ])
    return try naming { () throws(GitError) in try repository.resolve(ref: tracking(ref)) } ?? now
  }

  /// A tree with one file more. What is there already stays, also at the very place; `there` tells of it.
  private func adding(
    _ blob: ObjectID, at path: ArraySlice<[UInt8]>, to tree: ObjectID?, there: inout ObjectID?
  ) throws(GitError) -> ObjectID {
    var entries = try tree.map { id throws(GitError) in try repository.tree(id) } ?? []
    guard let name = path.first else { return blob }
    let place = entries.firstIndex { $0.name == name }
    if path.count == 1 {
      there = place.map { entries[$0].id }
      if place == nil { entries.append(TreeEntry(mode: FileMode.file, name: name, id: blob)) }
      return try repository.writeTree(entries)
    }
    let below = place.map { entries[$0].id }
    let made = try adding(blob, at: path.dropFirst(), to: below, there: &there)
    let child = TreeEntry(mode: FileMode.folder, name: name, id: made)
    if let place { entries[place] = child } else { entries.append(child) }
    return try repository.writeTree(entries)
  }

  private enum PushOutcome {
    case done
    case moved(now: ObjectID?)
    case refused(String)
  }

  /// Pushes one object to one ref, if the ref still is what we believe it to be (git-push(1), --force-with-lease).
  ///
  /// What we push descends from what we expect, so the lease never overwrites anything: it only refuses more.
  private func push(_ id: ObjectID, to ref: String, at place: String, expecting old: ObjectID?) throws(CosignError)
    -> PushOutcome
  {
    let result = try git.run([
      "push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no",
      "--force-with-lease=\(ref):\(old?.hex ?? "")", "--", place, "\(id.hex):\(ref)",
    ])
    // The answer may be lost although the push was not, and may be a lie: the server's ref decides.
    let now = Self.refs(
      try git.succeed("learn whether the push to \(ref) arrived", ["ls-remote", "--refs", "--", place, ref]))[ref]
    if now == id { return .done }
    if result.status == 0 {
      // Somebody may have gone on at once.
      guard now == old else { return .done }
      throw .notStored(ref: ref, id: id, now: now)
    }
    if now != old { return .moved(now: now) }
    return .refused(GitRunner.shown(result.errors))
  }
}
