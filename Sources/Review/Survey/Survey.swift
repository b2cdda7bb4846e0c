package import GitBridge

/// Who stands behind the changes of a history: the figures, and what they were counted from.
package struct Survey: Sendable {
  /// How a change came into the branch.
  package enum Arrival: String, Sendable, CaseIterable {
    /// With a merge that a forge made.
    case button
    /// Made by a forge itself, without a merge: squashed, rebased or edited there.
    case browser
    /// With a merge that a person made.
    case hand
    /// Pushed straight, or rebased before.
    case straight
  }

  /// One change of the surveyed line.
  package struct Change: Sendable {
    /// The first-parent commit that brought it.
    package let commit: ObjectID
    /// Seconds since 1970, by the committer's clock.
    package let time: Int64
    /// Whether a merge with content of its own brought it.
    package let isContentMerge: Bool
    /// Whether a machine made it.
    package let isByBot: Bool
    /// How it came onto the branch.
    package let arrival: Arrival
    /// The signer of the change itself, as a place in ``Survey/signers``; nil when unsigned or signed by a machine.
    package let own: Int?
    /// Everybody who stands behind it, as places in ``Survey/signers``.
    package let claimed: [Int32]
    /// How many people's signatures behind it were checked and good; nil without certificates.
    package let checked: Int?

    /// 0, 1, or 2 for two and more.
    package var bucket: Int { min(claimed.count, 2) }
  }

  /// Everybody and everything that has signed.
  package struct Signer: Sendable {
    /// How the signatures name their maker.
    package let claim: SignatureClaim
    /// Why it counts as no person; nil for a person's key.
    package let machine: MachineReason?
    /// The committer's name on the newest commit that it signed. From outside, and claimed by nobody who was checked.
    package let label: String
    /// How many commits of the period it signed.
    package var commits = 0
    /// How many changes of others it stands behind.
    package var reviewed = 0
    /// How many changes it stands behind in any way.
    package var endorsed = 0
  }

  /// Why a signer is taken for a machine.
  package enum MachineReason: String, Sendable {
    /// A known key of a forge, or one that was named.
    case listed = "a forge's key"
    case workflow = "a workflow's identity"
    case committer = "all its commits name a forge as committer"
  }

  /// How the merges of the period were told.
  package struct Merges: Sendable, Equatable {
    /// Exactly what git makes of the parents.
    package internal(set) var clean = 0
    /// With something of their own.
    package internal(set) var content = 0
    /// Made by a forge's button and not done again.
    package internal(set) var takenForClean = 0
    /// Which of the two could not be told.
    package internal(set) var unknown = 0
    /// Told by the ids of the parents' trees alone.
    package internal(set) var byIDs = 0
    /// Told by comparing trees.
    package internal(set) var byTrees = 0
    /// Told by merging again.
    package internal(set) var byMerging = 0
    /// All merges.
    package var all: Int { clean + content + takenForClean + unknown }
  }

  /// Of the clone, as the person gave it.
  package let name: String
  /// The surveyed branch's full name.
  package let ref: String
  /// Where the branch stood.
  package let tip: ObjectID
  /// Seconds since 1970; nil for the whole history.
  package let since: Int64?
  /// How many commits were looked at.
  package internal(set) var commits = 0
  /// Commits that do not follow git's grammar.
  package internal(set) var malformed = 0
  /// Empty commits by which somebody endorses what lies below.
  package internal(set) var adoptions = 0
  /// Commits of the period by the format of their signature; `none` for unsigned ones.
  package internal(set) var formats: [String: Int] = [:]
  /// By their places, as the other figures name them.
  package internal(set) var signers: [Signer] = []
  /// Newest first.
  package internal(set) var changes: [Change] = []
  /// What kinds of merges there are.
  package internal(set) var merges = Merges()
  /// How many certificates the signatures were checked against; nil when they were not.
  package internal(set) var certificates: Int?
  /// The earliest committer time, in seconds since 1970.
  package internal(set) var oldest: Int64?
  /// The latest committer time, in seconds since 1970.
  package internal(set) var newest: Int64?
}

extension Survey {
  /// How many changes have nobody, one, and two or more behind them.
  package var buckets: [Int] {
    changes.reduce(into: [0, 0, 0]) { $0[$1.bucket] += 1 }
  }

  /// The same, counting only signatures that were checked; nil without certificates.
  package var checkedBuckets: [Int]? {
    guard certificates != nil else { return nil }
    return changes.reduce(into: [0, 0, 0]) { $0[min($1.checked ?? 0, 2)] += 1 }
  }

  /// For each way onto the branch: how many changes have 0, 1, 2 … endorsers.
  package var byArrival: [Arrival: [Int]] {
    changes.reduce(into: [:]) { $0[$1.arrival, default: [0, 0, 0]][$1.bucket] += 1 }
  }

  /// How many changes of machines have 0, 1, 2 … endorsers.
  package var byBots: [Int] {
    changes.reduce(into: [0, 0, 0]) { if $1.isByBot { $0[$1.bucket] += 1 } }
  }

  /// Commits that a machine signed.
  package var machineSigned: Int { signers.reduce(0) { $0 + ($1.machine == nil ? 0 : $1.commits) } }

  /// Since when every change has two: the oldest change after the newest that has fewer; nil when the newest has fewer.
  package var wellSince: Int64? {
    var well: Int64?
    for change in changes {
      if change.bucket < 2 { return well }
      well = change.time
    }
    return well
  }

  /// Each month's changes by how many stand behind them, oldest first, months without changes included.
  package var months: [(month: SurveyMonth, buckets: [Int])] {
    var found: [SurveyMonth: [Int]] = [:]
    var known: [Int64: SurveyMonth] = [:]
    for change in changes {
      let day = change.time / 86_400
      let month = known[day] ?? SurveyMonth(change.time)
      known[day] = month
      found[month, default: [0, 0, 0]][change.bucket] += 1
    }
    return SurveyMonth.filled(found, none: [0, 0, 0])
  }

  /// Who stands behind whose changes: pairs of places in ``signers``, -1 for changes that nobody signed.
  package var reviews: [SurveyedPair: Int] {
    var pairs: [SurveyedPair: Int] = [:]
    for change in changes {
      for reviewer in change.claimed where Int(reviewer) != change.own {
        pairs[SurveyedPair(reviewer: Int(reviewer), maker: change.own ?? -1), default: 0] += 1
      }
    }
    return pairs
  }
}

/// Somebody who endorsed what somebody else had made; both by their place among the signers.
package struct SurveyedPair: Hashable, Sendable {
  /// The place of the one who endorsed.
  package let reviewer: Int
  /// The place of the one who made it.
  package let maker: Int
}
