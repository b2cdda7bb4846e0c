internal import Review

/// Finds the forge behind a git remote and makes its client.
package struct ForgeFinder: Sendable {
  private let transport: any Transport
  private let credentials: Credentials
  /// The setting `maint.forge`, if it is set.
  private let setting: String?

  package init(transport: any Transport, credentials: Credentials, setting: String?) {
    self.transport = transport
    self.credentials = credentials
    self.setting = setting
  }

  /// - Parameter url: of the remote, as git would use it (`git remote get-url`).
  package func forge(behind url: String) async throws(ForgeError) -> any Forge {
    let remote = try RemoteAddress(url)
    let kind = try await kind(of: remote.origin)
    let token = try await credentials.token(for: remote.origin)
    switch kind {
    case .forgejo: return ForgejoClient(remote: remote, token: token, transport: transport)
    case .gitlab: return GitLabClient(remote: remote, token: token, transport: transport)
    case .github: return GitHubClient(remote: remote, token: token, transport: transport)
    }
  }

  /// By the setting, by the host's name, else by asking, without a token.
  package func kind(of origin: WebOrigin) async throws(ForgeError) -> ForgeKind {
    if let setting { return try ForgeKind(setting: setting) }
    if let known = ForgeKind(host: origin.host) { return known }
    if try await answersWithVersion(origin, ["api", "v1"], "version") { return .forgejo }
    if try await answersWithVersion(origin, ["api", "v3"], "meta") { return .github }
    if try await answersWithVersion(origin, ["api", "v4"], "version") { return .gitlab }
    throw .unknownKind(origin: origin.description)
  }

  /// GitLab wants a login for that, and a page of something else is no JSON.
  private func answersWithVersion(_ origin: WebOrigin, _ root: [String], _ page: String) async throws(ForgeError)
    -> Bool
  {
    let session = RestSession(origin: origin, root: root, transport: transport, authorization: nil)
    do {
      let answer = try await session.get([page])
      return answer["version"]?.string != nil || answer["installed_version"]?.string != nil
    } catch .notLoggedIn {
      return true
    } catch .notFound, .malformed, .redirected, .refused {
      return false
    }
  }
}
