internal import GitBridge
internal import Review

/// The part of the interface that Forgejo and Gitea have taken over from GitHub: paths and requests of pull requests.
struct PullsInterface: Sendable {
  let session: RestSession
  let repository: RepositoryPath
  /// What the size of a page is called.
  let sizeName: String

  private var place: [String] { ["repos"] + repository.parts }
  private func pull(_ number: Int) -> [String] { place + ["pulls", String(number)] }

  func get(_ number: Int) async throws(ForgeError) -> JSONValue { try await session.get(pull(number)) }

  func open() async throws(ForgeError) -> RestSession.OpenItems {
    try await session.list(place + ["pulls"], state: "open", sizeName: sizeName)
  }

  func create(_ new: NewPullRequest) async throws(ForgeError) -> JSONValue {
    let body = JSONValue.object([
      "title": .string(new.title), "body": .string(new.body), "head": .string(new.head.raw),
      "base": .string(new.base.raw),
    ])
    return try await session.create(place + ["pulls"], body)
  }

  func edit(_ number: Int, title: String, body: String) async throws(ForgeError) {
    let change = JSONValue.object(["title": .string(title), "body": .string(body)])
    try await session.send(.patch, pull(number), body: change)
  }

  func comment(on number: Int, _ text: String) async throws(ForgeError) {
    let body = JSONValue.object(["body": .string(text)])
    try await session.send(.post, place + ["issues", String(number), "comments"], body: body)
  }

  func merge(_ number: Int, _ body: JSONValue) async throws(ForgeError) {
    try await session.send(.post, pull(number) + ["merge"], body: body)
  }
}
