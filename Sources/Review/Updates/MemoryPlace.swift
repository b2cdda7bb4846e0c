internal import GitBridge
internal import OpenPGP

/// Where an audit keeps what it has accepted, and the circumstances under which that holds.
struct MemoryPlace {
  private let folder: CacheFolder
  private let slot: CacheKey
  private let key: CacheKey
  private let ref: [UInt8]
  private let start: ObjectID
  private let clock: Int64

  /// Nil for an audit whose answer may depend on more than the key says: a part of the history, pinned rules, what
  /// other branches hold; and for one that has to report every step.
  ///
  /// - Parameters:
  ///   - checker: Of the newest registry: it stands for the engines and all certificates.
  ///   - policy: The newest.
  init?(
    _ repository: Repository, _ settings: ReviewSettings, _ scope: AuditScope, _ line: LeadLine,
    _ checker: SignatureChecker,
    _ policy: Policy, _ refs: RefView
  ) {
    guard scope.mayRemember, settings.usesCache, settings.moment == .then, settings.registry == nil,
      settings.policy == nil, settings.condemned.isEmpty, !scope.whole, scope.since == nil, scope.shard == nil,
      scope.only == nil
    else { return nil }
    folder = CacheFolder(repository)
    ref = Array(scope.ref.utf8)
    start = scope.start
    clock = settings.clock
    slot = CacheKey(of: scope.start.bytes + ref)
    // What is revoked for all time, by whichever state.
    let revoked = line.hardRevoked().map(\.hex).sorted().joined(separator: " ")
    let coSignatures = refs.after[Array(policy.coSignatureRef.utf8)] ?? .zero
    // Each of a fixed length or ended by a zero, which none of them contains.
    key = CacheKey(
      of: Array("stagex-maint audit 2 \(settings.version) \(Repository.libraryVersion) \(revoked)".utf8) + [0]
        + octets(checker.cacheKey.high)
        + octets(checker.cacheKey.low) + coSignatures.bytes + slot.bytes + Array(policy.fileText.utf8))
  }

  var memory: AuditMemory? { AuditMemory(folder, slot: slot, key: key, clock: clock) }

  /// Remembers the steps that were accepted before the first that was not.
  func keep(
    _ accepted: AcceptedSteps, _ steps: [Step], _ surveyed: [StepSurvey], _ table: CommitTable, older: AuditMemory?
  ) {
    // Which branches an endorsement is bound to is asked of refs, and they go on.
    let isBound = steps.prefix(accepted.count).contains {
      $0.members.contains { table.records[$0].bounds?.targets.isEmpty == false }
    }
    guard let tip = accepted.tip, !isBound else { return }
    var commits = steps.prefix(accepted.count).flatMap { $0.members.map { table.records[$0].id } }
    if older == nil { commits.append(start) }
    AuditMemory.write(
      folder, slot: slot, key: key, clock: clock, tip: tip, newest: accepted.newest, summary: accepted.summary,
      commits: commits, older: older)
  }
}

/// What an audit says of one step.
struct JudgedStep: Sendable {
  let verdict: Verdict
  /// Whether the clock alone may change what is said of it.
  let mayChange: Bool
}

/// The steps from the start of an audit to the first that was not accepted, or of which more may be said later.
struct AcceptedSteps {
  private(set) var summary: AuditSummary
  private(set) var count = 0
  /// The newest of them; nil while there is none.
  private(set) var tip: ObjectID?
  /// The newest date of a good signature on the states up to it.
  private(set) var newest: Int64 = 0
  private var isOver = false

  init(_ summary: AuditSummary) { self.summary = summary }

  mutating func add(_ step: Step, _ judged: JudgedStep) {
    if judged.verdict.outcome != .accepted || judged.mayChange { isOver = true }
    if isOver { return }
    summary.add(judged.verdict)
    count += 1
    tip = step.new
    newest = judged.verdict.updates.first?.time ?? newest
  }
}

extension StepFacts {
  /// Whether a signature does not count yet, because it claims to have been made later than now.
  var holdsFutureSignature: Bool {
    func isFuture(_ fact: SignatureFact) -> Bool {
      if case .notGood(.futureSignature, _, _) = fact { true } else { false }
    }
    return changes.contains { isFuture($0.signature) } || coSignatures.contains { isFuture($0.signature) }
  }
}

extension CacheKey {
  var bytes: [UInt8] { octets(high) + octets(low) }
}
