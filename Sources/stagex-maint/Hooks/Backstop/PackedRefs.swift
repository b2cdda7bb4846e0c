internal import GitBridge
internal import Glibc
internal import Review

/// The file `packed-refs`, as far as the backstop has to know it.
struct PackedRefs {
  private let folder: String

  init(_ repository: Repository) { folder = repository.commonDirectory.trimmingSlash }

  /// Whether a ref that git takes away is one that it has packed: `git gc` and `git pack-refs` then remove the loose
  /// file of the same value, and the ref stays as it is.
  ///
  /// Git writes both in the same words. But while a ref is really deleted, git holds the lock on the packed refs, so
  /// that nobody packs it meanwhile; when it prunes, it has let go of it.
  func keep(_ ref: [UInt8], at value: ObjectID) throws -> Bool {
    guard !value.isZero, !isLocked() else { return false }
    let wanted = Array(value.hex.utf8) + [UInt8(ascii: " ")] + ref
    guard let file = PlainFile.start(of: folder + "/packed-refs", .max) else { return false }
    return file.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual(wanted) } && !isLocked()
  }

  private func isLocked() -> Bool { unsafe access(folder + "/packed-refs.lock", F_OK) == 0 }
}
