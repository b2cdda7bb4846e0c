import GitBridge
import OpenPGP
import Support
import Testing

@testable import Review

/// rule.md, "Who counts": a key counts when the registry's evidence reaches the policy's level, `attested` or
/// `witnessed`.
@Suite struct EvidenceTests {
  let chain = TestChain()

  func policy(_ level: String) -> String {
    "version = 1\nevidence = \"\(level)\"\nattestation-roots = [\"\(chain.root.digest)\"]\n"
  }

  typealias Extra = [String: ScriptedFile?]

  func attestations(_ team: Team, _ people: [String] = ["ann", "bob"]) -> Extra {
    var files: Extra = [:]
    for person in people {
      files[EvidencePlace.attestation(of: team[person].fingerprint)] = ScriptedFile(
        content: chain.file(TestStatement(team[person].subkey)))
    }
    return files
  }

  /// What a push of bob's change, merged by ann, is told.
  func judge(
    _ level: String, _ files: Extra, _ team: Team = Team("ann", "bob", "cat", "dan", "eve"), sign: World.Sign? = nil
  ) throws -> (verdict: Verdict, change: ObjectID, merge: ObjectID) {
    let world = try World(team, policy: policy(level), files: files)
    let change = try world.commit(on: world.root, by: "bob", sign: sign)
    let merge = try world.merge(world.root, change, by: "ann")
    return (world.push("main", merge), change, merge)
  }

