internal import GitBridge
internal import Review

/// GitLab: merge request pipelines of all three kinds, branch and tag pipelines.
struct GitLabEvent {
  private let variables: CIVariables

  init(_ variables: CIVariables) { self.variables = variables }

  func request() throws(GateInputError) -> GateRequest {
    if variables["CI_MERGE_REQUEST_IID"] != nil { return try mergeRequest() }
    switch variables["CI_PIPELINE_SOURCE"] {
    case "push": return try push()
    case let source:
      throw GateInputError(
        """
        a pipeline from \(printable(source ?? "nowhere", limit: 40)) changes no branch and asks for no merge: \
        there is nothing to judge
        """,
        next: "run the gate where CI_PIPELINE_SOURCE is merge_request_event or push")
    }
  }

  private func mergeRequest() throws(GateInputError) -> GateRequest {
    let number = try CIValue.number(variables["CI_MERGE_REQUEST_IID"], "CI_MERGE_REQUEST_IID")
    let target = try CIValue.branch(
      variables["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"], "CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
    // Attack: a fork's own pipeline, in which the fork's branches have the names of the protected ones.
    if let project = variables["CI_MERGE_REQUEST_PROJECT_PATH"], let own = variables["CI_PROJECT_PATH"], project != own
    {
      throw GateInputError(
        """
        this pipeline runs in \(printable(own, limit: 80)), not in the merge request's project \
        \(printable(project, limit: 80)): its branches are others
        """,
        next: "let a member run the pipeline in the parent project (merge request, Pipelines, Run pipeline)")
    }
    var notes: [String] = []
    let head: ObjectID
    switch variables["CI_MERGE_REQUEST_EVENT_TYPE"] ?? "detached" {
    case "detached": head = try CIValue.commit(variables["CI_COMMIT_SHA"], "CI_COMMIT_SHA")
    // CI_COMMIT_SHA is a merge of the server's own making there.
    case "merged_result":
      head = try CIValue.commit(variables["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"], "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
    case "merge_train":
      head = try CIValue.commit(variables["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"], "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA")
      notes = ["this is a merge train: the merges that GitLab makes itself carry no maintainer's signature"]
    case let kind:
      throw GateInputError("CI_MERGE_REQUEST_EVENT_TYPE is \(printable(kind, limit: 40)), which is not known here")
    }
    return GateRequest(
      question: .merge(head: head, ref: "refs/merge-requests/\(number)/head"), target: target, name: "!\(number)",
      notes: notes)
  }

  private func push() throws(GateInputError) -> GateRequest {
    let after = try CIValue.commit(variables["CI_COMMIT_SHA"], "CI_COMMIT_SHA")
    let before = try CIValue.commit(variables["CI_COMMIT_BEFORE_SHA"], "CI_COMMIT_BEFORE_SHA")
    if let tag = variables["CI_COMMIT_TAG"] {
      return GateRequest(
        question: .pushed(before: before, after: after), target: try CIValue.ref("refs/tags/\(tag)", "CI_COMMIT_TAG"))
    }
    return GateRequest(
      question: .pushed(before: before, after: after),
      target: try CIValue.branch(variables["CI_COMMIT_BRANCH"], "CI_COMMIT_BRANCH"))
  }
}
