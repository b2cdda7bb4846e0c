internal import GitBridge
internal import Review

/// What came of a push.
package enum PushOutcome: Equatable, Sendable {
  case done
  /// Somebody else was faster: fetch and stand on top of theirs.
  case behind
  /// The remote said no, in its own words.
  case refused(String)
  /// It could not be reached.
  case unreachable
}

extension SignaturesClone {
  /// Pushes a branch, never by force.
  package func push(_ remote: String, branch: String) throws(FlowError) -> PushOutcome {
    let ref = "refs/heads/\(branch)"
    let outcome = outcome(try run("push", "--porcelain", remote, "\(ref):\(ref)"))
    guard outcome == .done, let tip = try tip(ref) else { return outcome }
    // What a server says of a push may be a lie; what it shows afterwards is what the others get.
    let look = try run("ls-remote", "--refs", "--", remote, ref)
    guard look.status == 0 else { return .unreachable }
    let shown = Cosigner.refs(look.output)[ref]
    if shown == tip { return .done }
    if let shown, try isMovedOn(shown) { return .done }
    return .refused("it said that it took \(tip.short), and shows the branch at \(shown?.short ?? "nothing")")
  }

  /// Pushes to AGit's magic ref, which opens a pull request or brings the one for this topic up to date.
  package func pushForReview(
    _ remote: String, branch: String, base: String, topic: String, title: String
  ) throws(FlowError) -> PushOutcome {
    outcome(
      try run(
        // A request that was staged anew is one commit on what has been merged since; the topic is its own.
        "push", "--porcelain", "-o", "title=\(title)", "-o", "force-push=true", remote,
        "refs/heads/\(branch):refs/for/\(base)/\(topic)"))
  }

  /// Whether this is something new of somebody's, rather than what was there before our push.
  private func isMovedOn(_ shown: ObjectID) throws(FlowError) -> Bool {
    try Self.reading { () throws(GitError) in try repository.kind(of: shown) == nil }
  }

  /// git-push(1), OUTPUT: one line for each ref, `FLAG \t FROM:TO \t SUMMARY (REASON)`.
  private func outcome(_ result: ChildProgram.Result) -> PushOutcome {
    if result.status == 0 { return .done }
    guard let line = result.text.split(separator: "\n").first(where: { $0.hasPrefix("!") }) else { return .unreachable }
    let summary = line.split(separator: "\t").last.map(String.init) ?? ""
    for reason in [
      "non-fast-forward", "fetch first", "stale info", "failed to update ref", "cannot lock ref", "incorrect old value",
    ] where summary.contains(reason) {
      return .behind
    }
    let words = GitRunner.shown(result.errors)
    return .refused(printable(summary) + (words.isEmpty ? "" : "\n" + words))
  }
}
