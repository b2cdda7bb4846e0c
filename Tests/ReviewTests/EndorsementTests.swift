import GitBridge
import Review
import Support
import Testing

/// rule.md, "Who endorses what": own signatures and merges.
@Suite struct EndorsementTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  @Test func `a maintainer's change that another maintainer merges has two endorsers`() throws {
    let change = try world.commit(on: root, by: "ann")
    let merge = try world.merge(root, change, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(change) == ["ann own", "bob merge"])
    #expect(verdict.change(change)?.kind == .ordinary)
    #expect(verdict.change(change)?.required == 2)
    #expect(verdict.change(merge)?.kind == .cleanMerge)
    #expect(verdict.change(merge)?.required == 1)
    #expect(verdict.endorsers(merge) == ["bob own"])
  }

  @Test func `too-few-endorsers: the merger is the author`() throws {
    let change = try world.commit(on: root, by: "ann")
    let merge = try world.merge(root, change, by: "ann")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.endorsers(change) == ["ann merge", "ann own"])
    #expect(verdict.change(change)?.endorserCount == 1)
  }

  @Test func `too-few-endorsers: only the merger has signed`() throws {
    let change = try world.commit(on: root)
    let merge = try world.merge(root, change, by: "bob")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `too-few-endorsers: a change pushed without a merge`() throws {
    let change = try world.commit(on: root, by: "ann")
    #expect(world.push("main", change).findings == [Finding(.tooFewEndorsers, change)])
    let alone = try World(policy: "version = 1\nthreshold = 1\n")
    let twin = try alone.commit(on: alone.root, by: "ann")
    #expect(alone.push("main", twin).findings == [])
  }

  @Test func `unsigned-merge: nobody stands behind the merge at the end`() throws {
    let change = try world.commit(on: root, by: "ann")
    let inner = try world.merge(root, change, by: "bob")
    let outer = try world.merge(root, inner)
    #expect(world.push("main", outer).findings == [Finding(.unsignedMerge, outer)])
    let twin = try world.merge(root, inner, by: "bob")
    #expect(world.push("main", twin).findings == [])
  }

  @Test func `an unsigned merge below a signed one needs no signature of its own`() throws {
    let change = try world.commit(on: root, by: "ann")
    let inner = try world.merge(root, change)
    let outer = try world.merge(root, inner, by: "bob")
    let verdict = world.push("main", outer)
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(inner) == ["bob merge"])
  }

  /// Attack: the first-parent side of a merge is what was there already; a merge of it proves nothing.
  @Test func `too-few-endorsers: a merge endorses nothing on its first parent's side`() throws {
    let change = try world.commit(on: root, by: "ann")
    let other = try world.commit(on: root, by: "ann")
    let merge = try world.merge(change, other, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.endorsers(other) == ["ann own", "bob merge"])
    let twin = try world.merge(root, try world.merge(change, other), by: "bob")
    #expect(world.push("main", twin).findings == [])
  }

  @Test func `a merge endorses all that its sides bring, merges in them included`() throws {
    let changes = try (0..<3).map { _ in try world.commit(on: root, by: "ann") }
    let inner = try world.merge(changes[0], changes[1], by: "ann")
    let outer = try world.merge(root, inner, changes[2], by: "bob")
    let verdict = world.push("main", outer)
    #expect(verdict.findings == [])
    for change in changes { #expect(verdict.endorsers(change).contains("bob merge")) }
    #expect(verdict.endorsers(changes[0]) == ["ann own", "bob merge"])
    #expect(verdict.endorsers(changes[1]) == ["ann merge", "ann own", "bob merge"])
    #expect(verdict.endorsers(inner) == ["ann own", "bob merge"])
  }

  @Test func `an endorser is named once for each way, by the oldest commit that does it`() throws {
    let change = try world.commit(on: root, by: "ann")
    let inner = try world.merge(root, change, by: "bob")
    let other = try world.commit(on: root, by: "ann")
    let middle = try world.merge(other, inner, by: "bob")
    let outer = try world.merge(root, middle, by: "bob")
    let endorsers = world.push("main", outer).change(change)?.endorsers ?? []
    #expect(endorsers.map(\.by) == [change, inner])
    let bob = world.team["bob"]
    #expect(endorsers.last?.key == bob.fingerprint)
    #expect(endorsers.last?.subkey == bob.subkey.fingerprint)
    #expect(endorsers.last?.time == TestKey.defaultCreation + 1000)
  }

  @Test func `too-few-endorsers: merges do not count where the policy says so`() throws {
    func findings(_ ways: String) throws -> (Set<Finding>, ObjectID) {
      let world = try World(policy: "version = 1\nendorsements = [\(ways)]\n")
      let change = try world.commit(on: world.root, by: "ann")
      return (world.push("main", try world.merge(world.root, change, by: "bob")).findings, change)
    }
    let (found, change) = try findings("\"own\", \"adopt\"")
    #expect(found == [Finding(.tooFewEndorsers, change)])
    #expect(try findings("\"own\", \"merge\"").0 == [])
  }

  /// Names, trailers and other people's signed tags are claims, not signatures over the change.
  @Test func `too-few-endorsers: names, trailers and merge tags never endorse`() throws {
    let bob = "Bob <bob@example.org>"
    let tag = try world.git.tag("v1", target: root, message: "release\n") { world.signature(of: "bob")($0) }
    let tagText = String(decoding: try world.repository.read(tag, as: .tag), as: UTF8.self)
    func change(sign: World.Sign? = nil) throws -> ObjectID {
      let tree = world.files(of: root).with(world.fresh())
      let id = try world.git.commit(
        files: tree, parents: [root], author: bob,
        message: "change\n\nReviewed-by: \(bob)\nAcked-by: \(bob)\nSigned-off-by: \(bob)\n",
        extraHeaders: [("mergetag", tagText)], signedBy: sign)
      world.know(id, tree)
      return id
    }
    let named = try change()
    #expect(world.push("main", try world.merge(root, named, by: "ann")).findings == [Finding(.tooFewEndorsers, named)])
    let signed = try change(sign: world.signature(of: "bob"))
    #expect(world.push("main", try world.merge(root, signed, by: "ann")).findings == [])
  }

  @Test func `too-few-endorsers: git notes never endorse`() throws {
    let change = try world.commit(on: root)
    let merge = try world.merge(root, change, by: "ann")
    let note = try world.git.commit(
      files: [change.hex: .file("Reviewed-by: Bob <bob@example.org>\n")], message: "Notes\n"
    ) { world.signature(of: "bob")($0) }
    let pushed = [(ref: "main", new: merge), (ref: "refs/notes/commits", new: note)]
    #expect(world.push(pushed).findings == [Finding(.tooFewEndorsers, change)])
  }

  @Test func `a later endorsement helps only in the same step`() throws {
    let change = try world.commit(on: root, by: "ann")
    let next = try world.commit(on: change, by: "ann")
    let merge = try world.merge(change, next, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.updates.map(\.new) == [change, merge])
    #expect(verdict.updates.map { $0.changes.count } == [1, 2])
  }
}
