import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// rule.md, R121: a release branch that is rebased before it is published, where the policy says so.
@Suite struct RewindTests {
  private static let policy = """
    version = 1
    [[branch]]
    name = "main"
    [[branch]]
    name = "release/*"
    rewind = true
    [[branch]]
    name = "fixed/*"

    """
  private let world: World

  init() throws { world = try World(policy: Self.policy) }

  private func agreed(on base: ObjectID) throws -> ObjectID {
    try world.merge(base, try world.commit(on: base, by: "ann"), by: "bob")
  }

  /// A branch that was made on the lead's first state, and one as it would be on its second.
  private func release(_ name: String) throws -> (old: ObjectID, new: ObjectID) {
    let old = try agreed(on: world.root)
    #expect(try world.land(name, old).findings == [])
    let later = try agreed(on: world.tip("main"))
    #expect(try world.land("main", later).findings == [])
    return (old, try agreed(on: later))
  }

  @Test func `R121: a release branch moves onto a later state of the lead, and is judged whole`() throws {
    let (old, new) = try release("release/1")
    let verdict = world.push("release/1", new)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map(\.new) == [new])
    // One change by nobody further down on the new line.
    let alone = try world.commit(on: world.tip("main"), by: "ann")
    let mixed = try agreed(on: alone)
    #expect(world.push("release/1", mixed).findings == [Finding(.tooFewEndorsers, alone)])
    // Where the policy does not say so, it is a rewind.
    #expect(try world.land("fixed/1", try agreed(on: world.root)).findings == [])
    let fixed = try agreed(on: world.tip("main"))
    #expect(world.push("fixed/1", fixed).findings == [Finding(.rewind, fixed)])
    #expect(old != new)
  }

  /// Attack: the fix at the end of a release branch is taken off.
  @Test func `R121: never back`() throws {
    let (old, _) = try release("release/1")
    let fix = try agreed(on: old)
    #expect(try world.land("release/1", fix).findings == [])
    #expect(world.push("release/1", old).findings == [Finding(.rewind, old)])
    // What follows the branch is no rewind at all.
    #expect(world.push("release/1", try agreed(on: fix)).findings == [])
  }

  /// Attack: whoever may push takes away what two have signed, and nobody signs for it: the branch is moved to a state
  /// of the lead.
  @Test func `R121: never to nothing of its own`() throws {
    let (_, new) = try release("release/1")
    let lead = world.tip("main")
    let refused = world.push("release/1", lead)
    #expect(refused.findings == [Finding(.rewind, lead)])
    #expect(refused.refusals.first?.message.contains("has to hold a commit of its own") == true)
    #expect(world.push("release/1", new).findings == [])
  }

  @Test func `R121, R46: what a branch has left is nobody's state for the next ref of the same push`() throws {
    let (old, new) = try release("release/1")
    let first = try agreed(on: world.tip("main"))
    // The first one makes the hook look where the second stands.
    #expect(world.push([("release/0", first), ("release/1", new), ("release/2", old)]).findings == [])
    // The twin leaves the second where it is.
    #expect(world.push([("release/0", first), ("release/2", old)]).findings == [Finding(.wrongSourceBranch, old)])
  }

  /// Attack: a release is published, and its branch is then moved to hold another thing.
  @Test func `R121: not once a tag holds it, on the branch or through a merge to the lead`() throws {
    let (old, new) = try release("release/1")
    let sign = world.signature(of: "ann")
    #expect(try world.land("refs/tags/1", try world.git.tag("1", target: old, signedBy: sign)).findings == [])
    #expect(world.push("release/1", new).findings == [Finding(.rewind, new)])
    #expect(world.push("release/1", new).refusals.first?.message.contains("refs/tags/1 holds what it was") == true)

    let (second, again) = try release("release/2")
    // A tag on another state than one that holds it changes nothing.
    #expect(
      try world.land("refs/tags/2", try world.git.tag("2", target: world.tip("main"), signedBy: sign)).findings == [])
    #expect(world.push("release/2", again).findings == [])
    let merged = try world.merge(world.tip("main"), second, by: "bob")
    #expect(try world.land("main", merged).findings == [])
    // What staging took is below the new line, and beside its states.
    let above = try agreed(on: merged)
    #expect(world.push("release/2", above).findings == [])
    #expect(try world.land("refs/tags/3", try world.git.tag("3", target: merged, signedBy: sign)).findings == [])
    #expect(world.push("release/2", again).findings == [Finding(.rewind, again)])
    #expect(world.push("release/2", above).refusals.map(\.code) == [.foxtrot])
  }

  @Test func `R121: a tag of the same push comes after it`() throws {
    let (old, new) = try release("release/1")
    let tag = try world.git.tag("1", target: new, signedBy: world.signature(of: "ann"))
    #expect(world.push([("release/1", new), ("refs/tags/1", tag)]).findings == [])
    // The twin tags what would no longer be a state of anything.
    let lost = try world.git.tag("1", target: old, signedBy: world.signature(of: "ann"))
    #expect(world.push([("release/1", new), ("refs/tags/1", lost)]).findings == [Finding(.tagTargetUnprotected, lost)])
  }

  @Test func `a policy that lets the one branch rewind is none`() {
    let text = "version = 1\n[[branch]]\nname = \"main\"\nrewind = true\n"
    #expect(throws: FileDefect.self) { try Policy.read(Array(text.utf8)) }
    #expect(throws: Never.self) { try Policy.read(Array(text.replacing("main", with: "main*").utf8)) }
  }
}

