internal import GitBridge
package import Review

/// Whether a clone is one of a repository of image signatures, and whether its branches are what its own rule accepts.
/// Asked before anything is signed on top of them.
///
/// Attack: the remote of the signatures shows commits of the source repository, and the signature on the staging's
/// commit stands behind those.
package struct SignaturesRepository {
  private let clone: SignaturesClone
  private let remote: String
  private let namespace: String

  package init(_ clone: SignaturesClone, remote: String, namespace: String) {
    self.clone = clone
    self.remote = remote
    self.namespace = namespace
  }

  /// - Parameters:
  ///   - branches: Those that the staging stands on, without `refs/heads/`.
  ///   - reviewer: Judges them by the rule; nil where the clone has no trust root.
  /// - Returns: The repository's identity, where its policy names one.
  package func demand(_ branches: [String], judgedBy reviewer: Reviewer?) throws(FlowError) -> String? {
    var identity: String?
    for branch in branches {
      guard let tip = try clone.tip("refs/remotes/\(remote)/\(branch)") else { continue }
      guard try reading({ () throws(GitError) in try clone.repository.kind(of: tip) }) == .commit else {
        throw FlowError(
          .impossible,
          "\(printable(branch)) of \(printable(remote)) is no commit; nothing was signed",
          next: "git -C \(shellWord(clone.path)) cat-file -t \(tip.hex)")
      }
      if let reviewer {
        let judged = try self.judged(branch, by: reviewer)
        identity = identity ?? judged?.policy.repository
      }
      identity = try demandKind(tip, branch) ?? identity
    }
    return identity
  }

  private func judged(_ branch: String, by reviewer: Reviewer) throws(FlowError) -> JudgedBase? {
    let judged: JudgedBase
    do throws(ReviewProblem) {
      judged = try reviewer.judgedBase(of: Array("refs/heads/\(branch)".utf8))
    } catch .notProtected {
      return nil
    } catch {
      let refusal = error.refusal(ref: branch)
      throw FlowError(.impossible, printable(refusal.message, limit: 500), next: refusal.next)
    }
    guard judged.verdict.outcome == .accepted else {
      let first = judged.verdict.refusals.first
      throw FlowError(
        judged.verdict.outcome == .undecided ? .impossible : .refused,
        "\(printable(remote)) has \(printable(branch)) at \(judged.tip.short), which is not what its rule accepts"
          + (first.map { ": \(printable($0.message, limit: 300))" } ?? "") + "; nothing was signed",
        next: first?.next ?? "stagex-maint -C \(shellWord(clone.path)) audit \(shellWord("\(remote)/\(branch)"))")
    }
    guard judged.policy.kind == .signatures else {
      throw otherKind(branch, "its policy is that of a source repository")
    }
    return judged
  }

  /// By what the tip holds. Where no policy speaks, nothing may be there by which a rule for sources would take the
  /// commit as a change of theirs: a registry, or the sources themselves.
  private func demandKind(_ tip: ObjectID, _ branch: String) throws(FlowError) -> String? {
    let (entries, policy) = try reading { () throws(GitError) -> ([TreeEntry], [UInt8]?) in
      let entries = try clone.repository.tree(clone.repository.treeOfCommit(tip))
      guard let file = entries.first(where: { $0.name == Array(Policy.path.utf8) && $0.mode == FileMode.file }) else {
        return (entries, nil)
      }
      return (entries, try clone.repository.read(file.id, as: .blob))
    }
    if let policy {
      let read: Policy
      do throws(FileDefect) {
        read = try Policy.read(policy)
      } catch {
        throw FlowError(
          .impossible, "\(printable(branch)):\(Policy.path) cannot be read: \(printable(error.message))",
          next: "stagex-maint policy lint")
      }
      guard read.kind == .signatures else {
        throw otherKind(branch, "its \(Policy.path) does not say kind = \"signatures\"")
      }
      return read.repository
    }
    let names = Set(entries.map { String(decoding: $0.name, as: UTF8.self).lowercased() })
    if let found = ["maintainers", "keys", "packages", "digests", "makefile"].first(where: names.contains) {
      throw otherKind(branch, "it holds \(found), and no \(Policy.path) that says kind = \"signatures\"")
    }
    return nil
  }

  private func otherKind(_ branch: String, _ why: String) -> FlowError {
    FlowError(
      .refused,
      """
      \(printable(branch)) of \(printable(remote)) in \(printable(clone.path)) is no repository of image signatures: \
      \(why); nothing was signed
      """,
      next: "git -C \(shellWord(clone.path)) remote -v")
  }
}
