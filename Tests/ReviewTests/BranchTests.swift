import GitBridge
import Review
import Support
import Testing

/// rule.md, "What is judged" and "What each ref update needs": protected branches.
@Suite struct BranchTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  /// A change by ann that bob merged onto `base`.
  private func agreed(on base: ObjectID, world: World? = nil) throws -> ObjectID {
    let world = world ?? self.world
    return try world.merge(base, try world.commit(on: base, by: "ann"), by: "bob")
  }

  @Test func `each step of the first-parent line is judged, oldest first`() throws {
    let first = try agreed(on: root)
    let second = try agreed(on: first)
    let verdict = world.push("main", second)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map(\.old) == [root, first])
    #expect(verdict.updates.map(\.new) == [first, second])
    #expect(verdict.updates.map(\.base) == [root, first])
    #expect(verdict.updates.map { $0.changes.count } == [2, 2])
  }

  @Test func `nothing new is nothing to judge`() throws {
    #expect(world.push("main", root).findings == [])
    #expect(world.push("main", root).updates.isEmpty)
  }

  @Test func `rewind: to an ancestor, or to something beside`() throws {
    let tip = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: tip)
    #expect(world.push("main", root).findings == [Finding(.rewind, root)])
    let beside = try agreed(on: root)
    #expect(world.push("main", beside).findings == [Finding(.rewind, beside)])
    #expect(world.push("main", try agreed(on: tip)).findings == [])
  }

  @Test func `deletion of a protected branch`() throws {
    #expect(world.push("main", .zero).findings == [Finding(.deletion)])
    try world.git.setRef("refs/heads/topic", to: root)
    #expect(world.push("topic", .zero).findings == [])
  }

  @Test func `deletion of a protected branch that does not exist`() throws {
    #expect(world.push("release/1", .zero).findings == [Finding(.deletion)])
  }

  /// Attack: with the parents swapped, unreviewed commits stand on the first-parent line and the old tip beside it.
  @Test func `foxtrot: the merge was made the wrong way round`() throws {
    let tip = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: tip)
    let change = try world.commit(on: root, by: "ann")
    let swapped = try world.merge(change, tip, by: "bob")
    #expect(world.push("main", swapped).findings == [Finding(.foxtrot, swapped)])
    let onTop = try agreed(on: swapped)
    #expect(world.push("main", onTop).findings == [Finding(.foxtrot, swapped)])
    #expect(world.push("main", try world.merge(tip, change, by: "bob")).findings == [])
  }

  @Test func `too-few-endorsers: swapped parents that keep the old tip on the line make a step of each commit`() throws
  {
    let change = try world.commit(on: root, by: "ann")
    let swapped = try world.merge(change, root, by: "bob")
    #expect(world.push("main", swapped).findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `not-a-commit: a tag, a tree, a file`() throws {
    let tag = try world.git.tag("1", target: root) { world.signature(of: "ann")($0) }
    for object in [tag, try world.git.tree(Files()), try world.git.blob([1])] {
      #expect(world.push("main", object).findings == [Finding(.notACommit)])
    }
  }

  // MARK: Other histories

  @Test func `unrelated-history: a root commit among the new ones`() throws {
    let stranger = try world.write(["x": "y"], parents: [], by: "ann")
    let merge = try world.merge(root, stranger, by: "bob")
    // Nothing can be merged again there: all of the merge is content of its own.
    let found: Set = [Finding(.unrelatedHistory, stranger), Finding(.tooFewEndorsers, merge)]
    #expect(world.push("main", merge).findings == found)
    #expect(try world.audit(tip: merge).map(\.findings) == [found])
    let related = try world.commit(on: root, by: "ann", ["x": "y"])
    #expect(world.push("main", try world.merge(root, related, by: "bob")).findings == [])
  }

  @Test func `unrelated-history: a new branch that shares nothing`() throws {
    let stranger = try world.write(world.files(of: root), parents: [], by: "ann")
    #expect(world.push("release/1", stranger).findings == [Finding(.unrelatedHistory, stranger)])
  }

  // MARK: New branches

  /// Attack: an inner commit of a merged request, whose registry may be the requester's own.
  @Test func `unrelated-history: a release branch begins at a state of the lead, at no inner commit of it`() throws {
    let tip = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: tip)
    for start in [tip, root] {
      let verdict = world.push("release/1", start)
      #expect(verdict.findings == [])
      #expect(verdict.updates.isEmpty)
    }
    let side = try world.repository.commit(tip).parents[1]
    #expect(world.push("release/1", side).findings == [Finding(.tooFewEndorsers, side)])
  }

  @Test func `unrelated-history: a branch from below the trust root`() throws {
    let trusted = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: trusted)
    world.settings.trustRoot = trusted
    #expect(world.push("release/1", root).findings == [Finding(.unrelatedHistory, root)])
    #expect(world.push("release/1", trusted).findings == [])
  }

  @Test func `a branch that was there before begins at the start that is configured for it`() throws {
    let old = try world.commit(on: root)
    let trusted = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: trusted)
    try world.git.setRef("refs/heads/staging", to: old)
    world.settings.trustRoot = trusted
    let merge = try world.merge(old, trusted, by: "cat")
    #expect(world.push("staging", merge).findings == [Finding(.unrelatedHistory, merge)])
    world.settings.starts["staging"] = old
    #expect(world.push("staging", merge).findings == [])
  }

  @Test func `too-few-endorsers: what a new branch brings is judged from the lead state below it`() throws {
    let tip = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: tip)
    let change = try world.commit(on: tip, by: "ann")
    let verdict = world.push("release/1", change)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.updates.map(\.old) == [tip])
    #expect(world.push("release/1", try world.merge(tip, change, by: "bob")).findings == [])
  }

  @Test func `wrong-source-branch: a new branch at a state of another one`() throws {
    let fix = try agreed(on: root)
    try #require(world.land("release/1", fix).findings == [])
    #expect(world.push("release/2", fix).findings == [Finding(.wrongSourceBranch, fix)])
    let own = try world.merge(root, fix, by: "cat")
    #expect(world.push("release/2", own).findings == [])
  }

  /// Nobody squats on the name of the next release.
  @Test func `a branch that holds nothing of its own may be deleted, or moved to another state of the lead`() throws {
    let tip = try agreed(on: root)
    try world.git.setRef("refs/heads/main", to: tip)
    try #require(world.land("release/1", root).findings == [])
    #expect(world.push("release/1", tip).findings == [])
    #expect(world.push("release/1", .zero).findings == [])
    try world.git.setRef("refs/heads/release/1", to: tip)
    #expect(world.push("release/1", root).findings == [])
    let fix = try agreed(on: tip)
    try #require(world.land("release/1", fix).findings == [])
    #expect(world.push("release/1", .zero).findings == [Finding(.deletion)])
    #expect(world.push("release/1", root).findings == [Finding(.rewind, root)])
    #expect(world.push("staging", .zero).findings == [Finding(.deletion)])
  }

  @Test func `a branch that nobody protects is not judged`() throws {
    let change = try world.commit(on: root)
    for ref in ["topic", "releases/1", "refs/pull/1/head", "refs/notes/commits", "refs/for/main"] {
      #expect(world.push(ref, change).findings == [])
    }
    #expect(world.push("release/1", change).findings == [Finding(.tooFewEndorsers, change)])
  }

  /// Attack: whoever may push a branch would say what protects it.
  @Test func `a policy in a branch's own tree protects nothing`() throws {
    let policy = "version = 1\n[[branch]]\nname = \"main\"\n[[branch]]\nname = \"lts/*\"\n"
    let own = try world.commit(on: root, ["review.toml": .file(policy)])
    try world.git.setRef("refs/heads/lts/1", to: own)
    let change = try world.commit(on: own, by: "ann")
    #expect(world.push("lts/1", change).findings == [])
  }

  // MARK: The trust root

  @Test func `trust-root-missing: the first protected branch of a repository`() throws {
    try world.git.setRef("refs/heads/main", to: nil)
    try world.git.setRef("refs/heads/staging", to: nil)
    let tip = try agreed(on: root)
    world.settings.trustRoot = nil
    let verdict = world.push("main", tip)
    #expect(verdict.findings == [Finding(.trustRootMissing)])
    #expect(verdict.outcome == .undecided)
    world.settings.trustRoot = root
    #expect(world.push("main", tip).findings == [])
    #expect(world.push("main", try world.commit(on: root, by: "ann")).outcome == .refused)
  }

  @Test func `trust-root-missing: there is no such commit`() throws {
    world.settings.trustRoot = ObjectID(hexString: String(repeating: "12", count: 20))
    let verdict = world.push("main", try agreed(on: root))
    #expect(verdict.findings == [Finding(.trustRootMissing)])
    #expect(verdict.outcome == .undecided)
  }

  @Test func `the trust root and what is below it are trusted`() throws {
    let below = try world.commit(on: root)
    let trusted = try world.commit(on: below)
    let tip = try agreed(on: trusted)
    #expect(world.push("main", tip).findings == [Finding(.tooFewEndorsers, below), Finding(.tooFewEndorsers, trusted)])
    world.settings.trustRoot = trusted
    let verdict = world.push("main", tip)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map(\.old) == [trusted])
  }

  @Test func `foxtrot: a trust root beside the line does not start it anew`() throws {
    let trusted = try world.commit(on: root)
    world.settings.trustRoot = trusted
    let change = try world.commit(on: root)
    let merge = try world.merge(change, trusted, by: "bob")
    #expect(world.push("main", merge).findings == [Finding(.foxtrot, merge)])
    #expect(
      world.push("main", try world.merge(trusted, try world.commit(on: trusted, by: "ann"), by: "bob")).findings == [])
  }

  @Test func `an audit needs its start on the first-parent line`() throws {
    let change = try world.commit(on: root, by: "ann")
    let merge = try world.merge(root, change, by: "bob")
    #expect(throws: ReviewProblem.self) { try world.audit(tip: merge, from: change) }
    #expect(try world.audit(tip: merge, from: root).count == 1)
  }
}
