/// How a person names a pull request: `PR-123`, `123`, `#123`, `!123`, or the address of its page.
package struct PullRequestReference: Sendable, Equatable {
  /// As the forge counts.
  package let number: Int
  /// Only where the whole address was given.
  package let place: Place?

  /// The repository that an address names.
  package struct Place: Sendable, Equatable {
    /// The server.
    package let origin: WebOrigin
    /// The path below the server's.
    package let repository: RepositoryPath
  }

  /// Reads `PR-123`, `123`, `#123`, `!123`, or a page's address.
  package init(_ text: String) throws(ForgeError) {
    guard let read = Self.read(text) else { throw .notAReference(Untrusted(text)) }
    self = read
  }

  private init(number: Int, place: Place?) {
    self.number = number
    self.place = place
  }

  private static func read(_ text: String) -> PullRequestReference? {
    for prefix in ["PR-", "pr-", "#", "!", ""] where text.hasPrefix(prefix) {
      if let number = number(text.dropFirst(prefix.count)) { return PullRequestReference(number: number, place: nil) }
    }
    return readAddress(text)
  }

  /// `https://host/owner/name/pulls/123` (Forgejo), `…/pull/123` (GitHub), `…/-/merge_requests/123` (GitLab), each
  /// perhaps with a tab of the page or an anchor behind it.
  private static func readAddress(_ text: String) -> PullRequestReference? {
    for scheme in [WebOrigin.Scheme.https, .http] where text.hasPrefix("\(scheme)://") {
      let bare = text.dropFirst("\(scheme)://".count).prefix { $0 != "#" && $0 != "?" }
      let parts = bare.split(separator: "/", omittingEmptySubsequences: false)
      for word in ["/pulls/", "/pull/", "/-/merge_requests/"] {
        guard let found = bare.firstRange(of: word), let start = bare.firstIndex(of: "/"), start < found.lowerBound
        else { continue }
        let digits = bare[found.upperBound...].prefix { $0 != "/" }
        let path = bare[bare.index(after: start)..<found.lowerBound]
        guard let number = number(digits), let repository = RepositoryPath(path), let origin = origin(scheme, parts[0])
        else { return nil }
        return PullRequestReference(number: number, place: Place(origin: origin, repository: repository))
      }
    }
    return nil
  }

  private static func origin(_ scheme: WebOrigin.Scheme, _ authority: Substring) -> WebOrigin? {
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return WebOrigin(scheme: scheme, host: authority) }
    guard let port = number(parts[1]) else { return nil }
    return WebOrigin(scheme: scheme, host: parts[0], port: port)
  }

  /// ASCII digits, no zero in front, at most nine.
  private static func number(_ text: some StringProtocol) -> Int? {
    let bytes = Array(text.utf8)
    guard (1...9).contains(bytes.count), bytes.allSatisfy(\.isDigit), bytes[0] != UInt8(ascii: "0") else { return nil }
    return Int(text)
  }
}
