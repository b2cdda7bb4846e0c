internal import Review

/// A forge whose pull requests are asked for as GitHub's are; what it says of one it reads by itself.
protocol PullsForge: Forge {
  var pulls: PullsInterface { get }
  func read(_ json: JSONValue) throws(ForgeError) -> PullRequest
}

extension PullsForge {
  package func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest {
    try read(await pulls.get(number)).checked(number)
  }

  package func openPullRequests() async throws(ForgeError) -> OpenPullRequests {
    try await pulls.open().read { item throws(ForgeError) in try read(item) }
  }

  package func create(_ new: NewPullRequest) async throws(ForgeError) -> PullRequest {
    try read(await pulls.create(new))
  }

  package func edit(_ number: Int, title: String, body: String) async throws(ForgeError) {
    try await pulls.edit(number, title: title, body: body)
  }

  package func comment(on number: Int, _ text: String) async throws(ForgeError) {
    try await pulls.comment(on: number, text)
  }
}
