internal import Dispatch
internal import Synchronization
package import Review

/// Who signed one image, and whether that is enough.
package struct ImageReport: Sendable {
  /// What the digest list says.
  package let entry: DigestEntry
  /// All files of its folder.
  package let files: [JudgedImageFile]
  /// The tag that counts: the expected one, or the one that most maintainers signed.
  package let tag: String?
  /// The maintainers whose signatures count for that tag, sorted.
  package let signers: [Signer]

  /// - Parameter expectedTag: nil when it is not known; then only signatures for one and the same tag are counted
  ///   together.
  package init(entry: DigestEntry, files: [JudgedImageFile], expectedTag: String?) {
    self.entry = entry
    self.files = files
    // Two maintainers who signed different tags have not stated the same thing.
    var byTag: [String: [String: Signer]] = [:]
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

  /// Whether a signature could not be judged.
  package var unjudged: Bool {
    files.contains { if case .unjudged = $0.signature { true } else { false } }
  }
}
