package import GitBridge
internal import Review

/// What a person is shown, down to the last byte. Fixed before the review and held against the repository after it.
package struct ReviewedState: Sendable, Equatable {
  /// The request's newest commit, as it was shown.
  package let head: ObjectID
  /// The tip of the branch that it is bound for, as it was shown.
  package let base: ObjectID
  /// SHA-512 over everything in the head's tree. SHA-1 alone would let a prepared collision take the place of what was
  /// shown (rule.md, co-signature).
  package let headDigest: [UInt8]
  /// The commits that the screen lists, each with what it brings. No signature made here endorses another.
  package let commits: Set<ObjectID>

  /// Hashes what the screen had, to be held against what is signed.
  package init(head: ObjectID, base: ObjectID, commits: Set<ObjectID>, in repository: Repository) throws(GitError) {
    self.head = head
    self.base = base
    self.commits = commits
    headDigest = try repository.treeDigestSHA512(repository.treeOfCommit(head))
  }

  /// Reads everything again, through a new handle: what the old one remembers proves nothing.
  package func stillHolds(in repository: Repository) throws(CosignError) {
    let again = try naming { () throws(GitError) in
      let fresh = try repository.again()
      return try ReviewedState(head: head, base: base, commits: commits, in: fresh)
    }
    guard again == self else { throw .contentChanged(head) }
  }
}
