/// Commits that wait to be looked at, newest committer time first (a binary heap).
struct CommitQueue {
  private var items: [(time: Int64, node: CommitGraph.Node)] = []

  var newestTime: Int64? { items.first?.time }

  mutating func push(_ node: CommitGraph.Node, time: Int64) {
    items.append((time, node))
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[parent].time < items[child].time else { return }
      items.swapAt(parent, child)
      child = parent
    }
  }

  mutating func pop() -> CommitGraph.Node? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return first.node }
    items[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < items.count else { break }
      if child + 1 < items.count, items[child + 1].time > items[child].time { child += 1 }
      guard items[child].time > items[parent].time else { break }
      items.swapAt(parent, child)
      parent = child
    }
    return first.node
  }
}
