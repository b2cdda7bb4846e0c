internal import GitBridge
internal import OpenPGP
internal import Synchronization

/// Reads a history once. One thread walks, the others find out behind it whom the signatures name, and with a keyring
/// whether they are good.
struct SurveyScan {
  let scope: SurveyScope
  let settings: ReviewSettings
  let workers: Workers
  private(set) var history = SurveyHistory()
  private(set) var signers = SignerTable()
  /// For each commit the person whose checked signature it carries, as a place in ``people``; -1 for none. Empty without
  /// a keyring.
  private(set) var checked: [Int32] = []

  init(scope: SurveyScope, settings: ReviewSettings, workers: Workers) {
    self.scope = scope
    self.settings = settings
    self.workers = workers
  }

  mutating func read(_ repository: Repository) throws(ReviewProblem) {
    let checker = scope.keyring.map { SignatureChecker(keyring: $0, choice: settings.engines, reference: settings.reference) }
    var batches: [SurveyBatch] = []
    var open = SurveyBatch()
    var history = SurveyHistory()
    let (workers, signers, standing) = (workers, signers, CheckedSigner(scope.keyring, scope.machines, settings.reference))
    var stopped: ReviewProblem?
    do throws(GitError) {
      try unsafe repository.walk(from: [scope.tip], hiding: [], exact: true) { (id, parse, bytes) throws(GitError) in
        let marks = unsafe SurveyHistory.Marks(parse, bytes)
        let node = SurveyHistory.Node(history.count)
        history.append(id, parse, marks)
        if marks.contains(.signed) {
          unsafe open.append(node, parse, bytes, byForge: marks.contains(.byForge), whole: checker != nil)
          if open.isFull {
            let full = open
            batches.append(full)
            open = SurveyBatch()
            workers.submit(cost: full.size) { full.work(signers, checker, standing) }
          }
        }
        guard node & 1023 == 1023 else { return }
        settings.progress?(history.count)
        do throws(ReviewProblem) { try settings.checkDeadline() } catch {
          stopped = error
          throw .library(operation: "walk", code: 0, message: "stopped")
        }
      }
    } catch {
      workers.finish()
      throw stopped ?? .git(error)
    }
    open.work(signers, checker, standing)
    batches.append(open)
    workers.finish()
    history.connect()
    if checker != nil { checked = [Int32](repeating: -1, count: history.count) }
    for batch in batches {
      for (place, node) in batch.nodes.enumerated() {
        history.claimed[Int(node)] = batch.claims[place]
        if checker != nil { checked[Int(node)] = batch.people[place] }
      }
    }
    self.history = history
  }
}

/// What each claim of a history is a place of; filled by several threads.
final class SignerTable: Sendable {
  struct Entry: Sendable {
    let claim: SignatureClaim
    /// Whether all its commits name a forge as their committer.
    var onlyByForge = true
  }

  private struct State {
    var places: [SignatureClaim: Int32] = [:]
    var entries: [Entry] = []
  }

  private let state = Mutex(State())

  /// The places of several claims.
  func places(of claims: [SignatureClaim], byForge: [Bool]) -> [Int32] {
    state.withLock { state in
      zip(claims, byForge).map { claim, byForge in
        let place: Int32
        if let known = state.places[claim] {
          place = known
        } else {
          place = Int32(state.entries.count)
          state.places[claim] = place
          state.entries.append(Entry(claim: claim))
        }
        if !byForge { state.entries[Int(place)].onlyByForge = false }
        return place
      }
    }
  }

  var entries: [Entry] { state.withLock { $0.entries } }
}

/// Whose a checked signature is, if it counts.
struct CheckedSigner: Sendable {
  /// Certificates by their primary keys; one person each.
  private let places: [Fingerprint: Int32]
  private let keyring: Keyring?
  private let machines: MachineKeys
  private let reference: OpenPGP.Reference

  init(_ keyring: Keyring?, _ machines: MachineKeys, _ reference: OpenPGP.Reference) {
    self.keyring = keyring
    self.machines = machines
    self.reference = reference
    var places: [Fingerprint: Int32] = [:]
    for certificate in keyring?.certificates ?? [] where places[certificate.primary] == nil {
      places[certificate.primary] = Int32(places.count)
    }
    self.places = places
  }

  /// -1 for a signature that is not good, and for a machine's.
  func person(_ check: SignatureCheck) -> Int32 {
    guard case .checked(_, let answer) = check else { return -1 }
    switch answer {
    case .good(let key, let primary, let time), .expired(let key, let primary, let time), .revoked(let key, let primary, let time):
      guard keyring?.standing(of: key, in: primary, signedAt: time, judgedAt: reference) == .good else { return -1 }
      let isMachine = [key, primary].contains { machines.contains(SignatureClaim(format: .openPGP, maker: .fingerprint($0))) }
      return isMachine ? -1 : places[primary] ?? -1
    case .bad, .unknownKey, .unsupported, .failed: return -1
    }
  }
}

/// The signatures of some commits on their way from the walk to another thread. Touched by one thread at a time: first
/// by the walk, then by one worker, and after `Workers.finish` by the walk again.
final class SurveyBatch: @unchecked Sendable {
  private(set) var nodes: [SurveyHistory.Node] = []
  private(set) var claims: [Int32] = []
  private(set) var people: [Int32] = []
  private var armors: [[UInt8]] = []
  private var byForge: [Bool] = []
  private var bytes: [UInt8] = []
  private var jobs: [SignatureJob] = []
  private static let capacity = 256
  private static let mostBytes = 1 << 20

  private var armorBytes = 0
  var isFull: Bool { nodes.count >= Self.capacity || armorBytes + bytes.count >= Self.mostBytes }
  /// In bytes, about.
  var size: Int { armorBytes + bytes.count + nodes.count * 64 }

  /// - Parameter whole: Whether the commit's bytes are needed too, to check its signature.
  func append(_ node: SurveyHistory.Node, _ parse: CommitParse, _ raw: UnsafeRawBufferPointer, byForge: Bool, whole: Bool) {
    guard let signature = parse.signature else { return }
    nodes.append(node)
    self.byForge.append(byForge)
    let armor = unsafe parse.signatureArmor(in: raw)
    armors.append(armor)
    armorBytes += armor.count
    guard whole else { return }
    let start = bytes.count
    unsafe bytes.append(contentsOf: raw)
    jobs.append(
      SignatureJob(
        armor: armor, payload: (start..<(start + signature.lowerBound), (start + signature.upperBound)..<bytes.count)))
  }

  func work(_ signers: SignerTable, _ checker: SignatureChecker?, _ standing: CheckedSigner) {
    claims = signers.places(of: armors.map { SignatureClaim.read(armor: $0) }, byForge: byForge)
    armors = []
    byForge = []
    if let checker {
      let checks = unsafe bytes.withUnsafeBytes { unsafe checker.check(jobs, in: $0) }
      people = checks.map(standing.person)
    }
    bytes = []
    jobs = []
  }
}
