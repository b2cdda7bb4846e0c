import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// rule.md, "Who counts": the registry of people and keys, and when a change to it takes effect.
@Suite struct RegistryTests {
  /// A change by bob, merged by ann, pushed to main.
  private func push(_ world: World) throws -> Verdict {
    world.push("main", try world.merge(world.root, try world.commit(on: world.root, by: "bob"), by: "ann"))
  }

  private func expectInvalid(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let verdict = try push(world)
    #expect(verdict.findings == [Finding(.registryInvalid)], sourceLocation: sourceLocation)
    #expect(verdict.outcome == .undecided, sourceLocation: sourceLocation)
  }

  @Test func `two maintainers of the registry are two endorsers`() throws {
    #expect(try push(World()).findings == [])
  }

  // MARK: Registries that say nothing

  @Test(arguments: [
    "a key of two people", "a key listed twice", "a person without a key", "a key without a person", "a short id",
    "a key id", "an id that is too long", "an id in full-width digits", "no people", "no TOML", "a NUL",
    "machine as text",
    "bot as text", "shared as a number", "devices as a number", "two people by one name", "people as a list",
  ])
  func `registry-invalid`(_ mistake: String) throws {
    var team = Team("ann", "bob", "cat")
    let ann = team["ann"].fingerprint.hex
    switch mistake {
    case "a key of two people": team.rest = ["[keys.bob.other]", "id = \"\(ann)\""]
    case "a key listed twice": team.rest = ["[keys.ann.other]", "id = \"\(ann.lowercased())\""]
    case "a person without a key": team.rest = ["[people.dan]"]
    case "a key without a person": team.rest = ["[keys.dan.card]", "id = \"\(String(repeating: "A", count: 40))\""]
    case "a short id": team.rest = ["[keys.ann.other]", "id = \"\(ann.dropLast())\""]
    case "a key id": team.rest = ["[keys.ann.other]", "id = \"\(ann.suffix(16))\""]
    case "an id that is too long": team.rest = ["[keys.ann.other]", "id = \"\(ann)0\""]
    case "an id in full-width digits":
      team.rest = ["[keys.ann.other]", "id = \"\(String(repeating: "\u{FF11}", count: 40))\""]
    case "no people": team.people = []
    case "no TOML": team.rest = ["[keys.ann.other"]
    case "a NUL": team.rest = ["[project]", "name = \"x\\u0000y\""]
    case "machine as text": team["cat"].lines.append("machine = \"true\"")
    case "bot as text": team.people[2].lines = ["bot = \"yes\""]
    case "shared as a number": team["cat"].lines.append("shared = 1")
    case "devices as a number": team["cat"].lines = ["devices = 5"]
    case "two people by one name": team.rest = ["[people.\"e\u{301}\"]", "[people.\"\u{E9}\"]"]
    default: team.people = []; team.rest = ["[[people]]", "name = \"Ann\""]
    }
    try expectInvalid(World(team))
  }

