import OpenPGP
import Review
import SignFlow
import Support

/// Signs with a key in this process, as slowly as a card.
struct DoubleSigner: MaintainerSigner {
  let maintainer: ImageTeam.Maintainer
  /// How long one signature takes.
  var delay = Duration.zero
  /// After so many signatures it stops as if nobody touched the card.
  var stopsAfter = Int.max
  /// GnuPG finds the signature of this number bad, counted from 1.
  var isDislikedAt = Int.max
  private(set) var made = 0
  private var settled = 0
  /// Replaces what is signed, as a broken or hostile card would.
  var forges: (@Sendable ([UInt8]) -> [UInt8])?

  init(_ maintainer: ImageTeam.Maintainer, delay: Duration = .zero, stopsAfter: Int = .max) {
    self.maintainer = maintainer
    self.delay = delay
    self.stopsAfter = stopsAfter
  }

  var identity: SignerIdentity {
    SignerIdentity(person: maintainer.name, primary: maintainer.primary, signing: maintainer.key.fingerprint, card: nil)
  }

  mutating func detachedSignature(over payload: [UInt8]) throws(SigningError) -> [UInt8] {
    try count()
    return maintainer.key.sign(payload)
  }

  mutating func signedMessage(over content: [UInt8]) throws(SigningError) -> [UInt8] {
    try count()
    return maintainer.sign(forges?(content) ?? content)
  }

  mutating func settle() throws(SigningError) {
    settled += 1
    if settled == isDislikedAt { throw .notVerified("GnuPG finds it bad") }
  }

  private mutating func count() throws(SigningError) {
    guard made < stopsAfter else { throw .touchTimedOut(seconds: 15) }
    made += 1
    if delay > .zero { sleep(for: delay) }
  }
}

import Glibc

private func sleep(for duration: Duration) {
  var time = timespec(tv_sec: 0, tv_nsec: Int(duration / .nanoseconds(1)))
  nanosleep(&time, nil)
}

/// What a signing needs, over a miniature tree.
struct ImageBench {
  let tree: ImageTree
  let team: ImageTeam
  let judge: ImageJudge

  init(packages: Int, team: ImageTeam = ImageTeam()) throws {
    self.team = team
    tree = try ImageTree(packages: packages, registry: team.registry())
    try tree.cloneSignatures(into: tree.path)
    judge = try Self.judge(team)
  }

  static func judge(_ team: ImageTeam, clock: Int64 = TestKey.defaultCreation + 5000) throws -> ImageJudge {
    let folder = try TemporaryFolder()
    for (name, text) in team.registry() { try folder.write(name, text) }
    return ImageJudge(
      registry: try Registry.readIfPresent(folder: folder.path)!, evidence: .declared, engines: .native, clock: clock)
  }

  var entries: [DigestEntry] { get throws { try DigestList.read(folder: tree.path + "/digests").entries } }

  func store() throws -> SignatureStore { try SignatureStore(path: tree.path + "/signatures")! }

  func plan(_ person: String = "alice") throws -> SigningPlan {
    try SigningPlan.make(
      try entries, out: tree.path + "/out", store: try store(), judge: judge, person: person, threads: 2)
  }

  func journal() throws -> SigningJournal { try SigningJournal(gitDirectory: tree.path + "/.git") }

  func signing(_ person: String = "alice", taken: @escaping (ImageName) -> Set<Int> = { _ in [] }) throws
    -> ImageSigning
  {
    let (store, journal) = (try store(), try journal())
    return ImageSigning(
      judge: judge, ownJudge: judge, store: store, journal: journal,
      placing: SignaturePlacing(store: store, journal: journal, taken: taken), person: person)
  }

  func quorum(_ threshold: Int = 2) throws -> QuorumReport {
    try QuorumReport.make(try entries, store: try store(), judge: judge, threshold: threshold, threads: 2)
  }
}
