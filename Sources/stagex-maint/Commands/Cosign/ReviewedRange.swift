internal import GitBridge
internal import SignFlow

/// Between which two trees the changes lie that the person reads.
struct ReviewedRange {
  let from: ObjectID
  let to: ObjectID
  let kind: Kind

  enum Kind: Equatable {
    /// From the one place where the histories parted to the head.
    case sinceMergeBase
    /// They met in several places: shown is what the branch would gain by the merge.
    case wholeMerge(bases: Int)
    /// The same, and it conflicts: shown is the head against one of the places.
    case oneOf(bases: Int)
    /// Shown is what the branch would gain by a merge that the person has solved.
    case solved
  }

  /// Attack: a request that takes the branch in and brings the branch something back that it had before. Against one of
  /// several merge bases such a change is none, and the merge makes it all the same.
  ///
  /// - Parameter solved: The tree of a merge whose conflicts were solved.
  init(_ state: ReviewedState, _ cosigner: Cosigner, solved: ObjectID? = nil) throws {
    let repository = cosigner.repository
    if let solved {
      (from, to, kind) = (try repository.treeOfCommit(state.base), solved, .solved)
      return
    }
    let bases = try repository.mergeBases(state.base, state.head)
    if bases.count > 1, let merged = try cosigner.preview(state) {
      (from, to, kind) = (try repository.treeOfCommit(state.base), merged, .wholeMerge(bases: bases.count))
      return
    }
    from = try repository.treeOfCommit(bases.first ?? state.base)
    to = try repository.treeOfCommit(state.head)
    kind = bases.count > 1 ? .oneOf(bases: bases.count) : .sinceMergeBase
  }
}
