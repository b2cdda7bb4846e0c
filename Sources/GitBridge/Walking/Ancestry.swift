internal import Basics

extension Repository {
  /// True when `a` is `b` or one of its ancestors, whatever the clocks say.
  package func isAncestor(_ a: ObjectID, of b: ObjectID) throws(GitError) -> Bool {
    if a == b {
      try load(graph.node(a))
      return true
    }
    var painting = try Painting(a, b, self)
    let answer = try painting.reaches()
    painting.finish()
    return answer
  }

  /// The best common ancestors: those that no other common ancestor descends from. Newest first, then by id.
  /// Empty when the histories are unrelated.
  package func mergeBases(_ a: ObjectID, _ b: ObjectID) throws(GitError) -> [ObjectID] {
    if a == b {
      try load(graph.node(a))
      return [a]
    }
    var painting = try Painting(a, b, self)
    let common = try painting.commonAncestors()
    painting.finish()
    // Where clocks went wrong an ancestor of a base can be among them.
    var bases: [CommitGraph.Node] = []
    for node in common {
      var isBest = true
      for other in common where other != node && isBest {
        isBest = try !isAncestor(graph.ids[Int(node)], of: graph.ids[Int(other)])
      }
      if isBest { bases.append(node) }
    }
    return bases.sorted { x, y in
      let (left, right) = (graph.times[Int(x)], graph.times[Int(y)])
      return left == right ? graph.ids[Int(x)] < graph.ids[Int(y)] : left > right
    }.map { graph.ids[Int($0)] }
  }
}

/// Colours the ancestors of two commits, newest first, until all that is left descends from a common one
/// (git's commit-reach.c, `paint_down_to_common`). Times only decide the order of the work, never the answer.
private struct Painting {
  private typealias Node = CommitGraph.Node

  private static let ofFirst: UInt8 = 1
  private static let ofSecond: UInt8 = 2
  /// An ancestor of a common ancestor.
  private static let stale: UInt8 = 4
  private static let common: UInt8 = 8
  private static let queued: UInt8 = 16
  private static let colours: UInt8 = ofFirst | ofSecond | stale

  private let repository: Repository
  private let graph: CommitGraph
  private let first: Node
  private var marks: Marks
  private var queue = CommitQueue()
  /// How many commits in the queue are not stale.
  private var live = 0

  init(_ a: ObjectID, _ b: ObjectID, _ repository: Repository) throws(GitError) {
    self.repository = repository
    graph = repository.graph
    marks = repository.graph.takeMarks()
    first = repository.graph.node(a)
    try paint(first, Painting.ofFirst)
    try paint(repository.graph.node(b), Painting.ofSecond)
  }

  func finish() { graph.giveBack(marks) }

  /// True when the first commit is an ancestor of the second.
  mutating func reaches() throws(GitError) -> Bool {
    while live > 0, let node = queue.pop() {
      if node == first, marks[node] & Painting.ofSecond != 0 { return true }
      _ = try step(node)
    }
    return false
  }

  mutating func commonAncestors() throws(GitError) -> [CommitGraph.Node] {
    var found: [Node] = []
    while live > 0, let node = queue.pop() {
      if try step(node) { found.append(node) }
    }
    return found.filter { marks[$0] & Painting.stale == 0 }
  }

  /// Hands the colours of a commit to its parents; true when it is a common ancestor not met before.
  private mutating func step(_ node: Node) throws(GitError) -> Bool {
    marks[node] &= ~Painting.queued
    var colours = marks[node] & Painting.colours
    if colours & Painting.stale == 0 { live -= 1 }
    var isNew = false
    if colours == Painting.ofFirst | Painting.ofSecond {
      isNew = marks[node] & Painting.common == 0
      marks[node] |= Painting.common
      colours |= Painting.stale
    }
    for index in 0..<graph.parentCount(node) { try paint(graph.parent(node, index), colours) }
    return isNew
  }

  private mutating func paint(_ node: Node, _ colours: UInt8) throws(GitError) {
    let before = marks[node]
    if before & colours == colours { return }
    try repository.load(node)
    marks[node] = before | colours | Painting.queued
    if before & Painting.queued == 0 {
      if marks[node] & Painting.stale == 0 { live += 1 }
      queue.push(node, priority: graph.times[Int(node)])
    } else if before & Painting.stale == 0, colours & Painting.stale != 0 {
      live -= 1
    }
  }
}
