package import GitBridge
package import Review

/// Remembers in this clone where each branch of a remote was when it was last judged.
///
/// Attack: a server that shows an old tip, whose registry still lists a key that was removed since. Remote-tracking
/// refs follow whatever the server says; these only go forward.
package struct JudgedMemory {
  private let repository: Repository
  private let remote: String

  package init(_ repository: Repository, remote: String) {
    self.repository = repository
    self.remote = remote
  }

  private func place(_ ref: String) -> String {
    "refs/stagex-maint/judged/\(remote)/\(ref.dropFirst("refs/heads/".count))"
  }

  /// Throws where the branch, or the one that carries the rules, does not hold what was judged before; else remembers
  /// where both are now.
  package func advance(_ branch: JudgedBase) throws(CosignError) {
    try check(branch)
    try note(branch.ref, branch.tip)
    try note(branch.leadRef, branch.leadTip)
  }

  private func note(_ ref: String, _ tip: ObjectID) throws(CosignError) {
    try naming { () throws(GitError) in
      let known = try repository.resolve(ref: place(ref))
      if known != tip {
        try repository.updateRef(place(ref), to: tip, expecting: known, message: "stagex-maint: judged")
      }
    }
  }

  /// Remembers where our own push has brought a branch, which was judged before it. What cannot be noted is judged
  /// again.
  func remember(_ ref: String, at tip: ObjectID) {
    guard let known = try? repository.resolve(ref: place(ref)) else { return }
    try? repository.updateRef(place(ref), to: tip, expecting: known, message: "stagex-maint: pushed")
  }

  /// - Throws: `movedBack`.
  package func check(_ branch: JudgedBase) throws(CosignError) {
    // An old lead behind a branch that follows it: its registry still lists who has left.
    try check(branch.leadRef, branch.leadTip, or: nil)
    // A release's branch without anything of its own may be made anew: what it was is then a state of the lead.
    if !branch.isLead { try check(branch.ref, branch.tip, or: branch.leadTip) }
  }

  func check(_ ref: String, _ tip: ObjectID, or other: ObjectID?) throws(CosignError) {
    guard let known = try naming({ () throws(GitError) in try repository.resolve(ref: place(ref)) }), known != tip
    else { return }
    let holds = try naming { () throws(GitError) in
      if try repository.isAncestor(known, of: tip) { return true }
      guard let other else { return false }
      return try repository.isAncestor(known, of: other)
    }
    guard holds else { throw .movedBack(ref: ref, from: known, to: tip) }
  }
}
