/// A git remote's URL, read: which forge and which repository it means (gitprotocol: git-fetch(1), "GIT URLS").
package struct RemoteAddress: Sendable, Equatable {
  /// Where the forge's pages and interface are. For ssh: the same host by https.
  package let origin: WebOrigin
  /// The path below the server's.
  package let repository: RepositoryPath
  /// What stands before the repository's path: `https://host/`, `git@host:`; with the user, without a password.
  private let prefix: String

  /// Understands https, http, ssh and `user@host:path`. Files, `git:` and everything else is no forge.
  package init(_ url: String) throws(ForgeError) {
    let read =
      if let end = url.firstRange(of: "://") {
        Self.read(scheme: url[..<end.lowerBound], rest: url[end.upperBound...])
      } else {
        Self.readScpLike(url)
      }
    guard let read else { throw .notOnAForge(remote: Untrusted(url)) }
    self = read
  }

  private init(origin: WebOrigin, repository: RepositoryPath, prefix: String) {
    self.origin = origin
    self.repository = repository
    self.prefix = prefix
  }

  /// The URL of another repository on the same forge, reached in the same way.
  ///
  /// Addresses that the forge itself gives are never used: it could name any machine.
  package func url(of other: RepositoryPath) -> String { "\(prefix)\(other).git" }

  private static func read(scheme: Substring, rest: Substring) -> RemoteAddress? {
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let repository = RepositoryPath(parts[1]) else { return nil }
    // A password in the address is dropped: secrets do not belong there.
    let (user, place) = splitUser(parts[0])
    guard let (host, port) = splitPort(place) else { return nil }
    switch scheme.lowercased() {
    case "https", "http":
      let kind: WebOrigin.Scheme = scheme.lowercased() == "https" ? .https : .http
      guard let origin = WebOrigin(scheme: kind, host: host, port: port) else { return nil }
      return RemoteAddress(origin: origin, repository: repository, prefix: "\(origin)/")
    case "ssh", "git+ssh", "ssh+git":
      guard let origin = webOrigin(ofSSHHost: host), user.allSatisfy(isUserCharacter) else { return nil }
      let who = user.isEmpty ? "" : "\(user)@"
      return RemoteAddress(origin: origin, repository: repository, prefix: "ssh://\(who)\(place)/")
    default:
      return nil
    }
  }

  /// `user@host:path`; ssh itself reads it so only when no slash comes before the colon.
  private static func readScpLike(_ url: String) -> RemoteAddress? {
    let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].contains("/") else { return nil }
    let (user, host) = splitUser(parts[0])
    let path = parts[1].hasPrefix("/") ? parts[1].dropFirst() : parts[1]
    guard let origin = webOrigin(ofSSHHost: host), let repository = RepositoryPath(path),
      user.allSatisfy(isUserCharacter)
    else { return nil }
    return RemoteAddress(origin: origin, repository: repository, prefix: "\(parts[0]):")
  }

  /// GitHub and GitLab have hosts of their own for ssh through port 443.
  private static func webOrigin(ofSSHHost host: some StringProtocol) -> WebOrigin? {
    let web = ["ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"][host.lowercased()]
    return WebOrigin(scheme: .https, host: web ?? String(host))
  }

  private static func splitUser(_ text: Substring) -> (user: Substring, rest: Substring) {
    guard let at = text.lastIndex(of: "@") else { return ("", text) }
    return (text[..<at].prefix { $0 != ":" }, text[text.index(after: at)...])
  }

  private static func splitPort(_ text: Substring) -> (host: Substring, port: Int?)? {
    guard let colon = text.lastIndex(of: ":") else { return (text, nil) }
    let digits = text[text.index(after: colon)...]
    guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(\.isDigit), let port = Int(digits) else {
      return nil
    }
    return (text[..<colon], port)
  }

  private static func isUserCharacter(_ character: Character) -> Bool {
    guard let byte = character.asciiValue else { return false }
    return byte.isLetterOrDigit || character == "_" || character == "-" || character == "."
  }
}
