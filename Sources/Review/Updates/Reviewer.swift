package import GitBridge
internal import OpenPGP

/// Judges pushes, pull requests and histories of one repository.
///
/// Hook, gate, command and audit all come through here and call one and the same rule on the same steps.
package final class Reviewer {
  /// A server's, with the push's quarantine, or a clone. None of its objects and refs is written.
  package let repository: Repository
  /// As given, with the place of gpg's keyboxes where they may be kept.
  package let settings: ReviewSettings
  let workers: Workers
  private var sharedRulebook: Rulebook?
  private let leads = LeadShelf()

  /// - Parameter settings: How to judge. In a clone they name the remote (R4).
  package init(_ repository: Repository, _ settings: ReviewSettings) {
    self.repository = repository
    var settings = settings
    if settings.usesCache, settings.engines != .native { settings.keyboxes = KeyboxShelf(repository) }
    self.settings = settings
    workers = Workers(threads: settings.threads)
  }

  /// Judges a push: all of its updates together, all or nothing.
  package func judge(push: [RefUpdate]) -> Verdict { judge(push, isReal: true) }

  /// Judges what a push would be told if the refs stood where the updates start.
  package func judge(inThought push: [RefUpdate]) -> Verdict { judge(push, isReal: false) }

  /// - Parameter leadIsSound: Whether somebody has judged already what a remote says of its lead.
  func judge(_ push: [RefUpdate], isReal: Bool, leadIsSound: Bool = false) -> Verdict {
    var (verdict, each) = verdicts(on: push, isReal: isReal, leadIsSound: leadIsSound)
    for result in each { verdict.append(result) }
    return verdict
  }

  /// Judges an update as a push would that makes others before it, and says nothing of those.
  ///
  /// Attack: what keeps a push from being judged is told of one of its refs. Taken for one of the others, it would be
  /// left out, and nothing would speak against an update that nobody has judged.
  package func judge(inThought update: RefUpdate, after others: [RefUpdate]) -> Verdict {
    var (verdict, each) = verdicts(on: others + [update], isReal: false, leadIsSound: false)
    if let own = each.last { verdict.append(own) }
    return verdict
  }

  /// - Returns: What is to be said of the push as a whole, and of each update; of none where it could not be judged, or
  ///   need not be.
  private func verdicts(on push: [RefUpdate], isReal: Bool, leadIsSound: Bool) -> (whole: Verdict, each: [Verdict]) {
    var verdict = Verdict(notes: pinNotes)
    do throws(ReviewProblem) {
      // What is below a cut cannot be judged, and a missing parent must never pass for a root commit.
      if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
      var refs = try RefView(repository, push: push, remote: settings.remote)
      if !isReal { for update in push { refs.suppose(update.ref, at: update.old) } }
      let review = PushReview(self, refs, isReal: isReal)
      try review.readLead()
      if !isReal, !leadIsSound, case .here(let authority) = review.state, let unsound = try unsoundLead(authority) {
        return (unsound, [])
      }
      let each = try review.judge(push)
      // What is refused leaves nothing behind.
      if isReal, each.allSatisfy({ $0.outcome == .accepted }) { review.keep() }
      return (verdict, each)
    } catch {
      // Of a push of several refs it is told of none, or it would pass for what one of them lacks.
      verdict.refusals.append(error.refusal(ref: push.count == 1 ? push[0].name : ""))
    }
    return (verdict, [])
  }

  /// In a clone, where nobody has judged what the remote says: why its lead cannot be believed; nil where it can. What
  /// an earlier run accepted is not judged again.
  // R61
  func unsoundLead(_ authority: Authority) throws(ReviewProblem) -> Verdict? {
    guard settings.remote != nil, let root = settings.trustRoot else { return nil }
    var verdict = Verdict(notes: pinNotes)
    var scope = AuditScope(ref: authority.lead.name, tip: authority.lead.tip, start: root)
    scope.mayRemember = true
    _ = try auditing.audit(scope) { (step) throws(ReviewProblem) in
      if step.outcome != .accepted { verdict.append(step) }
    }
    guard verdict.outcome != .accepted else { return nil }
    // Attack: whoever is asked to co-sign what a server shows on the lead already mends it for whoever put it there.
    let look =
      "trust neither the server nor this state: stagex-maint audit \(shellWord(authority.lead.name)), there or here"
    verdict.refusals = verdict.refusals.map { $0.code.preventsJudging ? $0 : $0.advising(look) }
    verdict.notes.append(
      "\(printable(authority.lead.name)), which carries the rules, "
        + "is not in order at \(authority.lead.tip.short): nothing that it says is believed")
    return verdict
  }

  /// - Parameter newest: The commit whose registry is the newest at hand; nil where each step's first
  ///   parent is the branch's tip at the moment at which the step lands, as in a push.
  func rulebook(newest: ObjectID? = nil) throws(ReviewProblem) -> Rulebook {
    if newest == nil, let sharedRulebook { return sharedRulebook }
    let rulebook = try Rulebook(repository, settings, newestCommit: newest)
    if newest == nil { sharedRulebook = rulebook }
    return rulebook
  }

  /// Reads the lead with the rulebook that everything here shares.
  func leadReader() throws(ReviewProblem) -> LeadReader {
    LeadReader(repository: repository, settings: settings, rulebook: try rulebook(), shelf: leads)
  }

  /// What a verdict must say when registry or policy do not come from the repository's own steps.
  // R63
  var pinNotes: [String] {
    var notes: [String] = []
    if let pin = settings.registry { notes.append("the registry is pinned to \(printable(pin.text))") }
    if let pin = settings.policy { notes.append("the policy is pinned to \(printable(pin.text))") }
    return notes
  }

  func isAncestor(_ ancestor: ObjectID, of commit: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in try repository.isAncestor(ancestor, of: commit) }
  }

  func treeOfCommit(_ commit: ObjectID) throws(ReviewProblem) -> ObjectID {
    try reading { () throws(GitError) in try repository.treeOfCommit(commit) }
  }
}
