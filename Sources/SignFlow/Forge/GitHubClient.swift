package import GitBridge
internal import Review

/// GitHub, and GitHub Enterprise Server (docs.github.com/rest/pulls/pulls).
package struct GitHubClient: PullsForge {
  /// GitHub, and servers of a company's own.
  package let kind = ForgeKind.github
  /// The repository on the forge.
  package let remote: RemoteAddress
  let pulls: PullsInterface

  init(remote: RemoteAddress, token: Token?, transport: any Transport) {
    self.remote = remote
    // github.com's interface is on a host of its own; an Enterprise Server's is below `/api/v3`.
    let publicOrigin = remote.origin.host == "github.com" ? WebOrigin(scheme: .https, host: "api.github.com") : nil
    let session = RestSession(
      origin: publicOrigin ?? remote.origin, root: publicOrigin == nil ? ["api", "v3"] : [], transport: transport,
      authorization: token.map { "Authorization: Bearer \($0.secret)" })
    pulls = PullsInterface(session: session, repository: remote.repository, sizeName: "per_page")
  }

  /// GitHub sees by itself that the base branch holds the head.
  package func markMerged(_ number: Int, by commit: ObjectID) async throws(ForgeError) -> MergeNotice { .findsOut }

  func read(_ json: JSONValue) throws(ForgeError) -> PullRequest {
    let members = try PullMembers(json, of: remote.repository, origin: pulls.session.name)
    return try members.pullRequest(
      hasBranch: members.headRepository != nil, flow: .branch,
      isMerged: members.pull.optionalString("merged_at") != nil, maintainerEdits: "maintainer_can_modify",
      headRef: kind.headRef(of: members.number))
  }
}
