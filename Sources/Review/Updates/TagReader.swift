internal import GitBridge
internal import OpenPGP

/// Makes the facts of an update of a protected tag.
struct TagReader {
  let reviewer: Reviewer
  let authority: Authority
  let refs: RefView
  /// The rules at the lead's tip, now.
  let terms: StepTerms

  private var repository: Repository { reviewer.repository }

  func facts(_ update: RefUpdate, object: UpdateFacts.NewObject?) throws(ReviewProblem) -> TagFacts {
    var facts = TagFacts(name: shortName(update.ref, under: "refs/tags/") ?? [])
    guard object == .tag, update.old.isZero else { return facts }
    // Attack: a tag of gigabytes, which a pack holds in a few thousand bytes.
    let size = try reading { () throws(GitError) in try repository.size(of: update.new) } ?? 0
    guard size <= Repository.longestCommit else { return facts }
    let bytes = try reading { () throws(GitError) in try repository.read(update.new, as: .tag) }
    guard let tag = unsafe bytes.withUnsafeBytes({ unsafe TagParse.parse($0) }) else { return facts }
    var content = TagFacts.Content(name: tag.name, target: tag.target, targetIsCommit: tag.targetKind == .commit)
    content.defect = tag.defect?.rawValue
    if let signature = tag.signature, SignatureBlock.hasText(behind: bytes[signature]) {
      content.defect = content.defect ?? "text behind its signature, which nobody has signed"
    }
    guard content.defect == nil, content.targetIsCommit else {
      facts.content = content
      return facts
    }
    content.targetIsState = try isState(tag.target)
    var check = SignatureCheck.unsigned
    if let signature = tag.signature {
      check = unsafe bytes.withUnsafeBytes { raw in
        let job = SignatureJob(armor: Array(bytes[signature]), payload: (tag.payload, tag.payload.upperBound..<tag.payload.upperBound))
        return unsafe terms.loaded.checker.check([job], in: raw)[0]
      }
    }
    content.signature = try terms.loaded.fact(of: check, terms.signatures) { () throws(ReviewProblem) in check }
    facts.content = content
    return facts
  }

  /// Whether a commit is a state of the lead, or of a branch that follows it.
  // R108
  private func isState(_ commit: ObjectID) throws(ReviewProblem) -> Bool {
    if authority.lead.contains(commit) { return true }
    guard try reading({ () throws(GitError) in try repository.kind(of: commit) }) == .commit else { return false }
    let states = FollowerStates(repository: repository, lead: authority.lead, settings: reviewer.settings)
    for (name, tip) in refs.followers(authority.names) {
      if try states.holds(commit, name: name, tip: tip) { return true }
    }
    return false
  }
}
