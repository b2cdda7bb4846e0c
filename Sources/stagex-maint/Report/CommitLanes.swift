internal import GitBridge
internal import Review

/// The lines beside a log that connect commits with their parents, as `git log --graph` draws them, children first.
struct CommitLanes {
  /// For each lane the commit that it leads to; nil for a free one.
  private var lanes: [ObjectID?] = []
  /// Beyond so many, lines are no longer drawn: the words beside them are what matters.
  private static let mostLanes = 12

  /// The lines above a commit where lanes join, beside its step's title, beside itself, and below it where lanes part.
  mutating func rows(_ commit: ObjectID, _ parents: [ObjectID]) -> (
    before: [String], above: String, node: String, after: [String]
  ) {
    let waiting = lanes.indices.filter { lanes[$0] == commit }
    let place = waiting.first ?? free()
    var before: [String] = []
    let joining = waiting.dropFirst()
    if !joining.isEmpty {
      before.append(row { joining.contains($0) ? "/" : lanes[$0] == nil ? " " : "|" })
      for lane in joining { lanes[lane] = nil }
    }
    let above = row { lanes[$0] == nil || ($0 == place && waiting.isEmpty) ? " " : "|" }
    let node = row { $0 == place ? "*" : lanes[$0] == nil ? " " : "|" }
    lanes[place] = parents.first
    var after: [String] = []
    var parted: [Int] = []
    for parent in parents.dropFirst() where !lanes.contains(parent) {
      let lane = free(after: place)
      lanes[lane] = parent
      parted.append(lane)
    }
    if !parted.isEmpty { after.append(row { parted.contains($0) ? "\\" : lanes[$0] == nil ? " " : "|" }) }
    while lanes.last == .some(nil) { lanes.removeLast() }
    return (before, above, node, after)
  }

  /// A lane that is not taken; it is marked so that the next one is another.
  private mutating func free(after place: Int = -1) -> Int {
    if let lane = lanes.indices.first(where: { $0 > place && lanes[$0] == nil }) { return lane }
    lanes.append(nil)
    return lanes.count - 1
  }

  /// One line: a sign for each lane. Slanted ones stand between their lane and the one before.
  private func row(_ sign: (Int) -> Character) -> String {
    guard lanes.count <= Self.mostLanes else { return "* " }
    var cells = [Character](repeating: " ", count: lanes.count * 2)
    for lane in lanes.indices {
      let sign = sign(lane)
      if sign == "/" || sign == "\\", lane > 0 { cells[lane * 2 - 1] = sign } else { cells[lane * 2] = sign }
    }
    return String(cells)  // Its last blank parts it from the words beside it.
  }
}
