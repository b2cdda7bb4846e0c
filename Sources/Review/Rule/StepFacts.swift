package import GitBridge

/// What steps of one branch share that stand under the same rules. A class: thousands of steps hold the same one.
package final class StepRules: Sendable {
  /// The branch's full name: what co-signatures and `Reviewed-Target` must name (R86, R89).
  package let ref: String
  /// The lead's at ``leadState``, or at the step's first parent; a branch's own says nothing (R11).
  package let policy: Policy
  /// How many maintainers an ordinary commit or a content merge needs (R93, R96).
  package let threshold: Int
  /// Who may endorse at all, sorted.
  package let maintainers: [String]
  /// The lead state whose rules these are; nil where it is each step's first parent.
  package let leadState: ObjectID?

  package init(ref: String, policy: Policy, threshold: Int, maintainers: [String], leadState: ObjectID? = nil) {
    self.ref = ref
    self.policy = policy
    self.threshold = threshold
    self.maintainers = maintainers
    self.leadState = leadState
  }
}

/// Everything the rule needs to know of one step `p -> m` of a protected branch. Plain values: no repository, no clock.
package struct StepFacts: Sendable {
  /// What the step is judged by. The same object serves other steps: ``demands(_:)`` makes another.
  package private(set) var rules: StepRules
  /// The state that the step stands on, `p`.
  package let old: ObjectID
  /// The state that the step leads to, `m`; all zeros where a merge is only imagined (R118).
  package let new: ObjectID
  /// The step's new commits, in any order.
  package let changes: [ChangeFacts]
  /// Statements about the new commits, or about states above the step. Those that are not good only explain.
  package let coSignatures: [CoSignatureFact]
  /// Of a step of the lead: what it does to the rules themselves; nil where it leaves them as they are.
  package var ruleChange: RuleChange?
  /// Of a step of a follower.
  package var follower: FollowerStep?
  /// Where the policy says from which branches this one takes merges.
  package var sources: SourceFacts?
  /// In a repository of image signatures: what is wrong with the files that the step brings.
  package var images: [ImageFinding] = []
  /// The branches of which `m` merges a state: an endorsement bound to one of them reaches as far as the lead.
  package var mergedRefs: Set<String> = []
  /// The branch that an earlier state of this one named to carry the rules: this one takes no further step.
  package var followsHandover: String?
  /// In thought only: paths in which the merge that is imagined would conflict.
  package var conflicts: [[UInt8]] = []
  /// The moment at which keys were judged, in seconds since 1970.
  package var time: Int64 = 0

  /// The branch's full name.
  package var ref: String { rules.ref }
  /// The one that was there before the step, not the one that it leaves (R24).
  package var policy: Policy { rules.policy }
  /// What an ordinary commit needs here (R93).
  package var threshold: Int { rules.threshold }
  /// Ids of the people who may endorse, sorted.
  package var maintainers: [String] { rules.maintainers }

  package init(
    rules: StepRules, old: ObjectID, new: ObjectID, changes: [ChangeFacts], coSignatures: [CoSignatureFact] = []
  ) {
    self.rules = rules
    self.old = old
    self.new = new
    self.changes = changes
    self.coSignatures = coSignatures
  }

  /// Asks for more maintainers than the branch's own threshold.
  mutating func demands(_ threshold: Int) {
    rules = StepRules(
      ref: rules.ref, policy: rules.policy, threshold: max(threshold, rules.threshold), maintainers: rules.maintainers,
      leadState: rules.leadState)
  }

  /// A step that shares its rules with no other.
  package init(
    ref: String, old: ObjectID, new: ObjectID, policy: Policy, threshold: Int, maintainers: [String],
    changes: [ChangeFacts], coSignatures: [CoSignatureFact] = []
  ) {
    self.init(
      rules: StepRules(ref: ref, policy: policy, threshold: threshold, maintainers: maintainers),
      old: old, new: new, changes: changes, coSignatures: coSignatures)
  }
}

/// What a step of a branch with `from` takes its changes from.
package struct SourceFacts: Sendable, Equatable {
  /// The patterns of the branches that it takes merges from.
  package let from: [String]
  /// Parents of `m`, beside the first, that are states of none of these branches.
  package let strangers: [ObjectID]

  package init(from: [String], strangers: [ObjectID]) {
    self.from = from
    self.strangers = strangers
  }
}

/// What the rule asks of a step because its branch only follows the lead.
package struct FollowerStep: Sendable, Equatable {
  /// Whether the policy names the branch by a pattern with a wildcard.
  package var hasWildcard = false
  /// Whether `m` is a state of the lead: then nothing of it is the branch's own.
  package var isLeadState = false
  /// The newest lead state that `m` reaches: all that it holds was judged there.
  package var base: ObjectID?
  /// Whether the files that hold the rules are, byte for byte, those of `p` or those of the lead state below `m`.
  package var keepsRules = true
  /// Whether each parent of `m` but the first is a state of the lead.
  package var takesLeadStates = false

  package init() {}
}
