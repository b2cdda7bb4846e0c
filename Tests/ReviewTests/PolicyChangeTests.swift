import GitBridge
import Review
import Support
import Testing

/// rule.md: the policy in force, and what a step may do to it.
@Suite struct PolicyChangeTests {
  static let strict = "version = 3\nthreshold = 3\n"

  /// A change to `review.toml` that three maintainers agreed to, and the world before it.
  private func change(_ text: ScriptedFile?, from policy: String? = strict) throws -> (World, ObjectID) {
    let world = try World(policy: policy)
    return (world, try agreed(world, on: world.root, ["review.toml": text]))
  }

  private func agreed(_ world: World, on base: ObjectID, _ changes: [String: ScriptedFile?]? = nil) throws -> ObjectID {
    let inner = try world.merge(base, try world.commit(on: base, by: "ann", changes), by: "bob")
    return try world.merge(base, inner, by: "cat")
  }

  @Test func `policy-rollback: the version goes down, or the file goes away`() throws {
    for text in ["version = 2\nthreshold = 3\n" as ScriptedFile?, nil] {
      let (world, merge) = try change(text)
      #expect(world.push("main", merge).findings == [Finding(.policyRollback, merge)])
      #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.policyRollback, merge)]])
    }
    for text in ["version = 4\nthreshold = 2\n", "version = 1003\n"] {
      let (world, merge) = try change(.file(text))
      #expect(world.push("main", merge).findings == [])
      #expect(try world.audit(tip: merge).map(\.findings) == [[]])
    }
  }

  /// Attack: two policies of one number, of which anybody could bring back the other; or the last number there is.
  @Test(arguments: ["version = 3\nthreshold = 2\n", "version = 1004\n", "version = 4\nkind = \"signatures\"\n"])
  func `policy-rollback: a change keeps the version, raises it too far, or changes the kind`(_ text: String) throws {
    let (world, merge) = try change(.file(text))
    #expect(world.push("main", merge).findings == [Finding(.policyRollback, merge)])
    #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.policyRollback, merge)]])
  }

  @Test func `policy-broken: a step that leaves no readable policy`() throws {
    for text in ["version = 4\nthreshhold = 1\n" as ScriptedFile, "version", .link(to: "other")] {
      let (world, merge) = try change(text)
      #expect(world.push("main", merge).findings == [Finding(.lockOut, merge)])
      #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.lockOut, merge)]])
    }
  }

  /// A slip of two honest people: a branch that git can never make would carry the rules, and the one that does may go
  /// neither on nor away.
  @Test func `a lead that can never be made is not named`() throws {
    for name in ["a..b", "trunk.lock", "main/new", "refs/heads/trunk", "HEAD", "a/.b", "a@{b", "trunk.", "trunk"] {
      let (world, merge) = try change(.file("version = 4\nthreshold = 3\nlead = \"\(name)\"\n"))
      let expected: Set<Finding> = name == "trunk" ? [] : [Finding(.lockOut, merge)]
      #expect(world.push("main", merge).findings == expected, "\(name)")
      #expect(try world.audit(tip: merge).map(\.findings) == [expected], "\(name)")
    }
  }

  @Test func `policy-broken: a policy turned into a link with the same content`() throws {
    let (world, merge) = try change(ScriptedFile(mode: FileMode.symbolicLink, content: Array(Self.strict.utf8)))
    #expect(world.push("main", merge).findings == [Finding(.lockOut, merge)])
    #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.lockOut, merge)]])
    let (same, twin) = try change(ScriptedFile(mode: FileMode.executable, content: Array(Self.strict.utf8)))
    #expect(same.push("main", twin).findings == [])
  }

  /// R38: who counts is asked at the step's time. Keys that have expired since lock nobody out of what was.
  @Test(arguments: [30, 400]) func `a change that left enough people is good for ever`(days: Int) throws {
    var team = Team("ann", "bob", "cat")
    for name in ["bob", "cat"] {
      team[name].certificate = TestCertificate(primary: team[name].certificate.primary)
      team[name].certificate.addUser(name, flags: 0x01)
      team[name].certificate.addSubkey(team[name].subkey, lifetime: 90 * 86_400)
    }
    let world = try World(team, policy: Self.strict)
    let merge = try agreed(world, on: world.root, ["review.toml": "version = 4\nthreshold = 2\n"])
    #expect(world.push("main", merge).findings == [])
    world.settings.clock = World.now + Int64(days) * 86_400
    #expect(try world.audit(tip: merge).map(\.findings) == [[]])
    // The twin: as many as the new rules ask for did not count then either.
    let twin = try agreed(world, on: world.root, ["review.toml": "version = 4\nthreshold = 4\n"])
    #expect(try world.audit(tip: twin).map(\.findings) == [[Finding(.lockOut, twin)]])
  }

