internal import GitBridge
internal import Review
internal import SignFlow

/// The lead's state that a follower has taken and the clone's own view of the lead has yet to come to.
///
/// Where git moves one ref at a time, a fetch begins with what the checked-out branch tracks, whatever the order of the
/// refspecs: what carries the rules comes after what is judged by it. The state is here already, and is judged as the
/// lead's next. A server that only pretends that it is gains nothing: it could show the lead there.
struct LeadAhead {
  private let repository: Repository
  private let lead: [UInt8]
  private let tip: ObjectID?

  /// - Parameter lead: Its full name on the remote.
  init(_ repository: Repository, _ lead: [UInt8], remote: String?) throws(GitError) {
    (self.repository, self.lead) = (repository, lead)
    guard let remote, let name = shortName(lead, under: "refs/heads/") else {
      tip = nil
      return
    }
    tip = try repository.resolve(ref: "refs/remotes/\(remote)/\(String(decoding: name, as: UTF8.self))")
  }

  /// How far down a follower's line is looked.
  private static let most = 100

  /// The move of the lead to the newest such state, and that state; nil where the follower has none.
  func step(below answer: RemoteJudge.Answer) throws(GitError) -> (RefUpdate, ObjectID)? {
    guard let tip, var at = answer.shown, answer.ref.starts(with: "refs/heads/".utf8),
      try repository.kind(of: at) == .commit
    else { return nil }
    for _ in 0..<Self.most {
      let parents = try repository.readCommit(at).commit.parents
      for parent in parents.dropFirst() where parent != tip {
        if try repository.isState(tip, ofTip: parent) { return (RefUpdate(ref: lead, old: tip, new: parent), parent) }
      }
      guard let first = parents.first, first != answer.last?.new else { return nil }
      at = first
    }
    return nil
  }
}
