package import GitBridge
internal import OpenPGP
internal import Review

/// Forgejo and Gitea, interface version 1.
package struct ForgejoClient: PullsForge {
  /// Also Gitea, which has the same interface.
  package let kind = ForgeKind.forgejo
  /// The repository on the forge.
  package let remote: RemoteAddress
  let pulls: PullsInterface

  init(remote: RemoteAddress, token: Token?, transport: any Transport) {
    self.remote = remote
    let session = RestSession(
      origin: remote.origin, root: ["api", "v1"], transport: transport, authorization: token.map(Self.header))
    pulls = PullsInterface(session: session, repository: remote.repository, sizeName: "limit")
  }

  /// Forgejo takes a user and password, as git's credential helper has them, by HTTP's Basic scheme.
  private static func header(_ token: Token) -> String {
    switch token.kind {
    case .token: "Authorization: token \(token.secret)"
    case .password(let user):
      "Authorization: Basic " + String(decoding: Base64.encode(Array("\(user):\(token.secret)".utf8)), as: UTF8.self)
    }
  }

  package func markMerged(_ number: Int, by commit: ObjectID) async throws(ForgeError) -> MergeNotice {
    do {
      try await pulls.merge(number, .object(["Do": .string("manually-merged"), "MergeCommitID": .string(commit.hex)]))
      return .told
    } catch .refused(405, let message) {
      // Either the repository does not allow it, or the forge has found out by itself.
      return try await pullRequest(number).state == .merged ? .told : .notAllowed(message)
    }
  }

  func read(_ json: JSONValue) throws(ForgeError) -> PullRequest {
    let members = try PullMembers(json, of: remote.repository, origin: pulls.session.name)
    let isAgit = try members.pull.optionalInteger("flow") == 1
    let headRef = kind.headRef(of: members.number)
    // Where branch or fork are gone the forge names the ref of the pull request instead.
    let isGone = try members.head.string("ref") == headRef || members.headRepository == nil
    return try members.pullRequest(
      hasBranch: !isAgit && !isGone, flow: isAgit ? .agit : .branch,
      isMerged: members.pull.optionalBool("merged") ?? false, maintainerEdits: "allow_maintainer_edit", headRef: headRef
    )
  }
}

extension PullRequest {
  /// Refuses an answer about another pull request than was asked for.
  func checked(_ asked: Int) throws(ForgeError) -> PullRequest {
    guard number == asked else { throw .answersAbout(Untrusted("number \(number)"), asked: "number \(asked)") }
    return self
  }
}
