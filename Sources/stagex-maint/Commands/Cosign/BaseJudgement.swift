internal import ArgumentParser
internal import GitBridge
internal import Review
internal import SignFlow

/// The branch that a request is bound for, judged before it is shown: neither the server, nor the forge, nor the
/// branch's own policy is believed about it.
struct BaseJudgement {
  let session: Session
  let lookup: PullRequestLookup

  /// - Throws: What keeps anything from being signed for this branch.
  func judge(_ pull: PullRequestFacts, _ remote: Remote) throws -> JudgedBase {
    let judged: JudgedBase
    do throws(ReviewProblem) {
      judged = try session.reviewer.judgedBase(of: Array(pull.baseRef.utf8))
    } catch .notProtected {
      throw CosignError.notProtected(base: pull.base)
    } catch {
      throw error
    }
    guard judged.verdict.outcome == .accepted else { throw CosignError.baseRefused(base: pull.base, judged.verdict) }
    try JudgedMemory(session.repository, remote: remote.name).advance(judged)
    // A fork among the remotes is not what a pasted link or a lying forge makes of it. The person may have named it.
    if let name = judged.policy.repository, remote.name != (try lookup.home()?.name),
      let address = try? RemoteAddress(remote.url),
      !BaseText.isSame(name, address)
    {
      throw CosignError.otherRepository(
        remote: remote.name, place: "\(address.origin.authority)/\(address.repository)", policy: name)
    }
    return judged
  }
}
