internal import GitBridge

/// The bytes of some commits on their way from the walk to a checking thread. Touched by one thread at a time:
/// first by the walk, then by one worker, and after `Workers.finish` by the walk again.
final class CommitBatch: @unchecked Sendable {
  private var bytes: [UInt8] = []
  private var jobs: [SignatureJob] = []
  /// Where in the table the commits are.
  private var places: [Int] = []
  private var checks: [SignatureCheck] = []
  private static let capacity = 128
  /// In bytes, of a commit with a long RSA signature.
  private static let likelySize = 1536
  private static let mostBytes = 1 << 20

  var isFull: Bool { places.count >= Self.capacity || bytes.count >= Self.mostBytes }
  /// In bytes, about.
  var size: Int { bytes.count * 3 / 2 + places.count * 128 }

  /// Takes in a commit that has something to check.
  func append(_ place: Int, _ parse: CommitParse, _ raw: UnsafeRawBufferPointer) {
    guard let signature = parse.signature, parse.defect == nil else { return }
    if bytes.isEmpty {
      bytes.reserveCapacity(Self.capacity * Self.likelySize)
      places.reserveCapacity(Self.capacity)
      jobs.reserveCapacity(Self.capacity)
    }
    let start = bytes.count
    unsafe bytes.append(contentsOf: raw)
    places.append(place)
    jobs.append(
      SignatureJob(
        armor: unsafe parse.signatureArmor(in: raw),
        payload: (start..<(start + signature.lowerBound), (start + signature.upperBound)..<bytes.count)))
  }

  func check(with checker: SignatureChecker) {
    checks = unsafe bytes.withUnsafeBytes { unsafe checker.check(jobs, in: $0) }
    bytes = []
    jobs = []
  }

  func move(into table: inout CommitTable) {
    for (place, check) in zip(places, checks) { table.setSignature(check, at: place) }
    checks = []
  }
}
