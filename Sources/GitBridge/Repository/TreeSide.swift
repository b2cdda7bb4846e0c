/// One of the trees that are walked beside each other, at one of its entries; what is wrong with it is kept, not
/// thrown.
struct TreeSide {
  private(set) var reader: TreeReader
  private(set) var hasEntry = false
  private let tree: ObjectID

  /// - Parameter tree: nil for the empty tree.
  init(_ bytes: UnsafeRawBufferPointer, _ tree: ObjectID?, _ repository: Repository) {
    unsafe reader = TreeReader(bytes, isKnown: tree.map { repository.knownTrees[$0] != nil } ?? true)
    self.tree = tree ?? .zero
    step()
  }

  mutating func step() { hasEntry = reader.advance() }

  var defect: TreeDefect? { reader.defect.map { TreeDefect(tree: tree, reason: $0) } }

  /// Which side's name comes first in git's order; 0 when they are the same. A side without entry comes last.
  static func order(_ left: TreeSide, _ right: TreeSide) -> Int {
    guard left.hasEntry else { return 1 }
    guard right.hasEntry else { return -1 }
    return left.reader.compareName(with: right.reader)
  }
}