  /// R38: a lead, or a place for co-signatures, that git cannot have beside what the policy protects.
  @Test(arguments: [
    ("lead = \"release\"\n", true), ("lead = \"releases\"\n", false), ("lead = \"cosignatures/x\"\n", true),
    ("lead = \"heads/main\"\n", true), ("cosignatures = \"refs/heads/main/c\"\n", true),
    ("cosignatures = \"refs/heads/release\"\n", true), ("cosignatures = \"refs/heads/told\"\n", false),
    ("lead = \"release/1/x\"\n", false),
  ])
  func `names that exclude each other are a lock-out`(line: String, isRefused: Bool) throws {
    let world = try World()
    let policy =
      "version = 1\n\(line)[[branch]]\nname = \"main\"\n[[branch]]\nname = \"release/*\"\n[[tag]]\nname = \"v*\"\n"
    let merge = try agreed(world, on: world.root, ["review.toml": ScriptedFile(content: Array(policy.utf8))])
    let codes = world.push("main", merge).refusals.map(\.code)
    #expect(codes == (isRefused ? [.lockOut] : []), "\(codes)")
    let read = try Policy.read(Array(policy.utf8))
    #expect(read.findings(nil).contains { $0.contains("git cannot have both") } == isRefused)
  }

  /// R15. Attack: a state that hands over, and behind it one more, in one push.
  @Test func `former-lead: no step behind the one that hands over`() throws {
    let world = try World()
    let policy = ScriptedFile(content: Array("version = 1\nlead = \"next\"\n".utf8))
    let handed = try agreed(world, on: world.root, ["review.toml": policy])
    let more = try agreed(world, on: handed)
    #expect(world.push("main", more).findings == [Finding(.formerLead, more)])
    #expect(world.push("main", handed).findings == [])
    #expect(world.push([("refs/heads/main", handed), ("refs/heads/next", more)]).findings == [])
  }

  @Test func `policy-invalid: the policy in force cannot be read`() throws {
    let world = try World(policy: "version = 1\nthreshhold = 3\n")
    let verdict = world.push("main", try agreed(world, on: world.root))
    #expect(verdict.findings == [Finding(.policyInvalid)])
    #expect(verdict.outcome == .undecided)
    let twin = try World(policy: "version = 1\nthreshold = 3\n")
    #expect(twin.push("main", try agreed(twin, on: twin.root)).findings == [])
  }

  /// Attack: a change brings the policy by which it would be acceptable.
  @Test func `too-few-endorsers: a policy counts from the next step on`() throws {
    let world = try World()
    let change = try world.commit(on: world.root, by: "ann", ["review.toml": "version = 1\nthreshold = 1\n"])
    #expect(world.push("main", change).findings == [Finding(.tooFewEndorsers, change)])
    let landed = try world.merge(world.root, change, by: "bob")
    let next = try world.commit(on: landed, by: "ann")
    let verdict = world.push("main", next)
    #expect(verdict.findings == [])
    #expect(verdict.updates.map(\.threshold) == [2, 1])
    #expect(try world.audit(tip: next).map(\.findings) == [[], []])
  }

  @Test func `a branch may have a threshold of its own`() throws {
    let world = try World(
      policy: "version = 1\n[[branch]]\nname = \"main\"\nthreshold = 3\n[[branch]]\nname = \"staging\"\n")
    let change = try world.commit(on: world.root, by: "ann")
    let merge = try world.merge(world.root, change, by: "bob")
    #expect(world.push("staging", merge).findings == [])
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    #expect(world.push("main", merge).change(change)?.required == 3)
    #expect(world.push("main", try world.merge(world.root, merge, by: "cat")).findings == [])
  }

  // MARK: Pins

  @Test func `a pinned policy is used for every step, and said`() throws {
    let world = try World(policy: "version = 9\nthreshold = 3\n")
    let change = try world.commit(on: world.root, by: "ann", ["review.toml": "broken"])
    let merge = try world.merge(world.root, change, by: "bob")
    let folder = try TemporaryFolder()
    try folder.write("policy", "version = 1\n")
    world.settings.policy = .path(folder.path + "/policy")
    let verdict = world.push("main", merge)
    // Neither rollback nor breakage matter where the tree's policy is not used.
    #expect(verdict.findings == [])
    #expect(verdict.notes == ["the policy is pinned to \(folder.path)/policy"])
    #expect(verdict.updates.map(\.threshold) == [2])

    world.settings.policy = .commit(world.root, name: "v9")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])
    #expect(world.push("main", merge).notes == ["the policy is pinned to v9 (\(world.root.short))"])
  }

  @Test(arguments: ["/nonexistent", "/"])
  func `policy-invalid: a pin that leads nowhere`(_ path: String) throws {
    let world = try World()
    world.settings.policy = .path(path)
    let verdict = world.push("main", try agreed(world, on: world.root))
    #expect(verdict.findings == [Finding(.policyInvalid)])
    #expect(verdict.outcome == .undecided)
  }

  @Test func `policy-invalid: a pinned commit without a policy`() throws {
    let world = try World()
    world.settings.policy = .commit(world.root, name: "main")
    #expect(world.push("main", try agreed(world, on: world.root)).findings == [Finding(.policyInvalid)])
  }
}
