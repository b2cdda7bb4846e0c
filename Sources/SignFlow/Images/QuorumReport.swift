internal import Dispatch
internal import Synchronization
package import Review

/// Who signed which digest of a release.
package struct QuorumReport: Sendable {
  /// In the order of the digest list.
  package let images: [ImageReport]
  /// How many maintainers an image needs.
  package let threshold: Int
  /// Entries beside the images' folders that no program looks into, safe to print: a signature in there is lost.
  package var strays: [String] = []

  /// Whether fewer people than that have signed it.
  package func lacks(_ image: ImageReport) -> Bool { image.signers.count < threshold }

  /// Refused where an image lacks somebody, undecided where that cannot be told.
  package var outcome: Outcome {
    if images.contains(where: { lacks($0) || !$0.blocking.isEmpty }) {
      // A signature that could not be judged may be the one that is missing.
      return images.contains { !$0.blocking.isEmpty || (lacks($0) && !$0.unjudged) } ? .refused : .undecided
    }
    return images.contains(where: \.unjudged) ? .undecided : .accepted
  }

  /// Judges the signatures of all entries, several images at once.
  ///
  /// - Parameter expectedTag: the tag that an image must have been signed with, where it is known.
  package static func make(
    _ entries: [DigestEntry], store: SignatureStore?, judge: ImageJudge, threshold: Int, threads: Int,
    expectedTag: @Sendable (ImageName) -> String? = { _ in nil }
  ) throws(FlowError) -> QuorumReport {
    judge.warmUp()
    let next = Atomic<Int>(0)
    let results = Mutex<[ImageReport?]>(Array(repeating: nil, count: entries.count))
    let failure = Mutex<FlowError?>(nil)
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < entries.count else { return }
        let entry = entries[index]
        do throws(FlowError) {
          let files = try store?.files(of: entry.image) ?? []
          let report = ImageReport(
            entry: entry, files: judge.judge(files, of: entry.image), expectedTag: expectedTag(entry.image))
          results.withLock { $0[index] = report }
        } catch {
          failure.withLock { $0 = $0 ?? error }
          return
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return QuorumReport(images: results.withLock { $0 }.compactMap(\.self), threshold: threshold)
  }
}
