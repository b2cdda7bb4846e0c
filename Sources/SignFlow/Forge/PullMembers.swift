internal import GitBridge
internal import Review

/// The members that every kind of forge has, under the names that Forgejo and GitHub share.
struct PullMembers {
  let pull: Members
  let base: Members
  let head: Members
  /// nil when the fork is gone.
  let headRepository: Members?
  let number: Int

  /// Refuses a pull request of another repository.
  init(_ json: JSONValue, of repository: RepositoryPath, origin: String) throws(ForgeError) {
    pull = Members(json, origin: origin)
    base = try pull.object("base")
    head = try pull.object("head")
    headRepository = try head.optionalObject("repo")
    number = try pull.integer("number")
    let name = try base.object("repo").string("full_name")
    guard RepositoryPath(name) == repository else {
      throw .answersAbout(Untrusted("\(name)#\(number)"), asked: "\(repository)")
    }
  }

  /// - Parameter hasBranch: whether `head.ref` is a branch that is still there.
  func pullRequest(
    hasBranch: Bool, flow: PullRequest.Flow, isMerged: Bool, maintainerEdits: String, headRef: String
  ) throws(ForgeError) -> PullRequest {
    PullRequest(
      number: number, title: Untrusted(try pull.string("title")),
      body: Untrusted(try pull.optionalString("body") ?? ""),
      author: Untrusted(try pull.optionalObject("user")?.string("login") ?? ""),
      state: isMerged ? .merged : try state(),
      head: try head.objectID("sha"),
      headBranch: hasBranch ? try head.branch("ref") : nil,
      headRepository: hasBranch ? try headRepository?.repository("full_name") : nil,
      base: try base.branch("ref"), baseHead: try base.optionalString("sha").flatMap { ObjectID(hexString: $0) },
      flow: flow,
      allowsMaintainerEdits: try pull.optionalBool(maintainerEdits), headRef: headRef)
  }

  private func state() throws(ForgeError) -> PullRequest.State {
    switch try pull.string("state") {
    case "open": .open
    case "closed": .closed
    default: throw pull.wrong("state", "open or closed")
    }
  }
}
