internal import GitBridge
internal import Review

/// Forgejo, Gitea and GitHub Actions: the name of the event from the environment, the rest from the event file.
///
/// Never from GITHUB_SHA and GITHUB_REF: for a pull request those are the base's, or a merge of the server's own
/// making.
struct ActionsEvent {
  private let variables: CIVariables
  private let name: String
  private let file: (String) -> [UInt8]?

  /// A push of thousands of commits is listed with each of their messages.
  static let largestFile = 32 << 20

  init(_ variables: CIVariables, file: @escaping (String) -> [UInt8]?) {
    self.variables = variables
    self.file = file
    name = variables["FORGEJO_EVENT_NAME", "GITEA_EVENT_NAME", "GITHUB_EVENT_NAME"] ?? ""
  }

  func request() throws(GateInputError) -> GateRequest {
    switch name {
    case "pull_request", "pull_request_target", "pull_request_review": return try pullRequest(try event())
    case "merge_group": return try mergeGroup(try event())
    case "push": return try push(try event())
    default:
      throw GateInputError(
        "the event \(printable(name, limit: 40)) changes no branch and asks for no merge: there is nothing to judge",
        next: "run the gate on pull_request_target, merge_group and push")
    }
  }

  /// Doubled members are refused: two readers would see two events.
  private func event() throws(GateInputError) -> JSONValue {
    guard let path = variables["FORGEJO_EVENT_PATH", "GITEA_EVENT_PATH", "GITHUB_EVENT_PATH"] else {
      throw GateInputError(
        "GITHUB_EVENT_PATH is not set, so that nothing says what the event \(printable(name, limit: 40)) is about")
    }
    guard let bytes = file(path) else { throw GateInputError("the event file \(printable(path)) cannot be read") }
    do throws(JSONDefect) {
      return try JSONValue.read(bytes, limit: Self.largestFile)
    } catch {
      throw GateInputError("the event file \(printable(path)) is no JSON: \(printable(error.message))")
    }
  }

  private func pullRequest(_ event: JSONValue) throws(GateInputError) -> GateRequest {
    let action = event["action"]?.string
    if action == "closed" { throw GateInputError("the pull request is closed: there is nothing to judge") }
    let request = event["pull_request"]
    guard let number = request?["number"]?.integer ?? event["number"]?.integer, (1...999_999_999).contains(number)
    else {
      throw CIValue.missing("pull_request.number")
    }
    let head = try CIValue.commit(request?["head"]?["sha"]?.string, "pull_request.head.sha")
    let target = try CIValue.branch(request?["base"]?["ref"]?.string, "pull_request.base.ref")
    try checkRepository(request?["base"]?["repo"]?["full_name"]?.string)
    // What the environment says of the base is the same, or one of them is not about this request.
    if let base = variables["FORGEJO_BASE_REF", "GITEA_BASE_REF", "GITHUB_BASE_REF"],
      try CIValue.branch(base, "GITHUB_BASE_REF") != target
    {
      throw GateInputError(
        "the event file and GITHUB_BASE_REF name different target branches: \(printable(target)) and \(printable(base))"
      )
    }
    return GateRequest(
      question: .merge(head: head, ref: "refs/pull/\(number)/head"), target: target, name: "PR-\(number)")
  }

  /// A queue's own merges carry no maintainer's signature: what is asked is whether a maintainer could merge the whole
  /// group.
  ///
  /// Its base may be another group's head that nobody has judged, so the branch's own tip is taken, never `base_sha`.
  private func mergeGroup(_ event: JSONValue) throws(GateInputError) -> GateRequest {
    let group = event["merge_group"]
    let head = try CIValue.commit(group?["head_sha"]?.string, "merge_group.head_sha")
    let target = try CIValue.ref(group?["base_ref"]?.string, "merge_group.base_ref")
    if let sha = try variables.commit("GITHUB_SHA"), sha != head {
      throw GateInputError("the event file and GITHUB_SHA name different heads: \(head) and \(sha)")
    }
    return GateRequest(
      question: .merge(head: head, ref: nil), target: target, name: nil,
      notes: ["this is a merge queue's group: the merges that the queue makes itself carry no maintainer's signature"])
  }

  private func push(_ event: JSONValue) throws(GateInputError) -> GateRequest {
    let target = try CIValue.ref(event["ref"]?.string, "ref")
    let before = try CIValue.commit(event["before"]?.string, "before")
    let after = try CIValue.commit(event["after"]?.string, "after")
    try checkRepository(event["repository"]?["full_name"]?.string)
    guard before != after else {
      throw GateInputError("the push moves \(printable(target)) from \(before) to itself: there is nothing to judge")
    }
    return GateRequest(question: .pushed(before: before, after: after), target: target)
  }

  /// Attack: a fork's own workflow, in which the fork's branches have the names of the protected ones.
  private func checkRepository(_ named: String?) throws(GateInputError) {
    guard let own = variables["FORGEJO_REPOSITORY", "GITEA_REPOSITORY", "GITHUB_REPOSITORY"], let named else { return }
    guard named.utf8.elementsEqual(own.utf8) else {
      throw GateInputError(
        "the event is about \(printable(named, limit: 80)), and this job runs in \(printable(own, limit: 80))")
    }
  }
}
