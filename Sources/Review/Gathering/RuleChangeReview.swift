internal import GitBridge

/// What a step may do to the registry and the policy that the next step is judged by.
struct RuleChangeReview {
  let reviewer: Reviewer
  let rulebook: Rulebook

  func judge(
    _ step: Step, ref: String, rules: Rules, oldTree: ObjectID, newTree: ObjectID
  ) throws(ReviewProblem) -> [Refusal] {
    guard oldTree != newTree else { return [] }
    var refusals: [Refusal] = []
    if rules.policy.kind == .signatures {
      refusals += try ImageStepReview(repository: reviewer.repository, settings: reviewer.settings)
        .judge(commit: step.new, ref: ref, rules: rules, oldTree: oldTree, newTree: newTree)
    }
    let before = try rulebook.ruleFiles(tree: oldTree)
    let after = try rulebook.ruleFiles(tree: newTree)
    guard before != after else { return refusals }
    try reviewer.settings.checkDeadline()
    if !rulebook.isPolicyPinned, (before.policy, before.policyIsFile) != (after.policy, after.policyIsFile) {
      do throws(ReviewProblem) {
        let policy = try rulebook.policy(tree: newTree, of: step.new)
        if policy.version < rules.policy.version {
          refusals.append(
            Refusal(
              .policyRollback, commit: step.new, ref: ref,
              message: "\(step.new.short) takes the policy from version \(rules.policy.version) back to \(policy.version)",
              next: "git diff \(step.old.short) \(step.new.short) -- \(Policy.path)"))
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
    let registryChanged =
      before.list != after.list || before.keys != after.keys || before.listIsFile != after.listIsFile
    if !rulebook.isRegistryPinned, before.list != nil, registryChanged {
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
