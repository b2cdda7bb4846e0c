/// Trees that were read not long ago and are well formed to their last byte.
///
/// The next commit of a history has the same trees but for a few, and each is both the new side of one comparison and
/// the old side of the next: most need not be read, hashed and checked again.
final class KnownTrees {
  /// In bytes, for one repository handle.
  private static let mostBytes = 8 << 20
  private static let largestTree = 64 << 10

  private var trees: [ObjectID: KnownTree] = [:]
  private var size = 0

  subscript(id: ObjectID) -> KnownTree? { trees[id] }

  /// Copies the bytes of a tree that the reader has gone through to its end.
  func remember(_ id: ObjectID, _ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= Self.largestTree, trees[id] == nil else { return }
    if size + bytes.count > Self.mostBytes {
      trees.removeAll(keepingCapacity: true)
      size = 0
    }
    unsafe trees[id] = KnownTree(bytes)
    size += bytes.count
  }
}

/// A copy of one tree's bytes.
@safe final class KnownTree {
  private let bytes: UnsafeMutableRawBufferPointer

  init(_ source: UnsafeRawBufferPointer) {
    unsafe bytes = .allocate(byteCount: source.count, alignment: 8)
    unsafe bytes.copyMemory(from: source)
  }

  deinit { unsafe bytes.deallocate() }

  /// Lends the bytes. They must not be used after `body` returns.
  func lend<Result, Failure>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> Result) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try unsafe body(UnsafeRawBufferPointer(bytes))
  }
}
