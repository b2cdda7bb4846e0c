internal import GitBridge
internal import OpenPGP

/// Makes the facts of an update of a protected tag.
struct TagReader {
  let reviewer: Reviewer
  let authority: Authority
  let refs: RefView
  let followers: Followers
  /// The rules at the lead's tip, now.
  let terms: StepTerms

  private var repository: Repository { reviewer.repository }

  func facts(_ update: RefUpdate, object: UpdateFacts.NewObject?) throws(ReviewProblem) -> TagFacts {
    var facts = TagFacts(name: shortName(update.ref, under: "refs/tags/") ?? [])
    guard object == .tag, update.old.isZero else { return facts }
    facts.content = try content(update.new)
    // R122
    if let (tag, person) = vouched(facts.name) {
      // Attack: NAME+ANN+BOB by Bob alone looks like a release that two stand behind. What vouches is vouched for by
      // nobody.
      facts.isOfVoucher = vouched(tag) != nil
      facts.voucher = person
      return facts
    }
    facts.threshold = authority.policy.tagThreshold(for: facts.name)
    guard facts.threshold > 1, let target = facts.content?.target else { return facts }
    // Those that come in the same push count: each is read here, whatever becomes of its own ref.
    for person in terms.step.maintainers {
      let name = facts.name + [UInt8(ascii: "+")] + Array(person.utf8)
      guard let id = refs.after[Array("refs/tags/".utf8) + name],
        try reading({ () throws(GitError) in try repository.kind(of: id) }) == .tag,
        let other = try content(id), other.defect == nil, other.name == name, other.targetIsCommit,
        other.target == target,
        other.signature.signer?.person == person
      else { continue }
      facts.vouchers.append(person)
    }
    return facts
  }

  /// The tag that a tag `NAME+PERSON` stands behind, and the maintainer who does; nil for any other name.
  private func vouched(_ name: [UInt8]) -> (tag: [UInt8], person: String)? {
    authority.policy.vouchedTag(name).flatMap { terms.step.maintainers.contains($0.person) ? $0 : nil }
  }

  /// What a tag object holds; nil where it cannot be read as one.
  private func content(_ id: ObjectID) throws(ReviewProblem) -> TagFacts.Content? {
    // Attack: a tag of gigabytes, which a pack holds in a few thousand bytes.
    let size = try reading { () throws(GitError) in try repository.size(of: id) } ?? 0
    guard size <= Repository.longestCommit else { return nil }
    let bytes = try reading { () throws(GitError) in try repository.read(id, as: .tag) }
    guard let tag = unsafe bytes.withUnsafeBytes({ unsafe TagParse.parse($0) }) else { return nil }
    var content = TagFacts.Content(name: tag.name, target: tag.target, targetIsCommit: tag.targetKind == .commit)
    content.defect = tag.defect?.rawValue
    if let signature = tag.signature, SignatureBlock.hasText(behind: bytes[signature]) {
      content.defect = content.defect ?? "text behind its signature, which nobody has signed"
    }
    guard content.defect == nil, content.targetIsCommit else { return content }
    content.targetIsState = try isState(tag.target)
    var check = SignatureCheck.unsigned
    if let signature = tag.signature {
      check = unsafe bytes.withUnsafeBytes { raw in
        let job = SignatureJob(
          armor: Array(bytes[signature]), payload: (tag.payload, tag.payload.upperBound..<tag.payload.upperBound))
        return unsafe terms.loaded.checker.check([job], in: raw)[0]
      }
    }
    content.signature = try terms.loaded.fact(of: check, terms.signatures) { () throws(ReviewProblem) in check }
    return content
  }

  /// Whether a commit is a state of the lead, or of a branch that follows it.
  // R108
  private func isState(_ commit: ObjectID) throws(ReviewProblem) -> Bool {
    if authority.lead.contains(commit) { return true }
    guard try reading({ () throws(GitError) in try repository.kind(of: commit) }) == .commit else { return false }
    return try followers.hold(commit)
  }
}
