internal import GitBridge

/// What a step of the lead does to registry, certificates and policy: the next step is judged by what it leaves.
package struct RuleChange: Sendable, Equatable {
  /// The policies before and after, where the file changes and can be read.
  package struct PolicyStep: Sendable, Equatable {
    /// The numbers of the two policies; 0 for none (R36).
    package let version: (old: Int, new: Int)
    /// What the two policies take the repository for: it must not change (R36).
    package let kind: (old: RepositoryKind, new: RepositoryKind)

    package init(version: (old: Int, new: Int), kind: (old: RepositoryKind, new: RepositoryKind)) {
      self.version = version
      self.kind = kind
    }

    package static func == (a: PolicyStep, b: PolicyStep) -> Bool { a.version == b.version && a.kind == b.kind }
  }

  /// Nil where the file stays, where it cannot be read afterwards, and where the policy is pinned outside (R63).
  package var policy: PolicyStep?
  /// Why the rules at `m` cannot be read, in words; nil when they can.
  package var unreadable: String?
  /// How many people count by the rules at `m`.
  package var counting = 0
  /// The most that the lead's threshold and any path rule at `m` ask for; 1 for image signatures.
  package var asked = 0
  /// Groups that the rules at `m` ask for and of which nobody counts, sorted.
  package var emptyGroups: [String] = []
  /// Verified revocations that `keys/` held and holds no longer, in words.
  package var lostRevocations: [String] = []
  /// Refs that exist, are protected by the rules at `m` only, and stand on something that nobody judged.
  package var unjudged: [String] = []
  /// The branch that the policy at `m` names as the lead and the one at `p` does not.
  package var namesLead: String?
  /// Two names that the policy at `m` asks for, where the step changes it, and that git cannot have beside each other.
  package var clash: NameClash?

  package init() {}
}
