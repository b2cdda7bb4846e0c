internal import GitBridge

/// What a step may do to the registry and the policy that the next step is judged by.
struct RuleChangeReview {
  let reviewer: Reviewer
  let rulebook: Rulebook

  func judge(
    _ step: Step, ref: String, rules: Rules, oldTree: ObjectID, newTree: ObjectID
  ) throws(ReviewProblem) -> [Refusal] {
    guard oldTree != newTree else { return [] }
    let repository = reviewer.repository
    func changed(_ path: String) throws(ReviewProblem) -> Bool {
      try reading { () throws(GitError) in
        // With the mode: a link may have the id of the file that it replaces.
        try repository.entry(tree: oldTree, path: Array(path.utf8)) != repository.entry(tree: newTree, path: Array(path.utf8))
      }
    }
    var refusals: [Refusal] = []
    if !rulebook.isPolicyPinned, try changed(Policy.path) {
      do throws(ReviewProblem) {
        let policy = try rulebook.policy(tree: newTree, of: step.new)
        if policy.version < rules.policy.version {
          refusals.append(
            Refusal(
              .policyRollback, commit: step.new, ref: ref,
              message: "\(step.new.short) takes the policy from version \(rules.policy.version) back to \(policy.version)",
              next: "stagex-maint policy diff \(step.old.short) \(step.new.short)"))
        }
      } catch {
        guard case .policy(let defect, _) = error else { throw error }
        refusals.append(
          Refusal(
            .policyBroken, commit: step.new, ref: ref,
            message: "\(step.new.short) would leave a policy that cannot be read: \(defect.message)",
            next: "stagex-maint policy lint"))
      }
    }
    let hadRegistry = try reading { () throws(GitError) in
      try repository.entry(tree: oldTree, path: Array(MaintainersFile.path.utf8)) != nil
    }
    var registryChanged = try changed(MaintainersFile.path)
    if !registryChanged { registryChanged = try changed(Registry.keysFolder) }
    if !rulebook.isRegistryPinned, hadRegistry, registryChanged {
      do throws(ReviewProblem) {
        _ = try rulebook.registry(tree: newTree, of: step.new)
      } catch {
        guard case .registry(let defect, _) = error else { throw error }
        refusals.append(
          Refusal(
            .registryBroken, commit: step.new, ref: ref,
            message: "\(step.new.short) would leave a registry that cannot be read: \(defect.message)",
            next: "stagex-maint keys list"))
      }
    }
    return refusals
  }
}
