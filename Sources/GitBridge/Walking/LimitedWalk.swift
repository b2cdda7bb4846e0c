internal import Basics

/// The new commits of an update without reading the whole history: newest first by committer time, as `git rev-list`
/// does (revision.c, `limit_list`).
struct LimitedWalk {
  private typealias Node = CommitGraph.Node

  private static let seen: UInt8 = 1
  private static let hidden: UInt8 = 2
  private static let expanded: UInt8 = 4

  /// How many commits more are looked at when only hidden ones are left, in case of clocks that went wrong.
  private static let slop = 16

  private let repository: Repository
  private let graph: CommitGraph
  private var marks: Marks
  private var queue = CommitQueue()
  private var found: [Node] = []
  /// How many commits in the queue are not hidden.
  private var waiting = 0
  private var oldestFound = Int64.max

  static func newCommits(
    _ tips: [ObjectID], _ hidden: [ObjectID], _ repository: Repository
  ) throws(GitError) -> [CommitGraph.Node] {
    var walk = LimitedWalk(repository)
    for id in hidden { try walk.enqueue(repository.graph.node(id), hidden: true) }
    for id in tips { try walk.enqueue(repository.graph.node(id), hidden: false) }
    try walk.run()
    let result = walk.found.filter { walk.marks[$0] & LimitedWalk.hidden == 0 }
    repository.graph.giveBack(walk.marks)
    return result
  }

  private init(_ repository: Repository) {
    self.repository = repository
    graph = repository.graph
    marks = repository.graph.takeMarks()
  }

  private mutating func run() throws(GitError) {
    var patience = LimitedWalk.slop
    while let newest = queue.greatest {
      if waiting == 0 {
        // Only hidden commits are left: they can still turn out to reach something found that claims to be older.
        if found.isEmpty { return }
        if newest < oldestFound {
          patience -= 1
          if patience == 0 { return }
        }
      }
      guard let node = queue.pop() else { return }
      try expand(node)
    }
  }

  private mutating func expand(_ node: Node) throws(GitError) {
    let isHidden = marks[node] & LimitedWalk.hidden != 0
    marks[node] |= LimitedWalk.expanded
    if !isHidden {
      waiting -= 1
      found.append(node)
      oldestFound = min(oldestFound, graph.times[Int(node)])
    }
    for index in 0..<graph.parentCount(node) {
      let parent = graph.parent(node, index)
      if isHidden { hide(parent) }
      do throws(GitError) {
        try enqueue(parent, hidden: isHidden)
      } catch {
        // Beyond the last commit found, a cut history only ends the search for wrong clocks.
        guard isHidden, waiting == 0, error.isAbsence else { throw error }
      }
    }
  }

  private mutating func enqueue(_ node: Node, hidden: Bool) throws(GitError) {
    if marks[node] & LimitedWalk.seen != 0 { return }
    try repository.load(node)
    marks[node] |= LimitedWalk.seen | (hidden ? LimitedWalk.hidden : 0)
    if !hidden { waiting += 1 }
    queue.push(node, priority: graph.times[Int(node)])
  }

  /// Marks a commit that was seen already, and what has been found through it.
  private mutating func hide(_ node: Node) {
    var stack = [node]
    while let node = stack.popLast() {
      guard marks[node] & LimitedWalk.seen != 0, marks[node] & LimitedWalk.hidden == 0 else { continue }
      marks[node] |= LimitedWalk.hidden
      if marks[node] & LimitedWalk.expanded == 0 {
        waiting -= 1
      } else {
        for index in 0..<graph.parentCount(node) { stack.append(graph.parent(node, index)) }
      }
    }
  }
}

extension GitError {
  /// True when something is not here that may exist elsewhere.
  var isAbsence: Bool {
    switch self {
    case .missingObject, .shallow: true
    default: false
    }
  }
}