  /// Attack: thousands of files that git packs into nothing, for each of which the server would need a second.
  @Test func `registry-invalid: certificates of more than 16 MiB`() throws {
    func files(_ count: Int) -> [String: [UInt8]] {
      let ids = (0..<count).map { String(repeating: "0", count: 38) + String($0 + 10) }
      var files = [
        "MAINTAINERS": Array(ids.reduce("[people.ann]\n") { $0 + "[keys.ann.k\($1)]\nid = \"\($1)\"\n" }.utf8)
      ]
      for id in ids { files["keys/\(id).asc"] = [UInt8](repeating: 0x41, count: 1 << 20) }
      return files
    }
    #expect(try Registry.readIfPresent(RegistrySource(files: files(16)))?.warnings.count == 16)
    #expect(throws: FileDefect("the certificates in keys/ are larger than 16 MiB together")) {
      try Registry.readIfPresent(RegistrySource(files: files(17)))
    }
  }

  @Test func `registry-invalid: there is none, or a link in its place`() throws {
    try expectInvalid(World(files: ["MAINTAINERS": nil]))
    try expectInvalid(World(files: ["MAINTAINERS": .link(to: "other")]))
    try expectInvalid(World(files: ["MAINTAINERS": nil, "MAINTAINERS/list": "x"]))
  }

  /// Attack: a person's certificate claims another person's signing key, and with it that person's signatures.
  @Test func `registry-invalid: one signing key in the certificates of two people`() throws {
    var team = Team("ann", "bob", "cat")
    team["cat"].certificate.addSubkey(team["bob"].subkey)
    try expectInvalid(World(team))
    team["cat"] = Team.Key("cat")
    team["bob"].certificate.addSubkey(TestKey.ed25519(seed: 77))
    #expect(try push(World(team)).findings == [])
  }

  @Test func `a signing key in two certificates of one person is that person's`() throws {
    var team = Team("ann", "bob", "cat")
    var second = Team.Key("bob", label: "spare")
    second.certificate.addSubkey(team["bob"].subkey)
    team.keys.append(second)
    #expect(try push(World(team)).findings == [])
  }

  // MARK: Keys that do not count

  @Test func `too-few-endorsers: two keys of one person are one maintainer`() throws {
    var team = Team("ann", "bob", "cat")
    team.keys.append(Team.Key("ann", label: "spare"))
    let spare = team.keys[3].subkey
    let world = try World(team)
    let change = try world.commit(on: world.root) { spare.sign($0) }
    let verdict = world.push("main", try world.merge(world.root, change, by: "ann"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.endorsers(change) == ["ann merge", "ann own"])

    var others = team
    others.keys[3].person = "bob"
    let twin = try World(others)
    let same = try twin.commit(on: twin.root) { spare.sign($0) }
    #expect(twin.push("main", try twin.merge(twin.root, same, by: "ann")).findings == [])
  }

  @Test(arguments: ["missing", "somebody else's", "no certificate", "a private key", "a link", "two certificates"])
  func `too-few-endorsers: a certificate that cannot be used costs its key, and is said`(_ state: String) throws {
    var team = Team("ann", "bob", "cat")
    switch state {
    case "missing": team["bob"].isPublished = false
    case "somebody else's": team["bob"].file = Team.Key("mallory").certificate.armored
    case "no certificate": team["bob"].file = Array("hello\n".utf8)
    case "a private key": team["bob"].file = OpenPGPEncoding.armor([0xC5, 0x01, 0x04], label: "PGP PRIVATE KEY BLOCK")
    case "two certificates": team["bob"].file = team["bob"].certificate.bytes + Team.Key("mallory").certificate.bytes
    default: break
    }
    let path = "keys/\(team["bob"].fingerprint.hex).asc"
    let world = try World(team, files: state == "a link" ? [path: .link(to: "x")] : [:])
    let change = try world.commit(on: world.root, by: "bob")
    let verdict = world.push("main", try world.merge(world.root, change, by: "ann"))
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)])
    #expect(verdict.notes.count == 1)
    #expect(verdict.notes.first?.contains("bob's key \(team["bob"].fingerprint.hex) does not count") == true)
    // The others are not locked out.
    let other = try world.commit(on: world.root, by: "cat")
    #expect(world.push("main", try world.merge(world.root, other, by: "ann")).findings == [])
  }

  // MARK: Changes to the registry

  /// Attack: a change adds its author's key to the registry and is signed by it.
  @Test func `too-few-endorsers: a change to the registry counts from the next step on`() throws {
    let world = try World()
    var larger = Team("ann", "bob", "cat", "dan")
    larger.people[3].lines = ["name = \"Dan\""]
    let dan = larger["dan"].subkey
    let joining = try world.commit(on: world.root, larger.files.entries.mapValues { $0 }) { dan.sign($0) }
    let merge = try world.merge(world.root, joining, by: "ann")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, joining)])

    let agreed = try world.commit(on: world.root, by: "bob", larger.files.entries.mapValues { $0 })
    let landed = try world.merge(world.root, agreed, by: "ann")
    let change = try world.commit(on: landed) { dan.sign($0) }
    let next = try world.merge(landed, change, by: "ann")
    #expect(world.push("main", next).findings == [])
    #expect(try world.audit(tip: next).map(\.findings) == [[], []])
  }

  @Test func `registry-broken: a step that leaves no readable registry`() throws {
    for file in ["[people" as ScriptedFile?, nil, .link(to: "other")] {
      let world = try World()
      let change = try world.commit(on: world.root, by: "bob", ["MAINTAINERS": file])
      let merge = try world.merge(world.root, change, by: "ann")
      #expect(world.push("main", merge).findings == [Finding(.lockOut, merge)])
      #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.lockOut, merge)]])
    }
  }

  /// Attack: a file that would fill the server's memory, and that git packs into nothing.
  @Test func `registry-broken: a list of more than 1 MiB`() throws {
    for (size, findings) in [(1 << 20, false), (1 << 20 + 1, true)] {
      let world = try World()
      var list = world.files(of: world.root).entries["MAINTAINERS"]!.content + Array("\n#".utf8)
      list += [UInt8](repeating: 0x23, count: size - list.count)
      let change = try world.commit(on: world.root, by: "bob", ["MAINTAINERS": ScriptedFile(content: list)])
      let merge = try world.merge(world.root, change, by: "ann")
      let verdict = world.push("main", merge)
      #expect(verdict.findings == (findings ? [Finding(.lockOut, merge)] : []))
      #expect(verdict.refusals.allSatisfy { $0.message.hasSuffix("MAINTAINERS is larger than 1 MiB") })
    }
  }

  /// What is too large to be read could hold a revocation of anybody's.
  @Test func `registry-invalid: a certificate of more than 1 MiB`() throws {
    var team = Team("ann", "bob", "cat")
    team["cat"].file = [UInt8](repeating: 0x41, count: 1 << 20 + 1)
    let large = try World(team)
    try expectInvalid(large)
    #expect(
      try push(large).refusals.first?.message.contains(
        "\(team["cat"].fingerprint).asc under keys/ is larger than 1 MiB") == true)
    // The twin is read, and costs its key alone.
    team["cat"].file?.removeLast()
    let verdict = try push(try World(team))
    #expect(verdict.findings == [] && verdict.notes.count == 1, "\(verdict.notes)")
  }

  /// Attack: the same bytes, but a link to follow instead of a file to read.
  @Test func `registry-broken: a registry turned into a link with the same content`() throws {
    let world = try World()
    let text = world.files(of: world.root).entries["MAINTAINERS"]!.content
    let link = ScriptedFile(mode: FileMode.symbolicLink, content: text)
    let change = try world.commit(on: world.root, by: "bob", ["MAINTAINERS": link])
    let merge = try world.merge(world.root, change, by: "ann")
    #expect(world.push("main", merge).findings == [Finding(.lockOut, merge)])
    #expect(try world.audit(tip: merge).map(\.findings) == [[Finding(.lockOut, merge)]])
  }

  @Test func `registry-broken: a certificate that claims another person's key`() throws {
    let world = try World()
    var cat = world.team["cat"]
    cat.certificate.addSubkey(world.team["bob"].subkey)
    let path = "keys/\(cat.fingerprint.hex).asc"
    let change = try world.commit(on: world.root, by: "bob", [path: ScriptedFile(content: cat.certificate.armored)])
    let merge = try world.merge(world.root, change, by: "ann")
    #expect(world.push("main", merge).findings == [Finding(.lockOut, merge)])
  }

  // MARK: The newest registry at hand

  /// A world in which bob's certificate expires soon; his change is made after that; then the certificate is replaced.
  private func history(_ newer: (inout TestCertificate, TestKey) -> Void) throws -> (
    world: World, tip: ObjectID, change: ObjectID
  ) {
    var team = Team("ann", "bob", "cat")
    let (primary, subkey) = (team["bob"].certificate.primary, team["bob"].subkey)
    var old = TestCertificate(primary: primary)
    old.addUser("Bob", flags: 1)
    old.addSubkey(subkey, lifetime: 5000)
    team["bob"].certificate = old
    let world = try World(team)
    let change = try world.commit(on: world.root) {
      TestSignature(by: subkey, at: TestKey.defaultCreation + 6000).armored(over: $0)
    }
    let first = try world.merge(world.root, change, by: "ann")
    var next = old
    newer(&next, subkey)
    let path = "keys/\(team["bob"].fingerprint.hex).asc"
    let update = try world.commit(on: first, by: "cat", [path: ScriptedFile(content: next.armored)])
    return (world, try world.merge(first, update, by: "ann"), change)
  }

  @Test func `expiry that the key itself extends later counts for earlier steps`() throws {
    let extended = try history { $0.bind($1, lifetime: 900_000) { $0.created = TestKey.defaultCreation + 7000 } }
    #expect(try extended.world.audit(tip: extended.tip).map(\.findings) == [[], []])
    let same = try history {
      $0.addUser("Bob's other name", flags: 1); _ = $1
    }
    let audit = try same.world.audit(tip: same.tip)
    #expect(audit.map(\.findings) == [[Finding(.tooFewEndorsers, same.change)], []])
    #expect(audit[0].because == [Finding(.expiredKey, same.change)])
  }

  @Test func `revoked-key: a theft that the key reports later counts for earlier steps`() throws {
    var team = Team("ann", "bob", "cat")
    let world = try World(team)
    let change = try world.commit(on: world.root, by: "bob")
    let first = try world.merge(world.root, change, by: "ann")
    team["bob"].certificate.revokeSubkey(team["bob"].subkey, reason: 2, at: TestKey.defaultCreation + 50_000)
    let path = "keys/\(team["bob"].fingerprint.hex).asc"
    let update = try world.commit(on: first, by: "cat", [path: ScriptedFile(content: team["bob"].certificate.armored)])
    let tip = try world.merge(first, update, by: "ann")
    // At the time of the push nobody knew.
    #expect(world.push("main", first).findings == [])
    let audit = try world.audit(tip: tip)
    #expect(audit.map(\.findings) == [[Finding(.tooFewEndorsers, change)], []])
    #expect(audit[0].because == [Finding(.revokedKey, change)])
    #expect(try world.audit(tip: first).map(\.findings) == [[]])
  }

  // MARK: Pins

  @Test func `a pinned registry is used for every step, and said`() throws {
    let world = try World()
    let change = try world.commit(on: world.root, by: "dan") { Team.Key("dan").subkey.sign($0) }
    let merge = try world.merge(world.root, change, by: "ann")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, change)])

    let folder = try TemporaryFolder()
    for (path, file) in Team("ann", "dan").files.entries {
      try folder.write(path, String(decoding: file.content, as: UTF8.self))
    }
    world.settings.registry = .path(folder.path)
    let pinned = world.push("main", merge)
    #expect(pinned.findings == [])
    #expect(pinned.notes == ["the registry is pinned to \(folder.path)"])
    #expect(try world.audit(tip: merge).map(\.notes) == [["the registry is pinned to \(folder.path)"]])

    let other = try world.git.commit(files: Team("ann", "dan").files, message: "registry\n")
    world.settings.registry = .commit(other, name: "registry")
    #expect(world.push("main", merge).findings == [])
    #expect(world.push("main", merge).notes == ["the registry is pinned to registry (\(other.short))"])
    // What a pinned registry does not list does not count, whatever the tree says.
    let bobs = try world.commit(on: world.root, by: "bob")
    #expect(
      world.push("main", try world.merge(world.root, bobs, by: "ann")).findings == [Finding(.tooFewEndorsers, bobs)])
  }

  @Test func `registry-invalid: a pin that leads nowhere`() throws {
    let world = try World()
    world.settings.registry = .path("/nonexistent")
    try expectInvalid(world)
  }

  @Test func `a pinned registry needs none in the tree`() throws {
    let world = try World(files: ["MAINTAINERS": nil])
    let other = try world.git.commit(files: Team("ann", "bob").files, message: "registry\n")
    world.settings.registry = .commit(other, name: "registry")
    #expect(try push(world).findings == [])
  }

  /// Attack: certificates that cost a server a minute to check, out of a push that nobody has agreed to.
  @Test func `more signatures than can be checked make no registry`() throws {
    func registry(copies: Int) throws -> Registry? {
      var text = "[people.ann]\n"
      var files: [String: [UInt8]] = [:]
      for number in 0..<copies {
        let primary = TestKey.p521(seed: 6000 + number)
        text += "[keys.ann.k\(number)]\nid = \"\(primary.fingerprint)\"\n"
        // Nobody has made these thousand self-signatures.
        var certificate = TestCertificate(primary: primary)
        certificate.addUser("a")
        let last = certificate.packets[certificate.packets.count - 1]
        for filler in 0..<1000 {
          certificate.append(
            packet: last.dropLast(2) + [UInt8(truncatingIfNeeded: filler >> 8), UInt8(truncatingIfNeeded: filler)])
        }
        files["keys/\(primary.fingerprint).asc"] = certificate.bytes
      }
      files["MAINTAINERS"] = Array(text.utf8)
      return try Registry.readIfPresent(RegistrySource(files: files))
    }
    #expect(try registry(copies: 8)?.certificates.count == 8)
    #expect(throws: FileDefect("the certificates in keys/ hold more signatures than can be checked")) {
      try registry(copies: 9)
    }
  }
}
