internal import Basics

/// Merge bases in a history whose commits are numbers: the common ancestors that no other common ancestor descends
/// from.
///
/// Commits are looked at by their height above the roots, so that the answer holds whatever the clocks say, and costs
/// what lies between the two commits and their base.
struct SurveyBases {
  typealias Node = SurveyHistory.Node

  private static let ours: UInt8 = 1
  private static let theirs: UInt8 = 2
  private static let stale: UInt8 = 4
  private static let queued: UInt8 = 8

  private let history: SurveyHistory
  private let heights: [Int32]
  private var colours: [UInt8]
  private var touched: [Node] = []
  private var heap = BinaryHeap<Int32, Node>()
  /// How many of the commits in the heap are not stale.
  private var live = 0

  /// - Parameter order: Parents before children.
  init(_ history: SurveyHistory, order: [Node]) {
    self.history = history
    var heights = [Int32](repeating: 0, count: history.count)
    for node in order {
      heights[Int(node)] = (history.parents(node).lazy.filter { $0 >= 0 }.map { heights[Int($0)] }.max() ?? 0) + 1
    }
    self.heights = heights
    colours = [UInt8](repeating: 0, count: history.count)
  }

  mutating func bases(_ a: Node, _ b: Node) -> [Node] {
    if a == b { return [a] }
    var found: [Node] = []
    paint(a, Self.ours)
    paint(b, Self.theirs)
    while live > 0, let node = heap.pop() {
      var colour = colours[Int(node)] & ~Self.queued
      colours[Int(node)] = colour
      if colour & Self.stale == 0 { live -= 1 }
      if colour == Self.ours | Self.theirs {
        found.append(node)
        colour |= Self.stale
      }
      for parent in history.parents(node) where parent >= 0 { paint(parent, colour) }
    }
    for node in touched { colours[Int(node)] = 0 }
    touched.removeAll(keepingCapacity: true)
    heap.removeAll()
    live = 0
    return found
  }

  private mutating func paint(_ node: Node, _ colour: UInt8) {
    let before = colours[Int(node)]
    if before & colour == colour { return }
    if before == 0 { touched.append(node) }
    let after = before | colour | Self.queued
    colours[Int(node)] = after
    if before & Self.queued == 0 {
      if after & Self.stale == 0 { live += 1 }
      heap.push(node, priority: heights[Int(node)])
    } else if before & Self.stale == 0, after & Self.stale != 0 {
      live -= 1
    }
  }
}
