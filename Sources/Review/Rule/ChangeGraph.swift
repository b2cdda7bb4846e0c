package import GitBridge

/// The new commits of a step and the edges between them, parents before children, the smallest id
/// next among those that are ready. Commits are named by their place in that order.
package struct ChangeGraph: Sendable {
  /// The given commits' places, in the order of the graph.
  package let order: [Int]
  /// For each commit of the graph, its parents' places in the graph; -1 for a parent outside of it.
  /// The first is the first parent.
  private let parentPlaces: [Int32]
  private let parentStarts: [Int32]
  /// The given commits by their ids, and where in the order each of them is.
  private let given: [ObjectID: Int32]
  private let places: [Int32]

  /// How many commits there are. Places go from 0 up to it.
  package var count: Int { order.count }

  /// Sorts the commits. The same commits in another order yield the same graph, and so the same verdict.
  ///
  /// - Parameter commits: A step's new commits, each once. Parents that are not among them are outside the graph.
  package init(_ commits: [(id: ObjectID, parents: [ObjectID])]) {
    // Most steps of a linear history.
    if commits.count == 1 {
      order = [0]
      given = [commits[0].id: 0]
      places = [0]
      parentPlaces = commits[0].parents.map { _ in -1 }
      parentStarts = [0, Int32(commits[0].parents.count)]
      return
    }
    let given = Dictionary(commits.enumerated().map { ($1.id, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    var children = [[Int32]](repeating: [], count: commits.count)
    var waiting = [Int32](repeating: 0, count: commits.count)
    for (index, commit) in commits.enumerated() {
      for parent in commit.parents {
        guard let place = given[parent] else { continue }
        children[Int(place)].append(Int32(index))
        waiting[index] += 1
      }
    }
    var ready = IDHeap(commits.map(\.id))
    for index in commits.indices where waiting[index] == 0 { ready.insert(Int32(index)) }
    var order: [Int] = []
    order.reserveCapacity(commits.count)
    while let next = ready.popSmallest() {
      order.append(Int(next))
      for child in children[Int(next)] {
        waiting[Int(child)] -= 1
        if waiting[Int(child)] == 0 { ready.insert(child) }
      }
    }
    self.order = order
    self.given = given
    var places = [Int32](repeating: -1, count: commits.count)
    for (place, index) in order.enumerated() { places[index] = Int32(place) }
    self.places = places
    var parents: [Int32] = []
    var starts: [Int32] = [0]
    starts.reserveCapacity(order.count + 1)
    for index in order {
      for parent in commits[index].parents { parents.append(given[parent].map { places[Int($0)] } ?? -1) }
      starts.append(Int32(parents.count))
    }
    parentPlaces = parents
    parentStarts = starts
  }

  /// Where a commit stands in the order; nil for one outside the graph.
  package func place(of id: ObjectID) -> Int? {
    guard let index = given[id], places[Int(index)] >= 0 else { return nil }
    return Int(places[Int(index)])
  }

  /// The parents' places, the first parent first; -1 outside the graph.
  package func parents(of place: Int) -> ArraySlice<Int32> {
    parentPlaces[Int(parentStarts[place])..<Int(parentStarts[place + 1])]
  }

  /// Whether the commit at a place has two parents or more, those outside the graph included.
  package func isMerge(_ place: Int) -> Bool { parentStarts[place + 1] - parentStarts[place] >= 2 }
}

/// A binary heap of commits that yields the smallest id first.
private struct IDHeap {
  private let ids: [ObjectID]
  private var heap: [Int32] = []

  init(_ ids: [ObjectID]) { self.ids = ids }

  private func less(_ a: Int, _ b: Int) -> Bool { ids[Int(heap[a])] < ids[Int(heap[b])] }

  mutating func insert(_ index: Int32) {
    heap.append(index)
    var child = heap.count - 1
    while child > 0, less(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popSmallest() -> Int32? {
    guard let smallest = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return smallest }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && less(child, least) { least = child }
      if least == parent { return smallest }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
