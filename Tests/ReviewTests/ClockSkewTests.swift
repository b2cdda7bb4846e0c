import GitBridge
import Review
import Support
import Testing

/// Commit times are claims. They may make the walk slower, never the verdict another.
@Suite struct ClockSkewTests {
  /// Main's history: a commit from the far future, and above it many from the dawn of time.
  private func skewed() throws -> (world: World, forked: ObjectID, tip: ObjectID) {
    let world = try World()
    let below = try world.commit(on: world.root)
    let forked = try world.commit(on: below, time: 4_000_000_000)
    var tip = forked
    for _ in 0..<24 { tip = try world.commit(on: tip, time: 1) }
    tip = try world.commit(on: tip)
    try world.git.setRef("refs/heads/main", to: tip)
    try world.git.setRef("refs/heads/staging", to: nil)
    return (world, forked, tip)
  }

  @Test func `what the branch holds is not new, whatever the clocks say`() throws {
    let (world, forked, tip) = try skewed()
    let change = try world.commit(on: forked, by: "ann")
    let merge = try world.merge(tip, change, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map { $0.changes.map(\.commit) } == [[change, merge]])
  }

  @Test func `too-few-endorsers: what is new is judged, whatever the clocks say`() throws {
    let (world, forked, tip) = try skewed()
    for time in [0, 1, 1_699_999_999, 4_100_000_000, Int64.max] {
      let change = try world.commit(on: forked, by: "ann", time: time)
      let merge = try world.merge(tip, change, by: "ann", time: time)
      let verdict = world.push("main", merge)
      #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
      #expect(verdict.updates.map { $0.changes.map(\.commit) } == [[change, merge]])
    }
  }
}
