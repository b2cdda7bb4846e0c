package import GitBridge
package import OpenPGP

/// How a review is done. Nothing in here comes from the contents that are judged.
package struct ReviewSettings: Sendable {
  /// Read from here instead of from the history; named in every verdict.
  package var registry: Pin?
  /// Read from here instead of from the history; named in every verdict.
  package var policy: Pin?
  /// The commit that is trusted with its ancestors; without one nothing protected is judged (R6).
  package var trustRoot: ObjectID?
  /// The branch that carries the rules, without `refs/heads/`; nil: as the trust root's policy says.
  package var lead: String?
  /// Commits that are trusted, with their ancestors, in steps of one branch only: by the branch's short name.
  package var starts: [String: ObjectID] = [:]
  /// Who checks signatures.
  package var engines = EngineChoice.both
  /// Whether keys are judged as they are now or as they were.
  package var moment = Moment.now
  /// In a clone: the remote whose branches are judged, by their remote-tracking refs.
  package var remote: String?
  /// Seconds since 1970.
  package var clock: Int64
  /// Since when what is judged may have been pushed, in seconds since 1970: a clone looks later than the server's hook
  /// did. Nil where it is pushed now.
  // R27
  var pushedSince: Int64?
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
  /// Primary keys that are looked at as if they had been revoked as stolen. For questions only: nothing is let in by
  /// less.
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

  /// By which clock a push is judged that nobody knows the time of: the earliest that it can be.
  var pushClock: Int64 { min(pushedSince ?? clock, clock) }

  /// The moment at which keys are judged.
  var reference: OpenPGP.Reference { moment == .now && pushedSince == nil ? .now(clock) : .then }

  /// The start configured for a branch, by its full name.
  // R6, R7: neither can come from a push.
  func start(of ref: [UInt8]) -> ObjectID? {
    shortName(ref, under: "refs/heads/").flatMap { starts[String(decoding: $0, as: UTF8.self)] }
  }

  func checkDeadline() throws(ReviewProblem) {
    if let deadline, ContinuousClock.now > deadline { throw .budgetSpent }
  }
}
