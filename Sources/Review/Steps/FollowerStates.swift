internal import GitBridge

/// The states of branches that follow the lead: their first-parent lines, down to the lead or to a configured start.
struct FollowerStates {
  let repository: Repository
  let lead: LeadLine
  let settings: ReviewSettings

  /// A branch with more states is first asked whether it reaches a commit at all: nearly always that is newer.
  private static let few = 256

  /// Whether a commit is a state of the branch whose tip is given, the lead state that its line starts at included.
  func holds(_ commit: ObjectID, name: [UInt8], tip: ObjectID) throws(ReviewProblem) -> Bool {
    if let few = try fewStates(of: tip, name: name) { return few.contains(commit) }
    guard try reaches(commit, from: tip) else { return false }
    return try allStates(of: tip, name: name).contains(commit)
  }

  /// The states of a branch, newest first, the lead state that its line starts at included: a start that somebody
  /// configured is none. Empty for a branch that has no line; nil where the line is long.
  func fewStates(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> [ObjectID]? {
    guard try reading({ () throws(GitError) in try repository.kind(of: tip) }) == .commit else { return [] }
    switch try walk(from: tip, name: name, most: Self.few) {
    case .anchored(let line): return withoutStart(line)
    case .unanchored: return []
    case .long: return nil
    }
  }

  /// The same however long the line is.
  func allStates(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> [ObjectID] {
    guard case .anchored(let line) = try walk(from: tip, name: name) else { return [] }
    return withoutStart(line)
  }

  /// Whether a long line can have a commit among its states at all.
  func reaches(_ commit: ObjectID, from tip: ObjectID) throws(ReviewProblem) -> Bool {
    try reading { () throws(GitError) in try repository.isAncestor(commit, of: tip) }
  }

  private func withoutStart(_ line: [ObjectID]) -> [ObjectID] {
    line.last.map(lead.contains) ?? true ? line : line.dropLast()
  }

  /// The newest commit on a first-parent line that is a lead state, the start configured for the branch or an ancestor
  /// of that; nil when there is none.
  // R18, R21
  func anchor(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> ObjectID? {
    guard case .anchored(let line) = try walk(from: tip, name: name) else { return nil }
    return line.last
  }

  /// The first-parent line from where it starts up to `tip`, oldest first, the start included; nil when it has none.
  func line(of tip: ObjectID, name: [UInt8]) throws(ReviewProblem) -> [ObjectID]? {
    guard case .anchored(let line) = try walk(from: tip, name: name) else { return nil }
    return line.reversed()
  }

  private enum Walk {
    /// Newest first; the last is where the line starts.
    case anchored([ObjectID])
    case unanchored
    /// Longer than was to be looked at.
    case long
  }

  private func walk(from tip: ObjectID, name: [UInt8], most: Int = .max) throws(ReviewProblem) -> Walk {
    var start = settings.start(of: name)
    if let id = start, try reading({ () throws(GitError) in try repository.kind(of: id) }) != .commit { start = nil }
    func isBelowStart(_ id: ObjectID) throws(ReviewProblem) -> Bool {
      guard let start else { return false }
      return try reading { () throws(GitError) in try repository.isAncestor(id, of: start) }
    }
    var line: [ObjectID] = []
    var current = tip
    while true {
      try settings.checkDeadline()
      line.append(current)
      if lead.contains(current) || current == start { break }
      // What is below the start stays so further down: asking at each doubling of the way keeps a long line linear.
      if line.count & (line.count - 1) == 0, try isBelowStart(current) { break }
      guard line.count < most else { return .long }
      let parents = try reading { () throws(GitError) in try repository.commit(current).parents }
      guard let first = parents.first else {
        guard try isBelowStart(current) else { return .unanchored }
        break
      }
      current = first
    }
    guard current != start, try isBelowStart(current) else { return .anchored(line) }
    // The newest that is below the start is somewhere on the way here.
    var (above, below) = (-1, line.count - 1)
    while above + 1 < below {
      let middle = (above + below) / 2
      if try isBelowStart(line[middle]) { below = middle } else { above = middle }
    }
    return .anchored(Array(line[...below]))
  }
}
