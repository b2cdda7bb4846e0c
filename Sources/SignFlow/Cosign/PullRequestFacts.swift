package import GitBridge
internal import Review

/// What is known of a pull request before it is fetched. Where a forge said it, it is text from outside.
package struct PullRequestFacts: Sendable {
  /// `PR-123`, on GitLab `!123`.
  package var name: String
  /// As the forge counts.
  package var number: Int
  /// The ref of the base repository that holds the head, `refs/pull/123/head`.
  package var headRef: String
  /// The branch it is bound for, without `refs/heads/`.
  package var base: String
  /// The head that the forge's interface claims; nil when it did not answer.
  package var claimedHead: ObjectID?
  /// From outside; nil where no forge was asked.
  package var title: String?
  /// From outside; nil where no forge was asked.
  package var author: String?
  /// The branch that it comes from, `bob/stagex:topic`, as the forge says.
  package var branch: String?
  /// Where the forge says that the base is.
  package var claimedBase: ObjectID?
  /// Where the head comes from.
  package var home: Home
  /// As the forge says; nil when it did not answer.
  package var state: PullRequest.State?

  /// Where a commit on top of the pull request is pushed to.
  package enum Home: Sendable, Equatable {
    /// To this ref of the base repository itself.
    case here(ref: String)
    /// To a branch of another repository, whose maintainers' edits are allowed.
    case fork(url: String, ref: String)
    /// Nowhere: only the author can.
    case closed(reason: String)
  }

  package init(
    name: String, number: Int, headRef: String, base: String, claimedHead: ObjectID? = nil, title: String? = nil,
    author: String? = nil, home: Home
  ) {
    self.name = name
    self.number = number
    self.headRef = headRef
    self.base = base
    self.claimedHead = claimedHead
    self.title = title
    self.author = author
    self.home = home
  }

  /// Where the fetched head is kept in this clone. Outside `refs/heads`, so that nothing takes it for a branch.
  package var privateRef: String { "refs/stagex-maint/pr/\(number)" }
  /// The full name of the branch that the request is bound for.
  package var baseRef: String { "refs/heads/\(base)" }
}

extension PullRequestFacts {
  /// The first line of a merge, as forges word it and people would.
  ///
  /// Title and branch are an outsider's text: made safe to print, short, and on one line, so that they can neither end
  /// the line nor begin a trailer.
  package var mergeTitle: String {
    let isRequest = name.hasPrefix("!")
    let number = isRequest ? name : "#\(number)"
    let what = isRequest ? "merge request" : "pull request"
    let quoted = title.map { printable($0, limit: 100).split(separator: " ").joined(separator: " ") }.map {
      "'\($0)' (\(number))"
    }
    let from = branch.map { " from \(printable($0, limit: 100))" } ?? ""
    return "Merge \(what) \(quoted ?? number)\(from) into \(printable(base, limit: 100))"
  }
}
