internal import GitBridge
package import Review

/// The three ways in which a maintainer can stand behind a pull request.
package enum CosignAction: String, Sendable, CaseIterable {
  case adopt, merge, detached

  /// What the person types to agree.
  package var word: String { self == .detached ? "cosign" : rawValue }

  package var description: String {
    switch self {
    case .adopt: "adopt it: an empty signed commit on top of the pull request"
    case .merge: "merge it: a signed merge commit into the branch"
    case .detached: "co-sign it: a signed statement beside the history"
    }
  }
}

/// What to do with a pull request, by who asks and what the gate says of it.
package struct CosignChoice: Sendable, Equatable {
  /// What is to be done.
  package let action: CosignAction
  /// Why, in one sentence.
  package let reason: String

  /// - Parameters:
  ///   - requested: What the person asked for; nil to choose.
  ///   - person: The registry's id of who asks.
  package init(requested: CosignAction?, person: String, name: String, answer: GateAnswer) throws(CosignError) {
    let changes = answer.verdict.updates.flatMap(\.changes)
    let lacking = changes.filter { $0.outcome != .accepted && $0.kind != .adopt }
    func counts(_ change: ReviewedChange) -> Bool { change.endorsers.contains { $0.person == person } }
    let others = Set(changes.flatMap(\.endorsers).map(\.person)).subtracting([person]).sorted().map { printable($0) }
    // What the branch would take as it stands, it takes from a signed merge too; the merge is judged before it is
    // pushed.
    let mayMerge = answer.mergers.contains(person) || answer.mayFastForward

    switch requested {
    case .merge?:
      if answer.conflicts || mayMerge {
        self.init(action: .merge, reason: "you asked for it")
        return
      }
      if !lacking.isEmpty, lacking.allSatisfy(counts) { throw .alreadyCounts(person: person, pr: name) }
      throw .ruleRefuses(what: "your merge of \(name)", answer.verdict)
    case .adopt?, .detached?:
      // A second statement by the same maintainer adds nobody.
      guard changes.contains(where: { $0.kind != .adopt && !counts($0) }) else { throw .nothingToAdopt(person: person) }
      self.init(action: requested ?? .adopt, reason: "you asked for it")
    case nil:
      if mayMerge {
        let reason =
          others.isEmpty
          ? "with your merge the rule is satisfied"
          : """
          \(others.joined(separator: ", ")) already \(others.count == 1 ? "counts" : "count"), \
          and with your merge the rule is satisfied
          """
        self.init(action: .merge, reason: reason)
      } else if !lacking.isEmpty, lacking.allSatisfy(counts) {
        throw .alreadyCounts(person: person, pr: name)
      } else if lacking.contains(where: { !counts($0) }) {
        let reason =
          others.isEmpty
          ? "no maintainer counts yet; after you, another one can merge"
          : "your merge alone would not satisfy the rule; adopted, it needs one maintainer less"
        self.init(action: .adopt, reason: reason)
      } else {
        throw .ruleRefuses(what: "\(name)", answer.verdict)
      }
    }
  }

  private init(action: CosignAction, reason: String) {
    self.action = action
    self.reason = reason
  }
}
