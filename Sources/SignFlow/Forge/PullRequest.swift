package import GitBridge

/// A pull request as the forge tells it. None of it is evidence: what counts is in git.
package struct PullRequest: Sendable, Equatable {
  /// What the forge says of it.
  package enum State: Sendable, Equatable { case open, closed, merged }

  /// How it came, and so how a commit is added to it.
  package enum Flow: Sendable, Equatable {
    /// From a branch of this or another repository; a commit is added by pushing to that branch.
    case branch
    /// By a push to `refs/for/…`; a commit is added by pushing to `headRef` itself.
    case agit
  }

  /// As the forge counts.
  package let number: Int
  /// Its first line.
  package let title: Untrusted
  /// Its description.
  package let body: Untrusted
  /// The name on the forge: no proof of anybody.
  package let author: Untrusted
  /// What the forge says of it.
  package let state: State
  /// The head as the forge claims it. Fetch `headRef`, compare, and stop where they differ.
  package let head: ObjectID
  /// The branch that it comes from; nil for AGit, and when branch or fork are gone.
  package let headBranch: BranchName?
  /// The repository that `headBranch` is in; nil when it is gone.
  package let headRepository: RepositoryPath?
  /// The branch that it is bound for.
  package let base: BranchName
  /// Where the forge says that the base is. Forges note it when a request is opened, and not always again.
  package var baseHead: ObjectID? = nil
  /// How its head is fetched.
  package let flow: Flow
  /// Whether maintainers may push to `headBranch`; nil when the forge does not say.
  package let allowsMaintainerEdits: Bool?
  /// The ref of the base repository that holds the head.
  package let headRef: String
}

/// The open pull requests of a repository, at most `Paging.most`.
package struct OpenPullRequests: Sendable {
  /// In the forge's order.
  package let pulls: [PullRequest]
  /// How many could not be read because their descriptions are too large: whoever opened them wants them overlooked, or
  /// wants the others overlooked.
  package let tooLarge: Int
  /// Why some could not be understood, safe to print: each stands for itself and hides no other.
  package var unreadable: [String] = []
  /// The forge went on, or took so long, that the rest was not asked for.
  package var isCutOff = false
}

/// What a new pull request says.
package struct NewPullRequest: Sendable {
  /// Its first line.
  package var title: String
  /// Its description.
  package var body: String
  /// A branch of the same repository, already pushed.
  package var head: BranchName
  /// The branch that it is bound for.
  package var base: BranchName

  package init(title: String, body: String, head: BranchName, base: BranchName) {
    self.title = title
    self.body = body
    self.head = head
    self.base = base
  }
}

/// What came of telling the forge that a pull request was merged by a push.
package enum MergeNotice: Sendable, Equatable {
  case told
  /// This kind of forge finds out by itself.
  case findsOut
  /// The repository's settings do not allow it; somebody must close the pull request by hand.
  case notAllowed(Untrusted)
}
