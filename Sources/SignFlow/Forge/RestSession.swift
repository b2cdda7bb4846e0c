internal import Review

/// Asks one forge's REST interface: adds the token, reads JSON strictly, and makes errors of statuses.
struct RestSession: Sendable {
  let origin: WebOrigin
  /// `api`, `v1`.
  let root: [String]
  let transport: any Transport
  /// The header that carries the token, made by the kind of forge.
  let authorization: String?
  /// How long it is waited when the forge asks for patience, in seconds, and how often.
  static let longestWait = 3
  static let mostTries = 3

  var name: String { origin.description }

  func get(_ parts: [String], query: [(String, String)] = []) async throws(ForgeError) -> JSONValue {
    try await send(.get, path: encodedPath(root + parts, query: query))
  }

  /// The items of a list, page by page until one brings nothing new (servers may allow fewer on a page than we ask
  /// for), and how many were too large to be read.
  ///
  /// One description of megabytes must not hide all pull requests: what is too large is asked for in smaller pages.
  func list(
    _ parts: [String], state: String, sizeName: String
  ) async throws(ForgeError) -> OpenItems {
    var items: [JSONValue] = []
    var seen: Set<Int> = []
    var (page, step, skipped, requests) = (1, 0, 0, 0)
    while items.count + skipped < Paging.most {
      // Attack: a page that always brings one more, each in its own good time.
      guard requests < Paging.mostRequests else {
        // Nothing but answers without an end: that is no list, and must not be taken for an empty one.
        if items.isEmpty { throw .tooLarge(origin: name) }
        return OpenItems(items: items, tooLarge: skipped, isCutOff: true)
      }
      requests += 1
      let size = Paging.sizes[step]
      let query = [("state", state), (sizeName, String(size)), ("page", String(page))]
      do {
        let before = items.count
        for item in try await array(parts, query: query) {
          if seen.insert(try Members(item, origin: name).integer("id")).inserted { items.append(item) }
        }
        if items.count == before { break }
        page += 1
      } catch .tooLarge where step + 1 < Paging.sizes.count {
        step += 1
        page = (items.count + skipped) / Paging.sizes[step] + 1  // may begin with items that we have
      } catch .tooLarge {
        skipped += 1
        page += 1
      } catch .timedOut where !items.isEmpty {
        return OpenItems(items: items, tooLarge: skipped, isCutOff: true)
      }
    }
    return OpenItems(items: items, tooLarge: skipped, isCutOff: items.count + skipped >= Paging.most)
  }

  /// What a list brought.
  struct OpenItems {
    let items: [JSONValue]
    let tooLarge: Int
    let isCutOff: Bool

    /// Reads each by itself: one that makes no sense hides no other. A list of nothing else is an error.
    func read(_ body: (JSONValue) async throws(ForgeError) -> PullRequest) async throws(ForgeError) -> OpenPullRequests
    {
      var pulls: [PullRequest] = []
      var unreadable: [String] = []
      var first: ForgeError?
      for item in items {
        do throws(ForgeError) {
          pulls.append(try await body(item))
        } catch {
          if error.isTemporary { throw error }
          first = first ?? error
          let number = item["number"]?.integer ?? item["iid"]?.integer
          unreadable.append("\(number.map { "number \($0)" } ?? "one without a number"): \(error.message)")
        }
      }
      if let first, pulls.isEmpty { throw first }
      return OpenPullRequests(pulls: pulls, tooLarge: tooLarge, unreadable: unreadable, isCutOff: isCutOff)
    }
  }

  private func array(_ parts: [String], query: [(String, String)]) async throws(ForgeError) -> [JSONValue] {
    guard case .array(let items) = try await get(parts, query: query) else {
      throw .malformed(origin: name, reason: "not a list")
    }
    return items
  }

  @discardableResult
  func send(_ method: HTTPRequest.Method, _ parts: [String], body: JSONValue) async throws(ForgeError) -> JSONValue {
    if authorization == nil { throw .notLoggedIn(origin: name) }
    return try await send(method, path: encodedPath(root + parts), body: body)
  }

  /// Sends a new pull request. One that is there already is 409 on Forgejo and GitLab; GitHub's 422 can mean anything.
  func create(_ parts: [String], _ body: JSONValue) async throws(ForgeError) -> JSONValue {
    do {
      return try await send(.post, parts, body: body)
    } catch .refused(409, let message) {
      throw .alreadyExists(message: message)
    }
  }

  private func send(
    _ method: HTTPRequest.Method, path: String, body: JSONValue? = nil
  ) async throws(ForgeError) -> JSONValue {
    let request = HTTPRequest(
      method: method, origin: origin, path: path,
      headers: ["Accept: application/json", "User-Agent: stagex-maint"]
        + (body == nil ? [] : ["Content-Type: application/json"]),
      secretHeaders: authorization.map { [$0] } ?? [], body: body?.bytes)
    var response = try await transport.send(request)
    // Only questions are asked again: a change might have been made all the same.
    for _ in 1..<(method == .get ? Self.mostTries : 1) {
      guard [429, 503].contains(response.status), let wait = response.retryAfter, wait <= Self.longestWait else {
        break
      }
      do { try await Task.sleep(for: .seconds(wait)) } catch { throw .busy(origin: name, seconds: wait) }
      response = try await transport.send(request)
    }
    return try read(response, path: path)
  }

  private func read(_ response: HTTPResponse, path: String) throws(ForgeError) -> JSONValue {
    switch response.status {
    case 200...299:
      if response.body.allSatisfy({ [0x20, 0x0A, 0x0D, 0x09].contains($0) }) { return .null }
      do {
        return try JSONValue.read(response.body, limit: CurlTransport.largestAnswer)
      } catch {
        throw .malformed(origin: name, reason: error.message)
      }
    case 300...399: throw .redirected(origin: name, to: response.location)
    case 401: throw .notLoggedIn(origin: name)
    case 404: throw .notFound(path)
    case 429, 503: throw .busy(origin: name, seconds: response.retryAfter)
    default: throw .refused(status: response.status, message: message(response))
    }
  }

  /// The forge's own words, when it has any.
  private func message(_ response: HTTPResponse) -> Untrusted {
    guard let value = try? JSONValue.read(response.body, limit: CurlTransport.largestAnswer) else {
      return Untrusted("")
    }
    return Untrusted(value["message"]?.string ?? value["error"]?.string ?? "")
  }
}
