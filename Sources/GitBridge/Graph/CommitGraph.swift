/// What is known of commits that were read: ids, times and parents, about 60 bytes for each. Nothing is forgotten
/// while the repository is open, so that questions about the same history read it once.
///
/// A commit is a number here, given in the order of discovery.
final class CommitGraph {
  typealias Node = Int32

  private(set) var ids: [ObjectID] = []
  /// Seconds since 1970, as the committer claims; meaningless until the node is loaded.
  private(set) var times: [Int64] = []
  private var firstParents: [Int32] = []
  private var parentCounts: [Int32] = []
  private var edges: [Node] = []
  private var table = NodeTable()
  private var idleMarks: [Marks] = []

  /// The number of a commit, known already or new.
  func node(_ id: ObjectID) -> Node {
    let (found, slot) = table.find(id, ids)
    if let found { return found }
    let node = Node(ids.count)
    ids.append(id)
    times.append(0)
    firstParents.append(0)
    parentCounts.append(-1)
    table.insert(node, at: slot, ids)
    return node
  }

  /// True when the commit has been read, so that its time and parents are known.
  func isLoaded(_ node: Node) -> Bool { parentCounts[Int(node)] >= 0 }

  /// Takes in a commit that was read.
  func load(_ node: Node, _ commit: CommitParse) {
    if isLoaded(node) { return }
    let start = edges.count
    for parent in commit.parents { edges.append(self.node(parent)) }
    firstParents[Int(node)] = Int32(start)
    parentCounts[Int(node)] = Int32(commit.parents.count)
    times[Int(node)] = commit.committerTime
  }

  func parentCount(_ node: Node) -> Int { Int(parentCounts[Int(node)]) }

  func parent(_ node: Node, _ index: Int) -> Node { edges[Int(firstParents[Int(node)]) + index] }

  /// A set of marks for one question. Give it back with ``giveBack(_:)``; questions may be asked inside each other.
  func takeMarks() -> Marks { idleMarks.popLast() ?? Marks() }

  func giveBack(_ marks: consuming Marks) {
    marks.clear()
    idleMarks.append(marks)
  }
}

/// Some bits for each node; clearing costs as much as was marked, not as much as is known.
struct Marks {
  private var bits: [UInt8] = []
  private var marked: [CommitGraph.Node] = []

  subscript(node: CommitGraph.Node) -> UInt8 {
    get { Int(node) < bits.count ? bits[Int(node)] : 0 }
    set {
      let index = Int(node)
      if index >= bits.count {
        bits.append(contentsOf: repeatElement(0, count: max(index + 1, bits.count * 2) - bits.count))
      }
      if bits[index] == 0 { marked.append(node) }
      bits[index] = newValue
    }
  }

  mutating func clear() {
    for node in marked { bits[Int(node)] = 0 }
    marked.removeAll(keepingCapacity: true)
  }
}

/// From ids to nodes: open addressing over the graph's own array of ids.
private struct NodeTable {
  private var slots: [CommitGraph.Node] = Array(repeating: -1, count: 64)
  private var count = 0
  /// Attack: commits whose ids were ground until they fall on one another, which makes each look-up walk over all.
  /// The places depend on these numbers, which differ in each process.
  private let seed = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max))

  /// The node of `id`, or the slot where it belongs.
  func find(_ id: ObjectID, _ ids: [ObjectID]) -> (CommitGraph.Node?, slot: Int) {
    let mask = slots.count - 1
    var slot = place(id) & mask
    while slots[slot] >= 0 {
      if ids[Int(slots[slot])] == id { return (slots[slot], slot) }
      slot = (slot + 1) & mask
    }
    return (nil, slot)
  }

  mutating func insert(_ node: CommitGraph.Node, at slot: Int, _ ids: [ObjectID]) {
    slots[slot] = node
    count += 1
    if count * 2 > slots.count { grow(ids) }
  }

  private mutating func grow(_ ids: [ObjectID]) {
    slots = Array(repeating: -1, count: slots.count * 2)
    for node in 0..<count {
      let (_, slot) = find(ids[node], ids)
      slots[slot] = CommitGraph.Node(node)
    }
  }

  private func place(_ id: ObjectID) -> Int {
    let product = (id.high ^ seed.0).multipliedFullWidth(by: id.middle ^ UInt64(id.low) ^ seed.1)
    return Int(truncatingIfNeeded: product.high ^ product.low)
  }
}
