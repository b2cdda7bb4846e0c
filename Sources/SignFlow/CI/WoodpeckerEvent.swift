internal import GitBridge
internal import Review

/// Woodpecker.
struct WoodpeckerEvent {
  private let variables: CIVariables

  init(_ variables: CIVariables) { self.variables = variables }

  func request() throws(GateInputError) -> GateRequest {
    switch variables["CI_PIPELINE_EVENT"] {
    case "pull_request", "pull_request_metadata": return try pullRequest()
    case "push": return try push()
    case "tag", "release": return try tag()
    case let event:
      throw GateInputError(
        """
        the event \(printable(event ?? "", limit: 40)) changes no branch and asks for no merge: \
        there is nothing to judge
        """,
        next: "run the gate where the event is pull_request, push or tag")
    }
  }

  private func pullRequest() throws(GateInputError) -> GateRequest {
    let number = try CIValue.number(variables["CI_COMMIT_PULL_REQUEST"], "CI_COMMIT_PULL_REQUEST")
    return GateRequest(
      question: .merge(
        head: try CIValue.commit(variables["CI_COMMIT_SHA"], "CI_COMMIT_SHA"), ref: "refs/pull/\(number)/head"),
      target: try CIValue.branch(variables["CI_COMMIT_TARGET_BRANCH"], "CI_COMMIT_TARGET_BRANCH"), name: "PR-\(number)")
  }

  /// Woodpecker does not say where the branch was before: what the pipeline before this one was about stands for that,
  /// on the same branch only. Without one, all is judged that came after the trust root.
  private func push() throws(GateInputError) -> GateRequest {
    let after = try CIValue.commit(variables["CI_COMMIT_SHA"], "CI_COMMIT_SHA")
    let target = try CIValue.branch(variables["CI_COMMIT_BRANCH"], "CI_COMMIT_BRANCH")
    var before = ObjectID.zero
    if variables["CI_PREV_COMMIT_BRANCH"] == variables["CI_COMMIT_BRANCH"],
      variables["CI_PREV_PIPELINE_EVENT"] == "push",
      let previous = try variables.commit("CI_PREV_COMMIT_SHA"), previous != after
    {
      before = previous
    }
    return GateRequest(question: .pushed(before: before, after: after), target: target)
  }

  private func tag() throws(GateInputError) -> GateRequest {
    let after = try CIValue.commit(variables["CI_COMMIT_SHA"], "CI_COMMIT_SHA")
    return GateRequest(
      question: .pushed(before: .zero, after: after),
      target: try CIValue.ref(variables["CI_COMMIT_TAG"].map { "refs/tags/\($0)" }, "CI_COMMIT_TAG"))
  }
}
