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

  private func place(_ ref: String) -> String { "refs/stagex-maint/judged/\(remote)/\(ref.dropFirst("refs/heads/".count))" }

  /// Throws where the branch does not hold what was judged before; else remembers where it is now.
  package func advance(_ branch: JudgedBase) throws(CosignError) {
    let name = place(branch.ref)
    try check(branch)
    try naming { () throws(GitError) in
      let known = try repository.resolve(ref: name)
      if known != branch.tip { try repository.updateRef(name, to: branch.tip, expecting: known, message: "stagex-maint: judged") }
    }
  }

  /// - Throws: `movedBack`.
  package func check(_ branch: JudgedBase) throws(CosignError) {
    guard let known = try naming({ () throws(GitError) in try repository.resolve(ref: place(branch.ref)) }), known != branch.tip
    else { return }
    let holds = try naming { () throws(GitError) in
      // A release's branch without anything of its own may be made anew: what it was is then a state of the lead.
      if try repository.isAncestor(known, of: branch.tip) { return true }
      guard !branch.isLead else { return false }
      return try repository.isAncestor(known, of: branch.leadTip)
    }
    guard holds else { throw .movedBack(ref: branch.ref, from: known, to: branch.tip) }
  }
}