/// rule.md, R122: a tag for which more than one maintainer is asked.
@Suite struct TagThresholdTests {
  private let world: World

  init() throws {
    world = try World(policy: "version = 1\n[[branch]]\nname = \"main\"\n[[tag]]\nname = \"[0-9]*\"\nthreshold = 2\n")
  }

  private func tag(_ name: String, by person: String, on target: ObjectID? = nil) throws -> ObjectID {
    try world.git.tag(name, target: target ?? world.root, signedBy: world.signature(of: person))
  }

  @Test func `R122: two maintainers, in one push or one after the other`() throws {
    let own = try tag("1.0", by: "ann")
    #expect(world.push("refs/tags/1.0", own).findings == [Finding(.tooFewEndorsers, own)])
    let other = try tag("1.0+bob", by: "bob")
    #expect(world.push([("refs/tags/1.0", own), ("refs/tags/1.0+bob", other)]).findings == [])
    #expect(try world.land("refs/tags/1.0+bob", other).findings == [])
    #expect(world.push("refs/tags/1.0", own).findings == [])
  }

  /// Attack: one person signs for two.
  @Test func `R122: nobody vouches in another's name, nor twice`() throws {
    let own = try tag("1.0", by: "ann")
    let forged = try tag("1.0+bob", by: "ann")
    #expect(world.push("refs/tags/1.0+bob", forged).findings == [Finding(.tagUnsigned, forged)])
    let both = world.push([("refs/tags/1.0", own), ("refs/tags/1.0+bob", forged)])
    #expect(both.findings == [Finding(.tagUnsigned, forged), Finding(.tooFewEndorsers, own)])
    let twice = try tag("1.0+ann", by: "ann")
    #expect(
      world.push([("refs/tags/1.0", own), ("refs/tags/1.0+ann", twice)]).findings == [Finding(.tooFewEndorsers, own)])
  }

  /// Attack: Bob's tag of another commit, or of another release, is put beside it.
  @Test func `R122: about this commit and this name`() throws {
    let later = try world.merge(world.root, try world.commit(on: world.root, by: "ann"), by: "bob")
    #expect(try world.land("main", later).findings == [])
    let own = try tag("1.0", by: "ann", on: later)
    let elsewhere = try tag("1.0+bob", by: "bob")
    #expect(
      world.push([("refs/tags/1.0", own), ("refs/tags/1.0+bob", elsewhere)]).findings == [
        Finding(.tooFewEndorsers, own)
      ])
    let otherName = try tag("2.0+bob", by: "bob", on: later)
    #expect(
      world.push([("refs/tags/1.0", own), ("refs/tags/1.0+bob", otherName)]).findings
        == [Finding(.tagNameMismatch, otherName), Finding(.tooFewEndorsers, own)])
    let good = try tag("1.0+bob", by: "bob", on: later)
    #expect(world.push([("refs/tags/1.0", own), ("refs/tags/1.0+bob", good)]).findings == [])
  }

  @Test func `R122: it never moves, and a stranger's name is a name like any other`() throws {
    let good = try tag("1.0+bob", by: "bob")
    #expect(try world.land("refs/tags/1.0+bob", good).findings == [])
    let again = try tag("1.0+bob", by: "bob", on: try world.commit(on: world.root))
    #expect(world.push("refs/tags/1.0+bob", again).findings == [Finding(.tagMoved, again)])
    // Nobody is called build5: a tag of this name needs two as well.
    let build = try tag("1.0+build5", by: "ann")
    #expect(world.push("refs/tags/1.0+build5", build).findings == [Finding(.tooFewEndorsers, build)])
  }

  /// Attack: the word of one, under a name that reads as if two stood behind it.
  @Test func `R122: nobody stands behind what stands behind another`() throws {
    let own = try tag("1.0+ann+bob", by: "bob")
    #expect(world.push("refs/tags/1.0+ann+bob", own).findings == [Finding(.tagNameMismatch, own)])
    let twin = try tag("1.0+bob", by: "bob")
    #expect(world.push("refs/tags/1.0+bob", twin).findings == [])
  }
}
