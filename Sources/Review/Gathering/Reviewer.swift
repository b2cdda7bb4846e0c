package import GitBridge
internal import OpenPGP

/// Judges pushes, pull requests and histories of one repository.
///
/// Hook, gate, command and audit all come through here and call one and the same rule on the same steps.
package final class Reviewer {
  package let repository: Repository
  package let settings: ReviewSettings
  let workers: Workers
  private var sharedRulebook: Rulebook?
  /// Of the registry under which a branch's steps were accepted.
  var acceptedBy: SignatureChecker?

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

  private func judge(_ push: [RefUpdate], isReal: Bool) -> Verdict {
    var verdict = Verdict(notes: pinNotes)
    do throws(ReviewProblem) {
      // What is below a cut cannot be judged, and a missing parent must never pass for a root commit.
      if repository.isShallow { throw .git(.shallow(path: repository.gitDirectory)) }
      let refs = try RefView(repository, push: push, remote: settings.remote)
      let names = try ProtectedNames(self, refs)
      var fresh: [RefUpdate] = []
      for update in push {
        if isReal, refs.isStale(update) {
          verdict.refusals.append(
            Refusal(
              .staleUpdate, ref: update.name,
              message: "\(printable(update.ref)) is not at \(update.old.short), or is updated twice", next: "git fetch, then push again"))
        } else {
          fresh.append(update)
        }
      }
      for result in judgeInOrder(fresh, refs, names) { verdict.append(result) }
    } catch {
      verdict.refusals.append(error.refusal(ref: push.first?.name ?? ""))
    }
    // What is refused leaves nothing behind.
    if isReal, verdict.outcome == .accepted { acceptedBy?.keepKeybox() }
    return verdict
  }

  /// Judges what leans on nothing first, then what may lean on it, until nothing more is accepted.
  private func judgeInOrder(_ push: [RefUpdate], _ refs: RefView, _ names: ProtectedNames) -> [Verdict] {
    var refs = refs
    var results = [Verdict](repeating: Verdict(), count: push.count)
    func leans(_ index: Int) -> Bool { names.mayLean(push[index].ref) }
    var waiting = push.indices.filter { !leans($0) } + push.indices.filter(leans)
    var progress = true
    while progress, !waiting.isEmpty {
      progress = false
      var refused: [Int] = []
      for index in waiting {
        do throws(ReviewProblem) {
          results[index] = try judge(push[index], refs, names)
        } catch {
          results[index] = Verdict(refusals: [error.refusal(ref: push[index].name)])
        }
        if results[index].outcome == .accepted {
          refs.accept(push[index])
          progress = true
        } else if leans(index) {
          refused.append(index)
        }
      }
      waiting = refused
    }
    return results
  }

  private func judge(_ update: RefUpdate, _ refs: RefView, _ names: ProtectedNames) throws(ReviewProblem) -> Verdict {
    func refused(_ code: RefusalCode, _ message: String, next: String) -> Verdict {
      Verdict(refusals: [Refusal(code, ref: update.name, message: message, next: next)])
    }
    let shown = printable(update.ref)
    // A replacement makes git show another object than the one that was signed.
    if isReplacement(update.ref) {
      return refused(
        .replaceRef, "\(shown) would replace one object by another", next: "git push REMOTE without refs/replace/*")
    }
    // Pushing to a symbolic ref moves the ref behind it, under another name.
    if let target = refs.symbolic[update.ref] {
      return refused(
        .confusableRef, "\(shown) is a symbolic ref to \(printable(target))", next: "push to \(printable(target)) by its own name")
    }
    if let lookalike = names.lookalike(of: update.ref) {
      return refused(
        .confusableRef, "\(shown) can be taken for the protected \(lookalike)", next: "choose another name for the ref")
    }
    let isTag = names.protectsTag(update.ref)
    var isBranch = names.protectsBranch(update.ref)
    if !isBranch { isBranch = try protectedByItself(update) }
    guard isBranch || isTag || names.isCoSignatureRef(update.ref) else { return Verdict() }
    // From here on signatures are looked at; gpg starts while the registry is read.
    if settings.engines != .native { GnuPGStandby.start(keybox: settings.keyboxes?.kept) }
    // What is not text cannot be named in a policy or a co-signature, nor shown to a person.
    guard String(validating: update.ref, as: UTF8.self) != nil else {
      return refused(.confusableRef, "\(shown) is not valid UTF-8", next: "choose another name for the ref")
    }
    if names.isCoSignatureRef(update.ref) {
      return try CoSignatureRefReview(reviewer: self, refs: refs, names: names).judge(update)
    }
    if isTag { return try TagReview(reviewer: self, refs: refs, names: names).judge(update) }
    return try BranchReview(reviewer: self, refs: refs, names: names).judge(update)
  }

  /// Whether the policy in the branch's own tree protects it, although the repository's main policy
  /// does not name it. A policy that cannot be read protects nothing: a topic branch may hold a draft.
  private func protectedByItself(_ update: RefUpdate) throws(ReviewProblem) -> Bool {
    guard !update.old.isZero, update.ref.starts(with: "refs/heads/".utf8) else { return false }
    do throws(ReviewProblem) {
      return try policyInForce(at: update.old).branchRule(for: update.ref) != nil
    } catch {
      guard case .policy = error else { throw error }
      return false
    }
  }

  /// The policy that a commit's tree holds, or the pinned one.
  func policyInForce(at commit: ObjectID) throws(ReviewProblem) -> Policy {
    let rulebook = try rulebook()
    let tree = try reading { () throws(GitError) in try repository.treeOfCommit(commit) }
    return try rulebook.policy(tree: tree, of: commit)
  }

  /// - Parameter newest: The commit whose registry is the newest at hand; nil where each step's first
  ///   parent is the branch's tip at the moment at which the step lands, as in a push.
  func rulebook(newest: ObjectID? = nil) throws(ReviewProblem) -> Rulebook {
    if newest == nil, let sharedRulebook { return sharedRulebook }
    let rulebook = try Rulebook(repository, settings, newestCommit: newest)
    if newest == nil { sharedRulebook = rulebook }
    return rulebook
  }

  /// What a verdict must say when registry or policy do not come from the repository's own steps.
  var pinNotes: [String] {
    var notes: [String] = []
    if let pin = settings.registry { notes.append("the registry is pinned to \(printable(pin.text))") }
    if let pin = settings.policy { notes.append("the policy is pinned to \(printable(pin.text))") }
    return notes
  }
}

