package import GitBridge
internal import Review

/// GitLab, interface version 4 (docs.gitlab.com/api/merge_requests).
package struct GitLabClient: Forge {
  /// GitLab, and servers of a team's own.
  package let kind = ForgeKind.gitlab
  /// The repository on the forge.
  package let remote: RemoteAddress
  private let session: RestSession

  init(remote: RemoteAddress, token: Token?, transport: any Transport) {
    self.remote = remote
    session = RestSession(
      origin: remote.origin, root: ["api", "v4"], transport: transport,
      authorization: token.map { "PRIVATE-TOKEN: \($0.secret)" })
  }

  /// A project is named by its whole path, encoded as one part.
  private var requests: [String] { ["projects", remote.repository.description, "merge_requests"] }

  package func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
    var projects = Projects(session)
    return try await read(session.get(requests + [String(number)]), &projects).checked(number)
  }

  package func openPullRequests() async throws(ForgeError) -> OpenPullRequests {
    let found = try await session.list(requests, state: "opened", sizeName: "per_page")
    var projects = Projects(session)
    return try await found.read { item throws(ForgeError) in try await read(item, &projects) }
  }

  package func create(_ new: NewPullRequest) async throws(ForgeError) -> PullRequest {
    let body = JSONValue.object([
      "title": .string(new.title), "description": .string(new.body), "source_branch": .string(new.head.raw),
      "target_branch": .string(new.base.raw),
    ])
    var projects = Projects(session)
    return try await read(session.create(requests, body), &projects)
  }

  package func edit(_ number: Int, title: String, body: String) async throws(ForgeError) {
    let change = JSONValue.object(["title": .string(title), "description": .string(body)])
    try await session.send(.put, requests + [String(number)], body: change)
  }

  package func comment(on number: Int, _ text: String) async throws(ForgeError) {
    try await session.send(.post, requests + [String(number), "notes"], body: .object(["body": .string(text)]))
  }

  /// GitLab sees by itself that the target branch holds the head.
  package func markMerged(_ number: Int, by commit: ObjectID) async throws(ForgeError) -> MergeNotice { .findsOut }

  private func read(_ json: JSONValue, _ projects: inout Projects) async throws(ForgeError) -> PullRequest {
    let request = Members(json, origin: session.name)
    let number = try request.integer("iid")
    let target = try await projects.path(of: request.integer("target_project_id"))
    guard target == remote.repository else {
      let other = target.map(\.description) ?? "a hidden project"
      throw .answersAbout(Untrusted("\(other)!\(number)"), asked: "\(remote.repository)")
    }
    var source: RepositoryPath?
    if let id = try request.optionalInteger("source_project_id") { source = try await projects.path(of: id) }
    return PullRequest(
      number: number, title: Untrusted(try request.string("title")),
      body: Untrusted(try request.optionalString("description") ?? ""),
      author: Untrusted(try request.optionalObject("author")?.string("username") ?? ""),
      state: try state(request), head: try request.objectID("sha"),
      headBranch: source == nil ? nil : try request.branch("source_branch"), headRepository: source,
      base: try request.branch("target_branch"), flow: .branch,
      allowsMaintainerEdits: try request.optionalBool("allow_collaboration"), headRef: kind.headRef(of: number))
  }

  private func state(_ request: Members) throws(ForgeError) -> PullRequest.State {
    switch try request.string("state") {
    case "opened", "locked": .open
    case "closed": .closed
    case "merged": .merged
    default: throw request.wrong("state", "opened, closed or merged")
    }
  }
}

/// The paths of projects, which merge requests name by number only. Each is asked for once.
private struct Projects {
  private let session: RestSession
  private var paths: [Int: RepositoryPath?] = [:]

  init(_ session: RestSession) { self.session = session }

  /// nil for a project that is gone or hidden from us.
  mutating func path(of id: Int) async throws(ForgeError) -> RepositoryPath? {
    if let known = paths[id] { return known }
    var path: RepositoryPath?
    do {
      let project = Members(try await session.get(["projects", String(id)]), origin: session.name)
      path = try project.repository("path_with_namespace")
    } catch .notFound {
      path = nil
    }
    paths[id] = path
    return path
  }
}
