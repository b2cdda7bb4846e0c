package import GitBridge
package import OpenPGP

/// Where the registry or the policy comes from, if not from the tree of each step's first parent.
package enum Pin: Sendable, Equatable {
  /// A folder (registry) or a file (policy) outside the repository.
  case path(String)
  /// The tree of a fixed commit; the name is the one the user gave.
  case commit(ObjectID, name: String)

  /// How the pin is named in the output.
  package var text: String {
    switch self {
    case .path(let path): path
    case .commit(let id, let name): "\(name) (\(id.short))"
    }
  }
}

/// Which implementations check a signature.
package enum EngineChoice: String, Sendable, CaseIterable {
  /// Ours and GnuPG, and both must say the same. For everything that lets something in.
  case both
  case native
  case gpgme
}

/// Whether keys are judged as they are now (hook, gate, cosign) or as they were then (audit).
package enum Moment: Sendable {
  case now
  case then
}

/// How a review is done. Nothing in here comes from the contents that are judged.
package struct ReviewSettings: Sendable {
  package var registry: Pin?
  package var policy: Pin?
  package var trustRoot: ObjectID?
  /// The branch that carries the rules, without `refs/heads/`; nil: as the trust root's policy says.
  package var lead: String?
  /// Commits that are trusted, with their ancestors, in steps of one branch only: by the branch's short name.
  package var starts: [String: ObjectID] = [:]
  package var engines = EngineChoice.both
  package var moment = Moment.now
  /// In a clone: the remote whose branches are judged, by their remote-tracking refs.
  package var remote: String?
  /// Seconds since 1970.
  package var clock: Int64
  /// When to give up, on the monotonic clock.
  package var deadline: ContinuousClock.Instant?
  /// How many threads read, verify and merge.
  package var threads: Int
  /// Whether facts that were found out before may be used again.
  package var usesCache = true
  /// Where keyboxes are kept from one process to the next. Set by the reviewer, which has the repository.
  var keyboxes: KeyboxShelf?
  /// The tool's version: facts found out by another are not used.
  package var version = ""
  /// Primary keys that are looked at as if they had been revoked as stolen. For questions only: nothing is let in by less.
  package var condemned: Set<Fingerprint> = []
  /// Tells whether a ledger says that a hook or gate took this very move of this very ref.
  package var ledger: (@Sendable (_ ref: [UInt8], _ old: ObjectID, _ new: ObjectID) -> Bool)?
  /// In a clone that has no lead: a commit that stands in for its tip. Named in every verdict.
  package var leadStandIn: ObjectID?
  /// Told now and then how many commits have been read, for a progress line.
  package var progress: (@Sendable (Int) -> Void)?

  package init(clock: Int64, threads: Int) {
    self.clock = clock
    self.threads = threads
  }

  /// The moment at which keys are judged.
  var reference: OpenPGP.Reference { moment == .now ? .now(clock) : .then }

  /// The start configured for a branch, by its full name.
  // R6, R7: neither can come from a push.
  func start(of ref: [UInt8]) -> ObjectID? {
    shortName(ref, under: "refs/heads/").flatMap { starts[String(decoding: $0, as: UTF8.self)] }
  }

  func checkDeadline() throws(ReviewProblem) {
    if let deadline, ContinuousClock.now > deadline { throw .budgetSpent }
  }
}

/// What keeps a review from being finished.
package enum ReviewProblem: Error, Sendable {
  case git(GitError)
  case registry(FileDefect, at: String)
  case policy(FileDefect, at: String)
  case engine(String)
  case budgetSpent
  case trustRootMissing(String)
  /// Somebody asked for a judgement of a ref that nothing protects.
  case notProtected(String, names: [String])
  /// The branch that carries the rules is not here.
  case leadMissing(String, next: String)
  /// What another project's rule needs is not there.
  case foreignRule(String, next: String)

  /// The same as a refusal: never accepted, and undecided where nothing else refuses.
  package func refusal(ref: String) -> Refusal {
    switch self {
    case .git(let error):
      let code: RefusalCode =
        switch error {
        case .shallow: .shallow
        case .missingObject: .missingObject
        case .unsupportedRepository, .foreignOwner, .notARepository: .unsupportedRepository
        default: .cannotRead
        }
      return Refusal(code, ref: ref, message: error.message, next: error.next)
    case .registry(let defect, let place):
      return Refusal(
        .registryInvalid, ref: ref, message: "the registry at \(place) is invalid: \(defect.message)",
        next: "stagex-maint keys list")
    case .policy(let defect, let place):
      return Refusal(
        .policyInvalid, ref: ref, message: "the policy at \(place) is invalid: \(defect.message)",
        next: "stagex-maint policy lint")
    case .engine(let text):
      return Refusal(.engineFailed, ref: ref, message: text, next: "stagex-maint hook doctor")
    case .budgetSpent:
      return Refusal(
        .budgetSpent, ref: ref, message: "the time budget (maint.budget) was spent before the end",
        next: "push fewer commits at a time, or on the server: stagex-maint verify --old OLD --new NEW --target \(shellWord(ref))")
    case .trustRootMissing(let text):
      return Refusal(
        .trustRootMissing, ref: ref, message: text, next: "git config maint.trustRoot COMMIT")
    case .notProtected(let name, let names):
      return Refusal(
        .notProtected, ref: ref, message: "\(printable(name)) is not protected here, so there is nothing to judge",
        next: "name one of: \(names.map { printable($0) }.joined(separator: ", "))")
    case .leadMissing(let text, let next):
      return Refusal(.leadMissing, ref: ref, message: text, next: next)
    case .foreignRule(let text, let next):
      return Refusal(.cannotRead, ref: ref, message: text, next: next)
    }
  }
}

/// Runs a repository operation and names its failure as ours.
func reading<Value>(_ body: () throws(GitError) -> Value) throws(ReviewProblem) -> Value {
  do {
    return try body()
  } catch {
    throw .git(error)
  }
}
