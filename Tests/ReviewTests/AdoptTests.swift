import GitBridge
import Review
import Support
import Testing

/// rule.md, "Who endorses what", 3: an empty signed commit on top of somebody else's work.
@Suite struct AdoptTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  @Test func `an outsider's work that one maintainer adopts and another merges has two endorsers`() throws {
    let first = try world.commit(on: root)
    let second = try world.commit(on: first)
    let adoption = try world.adopt(second, by: "ann")
    let merge = try world.merge(root, adoption, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    for change in [first, second] { #expect(verdict.endorsers(change) == ["ann adopt", "bob merge"]) }
    #expect(verdict.change(adoption)?.kind == .adopt)
    #expect(verdict.change(adoption)?.required == 1)
    #expect(verdict.endorsers(adoption) == ["ann own", "bob merge"])
    #expect(verdict.change(first)?.endorsers.first?.by == adoption)
  }

  @Test(arguments: [
    "Adopt\n", "adopt\n", "ADOPT\n", "aDoPt\n", "Adopt", "Adopt: the change\n", "Adopt #12\n", "adopt-it\n", "adopt.\n",
    "Adopt\tit\n", "Adopt\r\n", "\n\n\nAdopt\n", "Adopt this, see\n\nbody\n", "adopt\u{0B}\n",
  ])
  func `these words adopt`(_ message: String) throws {
    #expect(try kind(message) == .adopt)
  }

  @Test(arguments: [
    "", "\n", "adoption\n", "Adopted\n", "adopts\n", "adopt_it\n", "adopt1\n", "adoptX\n", "adop\n", " adopt\n",
    "\tadopt\n",
    "re-adopt\n", "Change\n\nAdopt\n", "Change\nAdopt\n", "adopt\u{E9}\n", "adopt\u{301}\n", "\u{410}dopt\n",
    "\u{FF41}dopt\n",
    "\u{FEFF}adopt\n", "\u{200B}adopt\n", "a\u{AD}dopt\n", "adopt\u{200B}\n", "\r\nAdopt\n", "  \nAdopt\n", "#adopt\n",
    "AD0PT\n",
  ])
  func `these words do not adopt`(_ message: String) throws {
    #expect(try kind(message) == .ordinary)
  }

  private func kind(_ message: String) throws -> ChangeKind? {
    let change = try world.commit(on: root)
    let adoption = try world.adopt(change, by: "ann", message: message)
    return world.push("main", try world.merge(root, adoption, by: "bob")).change(adoption)?.kind
  }

  @Test func `too-few-endorsers: an adoption that changes a file is an ordinary commit`() throws {
    let change = try world.commit(on: root)
    let adoption = try world.commit(on: change, by: "ann", message: "Adopt\n")
    let verdict = world.push("main", try world.merge(root, adoption, by: "bob"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.change(adoption)?.kind == .ordinary)
    let twin = try world.adopt(change, by: "ann")
    #expect(world.push("main", try world.merge(root, twin, by: "bob")).findings == [])
  }

  @Test func `too-few-endorsers: an adoption that only changes a mode is an ordinary commit`() throws {
    let change = try world.commit(on: root, ["tool": "x"])
    let adoption = try world.commit(on: change, by: "ann", ["tool": .executable("x")], message: "Adopt\n")
    let verdict = world.push("main", try world.merge(root, adoption, by: "bob"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `a merge that says adopt is a merge`() throws {
    let change = try world.commit(on: root)
    let merge = try world.merge(root, change, by: "ann", message: "Adopt\n")
    let verdict = world.push("main", try world.merge(root, merge, by: "bob"))
    #expect(verdict.change(merge)?.kind == .cleanMerge)
    #expect(verdict.endorsers(change) == ["ann merge", "bob merge"])
  }

  @Test func `too-few-endorsers: an unsigned adoption adopts nothing`() throws {
    let change = try world.commit(on: root)
    let adoption = try world.adopt(change)
    let verdict = world.push("main", try world.merge(root, adoption, by: "bob"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.change(adoption)?.kind == .adopt)
    #expect(verdict.endorsers(adoption) == ["bob merge"])
  }

  @Test func `too-few-endorsers: a contributor cannot adopt`() throws {
    let change = try world.commit(on: root)
    let stranger = Team.Key("mallory")
    let adoption = try world.adopt(change) { stranger.subkey.sign($0) }
    #expect(
      world.push("main", try world.merge(root, adoption, by: "bob")).findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `too-few-endorsers: an adoption nobody merged carries nobody's signature`() throws {
    let change = try world.commit(on: root, by: "ann")
    try world.git.setRef("refs/heads/main", to: change)
    let adoption = try world.adopt(change)
    #expect(world.push("main", adoption).findings == [Finding(.tooFewEndorsers, adoption)])
    #expect(world.push("main", try world.adopt(change, by: "ann")).findings == [])
  }

  @Test func `too-few-endorsers: adopter and merger are one person`() throws {
    let change = try world.commit(on: root)
    let adoption = try world.adopt(change, by: "ann")
    let verdict = world.push("main", try world.merge(root, adoption, by: "ann"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
  }

  /// Attack: obtain "Adopt", add another commit, have it merged under the old approval.
  @Test func `too-few-endorsers: a commit above the adoption is not adopted`() throws {
    let change = try world.commit(on: root)
    let adoption = try world.adopt(change, by: "ann")
    let late = try world.commit(on: adoption)
    let verdict = world.push("main", try world.merge(root, late, by: "bob"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, late)])
    let twin = try world.adopt(try world.commit(on: change), by: "ann")
    #expect(world.push("main", try world.merge(root, twin, by: "bob")).findings == [])
  }

  @Test func `too-few-endorsers: an adoption helps only in its own step`() throws {
    let change = try world.commit(on: root, by: "bob")
    let adoption = try world.adopt(change, by: "ann")
    #expect(world.push("main", adoption).findings == [Finding(.tooFewEndorsers, change)])
    #expect(world.push("main", try world.merge(root, adoption, by: "ann")).findings == [])
  }

  @Test func `too-few-endorsers: adoptions do not count where the policy says so`() throws {
    let world = try World(policy: "version = 1\nendorsements = [\"own\", \"merge\"]\n")
    let change = try world.commit(on: world.root)
    let adoption = try world.adopt(change, by: "ann")
    let verdict = world.push("main", try world.merge(world.root, adoption, by: "bob"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.change(adoption)?.kind == .adopt)
  }

  /// Attack: an adoption of one small thing in a long-lived branch is taken for one of all that is below it.
  @Test func `too-few-endorsers: an adoption ends at the first parent of the innermost merge`() throws {
    let below = try world.commit(on: root)
    let change = try world.commit(on: below)
    let adoption = try world.adopt(change, by: "ann")
    let inner = try world.merge(below, adoption, by: "bob")
    let verdict = world.push("main", try world.merge(root, inner, by: "cat"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, below)])
    #expect(verdict.endorsers(below) == ["cat merge"])
    #expect(verdict.endorsers(change) == ["ann adopt", "bob merge", "cat merge"])

    let twin = world.push("main", try world.merge(root, adoption, by: "cat"))
    #expect(twin.findings == [])
    #expect(twin.endorsers(below) == ["ann adopt", "cat merge"])
  }

  @Test func `an outer merge does not limit what the innermost leaves`() throws {
    let low = try world.commit(on: root, by: "bob")
    let topic = try world.commit(on: root)
    let adoption = try world.adopt(topic, by: "ann")
    // Innermost: its first parent is `low`, which the topic does not contain.
    let inner = try world.merge(low, adoption, by: "bob")
    let verdict = world.push("main", try world.merge(root, inner, by: "cat"))
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(topic) == ["ann adopt", "bob merge", "cat merge"])
    #expect(verdict.endorsers(low) == ["bob own", "cat merge"])
  }

  @Test func `of several innermost merges each limits`() throws {
    let low = try world.commit(on: root)
    let mid = try world.commit(on: low)
    let top = try world.commit(on: mid)
    let adoption = try world.adopt(top, by: "ann")
    // Two merges introduce the adoption, neither above the other: one keeps `low` out, the other `mid` too.
    let one = try world.merge(low, adoption, by: "bob")
    let two = try world.merge(mid, adoption, by: "bob")
    let outer = try world.merge(root, one, two, by: "cat")
    let verdict = world.push("main", outer)
    #expect(verdict.endorsers(top) == ["ann adopt", "bob merge", "cat merge"])
    #expect(verdict.endorsers(mid) == ["bob merge", "cat merge"])
    #expect(verdict.endorsers(low) == ["cat merge"])
    #expect(verdict.findings == [Finding(.tooFewEndorsers, low)])
  }

  @Test func `an unsigned merge limits an adoption all the same`() throws {
    let below = try world.commit(on: root)
    let adoption = try world.adopt(try world.commit(on: below), by: "ann")
    let inner = try world.merge(below, adoption)
    let verdict = world.push("main", try world.merge(root, inner, by: "cat"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, below)])
  }

  @Test func `an adoption covers merges and other adoptions below it`() throws {
    let change = try world.commit(on: root)
    let earlier = try world.adopt(change, by: "bob")
    let merge = try world.merge(root, earlier)
    let adoption = try world.adopt(merge, by: "ann")
    let verdict = world.push("main", try world.merge(root, adoption, by: "cat"))
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(merge) == ["ann adopt", "cat merge"])
    #expect(verdict.endorsers(earlier) == ["ann adopt", "bob own", "cat merge"])
    #expect(verdict.endorsers(change) == ["ann adopt", "bob adopt", "cat merge"])
  }
}
