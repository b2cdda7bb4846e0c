internal import GitBridge
internal import Review

/// What a staging stands on: one tip of the remote's, and what lies beside it.
///
/// One parent and no merge: a signed merge endorses, by the rule of every repository, all that its other parents bring.
/// A remote that shows commits of another repository would have them endorsed unseen.
struct StagingGround {
  struct Tips {
    /// The remote's branch that the pull request is for.
    let base: ObjectID?
    /// The remote's branch of the release; nil where none is pushed to.
    let published: ObjectID?
    /// The release's branch as it is here.
    let local: ObjectID?
  }

  /// What the new commit stands on; nil for the first commit of all.
  let parent: ObjectID?
  let local: ObjectID?
  /// The parent's tree.
  let tree: ObjectID
  /// The local branch's, where it is on another line than what we stand on: own files in it are taken over.
  let aside: ObjectID?
  /// The base's, where it has come further than what we stand on.
  let beside: ObjectID?

  /// - Parameter mayStandOn: Whether commits that are here and not on the remote are nothing but good signatures, each
  ///   on top of one other.
  init(
    _ repository: Repository, _ tips: Tips,
    mayStandOn: (_ local: ObjectID, _ target: ObjectID?) throws(GitError) -> Bool
  ) throws(GitError) {
    local = tips.local
    let target = tips.published ?? tips.base
    var (parent, aside) = (target, tips.local)
    if let local = tips.local {
      if let target, try repository.isAncestor(local, of: target) {
        aside = nil
      } else if try mayStandOn(local, target) {
        (parent, aside) = (local, nil)
      }
    }
    self.parent = parent
    tree = if let parent { try repository.treeOfCommit(parent) } else { try repository.writeTree([]) }
    self.aside = try aside.map { id throws(GitError) in try repository.treeOfCommit(id) }
    // What came to the base meanwhile could hold the same numbers: the pull request would conflict.
    if let base = tips.base {
      let holds = try parent.map { id throws(GitError) in try repository.isAncestor(base, of: id) } ?? false
      beside = holds ? nil : try repository.treeOfCommit(base)
    } else {
      beside = nil
    }
  }
}
