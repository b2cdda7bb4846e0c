internal import GitBridge
internal import OpenPGP

/// The one branch that carries the rules, as one reading of the refs shows it:
/// its states, and what they say for all time.
///
/// A *lead state* is the trust root, or a commit above it on the lead's first-parent line.
final class LeadLine {
  /// The lead's full name now.
  let ref: [UInt8]
  /// Branches that carried the rules until another was named, by their full names.
  let former: [[UInt8]]
  let root: ObjectID
  /// The newest state.
  let tip: ObjectID
  /// What was known before, from the root up to some state; nil where all states were read now.
  private let known: LeadMemory?
  /// How many states of what was known are states of this line.
  private let knownCount: Int
  /// The states above those, oldest first.
  private let fresh: [ObjectID]
  /// Verified revocations as compromised or without a reason that lay under `keys/` at any state,
  /// and since which state.
  let hardRevocations: [(position: Int, revocation: KeyRevocation)]
  /// Dates that signatures on states claim and that lay in the future when they were read, in seconds since 1970.
  let futureDates: [Int64]
  /// The revocations under `keys/` at the tip, and the id of that folder.
  let revocationsAtTip: Set<KeyRevocation>
  let keysAtTip: ObjectID?
  /// Which branch was the lead from which state on, oldest first.
  let leads: [(name: String, position: Int)]
  private lazy var freshPositions = Dictionary(
    fresh.enumerated().map { ($1, knownCount + $0) }, uniquingKeysWith: { first, _ in first })

  init(
    ref: [UInt8], former: [[UInt8]], root: ObjectID, known: LeadMemory?, knownCount: Int, fresh: [ObjectID],
    hardRevocations: [(position: Int, revocation: KeyRevocation)], futureDates: [Int64],
    revocationsAtTip: Set<KeyRevocation>, keysAtTip: ObjectID?, leads: [(name: String, position: Int)]
  ) {
    self.ref = ref
    self.former = former
    self.root = root
    self.known = known
    self.knownCount = knownCount
    self.fresh = fresh
    self.hardRevocations = hardRevocations
    self.futureDates = futureDates
    self.revocationsAtTip = revocationsAtTip
    self.keysAtTip = keysAtTip
    self.leads = leads
    tip = fresh.last ?? known?.state(at: knownCount - 1) ?? root
  }

  var name: String { String(decoding: ref, as: UTF8.self) }

  /// The full name of the branch that took the step to a state: the lead at the state below it.
  func name(ofStepTo position: Int) -> String {
    let lead = leads.last { $0.position < position } ?? leads.first
    return lead.map { "refs/heads/\($0.name)" } ?? name
  }
  var count: Int { knownCount + fresh.count }

  /// Oldest first; the first is the trust root.
  func state(at position: Int) -> ObjectID {
    position < knownCount ? known?.state(at: position) ?? root : fresh[position - knownCount]
  }

  /// Where on the line a commit is; nil when it is no lead state.
  // R9
  func position(of id: ObjectID) -> Int? {
    if id == tip { return count - 1 }
    if id == root { return 0 }
    if let position = freshPositions[id] { return position }
    guard let position = known?.position(of: id), position < knownCount else { return nil }
    return position
  }

  func contains(_ id: ObjectID) -> Bool { position(of: id) != nil }

  /// The keys that are revoked for all time by what the states up to one of them hold.
  // R32
  func hardRevoked(upTo position: Int? = nil) -> Set<Fingerprint> {
    Set(hardRevocations.lazy.filter { $0.position <= position ?? .max }.map(\.revocation.key))
  }

  /// The newest date that signatures on states claim and that no clock contradicts.
  func newestFutureDate(clock: Int64) -> Int64? {
    futureDates.lazy.filter { $0 <= clock + SignatureTerms.allowedLead }.max()
  }

  /// The newest state that a commit reaches; nil when it reaches none. States reach those below them, so that their
  /// reachability flips once along the line.
  ///
  /// - Parameter hint: A state that it is known to reach.
  // R39
  func newestState(below commit: ObjectID, from hint: Int? = nil, in repository: Repository) throws(ReviewProblem)
    -> Int?
  {
    if let position = position(of: commit) { return position }
    func reaches(_ position: Int) throws(ReviewProblem) -> Bool {
      try reading { () throws(GitError) in try repository.isAncestor(state(at: position), of: commit) }
    }
    var (low, high) = (hint ?? -1, count)
    var stride = 1
    if hint != nil {
      // Nearly always the hint itself, or a few above it.
      while low + stride < high, try reaches(low + stride) {
        low += stride
        stride *= 2
      }
      high = min(high, low + stride)
    } else {
      // Nearly always the tip, or a few below it; what is far from both is looked for by halves.
      while high > 0 {
        let lower = max(0, high - stride)
        if try reaches(lower) {
          low = lower
          break
        }
        high = lower
        stride *= 2
      }
      guard low >= 0 else { return nil }
    }
    while low + 1 < high {
      let middle = (low + high) / 2
      if try reaches(middle) { low = middle } else { high = middle }
    }
    return low
  }

  /// What the next process need not find out again.
  func remember(_ place: LeadMemoryPlace, clock: Int64) {
    guard !(fresh.isEmpty && known?.count == knownCount) else { return }
    // The list of a long line is written whole: a few commits above it are read again sooner than that.
    if let known, known.count == knownCount, fresh.count < min(16, knownCount / 512) { return }
    place.write(
      LeadMemory.Content(
        leads: leads, former: former.map { String(decoding: $0, as: UTF8.self) }, tip: tip, keys: keysAtTip,
        revocations: revocationsAtTip, hard: hardRevocations, futureDates: futureDates.filter { $0 > clock - 86_400 }),
      states: (known?.ids(upTo: knownCount) ?? []) + fresh.flatMap(\.bytes))
  }
}