  /// Asserts that bob alone does not count, and that the refusal says why.
  func expectShort(
    _ why: String, _ level: String, _ files: Extra, _ team: Team = Team("ann", "bob", "cat", "dan", "eve"),
    sign: World.Sign? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (verdict, change, _) = try judge(level, files, team, sign: sign)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)], sourceLocation: sourceLocation)
    #expect(verdict.because == [Finding(.keyNotOnCard, change)], sourceLocation: sourceLocation)
    let said = verdict.refusals.flatMap(\.because).map(\.detail).joined()
    #expect(said.contains(why), "\(said)", sourceLocation: sourceLocation)
  }

  // MARK: Attested

  @Test(arguments: ["attested", "witnessed"])
  func `without evidence nobody counts, with attestations everybody does`(_ level: String) throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let (verdict, change, merge) = try judge(level, [:])
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change), Finding(.unsignedMerge, merge)])
    #expect(verdict.because == [Finding(.keyNotOnCard, change), Finding(.keyNotOnCard, merge)])
    #expect(try judge(level, attestations(team)).verdict.findings == [])
    try expectShort("nothing in keys/", level, attestations(team, ["ann"]))
  }

  @Test func `levels below ask for no files and read none`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    for level in ["declared", "off"] {
      #expect(
        try judge(level, [EvidencePlace.attestation(of: team["bob"].fingerprint): "rubbish"]).verdict.findings == [])
    }
    try expectShort(
      "holds no certificate", "attested",
      attestations(team).merging([EvidencePlace.attestation(of: team["bob"].fingerprint): "rubbish"]) { $1 })
  }

  @Test func `an attestation does not stand in for the device that the entry must name`() throws {
    var team = Team("ann", "bob", "cat", "dan", "eve")
    team["bob"].lines = []
    try expectShort("names no device", "attested", attestations(team), team)
    team["bob"].lines = ["devices = \"YubiKey 5\""]
    #expect(try judge("attested", attestations(team), team).verdict.findings == [])
  }

  @Test func `another key of the same certificate is not attested along`() throws {
    var team = Team("ann", "bob", "cat", "dan", "eve")
    let disk = TestKey.ed25519(seed: 4711)
    team["bob"].certificate.addSubkey(disk)
    let sign: World.Sign = { TestSignature(by: disk).armored(over: $0) }
    try expectShort("the key \(disk.fingerprint) is not attested", "attested", attestations(team), team, sign: sign)
    #expect(try judge("attested", attestations(team), team).verdict.findings == [])
    #expect(try judge("declared", [:], team, sign: sign).verdict.findings == [])
  }

  @Test func `somebody else's attestation is worth nothing in one's own folder`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    var files = attestations(team)
    files[EvidencePlace.attestation(of: team["bob"].fingerprint)] = files[
      EvidencePlace.attestation(of: team["ann"].fingerprint)]!
    try expectShort("no key of this certificate", "attested", files)
  }

  @Test func `files that are links, executable folders or too large show nothing, and cost nobody else`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let (good, bob) = (attestations(team), team["bob"].fingerprint)
    let place = EvidencePlace.attestation(of: bob)
    let content = good[place]!!.content
    try expectShort(
      "not a regular file", "attested",
      good.merging(["real.pem": ScriptedFile(content: content), place: .link(to: "../../real.pem")]) { $1 })
    try expectShort(
      "larger than 65536", "attested",
      good.merging([place: ScriptedFile(content: content + [UInt8](repeating: 10, count: 65_536))]) { $1 })
    try expectShort(
      "not a folder", "attested",
      good.merging([place: nil, EvidencePlace.folder(of: bob): .link(to: "../real")]) { $1 })
    var crowd = good
    for number in 0..<65 { crowd["\(EvidencePlace.folder(of: bob))/\(number)"] = "x" }
    try expectShort("more than 65 files", "attested", crowd)
    crowd["\(EvidencePlace.folder(of: bob))/0"] = .some(nil)
    #expect(try judge("attested", crowd).verdict.findings == [])
  }

  @Test func `evidence that a change brings along counts from the next step on`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let world = try World(team, policy: policy("attested"), files: attestations(team, ["ann", "cat"]))
    let place = EvidencePlace.attestation(of: team["bob"].fingerprint)
    let bringing = [place: ScriptedFile?.some(ScriptedFile(content: chain.file(TestStatement(team["bob"].subkey))))]
    let own = try world.commit(on: world.root, by: "bob", bringing)
    #expect(world.push("main", try world.merge(world.root, own, by: "ann")).because == [Finding(.keyNotOnCard, own)])
    let others = try world.commit(on: world.root, by: "cat", bringing)
    let merge = try world.merge(world.root, others, by: "ann")
    #expect(try world.land("main", merge).findings == [])
    let next = try world.commit(on: merge, by: "bob")
    #expect(world.push("main", try world.merge(merge, next, by: "ann")).findings == [])
    // So says the audit, for each step by itself.
    let tip = try world.merge(merge, next, by: "ann")
    #expect(try world.audit(tip: tip).map(\.outcome) == [.accepted, .accepted])
  }

  @Test func `the policy's roots count, and those of another policy do not`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let world = try World(team, policy: "version = 1\nevidence = \"attested\"\n", files: attestations(team))
    let change = try world.commit(on: world.root, by: "bob")
    let merge = try world.merge(world.root, change, by: "ann")
    #expect(world.push("main", merge).because == [Finding(.keyNotOnCard, change), Finding(.keyNotOnCard, merge)])
    #expect(try judge("attested", attestations(team)).verdict.findings == [])
  }

  @Test func `a pinned registry brings its own evidence`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let world = try World(team, policy: policy("attested"))
    let change = try world.commit(on: world.root, by: "bob")
    let merge = try world.merge(world.root, change, by: "ann")
    let folder = try TemporaryFolder()
    for (path, file) in team.files.with(attestations(team)).entries {
      try folder.write(path, String(decoding: file.content, as: UTF8.self))
    }
    world.settings.registry = .path(folder.path)
    #expect(world.push("main", merge).findings == [])
    world.settings.registry = .commit(world.root, name: "root")
    #expect(world.push("main", merge).because == [Finding(.keyNotOnCard, change), Finding(.keyNotOnCard, merge)])
  }

  @Test func `links in a folder of the file system lead nowhere either`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let world = try World(team, policy: policy("attested"))
    let merge = try world.merge(world.root, try world.commit(on: world.root, by: "bob"), by: "ann")
    let folder = try TemporaryFolder()
    for (path, file) in team.files.with(attestations(team)).entries {
      try folder.write(path, String(decoding: file.content, as: UTF8.self))
    }
    world.settings.registry = .path(folder.path)
    #expect(world.push("main", merge).findings == [])
    let evidence = "\(folder.path)/\(EvidencePlace.folder(of: team["bob"].fingerprint))"
    try Tool.succeed("mv", ["\(evidence)/attestation.pem", "\(folder.path)/real.pem"])
    try Tool.succeed("ln", ["-s", "\(folder.path)/real.pem", "\(evidence)/attestation.pem"])
    #expect(world.push("main", merge).refusals.flatMap(\.because).map(\.detail).joined().contains("not a regular file"))
    try Tool.succeed("rm", ["\(evidence)/attestation.pem"])
    try Tool.succeed("mv", ["\(folder.path)/real.pem", "\(evidence)/attestation.pem"])
    try Tool.succeed("mv", [evidence, "\(folder.path)/elsewhere"])
    try Tool.succeed("ln", ["-s", "\(folder.path)/elsewhere", evidence])
    #expect(world.push("main", merge).refusals.flatMap(\.because).map(\.detail).joined().contains("not a folder"))
  }

  /// Podman knows no levels: it believes every signing key of a keyring.
  @Test func `a keyring for others holds the keys alone that reach the level`() throws {
    let (one, two) = (TestKey.ed25519(seed: 81), TestKey.ed25519(seed: 82))
    func certificate(flags: UInt8) throws -> OpenPGP.Certificate {
      var certificate = TestCertificate(primary: .ed25519(seed: 80))
      certificate.addUser("Ann <ann@example.org>", flags: flags)
      certificate.addSubkey(one)
      certificate.addSubkey(two)
      return try certificate.read()
    }
    let certifying = try certificate(flags: 0x01)
    let packets = try #require(certifying.packets { $0 == one.fingerprint })
    #expect(try OpenPGP.Certificate.read(packets).keys.map(\.fingerprint) == [certifying.primary, one.fingerprint])
    #expect(try OpenPGP.Certificate.read(#require(certifying.packets { _ in true })).content == certifying.content)
    // A primary key that may sign cannot be left out, so all of it is.
    let signing = try certificate(flags: 0x03)
    #expect(signing.packets { $0 == one.fingerprint } == nil)
    #expect(signing.packets { $0 == one.fingerprint || $0 == signing.primary } != nil)
  }

  // MARK: Who is told

  @Test func `who can endorse, and the policy's lint, follow the proofs`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let folder = try TemporaryFolder()
    for (path, file) in team.files.with(attestations(team)).entries {
      try folder.write(path, String(decoding: file.content, as: UTF8.self))
    }
    let rule = try Policy.read(Array(policy("attested").utf8))
    let bare = try #require(try Registry.readIfPresent(folder: folder.path))
    #expect(bare.maintainers(needing: .attested) == [])
    #expect(rule.findings(bare).contains { $0.contains("nothing will be accepted") })
    let settings = ReviewSettings(clock: World.now, threads: 1)
    let proven = try bare.proven(inFolder: folder.path, policy: rule, settings: settings)
    #expect(proven.maintainers(needing: .attested) == ["ann", "bob"])
    #expect(!rule.findings(proven).contains { $0.contains("nothing will be accepted") })
    let ann = try #require(proven.key(team["ann"].fingerprint))
    #expect(proven.level(of: ann, signing: team["ann"].subkey.fingerprint) == .attested)
    #expect(proven.level(of: ann, signing: team["ann"].fingerprint) == .declared)
  }
}
