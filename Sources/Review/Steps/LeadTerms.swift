internal import GitBridge
internal import OpenPGP

/// Which clock tells a step of the lead its time.
enum StepClock: Sendable {
  /// Hook, gate and command: the clock, or the newest date on the lead where that is later.
  case now
  /// Audit: the newest date on the lead, whatever the time is today.
  case then
}

/// Finds the terms of a line of steps of the lead, oldest first: each step's time leans on the dates below it.
struct LeadTerms {
  let reader: StepReader
  let clock: StepClock
  /// The newest date of a good signature on the states read so far, in seconds since 1970.
  private(set) var newest: Int64?
  /// Keys revoked for all time by the states read so far; all states' in an audit.
  private(set) var hardRevoked: Set<Fingerprint>
  /// Of those, the ones that count when it is asked who would be locked out: of states up to the step's.
  private var hardSoFar: Set<Fingerprint>
  private let lead: LeadLine?
  private var known: [ObjectIdentifier: [String: StepRules]] = [:]

  /// - Parameters:
  ///   - lead: The line as it was before these steps; in an audit the whole line.
  ///   - start: The commit below the first step.
  ///   - ahead: Keys that the steps of this very push revoke for all time: each counts for all of them.
  init(
    _ reader: StepReader, _ clock: StepClock, lead: LeadLine?, start: ObjectID, ahead: Set<Fingerprint> = []
  ) throws(ReviewProblem) {
    self.reader = reader
    self.clock = clock
    self.lead = lead
    let known = lead?.hardRevoked() ?? []
    hardRevoked = known.union(ahead)
    switch clock {
    case .now:
      newest = lead?.newestFutureDate(clock: reader.settings.clock)
      hardSoFar = known
    case .then:
      // The trust root has no state below it that could list whose date counts.
      newest = try reading { () throws(GitError) in try reader.repository.commit(start).committerTime }
      hardSoFar = lead?.hardRevoked(upTo: lead?.position(of: start) ?? 0) ?? []
    }
  }

  /// Goes on from a date that is known already.
  mutating func startFrom(_ date: Int64) { newest = max(newest ?? date, date) }

  /// The terms of the next step, and the keys that are revoked for all time by the states up to its own.
  mutating func next(
    _ step: Step, _ surveyed: StepSurvey, _ table: CommitTable
  ) throws(ReviewProblem) -> (terms: StepTerms, hardSoFar: Set<Fingerprint>) {
    var rules = surveyed.rules
    if let files = surveyed.newFiles, files.keys != rules.files.keys {
      // People whose keys have all lapsed can go on: the step may bring what extends them.
      if let keys = files.keys {
        rules = try reader.rulebook.rules(
          tree: try reading { () throws(GitError) in try table.tree(of: step.old, in: reader.repository) },
          of: step.old,
          files: rules.files, renewedBy: keys)
      }
      // A step that cannot be looked through is refused for that: see RuleChangeReader.
      let brought =
        try readable { () throws(ReviewProblem) in try reader.rulebook.revocations(files.keys, of: step.new) } ?? []
      for entry in brought where entry.revocation.isHard {
        hardSoFar.insert(entry.key)
        if clock == .now { hardRevoked.insert(entry.key) }
      }
    }
    // R26
    if let record = table[step.new], let date = try rules.stateDate(of: record, reader),
      date <= reader.settings.clock + SignatureTerms.allowedLead
    {
      newest = max(newest ?? date, date)
    }
    // R27
    let time = clock == .now ? max(reader.settings.pushClock, newest ?? 0) : newest
    let terms = StepTerms(
      rules: rules, signatures: rules.terms(reader.settings, time: time, hardRevoked: hardRevoked),
      step: stepRules(rules, name(of: step)))
    return (terms, hardSoFar)
  }

  /// The branch that takes a step: on the far side of a hand-over it is another one.
  private func name(of step: Step) -> String {
    guard clock == .then, let lead, let position = lead.position(of: step.new) else { return reader.ref }
    return lead.name(ofStepTo: position)
  }

  private mutating func stepRules(_ rules: Rules, _ ref: String) -> StepRules {
    if let known = known[ObjectIdentifier(rules)]?[ref] { return known }
    let made = StepRules(
      ref: ref, policy: rules.policy, threshold: rules.policy.leadThreshold,
      maintainers: rules.loaded.registry.maintainers(needing: rules.policy.evidence, without: hardRevoked))
    known[ObjectIdentifier(rules), default: [:]][ref] = made
    return made
  }
}

extension Rules {
  /// The date of the signature on a lead state, where a key made it
  /// that these rules list and know of without hindsight.
  func stateDate(of record: CommitRecord, _ reader: StepReader) throws(ReviewProblem) -> Int64? {
    guard record.defect == nil else { return nil }
    return try loaded.date(of: record.signature, knownTo: own) { () throws(ReviewProblem) in
      try reader.check(again: record, loaded)
    }
  }
}
