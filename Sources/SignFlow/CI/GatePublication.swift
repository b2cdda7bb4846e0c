package import GitBridge
internal import Review

/// Tells a forge what the gate has found: a status on the commit that was judged, and one comment that is edited in
/// place.
///
/// Neither is evidence of anything, since whoever may write to the repository may set both. They are for people.
package struct GatePublication: Sendable {
  private let session: RestSession
  private let isGitLab: Bool
  private let isGitHub: Bool
  /// Where the repository's own resources are.
  private let place: [String]

  /// Nil where the environment is no CI's whose forge has an interface.
  ///
  /// - Throws: When it is one and the address or the token cannot be used.
  package init?(environment: [String: String]) throws(GateInputError) {
    let variables = CIVariables(environment)
    isGitLab = variables["GITLAB_CI"] != nil
    let names = isGitLab ? ["CI_API_V4_URL"] : ["FORGEJO_API_URL", "GITEA_API_URL", "GITHUB_API_URL"]
    guard let name = names.first(where: { variables[$0] != nil }), let url = variables[name] else { return nil }
    guard let (origin, root) = Self.address(url), origin.isSecure else {
      throw GateInputError("\(name) is no address of an interface: \(printable(url))")
    }
    guard let text = variables["MAINT_TOKEN"], let token = Token(text) else {
      throw GateInputError(
        "MAINT_TOKEN holds no token to publish with",
        next: "pass the job's token as MAINT_TOKEN, or leave --publish out")
    }
    isGitHub = origin.host == "api.github.com" || root == ["api", "v3"]
    if isGitLab {
      place = ["projects", String(try CIValue.number(variables["CI_PROJECT_ID"], "CI_PROJECT_ID"))]
    } else {
      let repository = variables["FORGEJO_REPOSITORY", "GITEA_REPOSITORY", "GITHUB_REPOSITORY"] ?? ""
      guard let path = RepositoryPath(repository), path.parts.count == 2 else {
        throw GateInputError("GITHUB_REPOSITORY is no repository: \(printable(repository))")
      }
      place = ["repos"] + path.parts
    }
    session = RestSession(
      origin: origin, root: root, transport: CurlTransport(environment: environment),
      authorization: isGitLab
        ? "PRIVATE-TOKEN: \(token.secret)"
        : isGitHub ? "Authorization: Bearer \(token.secret)" : "Authorization: token \(token.secret)")
  }

  /// What branch protection asks for. The target is part of the name: a head that may go into one branch would
  /// otherwise be green in a request for another.
  package static func context(target: String) -> String {
    "two-maintainers (\(target.hasPrefix("refs/heads/") ? String(target.dropFirst("refs/heads/".count)) : target))"
  }

  /// What a status on a forge can be.
  package enum State: String, Sendable { case pending, success, failure, error }

  /// Sets the status of a commit, under the name that belongs to the target. GitLab calls a failure and an error alike.
  ///
  /// - Parameters:
  ///   - target: The ref that the judged commit is bound for.
  ///   - text: What is shown beside the status; cut off at 130 characters.
  package func setStatus(_ state: State, of commit: ObjectID, target: String, _ text: String) async throws(ForgeError) {
    let description = JSONValue.string(printable(text, limit: 130))
    let context = JSONValue.string(printable(Self.context(target: target)))
    if isGitLab {
      let word = ["failure": "failed", "error": "failed"][state.rawValue] ?? state.rawValue
      let body = JSONValue.object(["state": .string(word), "name": context, "description": description])
      try await session.send(.post, place + ["statuses", commit.hex], body: body)
    } else {
      let body = JSONValue.object(["state": .string(state.rawValue), "context": context, "description": description])
      try await session.send(.post, place + ["statuses", commit.hex], body: body)
    }
  }

  /// The first line of our comment; no forge shows it.
  private static let marker = "<!-- stagex-maint gate -->"
  /// Names under which a job's own token acts. Elsewhere they are anybody's to take.
  private var robots: Set<String> {
    isGitLab ? [] : isGitHub ? ["github-actions[bot]"] : ["forgejo-actions", "gitea-actions"]
  }

  /// Writes the request's one comment, or changes what it says.
  package func comment(on number: Int, _ text: String) async throws(ForgeError) {
    let body = JSONValue.object(["body": .string(Self.marker + "\n" + text)])
    let comments =
      isGitLab ? place + ["merge_requests", String(number), "notes"] : place + ["issues", String(number), "comments"]
    if let own = try await ownComment(comments) {
      let path = isGitLab ? comments + [String(own)] : place + ["issues", "comments", String(own)]
      try await session.send(isGitLab ? .put : .patch, path, body: body)
    } else {
      try await session.send(.post, comments, body: body)
    }
  }

  /// Attack: somebody else's comment that begins with our mark. We would write our words into it, and they could change
  /// them.
  private func ownComment(_ path: [String]) async throws(ForgeError) -> Int? {
    var me: String?
    do throws(ForgeError) {
      let user = try await session.get(["user"])
      me = user[isGitLab ? "username" : "login"]?.string
    } catch {
      // A job's own token may not ask; then it is one of the robots.
    }
    var page = 1
    while page <= 10 {
      // Forgejo gives all of them at once.
      let query = isGitHub || isGitLab ? [("per_page", "100"), ("page", String(page))] : []
      guard case .array(let items) = try await session.get(path, query: query) else {
        throw .malformed(origin: session.name, reason: "not a list")
      }
      for item in items {
        let author = item[isGitLab ? "author" : "user"]?[isGitLab ? "username" : "login"]?.string ?? ""
        guard me.map({ $0 == author }) ?? robots.contains(author),
          item["body"]?.string?.hasPrefix(Self.marker) ?? false,
          let id = item["id"]?.integer
        else { continue }
        return Int(id)
      }
      guard !query.isEmpty, items.count == 100 else { return nil }
      page += 1
    }
    return nil
  }

  /// Scheme, host, port and path of an interface's address.
  private static func address(_ url: String) -> (WebOrigin, [String])? {
    guard let colon = url.firstRange(of: "://"),
      let scheme = WebOrigin.Scheme(rawValue: String(url[..<colon.lowerBound]))
    else { return nil }
    let parts = url[colon.upperBound...].split(separator: "/", omittingEmptySubsequences: true)
    guard let authority = parts.first?.split(separator: ":", omittingEmptySubsequences: false), authority.count <= 2,
      let host = authority.first
    else { return nil }
    let port = authority.count == 2 ? Int(authority[1]) : nil
    guard authority.count == 1 || port != nil, let origin = WebOrigin(scheme: scheme, host: host, port: port) else {
      return nil
    }
    let root = parts.dropFirst().map(String.init)
    guard
      root.allSatisfy({
        $0.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
      })
    else { return nil }
    return (origin, root)
  }
}
