internal import GitBridge
internal import OpenPGP
internal import Synchronization

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
  func append(
    _ node: SurveyHistory.Node, _ parse: CommitParse, _ raw: UnsafeRawBufferPointer, byForge: Bool, whole: Bool
  ) {
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
