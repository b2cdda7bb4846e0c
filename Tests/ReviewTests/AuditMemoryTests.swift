import Foundation
import GitBridge
import Review
import Support
import Testing

/// What an audit remembers of the one before must change nothing but the time it takes.
@Suite struct AuditMemoryTests {
  /// A branch of three accepted steps, each a change by one maintainer that another has merged.
  private struct Branch {
    let world: World
    var tip: ObjectID

    init(_ team: Team = Team("ann", "bob", "cat"), policy: String? = nil) throws {
      world = try World(team, policy: policy)
      tip = world.root
      for _ in 0..<3 { try grow() }
    }

    mutating func grow(_ changes: [String: ScriptedFile?]? = nil) throws {
      tip = try world.merge(tip, world.commit(on: tip, by: "ann", changes), by: "bob")
    }

    func audit(remembering: Bool = true, clock: Int64? = nil) throws -> AuditSummary {
      var settings = world.settings
      settings.moment = .then
      settings.usesCache = remembering
      if let clock { settings.clock = clock }
      var scope = AuditScope(ref: "refs/heads/main", tip: tip, start: world.root)
      scope.mayRemember = remembering
      return try Reviewer(world.repository, settings).audit(scope) { _ in }
    }

    /// Audits with and without memory, expects the same answer, and returns how many steps were not judged again.
    func remembered(clock: Int64? = nil) throws -> Int {
      var (with, without) = (try audit(clock: clock), try audit(remembering: false, clock: clock))
      defer { with.remembered = 0 }
      let remembered = with.remembered
      with.remembered = 0
      without.remembered = 0
      #expect(with == without)
      return remembered
    }

