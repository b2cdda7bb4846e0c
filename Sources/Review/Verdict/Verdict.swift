package import GitBridge
package import OpenPGP

/// What a review ends in.
package enum Outcome: String, Sendable {
  case accepted
  case refused
  /// The question could not be answered. Never to be treated as accepted.
  case undecided

  /// The process's exit status for this outcome.
  package var exitStatus: Int32 {
    switch self {
    case .accepted: 0
    case .refused: 1
    case .undecided: 2
    }
  }
}

/// The four ways in which a maintainer can stand behind a change.
package enum Way: String, Sendable, Hashable, CaseIterable {
  case adopt
  case coSignature = "co-signature"
  case merge
  case own
}

/// What sort of commit a change is. It decides how many maintainers must endorse it.
package enum ChangeKind: String, Sendable {
  case ordinary
  case adopt
  case cleanMerge = "clean-merge"
  case contentMerge = "content-merge"
}

/// One maintainer who stands behind one change, and how.
package struct Endorser: Sendable, Equatable {
  /// The person's id in the registry.
  package let person: String
  /// How they endorsed it.
  package let via: Way
  /// The commit that carries the signature, or for a co-signature the blob that holds the statement.
  package let by: ObjectID
  /// The primary key's fingerprint.
  package let key: Fingerprint
  /// The fingerprint of the key that made the signature.
  package let subkey: Fingerprint
  /// When the signature says it was made, in seconds since 1970.
  package let time: Int64
}

/// A signature that would have endorsed a change, had it been good.
package struct Because: Sendable, Hashable {
  /// Why the signature counts for nothing.
  package let code: RefusalCode
  /// The commit whose signature it is.
  package let commit: ObjectID
  /// The registry's id; nil where nobody is known.
  package let person: String?
  /// The reason in words, safe to print.
  package let detail: String
}

/// The judgement of one new commit.
package struct ReviewedChange: Sendable {
  /// The commit that was judged.
  package let commit: ObjectID
  /// What was asked of it.
  package let kind: ChangeKind
  /// How many distinct maintainers this change needs.
  package let required: Int
  /// Sorted by person, then by way.
  package let endorsers: [Endorser]
  /// The paths to which a path rule applied, each with the rule's demand.
  package let paths: [PathDemand]
  /// Of this change alone.
  package let outcome: Outcome

  /// How many distinct maintainers endorse the change.
  package var endorserCount: Int {
    endorsers.indices.count { $0 == 0 || endorsers[$0].person != endorsers[$0 - 1].person }
  }
}

/// A touched path for which the policy asks more than the threshold.
package struct PathDemand: Sendable, Equatable {
  /// A path that a rule guards.
  package let path: [UInt8]
  /// How many maintainers its rule asks for.
  package let threshold: Int
  /// Groups of which at least one member must endorse.
  package let groups: [String]
}

/// The judgement of one step `p -> m` of a protected branch, or of one other ref update.
package struct ReviewedUpdate: Sendable {
  /// The full name of the ref, in printable form.
  package let ref: String
  /// Zero for a ref that is made.
  package let old: ObjectID
  /// Zero for a ref that goes.
  package let new: ObjectID
  /// The lead state whose rules decided: equal to `old` for a step of the lead.
  package let base: ObjectID
  /// How many maintainers each change needs here.
  package let threshold: Int
  /// Oldest step first.
  package var changes: [ReviewedChange] = []
  /// Of a step of a follower: the lead state whose commits were judged on the lead, and not again here.
  package var without: ObjectID?
  /// The moment at which keys were judged, in seconds since 1970; 0 where none was.
  package var time: Int64 = 0
}

/// The answer to a push, a pull request or one step of an audit.
package struct Verdict: Sendable {
  /// In the order in which they were handed in.
  package var updates: [ReviewedUpdate] = []
  /// Empty exactly where everything is accepted.
  package var refusals: [Refusal] = []
  /// What the reader must know although it refuses nothing: pinned registries, unusable
  /// certificates, evidence switched off.
  package var notes: [String] = []

  package init(updates: [ReviewedUpdate] = [], refusals: [Refusal] = [], notes: [String] = []) {
    self.updates = updates
    self.refusals = refusals
    self.notes = notes
  }

  /// A definite refusal outweighs a question that could not be answered; both outweigh acceptance.
  // R116
  package var outcome: Outcome {
    if refusals.isEmpty { return .accepted }
    return refusals.allSatisfy(\.code.preventsJudging) ? .undecided : .refused
  }

  /// Takes another verdict's updates, refusals and notes into this one.
  package mutating func append(_ other: Verdict) {
    updates += other.updates
    refusals += other.refusals
    for note in other.notes where !notes.contains(note) { notes.append(note) }
  }
}
