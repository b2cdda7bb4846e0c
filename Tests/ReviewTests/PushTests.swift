import GitBridge
import Review
import Support
import Testing

/// rule.md: a push is a list of updates, judged together, all or nothing.
@Suite struct PushTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  private func agreed(on base: ObjectID) throws -> ObjectID {
    try world.merge(base, try world.commit(on: base, by: "ann"), by: "bob")
  }

  @Test func `all updates good: accepted`() throws {
    let (main, release) = (try agreed(on: root), try agreed(on: root))
    let topic = try world.commit(on: root)
    let verdict = world.push([("main", main), ("release/1", release), ("topic", topic)])
    #expect(verdict.findings == [])
    #expect(Set(verdict.updates.map(\.ref)) == ["refs/heads/main", "refs/heads/release/1"])
  }

  @Test func `one bad update refuses the push, and every reason is given`() throws {
    let good = try agreed(on: root)
    let (one, two) = (try world.commit(on: root, by: "ann"), try world.commit(on: root, by: "bob"))
    let verdict = world.push([
      ("main", one), ("staging", two), ("release/1", good), ("refs/replace/x", root), ("refs/tags/1", root),
      ("Main", root),
    ])
    #expect(
      verdict.findings == [
        Finding(.tooFewEndorsers, one), Finding(.tooFewEndorsers, two), Finding(.wrongSourceBranch, two),
        Finding(.replaceRef), Finding(.tagUnsigned, root),
        Finding(.confusableRef),
      ])
    #expect(verdict.outcome == .refused)
  }

  @Test func `the order of the updates does not matter`() throws {
    let good = try agreed(on: root)
    let bad = try world.commit(on: root, by: "ann")
    let tag = try world.git.tag("1", target: good, signedBy: world.signature(of: "cat"))
    let updates = [("main", good), ("release/1", bad), ("refs/tags/1", tag), ("refs/heads/topic", bad)]
    var seen: Set<Set<Finding>> = []
    for first in 0..<updates.count {
      for swap in 0..<updates.count {
        var order = updates
        order.swapAt(first, swap)
        order.reverse()
        seen.insert(world.push(order.map { (ref: $0.0, new: $0.1) }).findings)
      }
    }
    #expect(seen == [[Finding(.tooFewEndorsers, bad)]])
  }

  @Test func `stale-update: one ref twice in a push`() throws {
    let (one, two) = (try agreed(on: root), try agreed(on: root))
    let ref = Array("refs/heads/main".utf8)
    let next = try agreed(on: one)
    let chain = [RefUpdate(ref: ref, old: root, new: one), RefUpdate(ref: ref, old: one, new: next)]
    #expect(world.reviewer.judge(push: chain).outcome == .refused)
    let both = [RefUpdate(ref: ref, old: root, new: one), RefUpdate(ref: ref, old: root, new: two)]
    #expect(world.reviewer.judge(push: both).outcome == .refused)
    #expect(world.reviewer.judge(push: [both[0]]).outcome == .accepted)
  }

  @Test func `an empty push changes nothing`() {
    #expect(world.reviewer.judge(push: []).outcome == .accepted)
  }
}
