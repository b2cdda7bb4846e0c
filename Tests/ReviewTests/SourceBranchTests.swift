import GitBridge
import Review
import Support
import Testing

/// rule.md: branches with `from`, what they take, and what they lean on.
@Suite struct SourceBranchTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World(policy: policy(ofMainFrom: ["staging"])) }

  private func agreed(on base: ObjectID) throws -> ObjectID {
    try world.merge(base, try world.commit(on: base, by: "ann"), by: "bob")
  }

  @Test func `what the lead holds was judged there`() throws {
    let staging = try agreed(on: root)
    try #require(world.land("staging", staging).findings == [])
    let merge = try world.merge(root, staging, by: "cat")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map(\.without) == [staging])
    #expect(verdict.updates.map(\.base) == [staging])
    #expect(verdict.updates.flatMap { $0.changes.map(\.commit) } == [merge])
    #expect(try audit(merge) == [[]])
  }

  /// Attack: an inner commit that the lead reaches, merged into a branch that has not the state that brought it.
  @Test func `too-few-endorsers: an inner commit of the lead is new to a branch without that state`() throws {
    let (evil, undone) = try inner()
    let staging = try world.merge(root, undone, by: "bob")
    try #require(world.land("staging", staging).findings == [])
    let merge = try world.merge(root, evil, by: "cat")
    #expect(
      world.push("main", merge).findings == [Finding(.wrongSourceBranch, merge), Finding(.tooFewEndorsers, evil)])
    #expect(world.push("main", try world.merge(root, staging, by: "cat")).findings == [])
  }

  /// A request by an outsider that brings something and takes it away again, adopted.
  private func inner() throws -> (evil: ObjectID, top: ObjectID) {
    let evil = try world.commit(on: root, ["evil": .file("x")])
    let back = try world.commit(on: evil, ["evil": nil])
    return (evil, try world.adopt(back, by: "ann"))
  }

  private func audit(_ tip: ObjectID) throws -> [Set<Finding>] {
    try world.git.setRef("refs/heads/staging", to: world.tip("staging"))
    return try world.audit("main", tip: tip).map(\.findings)
  }

  @Test func `wrong-source-branch: an ordinary commit`() throws {
    let change = try world.commit(on: root, by: "ann")
    #expect(
      world.push("main", change).findings == [Finding(.wrongSourceBranch, change), Finding(.tooFewEndorsers, change)])
  }

  @Test func `wrong-source-branch: a state of the lead itself`() throws {
    let staging = try agreed(on: root)
    try #require(world.land("staging", staging).findings == [])
    #expect(world.push("main", staging).findings == [Finding(.wrongSourceBranch, staging)])
    #expect(world.push("main", try world.merge(root, staging, by: "cat")).findings == [])
  }

  @Test func `wrong-source-branch: a merge of what the source does not hold`() throws {
    let topic = try agreed(on: root)
    let merge = try world.merge(root, topic, by: "cat")
    #expect(world.push("main", merge).findings == [Finding(.wrongSourceBranch, merge)])
    #expect(try audit(merge) == [[Finding(.wrongSourceBranch, merge)]])
    try #require(world.land("staging", topic).findings == [])
    #expect(world.push("main", merge).findings == [])
    #expect(try audit(merge) == [[]])
  }

  @Test func `wrong-source-branch: one side of an octopus`() throws {
    let staging = try agreed(on: root)
    try world.git.setRef("refs/heads/staging", to: staging)
    let topic = try agreed(on: root)
    let merge = try world.merge(root, staging, topic, by: "cat")
    #expect(world.push("main", merge).findings == [Finding(.wrongSourceBranch, merge)])
  }

  @Test func `an update of the source in the same push may be leaned on, in any order`() throws {
    let staging = try agreed(on: root)
    let merge = try world.merge(root, staging, by: "cat")
    for push in [[("main", merge), ("staging", staging)], [("staging", staging), ("main", merge)]] {
      #expect(world.push(push.map { (ref: $0.0, new: $0.1) }).findings == [])
    }
  }

  @Test func `a refused update of the source is not leaned on`() throws {
    let change = try world.commit(on: root, by: "ann")
    let staging = try world.merge(root, change, by: "ann")
    let merge = try world.merge(root, staging, by: "cat")
    let found = world.push([("main", merge), ("staging", staging)])
    #expect(found.findings == [Finding(.tooFewEndorsers, change), Finding(.wrongSourceBranch, merge)])
    #expect(found.refusals.contains { $0.ref == "refs/heads/staging" })
  }

  /// Attack: two branches that take from each other, both moved to the same unreviewed merge in one push.
  @Test func `too-few-endorsers: two branches cannot lean on each other`() throws {
    let world = try World(
      policy: """
        version = 1
        [[branch]]
        name = "main"
        [[branch]]
        name = "release/*"
        from = ["release/*", "main"]
        """)
    let change = try world.commit(on: world.root)
    let merge = try world.merge(world.root, change)
    let verdict = world.push([("release/1", merge), ("release/2", merge)])
    #expect(verdict.outcome == .refused)
    #expect(verdict.findings.contains(Finding(.tooFewEndorsers, change)))
    #expect(Set(verdict.refusals.map(\.ref)) == ["refs/heads/release/1", "refs/heads/release/2"])
  }

  /// Attack: the policy names a source that anybody may push to.
  @Test func `too-few-endorsers: a source that nobody protects is no source`() throws {
    let world = try World(
      policy: "version = 1\nlead = \"staging\"\n[[branch]]\nname = \"main\"\nfrom = [\"open\"]\n")
    let change = try world.commit(on: world.root)
    try world.git.setRef("refs/heads/open", to: change)
    let merge = try world.merge(world.root, change, by: "ann")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change), Finding(.wrongSourceBranch, merge)])
    #expect(try world.audit(tip: merge).map(\.findings) == [verdict.findings])
  }

  /// Attack: the pusher claims that the source stands on an unreviewed commit already; git only looks at the claim
  /// later.
  @Test func `stale-update: a ref does not stand where the push says`() throws {
    let change = try world.commit(on: root)
    let merge = try world.merge(root, change, by: "ann")
    let verdict = world.reviewer.judge(push: [
      RefUpdate(ref: Array("refs/heads/staging".utf8), old: change, new: change),
      RefUpdate(ref: Array("refs/heads/main".utf8), old: root, new: merge),
    ])
    #expect(verdict.findings.contains(Finding(.staleUpdate)))
    #expect(verdict.findings.contains(Finding(.tooFewEndorsers, change)))
    #expect(verdict.outcome == .refused)
  }

  @Test(arguments: ["main", "staging", "topic", "refs/tags/1", "refs/heads/cosignatures"])
  func `stale-update: any ref`(_ ref: String) throws {
    let full = ref.hasPrefix("refs/") ? ref : "refs/heads/\(ref)"
    let old = try world.commit(on: root)
    let verdict = world.reviewer.judge(push: [RefUpdate(ref: Array(full.utf8), old: old, new: root)])
    #expect(verdict.findings == [Finding(.staleUpdate)])
  }

  @Test func `the same update asked about in thought needs no ref to stand there`() throws {
    let tip = try agreed(on: root)
    let next = try world.merge(tip, try world.commit(on: tip, by: "ann"), by: "bob")
    let update = RefUpdate(ref: Array("refs/heads/staging".utf8), old: tip, new: next)
    #expect(world.reviewer.judge(push: [update]).findings == [Finding(.staleUpdate)])
    #expect(world.reviewer.judge(inThought: [update]).findings == [])
  }

  @Test func `no other ref is trusted`() throws {
    let change = try world.commit(on: root)
    for ref in ["refs/heads/topic", "refs/pull/1/head", "refs/tags/foo", "refs/remotes/origin/staging", "refs/notes/x"]
    {
      try world.git.setRef(ref, to: change)
    }
    let merge = try world.merge(root, change, by: "ann")
    #expect(world.push("staging", merge).findings == [Finding(.tooFewEndorsers, change)])
  }
}