/// The names that are protected in a repository: by its trust root's policy, or by that of the branch
/// that HEAD names. Two sources, because an admin may point HEAD at a branch that anybody may push.
struct ProtectedNames {
  let policies: [Policy]

  init(_ reviewer: Reviewer, _ refs: RefView) throws(ReviewProblem) {
    var commits: [ObjectID] = []
    if let root = reviewer.settings.trustRoot {
      // A trust root that is not here is a mistake of the admin's; going on without it would trust less than is meant, or more.
      guard try reading({ () throws(GitError) in try reviewer.repository.kind(of: root) }) == .commit else {
        throw .trustRootMissing("maint.trustRoot is \(root), and there is no such commit here")
      }
      commits.append(root)
    }
    if let head = reviewer.repository.headBranch(), let tip = refs.before[Array(head.utf8)] { commits.append(tip) }
    var policies: [Policy] = []
    for commit in commits { policies.append(try reviewer.policyInForce(at: commit)) }
    // An empty repository has no policy yet; a pinned one is in force all the same.
    if policies.isEmpty, reviewer.settings.policy != nil {
      policies.append(try reviewer.rulebook().pinnedPolicy ?? .standard)
    }
    self.policies = policies.isEmpty ? [.standard] : policies
  }

  func protectsBranch(_ ref: [UInt8]) -> Bool { policies.contains { $0.branchRule(for: ref) != nil } }
  func protectsTag(_ ref: [UInt8]) -> Bool { policies.contains { $0.protectsTag(ref) } }
  func isCoSignatureRef(_ ref: [UInt8]) -> Bool { policies.contains { Array($0.coSignatureRef.utf8) == ref } }

  /// Whether the judgement of a ref may depend on other updates of the same push.
  func mayLean(_ ref: [UInt8]) -> Bool {
    protectsTag(ref) || policies.contains { $0.branchRule(for: ref)?.from.isEmpty == false }
  }

  func lookalike(of ref: [UInt8]) -> String? {
    guard !protectsBranch(ref), !protectsTag(ref), !isCoSignatureRef(ref) else { return nil }
    for policy in policies {
      if let name = policy.lookalike(of: ref) { return name }
    }
    return nil
  }

  /// The tips of all protected branches in one view of the refs.
  func protectedTips(in refs: [[UInt8]: ObjectID]) -> [(name: [UInt8], tip: ObjectID)] {
    refs.filter { protectsBranch($0.key) }.map { ($0.key, $0.value) }
      .sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }
}
