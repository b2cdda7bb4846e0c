internal import GitBridge

/// What a step of the lead may do to registry, certificates and policy.
func refusals(of change: RuleChange, in step: StepFacts) -> [Refusal] {
  var found: [Refusal] = []
  let short = step.new.short
  func refuse(_ code: RefusalCode, _ message: String, next: String) {
    found.append(Refusal(code, commit: step.new, ref: step.ref, message: message, next: next))
  }
  let show = "git diff \(step.old.short) \(short) -- \(Policy.path)"
  // R36
  if let policy = change.policy {
    // Attack: an old version that was validly signed once (CVE-2026-44544), or two of the same number.
    if policy.version.new < policy.version.old {
      refuse(
        .policyRollback, "\(short) takes the policy from version \(policy.version.old) back to \(policy.version.new)",
        next: show)
    } else if policy.version.new == policy.version.old {
      refuse(
        .policyRollback,
        "\(short) changes the policy and leaves its version at \(policy.version.old): any change raises it",
        next: show)
    } else if policy.version.new - policy.version.old > RuleChange.greatestRaise {
      // Attack: the last number there is, after which no policy can ever be changed.
      refuse(
        .policyRollback,
        "\(short) raises the policy's version from \(policy.version.old) to \(policy.version.new): "
          + "at most by \(RuleChange.greatestRaise)",
        next: show)
    }
    if policy.kind.new != policy.kind.old {
      refuse(
        .policyRollback,
        "\(short) makes a repository of \(policy.kind.new.rawValue) of one of \(policy.kind.old.rawValue): "
          + "that never changes",
        next: show)
    }
  }
  // R35
  for revocation in change.lostRevocations {
    refuse(
      .revocationLost, "\(short) takes a revocation out of \(Registry.keysFolder)/: \(revocation)",
      next: "git checkout \(step.old.short) -- \(Registry.keysFolder)/")
  }
  if let why = change.unreadable {
    refuse(.lockOut, "\(short) would leave rules that cannot be read: \(why)", next: "stagex-maint policy lint")
  } else {
    if change.counting < change.asked {
      refuse(
        .lockOut,
        "after \(short) \(change.counting) \(change.counting == 1 ? "person counts" : "people count"), "
          + "and the rules ask for \(change.asked): nobody could change anything any more",
        next: "stagex-maint keys audit --registry .")
    }
    // One that can never be made beside this branch, which nobody may delete: no rules could be changed any more.
    if let name = change.namesLead, isAboveOrBelow(Array("refs/heads/\(name)".utf8), Array(step.ref.utf8)) {
      refuse(
        .lockOut,
        "\(short) names \(printable(name)) to carry the rules, and git cannot have that beside \(printable(step.ref))",
        next: show)
    }
    if let clash = change.clash {
      refuse(
        .lockOut,
        "\(short) asks for \(printable(clash.name)) and \(printable(clash.other)), and git cannot have both, "
          + "or reads one as the other",
        next: "stagex-maint policy lint")
    }
    for group in change.emptyGroups {
      refuse(
        .lockOut, "after \(short) nobody of the group \(printable(group)) counts, and a path rule asks for one",
        next: "stagex-maint policy lint")
    }
  }
  for ref in change.unjudged {
    found.append(refusal(ofUnjudged: ref, protectedBy: step.new, on: step.ref))
  }
  return found
}

/// Of a ref that exists, that rules begin to protect, and that nobody judged.
// R5
func refusal(ofUnjudged ref: String, protectedBy commit: ObjectID, on branch: String) -> Refusal {
  Refusal(
    .unjudgedBranch, commit: commit, ref: branch,
    message: "\(commit.short) protects \(printable(ref)), which exists and stands on something that was never judged",
    next: "git push REMOTE --delete \(shellWord(ref))   (in the same push, or before it)")
}

extension RuleChange {
  /// By how much a policy's version may grow at once.
  static let greatestRaise = 1000
}

/// What is asked of a step because its branch only follows the lead.
func refusals(of follower: FollowerStep, in step: StepFacts) -> [Refusal] {
  var found: [Refusal] = []
  let short = step.new.short
  let shown = printable(step.ref)
  func refuse(_ code: RefusalCode, _ message: String, next: String) {
    found.append(Refusal(code, commit: step.new, ref: step.ref, message: message, next: next))
  }
  // R44
  // Main moves by a signature of its own.
  if !follower.hasWildcard, follower.isLeadState {
    refuse(
      .wrongSourceBranch, "\(shown) takes only merges; \(short) is a state of the lead itself",
      next: "git switch --detach \(step.old.short) && git merge --no-ff -S \(short)")
  } else if !follower.hasWildcard, !step.isMerge {
    refuse(
      .wrongSourceBranch, "\(shown) takes only merges; \(short) is not a merge",
      next: "git switch --detach \(step.old.short) && git merge --no-ff -S \(short)")
  }
  if !follower.keepsRules {
    refuse(
      .rulesElsewhere,
      "\(short) changes \(MaintainersFile.path), \(Registry.keysFolder)/ or \(Policy.path) on \(shown): "
        + "the rules are changed on the lead only",
      next:
        "git checkout \((follower.base ?? step.old).short) -- "
        + "\(MaintainersFile.path) \(Registry.keysFolder) \(Policy.path)")
  }
  return found
}

/// What is asked of a step because the policy says from where its branch takes merges.
func refusals(of sources: SourceFacts, in step: StepFacts) -> [Refusal] {
  let list = sources.from.map { printable($0) }.joined(separator: ", ")
  let shown = printable(step.ref)
  func refused(_ message: String) -> Refusal {
    Refusal(
      .wrongSourceBranch, commit: step.new, ref: step.ref, message: message, next: "merge the change into \(list) first"
    )
  }
  guard step.isMerge else {
    return [refused("\(shown) takes only merges from \(list); \(step.new.short) is not a merge")]
  }
  return sources.strangers.map { side in
    refused(
      "\(shown) takes only merges from \(list); "
        + "none of them has \(side.short), which \(step.new.short) merges, as a state")
  }
}

extension StepFacts {
  fileprivate var isMerge: Bool { changes.first { $0.commit == new }?.parents.count ?? 0 >= 2 }
}
