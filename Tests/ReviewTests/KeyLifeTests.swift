import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// The life of a key, through everything that judges: hook, a clone's fetch, gate and audit must say the same.
@Suite struct KeyLifeTests {
  private static let made = TestKey.defaultCreation

  /// A project whose `main` grows. Each step is signed an hour after the one before.
  private final class Life {
    let world: World
    var team: Team
    var tip: ObjectID
    private var hour: Int64 = 0

    init(_ team: Team = Team("ann", "bob", "cat", "dan"), policy: String? = nil) throws {
      self.team = team
      world = try World(team, policy: policy)
      world.settings.clock = KeyLifeTests.made + 400 * 86_400
      tip = world.root
    }

    var now: Int64 { KeyLifeTests.made + 3600 * hour }

    private func sign(_ key: TestKey, at time: Int64) -> World.Sign {
      { TestSignature(by: key, at: time).armored(over: $0) }
    }

    /// One change, merged by another; the author signs with this key. Nothing is moved.
    func change(
      by author: TestKey, mergedBy merger: String = "ann", _ files: [String: ScriptedFile?]? = nil,
      claiming claimed: Int64? = nil
    ) throws -> (change: ObjectID, merge: ObjectID) {
      hour += 1
      let change = try world.commit(on: tip, by: nil, files, sign: sign(author, at: claimed ?? now))
      hour += 1
      return (change, try world.merge(tip, change, sign: sign(team[merger].subkey, at: now)))
    }

    /// Puts the team's registry as it now is into the tree, by two who are not concerned.
    func landRegistry(_ others: (String, String) = ("ann", "cat"), removing: [String] = [], policy: String? = nil)
      throws
    {
      var files: [String: ScriptedFile?] = team.files.entries.mapValues { $0 }
      for path in removing { files[path] = .some(nil) }
      if let policy { files["review.toml"] = .file(policy) }
      let (change, merge) = try change(by: team[others.1].subkey, mergedBy: others.0, files)
      #expect(try verdict(of: change, merge) == .accepted)
      try land(merge)
    }

    func land(_ merge: ObjectID) throws {
      #expect(world.push("main", merge).findings == [])
      try world.git.setRef("refs/heads/main", to: merge)
      tip = merge
    }

    /// What all four say of a change that is signed by this key; they must agree.
    func verdict(by author: TestKey, claiming claimed: Int64? = nil, sourceLocation: SourceLocation = #_sourceLocation)
      throws -> Outcome
    {
      let (change, merge) = try change(by: author, claiming: claimed)
      return try verdict(of: change, merge, sourceLocation: sourceLocation)
    }

    /// - Parameters:
    ///   - change: The head of what a request would bring.
    ///   - merge: The step that brings it.
    func verdict(
      of change: ObjectID, _ merge: ObjectID, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
      let main = Array("refs/heads/main".utf8)
      let hook = world.push("main", merge).outcome
      let fetch = RemoteJudge(world.reviewer, seen: Last(ref: main, tip: tip), lastLook: 0).judge(main, shown: merge)
        .verdict.outcome
      let gate = world.reviewer.judge(pullRequest: change, onto: RefUpdate(ref: main, old: tip, new: change))
      let audit = try world.audit(tip: merge).last?.outcome
      #expect(fetch == hook, "fetch", sourceLocation: sourceLocation)
      #expect(gate.verdict.outcome == hook, "gate: \(gate.verdict.findings)", sourceLocation: sourceLocation)
      #expect(audit == hook, "audit", sourceLocation: sourceLocation)
      return hook
    }

    /// What an audit says of everything up to here.
    func history() throws -> [Outcome] { try world.audit(tip: tip).map(\.outcome) }
  }

  /// A clone that has seen one state.
  private struct Last: FirstSeen {
    let ref: [UInt8]
    let tip: ObjectID
    func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64? { nil }
    func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove? { nil }
    func lastSeen(ref: [UInt8]) -> SeenMove? {
      ref == self.ref ? SeenMove(ref: ref, old: .zero, new: tip, time: 1, since: 0, keeper: .fetch) : nil
    }
  }

  @Test func `1 rotation: both keys count until the old one goes`() throws {
    let life = try Life()
    let old = life.team["bob"].subkey
    let new = Team.Key("bob", label: "new")
    #expect(try life.verdict(by: new.subkey) == .refused)
    life.team.keys.append(new)
    try life.landRegistry()
    #expect(try life.verdict(by: new.subkey) == .accepted)
    #expect(try life.verdict(by: old) == .accepted)
    life.team.keys.removeAll { $0.person == "bob" && $0.label == "card" }
    try life.landRegistry()
    #expect(try life.verdict(by: old) == .refused)
    #expect(try life.verdict(by: new.subkey) == .accepted)
  }

  @Test func `2 a new subkey counts from the step after its certificate landed`() throws {
    let life = try Life()
    let new = TestKey.ed25519(seed: 770_001, created: Self.made)
    #expect(try life.verdict(by: new) == .refused)
    life.team["bob"].certificate.addSubkey(new)
    try life.landRegistry()
    #expect(try life.verdict(by: new) == .accepted)
    #expect(try life.verdict(by: life.team["bob"].subkey) == .accepted)
  }

