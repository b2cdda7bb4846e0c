import GitBridge
import Support

/// A history made from a seed: branches, merges of two to four parents, several roots if asked, clocks right or wrong.
struct RandomHistory {
  let scripted: ScriptedRepository
  private(set) var commits: [ObjectID] = []

  /// - Parameter skew: how many seconds a clock may be wrong, where commits are a minute apart.
  init(seed: Int, count: Int, skew: Int64, roots: Int = 1) throws {
    scripted = try ScriptedRepository()
    var random = SeededGenerator(UInt64(seed) + 77)
    let tree = try scripted.tree(Files())
    for number in 0..<count {
      var parents: [ObjectID] = []
      if number >= roots {
        let wanted = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4].randomElement(using: &random)!
        for _ in 0..<wanted {
          // Mostly near the tips, sometimes far back.
          let reach = Bool.random(using: &random) ? min(number, 4) : number
          let parent = commits[number - 1 - Int.random(in: 0..<reach, using: &random)]
          if !parents.contains(parent) { parents.append(parent) }
        }
      }
      let time = 1_700_000_000 + Int64(number) * 60 + (skew == 0 ? 0 : Int64.random(in: -skew...skew, using: &random))
      commits.append(
        try scripted.commit(tree: tree, parents: parents, time: max(0, time), message: "\(number)\n"))
    }
  }

  func some(_ count: ClosedRange<Int>, _ random: inout SeededGenerator) -> [ObjectID] {
    (0..<Int.random(in: count, using: &random)).map { _ in commits.randomElement(using: &random)! }
  }

  /// What git says is new, for whatever clocks: the difference of two whole histories.
  func truth(_ tips: [ObjectID], _ hidden: [ObjectID]) throws -> Set<String> {
    func reach(_ ids: [ObjectID]) throws -> Set<String> {
      ids.isEmpty ? [] : Set(try scripted.git("rev-list", "--stdin", input: input(ids)).lines)
    }
    return try reach(tips).subtracting(reach(hidden))
  }

  /// What git says is new when it looks at the clocks.
  func revList(_ tips: [ObjectID], _ hidden: [ObjectID]) throws -> Set<String> {
    Set(try scripted.git("rev-list", "--stdin", input: input(tips) + input(hidden, "^")).lines)
  }

  private func input(_ ids: [ObjectID], _ prefix: String = "") -> [UInt8] {
    ids.flatMap { Array("\(prefix)\($0)\n".utf8) }
  }
}