    /// The file in which accepted steps are remembered.
    var file: String {
      get throws {
        let folder = world.repository.commonDirectory + "/stagex-maint"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("audit-") }
        #expect(names.count == 1)
        return folder + "/" + (names.first ?? "none")
      }
    }
  }

  @Test func `accepted steps are not judged again`() throws {
    var branch = try Branch()
    #expect(try branch.remembered() == 0)
    #expect(try branch.remembered() == 3)
    try branch.grow()
    try branch.grow()
    #expect(try branch.remembered() == 3)
    #expect(try branch.remembered() == 5)
  }

  @Test func `a refused step is judged each time, and what is above it`() throws {
    var branch = try Branch()
    #expect(try branch.remembered() == 0)
    branch.tip = try branch.world.commit(on: branch.tip, by: "ann")
    try branch.grow()
    for _ in 0..<2 {
      #expect(try branch.remembered() == 3)
      #expect(try branch.audit().outcome == .refused)
    }
  }

  /// Attack: a key turns out to be stolen after its changes were accepted.
  @Test(arguments: [true, false])
  func `a later revocation condemns what was accepted`(_ isRevoked: Bool) throws {
    var team = Team("ann", "bob", "cat")
    var branch = try Branch(team)
    #expect(try branch.audit().outcome == .accepted)
    if isRevoked { team["ann"].certificate.revoke(reason: 2, at: World.now) }
    let path = "keys/\(team["ann"].fingerprint.hex).asc"
    let file = isRevoked ? team.files.entries[path] : .file("the same\n")
    let place = isRevoked ? path : "packages/other"
    let change = try branch.world.commit(on: branch.tip, by: "cat", [place: file])
    branch.tip = try branch.world.merge(branch.tip, change, by: "bob")
    #expect(try branch.remembered() == (isRevoked ? 0 : 3))
    #expect(try branch.audit().outcome == (isRevoked ? .refused : .accepted))
  }

  @Test func `what forks off below the start is found out as a whole`() throws {
    var branch = try Branch()
    let old = try branch.world.write(
      branch.world.files(of: branch.world.root), parents: [], by: nil, message: "another beginning\n")
    #expect(try branch.remembered() == 0)
    branch.tip = try branch.world.merge(branch.tip, old, by: "bob")
    #expect(try branch.remembered() == 0)
    #expect(try branch.audit().refusals["unrelated-history"] == 1)
  }

  @Test func `a change that began long ago and is merged now is judged as new`() throws {
    var branch = try Branch()
    let side = try branch.world.commit(on: branch.world.root, by: "cat")
    #expect(try branch.remembered() == 0)
    branch.tip = try branch.world.merge(branch.tip, side, by: "bob")
    #expect(try branch.remembered() == 3)
    #expect(try branch.audit().changes["ordinary accepted"] == 4)
  }

  @Test func `a branch that was rewritten is judged from its start`() throws {
    var branch = try Branch()
    #expect(try branch.remembered() == 0)
    branch.tip = branch.world.root
    try branch.grow()
    #expect(try branch.remembered() == 0)
    #expect(try branch.audit().steps == 1)
  }

  /// The remembered tip is held by the new one, but beside its first-parent line.
  @Test func `a merge made the wrong way round is judged from the start`() throws {
    var branch = try Branch()
    let change = try branch.world.commit(on: branch.world.root, by: "ann")
    let other = try branch.world.merge(branch.world.root, change, by: "bob")
    #expect(try branch.remembered() == 0)
    branch.tip = try branch.world.merge(other, branch.tip, by: "bob")
    #expect(try branch.remembered() == 0)
  }

  @Test func `a damaged file is as good as none`() throws {
    let branch = try Branch()
    #expect(try branch.remembered() == 0)
    let file = try branch.file
    let whole = try Data(contentsOf: URL(fileURLWithPath: file))
    for place in stride(from: 0, to: whole.count, by: 7) {
      var damaged = whole
      damaged[place] ^= 0x40
      try damaged.write(to: URL(fileURLWithPath: file))
      #expect(try branch.remembered() == 0)
    }
    for length in [0, 1, 60, whole.count - 1] {
      try whole.prefix(length).write(to: URL(fileURLWithPath: file))
      #expect(try branch.remembered() == 0)
    }
    try whole.write(to: URL(fileURLWithPath: file))
    #expect(try branch.remembered() == 3)
  }

  /// Attack: as above, for a subkey of a kind that GnuPG is never shown.
  @Test(arguments: [true, false])
  func `a later revocation of a subkey condemns, too`(_ isRevoked: Bool) throws {
    let primary = TestKey.ed25519(seed: 901)
    let subkey = TestKey.ed25519(seed: 902, algorithm: .ed25519)
    var certificate = TestCertificate(primary: primary)
    certificate.addUser("Ann <ann@example.org>", flags: 0x01)
    certificate.addSubkey(subkey)
    var team = Team("bob", "cat")
    team.people.append((id: "ann", lines: []))
    team.keys.append(Team.Key("ann", primary: primary, subkey: subkey, certificate: certificate))
    var branch = try Branch(team)
    #expect(try branch.audit().outcome == .accepted)
    if isRevoked { team["ann"].certificate.revokeSubkey(subkey, reason: 2, at: World.now) }
    let path = "keys/\(team["ann"].fingerprint.hex).asc"
    let file = isRevoked ? team.files.entries[path] : .file("the same\n")
    let change = try branch.world.commit(on: branch.tip, by: "cat", [isRevoked ? path : "packages/other": file])
    branch.tip = try branch.world.merge(branch.tip, change, by: "bob")
    #expect(try branch.remembered() == (isRevoked ? 0 : 3))
    #expect(try branch.audit().outcome == (isRevoked ? .refused : .accepted))
  }

  /// A change that two had endorsed, and a third by a clock that ran ahead: later, all three count.
  @Test(arguments: [0, 7200] as [Int64])
  func `a signature from the future is asked about again`(_ lead: Int64) throws {
    var branch = try Branch()
    let change = try branch.world.commit(on: branch.tip, by: "ann")
    let ahead = branch.world.signature(of: "cat") { $0.created = World.now + lead }
    let side = try branch.world.merge(branch.tip, change, by: "cat", sign: ahead)
    branch.tip = try branch.world.merge(branch.tip, side, by: "bob")
    #expect(try branch.remembered() == 0)
    #expect(try branch.remembered(clock: World.now + 7200) == (lead == 0 ? 4 : 3))
  }

  /// Attack: somebody else on the machine writes that everything was accepted.
  @Test(arguments: [0o600, 0o620, 0o602])
  func `a file that others may write is not believed`(_ mode: Int) throws {
    let branch = try Branch()
    #expect(try branch.remembered() == 0)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: branch.file)
    #expect(try branch.remembered() == (mode == 0o600 ? 3 : 0))
  }

  @Test func `what a later clock has accepted is judged again by an earlier one`() throws {
    let branch = try Branch()
    #expect(try branch.remembered(clock: World.now) == 0)
    #expect(try branch.remembered(clock: World.now - 1) == 0)
    #expect(try branch.remembered(clock: World.now) == 3)
  }

  @Test(arguments: [true, false])
  func `the lead takes its changes from anywhere, whatever the policy says for followers`(_ takesMerges: Bool) throws {
    let from = takesMerges ? "from = [\"staging\"]\n" : ""
    let branch = try Branch(policy: "version = 1\n[[branch]]\nname = \"staging\"\n[[branch]]\nname = \"main\"\n\(from)")
    try branch.world.git.setRef("refs/heads/staging", to: branch.tip)
    #expect(try branch.audit().outcome == .accepted)
    #expect(try branch.remembered() == 3)
  }
}
