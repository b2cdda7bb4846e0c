internal import Dispatch
internal import Synchronization
package import Review

/// Who signed one image, and whether that is enough.
package struct ImageReport: Sendable {
  package let entry: DigestEntry
  package let files: [JudgedImageFile]
  /// The tag that counts: the expected one, or the one that most maintainers signed.
  package let tag: String?
  /// The maintainers whose signatures count for that tag, sorted.
  package let signers: [Review.Signer]

  /// - Parameter expectedTag: nil when it is not known; then only signatures for one and the same tag are counted together.
  package init(entry: DigestEntry, files: [JudgedImageFile], expectedTag: String?) {
    self.entry = entry
    self.files = files
    // Two maintainers who signed different tags have not stated the same thing.
    var byTag: [String: [String: Review.Signer]] = [:]
    for file in files {
      guard file.standing == .counts, case .good(let statement, let signer) = file.signature else { continue }
      byTag[statement.tag, default: [:]][signer.person] = signer
    }
    let best = expectedTag ?? byTag.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.key
    tag = best
    signers = best.flatMap { byTag[$0] }?.values.sorted { $0.person < $1.person } ?? []
  }

  /// Whether a file makes programs fail on the image, hides others, or shows that somebody tampered.
  package var blocking: [JudgedImageFile] {
    files.filter { file in
      if case .hidden = file.standing { return true }
      switch file.signature {
      case .empty, .oversize, .notAFile, .bad: return true
      default: return false
      }
    }
  }

  package var unjudged: Bool {
    files.contains { if case .unjudged = $0.signature { true } else { false } }
  }
}

/// Who signed which digest of a release.
package struct QuorumReport: Sendable {
  package let images: [ImageReport]
  package let threshold: Int
  /// Entries beside the images' folders that no program looks into, safe to print: a signature in there is lost.
  package var strays: [String] = []

  package func lacks(_ image: ImageReport) -> Bool { image.signers.count < threshold }

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
