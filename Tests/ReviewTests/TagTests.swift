import GitBridge
import Review
import Support
import Testing

/// rule.md: a protected tag is annotated, signed by a maintainer, named as its ref, on a protected commit, and never
/// moves.
@Suite struct TagTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws { world = try World() }

  private func tag(
    _ name: String = "2025.10.0", target: ObjectID? = nil, kind: ObjectKind = .commit, sign: World.Sign? = nil
  ) throws -> ObjectID {
    let sign = sign ?? world.signature(of: "ann")
    return try world.git.tag(name, target: target ?? root, kind: kind, signedBy: sign)
  }

  private func push(_ tag: ObjectID, _ name: String = "2025.10.0") -> Set<Finding> {
    world.push("refs/tags/\(name)", tag).findings
  }

  @Test func `a maintainer's tag of a protected commit`() throws {
    #expect(push(try tag()) == [])
  }

  @Test func `tag-unsigned: not annotated`() throws {
    #expect(push(root) == [Finding(.tagUnsigned, root)])
    // Nobody protects a tag of this name.
    #expect(push(root, "snapshot") == [])
  }

  /// Attack: a maintainer's tag with words behind the signature, which `git show` shows with the rest. They need no
  /// secret.
  @Test func `tag-unsigned: text behind the signature`() throws {
    let ann = world.signature(of: "ann")
    let changed = try tag { ann($0) + "\nThis release is safe to deploy.\n".utf8 }
    #expect(push(changed) == [Finding(.tagUnsigned, changed)])
    #expect(push(try tag { ann($0) + "\n".utf8 }) == [])
  }

  @Test func `tag-unsigned: no signature, or nobody's who counts`() throws {
    let plain = try world.git.tag("2025.10.0", target: root)
    #expect(push(plain) == [Finding(.tagUnsigned, plain)])
    let stranger = Team.Key("mallory").subkey
    let strangers = try tag { stranger.sign($0) }
    #expect(push(strangers) == [Finding(.tagUnsigned, strangers)])
    let ssh = try tag { _ in
      Array("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n".utf8)
    }
    #expect(push(ssh) == [Finding(.tagUnsigned, ssh)])
  }

  @Test func `tag-unsigned: the signer's key does not count, and why`() throws {
    var team = Team("ann", "bob", "cat")
    team["ann"].lines.append("machine = true")
    let world = try World(team)
    let tag = try world.git.tag("1", target: world.root, signedBy: world.signature(of: "ann"))
    let verdict = world.push("refs/tags/1", tag)
    #expect(verdict.findings == [Finding(.tagUnsigned, tag)])
    #expect(verdict.because == [Finding(.machineKey, tag)])
    let twin = try world.git.tag("1", target: world.root, signedBy: world.signature(of: "bob"))
    #expect(world.push("refs/tags/1", twin).findings == [])
  }

  @Test func `bad-signature: a tag whose text was changed after signing`() throws {
    let bad = try tag { world.signature(of: "ann")($0 + [10]) }
    #expect(push(bad) == [Finding(.badSignature, bad)])
  }

  @Test func `tag-unsigned: two signatures, or text after the first`() throws {
    let twice = try tag { world.signature(of: "ann")($0) + world.signature(of: "bob")($0) }
    #expect(push(twice) == [Finding(.tagUnsigned, twice)])
    let more = try tag { world.signature(of: "ann")($0) + Array("and more\n".utf8) }
    #expect(push(more) == [Finding(.tagUnsigned, more)])
  }

  /// Attack: the signed tag of one version is served under the name of another; `git verify-tag` says good.
  @Test(arguments: ["2025.10.1", "2025.10", "2025.10.0\u{301}"])
  func `tag-name-mismatch`(_ name: String) throws {
    let object = try tag()
    #expect(push(object, name) == [Finding(.tagNameMismatch, object)])
  }

  @Test func `tag-moved: a tag never moves`() throws {
    let first = try tag()
    try world.git.setRef("refs/tags/2025.10.0", to: first)
    let second = try world.git.tag("2025.10.0", target: root, message: "again\n", signedBy: world.signature(of: "bob"))
    #expect(push(second) == [Finding(.tagMoved, second)])
    #expect(push(first) == [])
  }

  @Test func `deletion of a protected tag`() throws {
    try world.git.setRef("refs/tags/2025.10.0", to: try tag())
    #expect(push(.zero) == [Finding(.deletion)])
    try world.git.setRef("refs/tags/snapshot", to: root)
    #expect(push(.zero, "snapshot") == [])
  }

  @Test func `tag-target-unprotected: a commit that no protected branch holds`() throws {
    let change = try world.merge(root, try world.commit(on: root, by: "ann"), by: "bob")
    let object = try tag(target: change)
    #expect(push(object) == [Finding(.tagTargetUnprotected, object)])
    try world.git.setRef("refs/heads/topic", to: change)
    #expect(push(object) == [Finding(.tagTargetUnprotected, object)])
    #expect(world.push([("refs/tags/2025.10.0", object), ("main", change)]).findings == [])
    try world.git.setRef("refs/heads/main", to: change)
    #expect(push(object) == [])
  }

  @Test func `a tag on what the same push brings falls with it`() throws {
    let change = try world.commit(on: root, by: "ann")
    let object = try tag(target: change)
    let found = world.push([("refs/tags/2025.10.0", object), ("main", change)]).findings
    #expect(found == [Finding(.tooFewEndorsers, change), Finding(.tagTargetUnprotected, object)])
  }

  @Test func `tag-target-unprotected: a tag of a tag, of a tree, of a file`() throws {
    let tree = try tag(target: try world.git.tree(Files()), kind: .tree)
    #expect(push(tree) == [Finding(.tagTargetUnprotected, tree)])
    let blob = try tag(target: try world.git.blob([1]), kind: .blob)
    #expect(push(blob) == [Finding(.tagTargetUnprotected, blob)])
    let nested = try tag(target: try tag(), kind: .tag)
    #expect(push(nested) == [Finding(.tagTargetUnprotected, nested)])
  }

  @Test func `the policy says which tags are protected`() throws {
    let world = try World(policy: "version = 1\n[[tag]]\nname = \"v*\"\n")
    #expect(world.push("refs/tags/v1", world.root).findings == [Finding(.tagUnsigned, world.root)])
    #expect(world.push("refs/tags/2025.10.0", world.root).findings == [])
  }

  /// Attack: a tag that adds its own signer to the registry, by tagging a commit that lists them.
  @Test func `tag-unsigned: the lead's registry decides, as the same push leaves it`() throws {
    let larger = Team("ann", "bob", "cat", "dan")
    let joining = try world.commit(on: root, by: "ann", larger.files.entries.mapValues { $0 })
    let merge = try world.merge(root, joining, by: "bob")
    let object = try tag(target: merge) { larger["dan"].subkey.sign($0) }
    #expect(
      world.push([("main", joining), ("refs/tags/2025.10.0", object)]).findings.contains(
        Finding(.tagTargetUnprotected, object)))
    #expect(push(object) == [Finding(.tagTargetUnprotected, object)])
    #expect(world.push([("main", merge), ("refs/tags/2025.10.0", object)]).findings == [])
    try world.git.setRef("refs/heads/main", to: merge)
    #expect(push(object) == [])
  }
}
