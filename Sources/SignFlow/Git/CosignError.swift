package import GitBridge
package import Review

/// Why a pull request was not co-signed. In each of these cases no ref on the server has been moved by us.
package enum CosignError: Error, Sendable {
  // What was asked.
  case noRemote(String)
  case unknownBase
  case noSuchPull(pr: String, remote: String)
  /// The rule does not watch the branch, so nothing would be judged; what is signed for it would count elsewhere.
  case notProtected(base: String)
  /// The forge says that the request is closed, or merged otherwise.
  case notOpen(pr: String, state: String)
  /// The base branch already holds the head.
  case alreadyMerged(pr: String, base: String)
  /// The person endorses every change already that lacks somebody.
  case alreadyCounts(person: String, pr: String)
  /// Adopting is for others' work that has no maintainer's signature from this person.
  case nothingToAdopt(person: String)
  /// The rule would refuse the outcome; what it says.
  case ruleRefuses(what: String, Verdict)
  case conflicts(paths: [[UInt8]], workTree: String?)
  /// git and libgit2 merge differently: the rule would see decisions of somebody's in the merge.
  case mergesDiffer
  /// Co-signatures bind to a repository's identity, and the policy names none.
  case noRepositoryName
  case noIdentity(String)
  /// Nobody but the author can push to the pull request's branch.
  case authorMustPush(reason: String, advice: String)

  // What changed under our hands.
  case headDiffers(fetched: ObjectID, claimed: ObjectID)
  case headChanged(from: ObjectID, to: ObjectID?)
  case baseMoved(from: ObjectID, to: ObjectID?)
  /// Between the last look and the push; the signature exists and was not pushed.
  case overtaken(ref: String, from: ObjectID, to: ObjectID?)
  case contentChanged(ObjectID)
  /// What the signature would endorse and the screen did not have: a fault of ours, or a trap.
  case notShown(ObjectID, count: Int)
  /// The rule does not accept the branch as the remote has it; what it says.
  case baseRefused(base: String, Verdict)
  /// A branch that was judged before is no longer above what was judged.
  case movedBack(ref: String, from: ObjectID, to: ObjectID)
  /// The remote is another repository than the policy's.
  case otherRepository(remote: String, place: String, policy: String)
  /// `--reviewed` says something else than what would be done.
  case reviewedOther(given: String, expected: String)

  // The person.
  case declined
  case noTerminal(word: String, reviewed: String)

  // The server.
  case git(operation: String, text: String)
  case pushRefused(ref: String, text: String)
  case lostRace(ref: String)
  /// The server said that it took a push, and shows the ref where it was.
  case notStored(ref: String, id: ObjectID, now: ObjectID?)
  /// A file lies where this co-signature belongs.
  case placeTaken(ref: String, path: String)

  case repository(GitError)
  case signing(SigningError)

  /// What is wrong, safe to print.
  package var message: String {
    switch self {
    case .noRemote(let name): "there is no remote \(printable(name))"
    case .unknownBase: "nothing says which branch the pull request is bound for"
    case .noSuchPull(let pr, let remote): "\(printable(remote)) has no \(pr)"
    case .notShown(let id, let count):
      """
      the signature would endorse \(count) \(count == 1 ? "commit" : "commits") that the review did not show, \
      such as \(id.short); nothing was pushed
      """
    case .baseRefused(let base, _):
      """
      \(printable(base)), as the remote has it, is not what the rule accepts from the trust root on; nothing was signed
      """
    case .movedBack(let ref, let from, let to):
      """
      \(printable(ref)) was at \(from.short) when it was last judged here, and the remote now has \(to.short), \
      which does not hold that: it was moved back, or the server shows an old or another state
      """
    case .otherRepository(let remote, let place, let policy):
      "the remote \(printable(remote)) is \(printable(place)), and the policy's repository is \(printable(policy))"
    case .reviewedOther(let given, let expected):
      "--reviewed \(printable(given)) is not what would be done: \(printable(expected))"
    case .notProtected(let base):
      """
      the rule does not protect the branch \(printable(base)): what you sign for it would be judged by nobody, \
      and count elsewhere
      """
    case .notOpen(let pr, let state): "the forge says that \(pr) is \(state)"
    case .overtaken(let ref, let from, let to):
      """
      somebody was faster: \(printable(ref)) went from \(from.short) to \(to?.short ?? "nothing"); \
      your signature was not pushed
      """
    case .placeTaken(let ref, let path):
      "a co-signature of yours for this head is in \(printable(ref)) already, at \(printable(path))"
    case .alreadyMerged(let pr, let base): "\(pr) is already in \(printable(base))"
    case .alreadyCounts(let person, let pr):
      """
      \(printable(person)) already counts for every change of \(pr) that lacks somebody: \
      the same maintainer does not count twice
      """
    case .nothingToAdopt(let person):
      "\(printable(person)) already counts for every change that an adoption would cover"
    case .ruleRefuses(let what, _): "\(what) would be refused by the rule; nothing was pushed"
    case .conflicts(let paths, _):
      """
      merging conflicts in \(paths.prefix(5).map { printable($0) }.joined(separator: ", "))\
      \(paths.count > 5 ? " and \(paths.count - 5) more" : "")
      """
    case .mergesDiffer:
      "git and libgit2 merge these branches differently, so the merge would count as content of your own"
    case .noRepositoryName: "the policy does not name this repository, and a co-signature binds to that name"
    case .noIdentity(let text): "git does not know who you are: \(text)"
    case .authorMustPush(let reason, _): reason
    case .headDiffers(let fetched, let claimed):
      "the forge says the head is \(claimed.short), its repository says \(fetched.short)"
    case .headChanged(let from, let to):
      "the pull request changed during the review: \(from.short) became \(to?.short ?? "nothing"); nothing was signed"
    case .baseMoved(let from, let to):
      "the branch moved during the review: \(from.short) became \(to?.short ?? "nothing")"
    case .contentChanged(let id):
      "what \(id.short) holds is not what was shown: somebody changed this repository's objects"
    case .declined: "stopped; nothing was signed"
    case .noTerminal: "there is no terminal to ask on"
    case .git(let operation, let text): "git could not \(operation): \(text)"
    case .pushRefused(let ref, let text): "the server refused \(printable(ref)):\n\(text)"
    case .notStored(let ref, let id, let now):
      "the server said that it took \(id.short), and shows \(printable(ref)) at \(now?.short ?? "nothing") as before"
    case .lostRace(let ref): "\(printable(ref)) was moved by others again and again"
    case .repository(let error): printable(error.message, limit: 500)
    case .signing(let error): error.message
    }
  }

  /// The next command to type.
  package var next: String {
    switch self {
    case .noRemote: "name one: --remote NAME (git remote -v lists them)"
    case .unknownBase: "name it: --base BRANCH"
    case .noSuchPull: "look at the number and the remote (git remote -v); another remote: --remote NAME"
    case .notProtected:
      """
      name the branch that the request is bound for: --base BRANCH; \
      stagex-maint policy show lists those that are protected
      """
    case .notShown: "do not sign it, and show it to the other maintainers: stagex-maint gate"
    case .baseRefused:
      """
      trust neither the server nor this state: compare with another maintainer's clone; \
      stagex-maint audit says which step
      """
    case .movedBack(let ref, let from, _):
      """
      compare with another maintainer's clone before you sign anything; \
      git log \(from.short) shows what is missing of \(printable(ref))
      """
    case .otherRepository:
      "name the remote that is the policy's repository: --remote NAME, or git config maint.remote NAME"
    case .reviewedOther(_, let expected): "review that, then: --reviewed \(shellWord(expected, limit: 2000))"
    case .notOpen: "have it opened again, if it is still wanted"
    case .overtaken: "run the command again and review what is new"
    case .placeTaken:
      "git log -p REMOTE/cosignatures shows it; if it does not count, let the author push a new head, or use --adopt"
    case .alreadyMerged: "nothing to do"
    case .alreadyCounts(_, let pr): "another maintainer runs: stagex-maint cosign \(pr)"
    case .nothingToAdopt: "stagex-maint cosign PR-N --merge, when another maintainer counts too"
    case .ruleRefuses: "mend what is listed above, then run the command again"
    case .conflicts(_, let workTree?):
      "cd \(printable(workTree)), solve the conflicts, git add them, then: stagex-maint cosign --continue"
    case .conflicts(_, nil):
      "let the author rebase, or: stagex-maint cosign PR-N --merge, which leaves a work tree to solve them in"
    case .mergesDiffer: "let the author rebase onto the branch, then run the command again"
    case .noRepositoryName: "add to review.toml: repository = \"HOST/OWNER/NAME\", or use --adopt or --merge"
    case .noIdentity: "git config user.name NAME; git config user.email ADDRESS"
    case .authorMustPush(_, let advice): advice
    case .headDiffers: "wait a minute for the forge to catch up and run it again; if it stays, trust neither"
    case .headChanged, .baseMoved: "run the command again and review what is new"
    case .contentChanged: "git fsck --full, and do not sign anything from this clone"
    case .declined: "run the command again when you are ready"
    case .noTerminal(let word, let reviewed):
      """
      in a terminal; or, after a review elsewhere: --reviewed \(shellWord(reviewed, limit: 2000)) \
      (it stands for typing "\(word)")
      """
    case .git: "git fetch, to see whether the server can be reached; then run the command again"
    case .pushRefused: "mend what the server says; your verified signature is kept and used by the next run"
    case .notStored:
      "run the command again, which pushes what was signed without another touch; if it stays so, tell the others"
    case .lostRace: "run the command again; your verified signature is kept"
    case .repository(let error): error.next
    case .signing(let error): error.next
    }
  }

  /// 1 refused, 2 could not judge, 3 stopped by the person, 64 usage, 75 try again.
  package var exitStatus: Int32 {
    switch self {
    case .noRemote, .unknownBase, .noTerminal, .noSuchPull, .reviewedOther: 64
    case .baseRefused(_, let verdict): verdict.outcome == .undecided ? 2 : 1
    case .alreadyMerged, .alreadyCounts, .nothingToAdopt, .ruleRefuses, .conflicts, .mergesDiffer, .pushRefused,
      .contentChanged,
      .headDiffers, .authorMustPush, .notProtected, .notOpen, .placeTaken, .notShown, .movedBack, .otherRepository:
      1
    case .headChanged, .baseMoved, .overtaken, .lostRace, .notStored, .git: 75
    case .declined: 3
    case .noRepositoryName, .noIdentity, .repository: 2
    case .signing(let error): error.exitStatus
    }
  }
}

/// Names a repository's or the signer's failure as ours.
func naming<Value>(_ body: () throws(GitError) -> Value) throws(CosignError) -> Value {
  do {
    return try body()
  } catch {
    throw .repository(error)
  }
}
