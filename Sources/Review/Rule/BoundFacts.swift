package import GitBridge

/// How far a merge or an adoption says that it endorses: lines of its message that only ever narrow.
///
/// They are what its maker was shown. A forge that showed a false base, another repository or a weaker branch gains
/// nothing by the signature.
package struct BoundFacts: Sendable, Equatable {
  /// Whether there is a line `Reviewed-Base`, and what it leaves.
  package enum Base: Sendable, Equatable {
    case none
    /// New commits of the step that a named base reaches: they are not endorsed.
    case reaching([ObjectID])
    /// An id that is not a full one, or that the step's new tip does not reach: nothing is endorsed.
    case void
  }

  /// What its lines `Reviewed-Base` leave, all of them together (R88).
  package var base = Base.none
  /// The values of all lines `Reviewed-Target`.
  package var targets: [String] = []
  /// The values of all lines `Reviewed-Repository`.
  package var repositories: [String] = []

  package init() {}

  /// Whether all three are said.
  var isWhole: Bool { base != .none && !targets.isEmpty && !repositories.isEmpty }
}

extension ChangeFacts {
  /// Whether this merge or adoption, if it is signed, may endorse other commits of a step at all.
  func mayEndorseOthers(in step: StepFacts) -> Bool {
    // R91
    if kind == .adopt, step.policy.boundAdoptions, bounds?.isWhole != true { return false }
    guard let bounds else { return true }
    // R88
    if bounds.base == .void { return false }
    // Bytes decide: Swift takes composed and decomposed letters for equal.
    // R89
    let reachesTarget = bounds.targets.allSatisfy { target in
      target.utf8.elementsEqual(step.ref.utf8)
        || step.follower == nil && step.mergedRefs.contains { $0.utf8.elementsEqual(target.utf8) }
    }
    // R90
    let isThisRepository = bounds.repositories.allSatisfy { name in
      step.policy.repository.map { $0.utf8.elementsEqual(name.utf8) } ?? false
    }
    return reachesTarget && isThisRepository
  }

  /// New commits that it does not endorse although they lie below it.
  var beyondBounds: [ObjectID] {
    if case .reaching(let commits)? = bounds?.base { commits } else { [] }
  }
}
