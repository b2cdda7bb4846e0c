/// A binary heap: what has the greatest priority comes out first.
///
/// Inlinable, because walks of long histories live in it.
package struct BinaryHeap<Priority: Comparable, Element> {
  /// In the heap's order.
  @usableFromInline package var items: [(priority: Priority, element: Element)] = []

  @inlinable package init() {}

  /// The greatest priority in it; nil when it is empty.
  @inlinable package var greatest: Priority? { items.first?.priority }

  /// Puts an element in; elements of one priority come out in no order that can be relied on.
  @inlinable package mutating func push(_ element: Element, priority: Priority) {
    items.append((priority, element))
    var child = items.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard items[parent].priority < items[child].priority else { return }
      items.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes everything out, and keeps the room for as much again.
  @inlinable package mutating func removeAll() { items.removeAll(keepingCapacity: true) }

  /// Takes an element of the greatest priority out; nil when it is empty.
  @inlinable package mutating func pop() -> Element? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return first.element }
    items[0] = last
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < items.count else { break }
      if child + 1 < items.count, items[child + 1].priority > items[child].priority { child += 1 }
      guard items[child].priority > items[parent].priority else { break }
      items.swapAt(parent, child)
      parent = child
    }
    return first.element
  }
}
