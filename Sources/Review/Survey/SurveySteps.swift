/// A history cut into the steps of its first-parent line: what each commit of that line brought with it.
struct SurveySteps {
  typealias Node = SurveyHistory.Node

  /// The first-parent line, oldest first.
  private(set) var line: [Node] = []
  /// Each commit's step, as a place in ``line``.
  private(set) var step: [Int32]
  /// The commits, step after step, and within a step parents before children.
  private(set) var order: [Node] = []
  private var starts: [Int32] = []

  init(_ history: SurveyHistory, tip: Node) {
    step = [Int32](repeating: -1, count: history.count)
    var next: Node? = tip
    while let node = next {
      line.append(node)
      next = history.parents(node).first
    }
    line.reverse()
    order.reserveCapacity(history.count)
    // A commit waits until its parents are in order.
    var stack: [(node: Node, parent: Int)] = []
    for (index, head) in line.enumerated() {
      starts.append(Int32(order.count))
      step[Int(head)] = Int32(index)
      stack.append((head, 0))
      while let (node, parent) = stack.popLast() {
        let parents = history.parents(node)
        guard parent < parents.count else {
          order.append(node)
          continue
        }
        stack.append((node, parent + 1))
        let below = parents[parents.startIndex + parent]
        if below >= 0, step[Int(below)] < 0 {
          step[Int(below)] = Int32(index)
          stack.append((below, 0))
        }
      }
    }
    starts.append(Int32(order.count))
  }

  func members(_ index: Int) -> ArraySlice<Node> { order[Int(starts[index])..<Int(starts[index + 1])] }
}
