internal import GitBridge
internal import OpenPGP
internal import Review

/// Signatures that a run has made and not yet brought to the server. The next run uses them, so that nobody is asked
/// for a second touch.
///
/// They lie in refs of this clone, so whoever can write it can put anything there: each is judged like a new one before
/// it is used. One that the rule does not take is as if it were not there; kept for ever, it would stand in the way of
/// a new signature.
extension Cosigner {
  /// What is kept.
  enum Kept: String { case adopt, merge, detached, solve }

  /// Under the signer, for on a shared computer one person's typed word must not push another's signature; and under
  /// the branch, for two branches can stand on the same commit.
  private func keptRef(_ what: Kept, _ state: ReviewedState, _ signer: SignerIdentity) -> String {
    "refs/stagex-maint/signed/\(pull.number)/\(signer.signing.hex)/"
      + "\(what.rawValue)-\(state.head.hex)-\(state.base.hex)/\(pull.base)"
  }

  /// Whether an earlier run has made this signature already, so that no touch is needed.
  package func hasKept(
    _ action: CosignAction, _ state: ReviewedState, _ signer: SignerIdentity, coSignatureRef: String
  ) throws(CosignError) -> Bool {
    switch action {
    case .adopt: try kept(.adopt, state, signer) != nil
    case .merge: try kept(.merge, state, signer) != nil
    case .detached: try keptStatement(state, ref: coSignatureRef, signer) != nil
    }
  }

  /// The commit that an earlier run made with this signer's key for exactly this head and base, if the rule takes it.
  func kept(_ what: Kept, _ state: ReviewedState, _ signer: SignerIdentity) throws(CosignError) -> ObjectID? {
    guard let id = try naming({ () throws(GitError) in try repository.resolve(ref: keptRef(what, state, signer)) }),
      try fits(id, what, state)
    else { return nil }
    do throws(CosignError) {
      switch what {
      case .adopt: try judgeAdoption(id, state, person: signer.person)
      case .merge: try judgeMerge(id, state, person: signer.person)
      case .solve: try judgeSolution(id, state, person: signer.person)
      case .detached: return nil
      }
      return id
    } catch {
      switch error {
      case .ruleRefuses, .notShown: return nil
      default: throw error
      }
    }
  }

  /// The statement that an earlier run made, if the rule takes it.
  func keptStatement(_ state: ReviewedState, ref: String, _ signer: SignerIdentity) throws(CosignError) -> [UInt8]? {
    let kept = try naming { () throws(GitError) in try repository.resolve(ref: keptRef(.detached, state, signer)) }
    guard let kept, try naming({ () throws(GitError) in try repository.kind(of: kept) }) == .blob else { return nil }
    let message = try naming { () throws(GitError) in try repository.read(kept, as: .blob) }
    do throws(CosignError) {
      let old = try naming { () throws(GitError) in try repository.resolve(ref: tracking(ref)) }
      _ = try coSignatureCommit(message, state, signer: signer, ref: ref, onto: old)
      return message
    } catch {
      guard case .ruleRefuses = error else { throw error }
      return nil
    }
  }

  private func fits(_ id: ObjectID, _ what: Kept, _ state: ReviewedState) throws(CosignError) -> Bool {
    guard try naming({ () throws(GitError) in try repository.kind(of: id) }) == .commit else { return false }
    let (commit, bytes) = try naming { () throws(GitError) in try repository.readCommit(id) }
    // Made before its reach was bounded, or for another branch or repository: it would say more than was shown.
    guard
      what == .detached
        || bytes[commit.message].reversed().starts(with: Array("\n\n\(bounds(state).trailers)".utf8).reversed())
    else { return false }
    switch what {
    case .adopt:
      let tree = try naming { () throws(GitError) in try repository.treeOfCommit(state.head) }
      return commit.parents == [state.head] && commit.tree == tree && commit.subjectSaysAdopt
    case .merge, .solve: return commit.parents == [state.base, state.head]
    case .detached: return false
    }
  }

  func keep(_ id: ObjectID, _ what: Kept, _ state: ReviewedState, _ signer: SignerIdentity) throws(CosignError) {
    try naming { () throws(GitError) in
      let name = keptRef(what, state, signer)
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
