package import GitBridge

/// What is asked of a forge. Everything but opening and closing pull requests works without it, with git alone.
package protocol Forge: Sendable {
  var kind: ForgeKind { get }
  var remote: RemoteAddress { get }

  func pullRequest(_ number: Int) async throws(ForgeError) -> PullRequest
  /// Those that are open, the newest first.
  func openPullRequests() async throws(ForgeError) -> OpenPullRequests
  func create(_ new: NewPullRequest) async throws(ForgeError) -> PullRequest
  func edit(_ number: Int, title: String, body: String) async throws(ForgeError)
  func comment(on number: Int, _ text: String) async throws(ForgeError)
  /// Tells the forge that `commit`, already pushed to the base branch, is the merge of the pull request.
  func markMerged(_ number: Int, by commit: ObjectID) async throws(ForgeError) -> MergeNotice
}

extension Forge {
  /// The open pull request from a branch of this repository into `base`, if there is one.
  package func openPullRequest(from head: BranchName, into base: BranchName) async throws(ForgeError) -> PullRequest? {
    try await openPullRequests().pulls.first {
      $0.headBranch == head && $0.base == base && $0.headRepository == remote.repository && $0.flow == .branch
    }
  }

  /// Creates a pull request, or brings the one that is there for these branches up to date.
  package func createOrUpdate(_ new: NewPullRequest) async throws(ForgeError) -> PullRequest {
    if let existing = try await openPullRequest(from: new.head, into: new.base) {
      try await edit(existing.number, title: new.title, body: new.body)
      return try await pullRequest(existing.number)
    }
    return try await create(new)
  }
}