  @Test func `3 extension: a key that has expired counts again once it is extended`() throws {
    var team = Team("ann", "bob", "cat", "dan")
    let primary = TestKey.ed25519(seed: 770_010, created: Self.made)
    let subkey = TestKey.ed25519(seed: 770_011, created: Self.made)
    func certificate(extended: Bool) -> TestCertificate {
      var certificate = TestCertificate(primary: primary)
      certificate.addUser("Bob", flags: 0x01)
      certificate.addSubkey(subkey, lifetime: 3600)
      if extended { certificate.bind(subkey, lifetime: 1000 * 86_400) { $0.created = Self.made + 7200 } }
      return certificate
    }
    team["bob"] = Team.Key("bob", primary: primary, subkey: subkey, certificate: certificate(extended: false))
    let life = try Life(team)
    life.team = team
    try life.landRegistry()
    #expect(try life.verdict(by: subkey) == .refused)
    life.team["bob"].certificate = certificate(extended: true)
    try life.landRegistry()
    #expect(try life.verdict(by: subkey) == .accepted)
  }

  @Test func `4 soft revocation: nothing counts from then on, the past stays`() throws {
    let life = try Life()
    let key = life.team["bob"].subkey
    let (_, merge) = try life.change(by: key)
    #expect(life.world.push("main", merge).findings == [])
    try life.world.git.setRef("refs/heads/main", to: merge)
    life.tip = merge
    life.team["bob"].certificate.revoke(reason: 3, at: life.now + 60)
    try life.landRegistry()
    #expect(try life.verdict(by: key) == .refused)
    // Dated back before the revocation, it gains nothing.
    #expect(try life.verdict(by: key, claiming: Self.made + 60) == .refused)
    #expect(try life.verdict(by: life.team["dan"].subkey) == .accepted)
    #expect(try life.history().allSatisfy { $0 == .accepted })
  }

  @Test func `5 compromise: all that the key ever signed falls, dated back or not`() throws {
    let life = try Life()
    let key = life.team["bob"].subkey
    let (_, merge) = try life.change(by: key)
    try life.world.git.setRef("refs/heads/main", to: merge)
    life.tip = merge
    #expect(try life.history() == [.accepted])
    life.team["bob"].certificate.revoke(reason: 2, at: life.now + 60)
    try life.landRegistry()
    #expect(try life.verdict(by: key, claiming: Self.made + 60) == .refused)
    #expect(try life.history().first == .refused)
    #expect(try life.history().last == .accepted)
  }

  @Test func `6 and 7 retirement and return`() throws {
    let life = try Life()
    let whole = life.team
    let key = life.team["bob"].subkey
    let (_, merge) = try life.change(by: key)
    try life.world.git.setRef("refs/heads/main", to: merge)
    life.tip = merge
    life.team.people.removeAll { $0.id == "bob" }
    life.team.keys.removeAll { $0.person == "bob" }
    try life.landRegistry()
    #expect(try life.verdict(by: key) == .refused)
    #expect(try life.history().allSatisfy { $0 == .accepted })
    life.team = whole
    try life.landRegistry()
    #expect(try life.verdict(by: key) == .accepted)
    #expect(try life.history().allSatisfy { $0 == .accepted })
  }

  @Test func `8 and 9 a lost card, and a spare one`() throws {
    let life = try Life()
    let lost = life.team["bob"].subkey
    // A spare card with the same key makes the same signatures: nobody can tell, and nothing has to be done.
    #expect(try life.verdict(by: lost) == .accepted)
    // Without a spare: taken back softly, and a new key beside it.
    let new = Team.Key("bob", label: "new")
    life.team["bob"].certificate.revoke(reason: 1, at: life.now + 60)
    life.team.keys.append(new)
    try life.landRegistry()
    #expect(try life.verdict(by: lost) == .refused)
    #expect(try life.verdict(by: new.subkey) == .accepted)
  }

  @Test func `10 threshold two to three and back`() throws {
    func policy(_ version: Int, _ threshold: Int) -> String {
      "version = \(version)\nthreshold = \(threshold)\n[[branch]]\nname = \"main\"\n"
    }
    let life = try Life(policy: policy(1, 2))
    let bob = life.team["bob"].subkey
    #expect(try life.verdict(by: bob) == .accepted)
    try life.landRegistry(policy: policy(2, 3))
    #expect(try life.verdict(by: bob) == .refused)
    // Back again takes three.
    let files: [String: ScriptedFile?] = ["review.toml": .file(policy(3, 2))]
    let (change, merge) = try life.change(by: bob, files)
    #expect(try life.verdict(of: change, merge) == .refused)
    let adopted = try life.world.adopt(change, by: "cat")
    let three = try life.world.merge(life.tip, adopted, by: "ann")
    #expect(try life.verdict(of: adopted, three) == .accepted)
    try life.land(three)
    #expect(try life.verdict(by: bob) == .accepted)
  }
}
