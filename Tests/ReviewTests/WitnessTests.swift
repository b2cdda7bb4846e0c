import GitBridge
import OpenPGP
import Support
import Testing

@testable import Review

/// What maintainers state of cards that they have seen, and every way in which it is worth nothing.
extension EvidenceTests {
  /// One statement, each part of it open to being wrong.
  struct Voice {
    var person: String
    /// Whose key it is about.
    var about = "bob"
    var device = "Nitrokey 3"
    var serial = "0F1E2D3C"
    var touch = CardTouch.on
    var signingKeys: [OpenPGP.Fingerprint]?
    var time = TestKey.defaultCreation + 1000
    var spoil: ([UInt8]) -> [UInt8] = { $0 }
    var wrap: (TestMessage) -> [UInt8] = { $0.bytes }
    /// The folder's and the file's key, where they are not the right ones.
    var folder: OpenPGP.Fingerprint?
    var name: String?
    var label = "card"

    init(_ person: String, _ change: (inout Voice) -> Void = { _ in }) {
      self.person = person
      change(&self)
    }
  }

  func statements(_ team: Team, _ voices: [Voice]) throws -> Extra {
    // Ann, who merges, is beyond doubt.
    var files = attestations(team, ["ann"])
    for voice in voices {
      let subject = team[voice.about]
      let key = team.keys.first { $0.person == voice.person && $0.label == voice.label }!
      let bytes = try WitnessStatement(
        key: subject.fingerprint, signingKeys: voice.signingKeys ?? [subject.subkey.fingerprint], device: voice.device,
        serial: voice.serial, touch: voice.touch, creator: "stagex-maint 1", timestamp: voice.time
      ).bytes
      let folder = EvidencePlace.folder(of: voice.folder ?? subject.fingerprint)
      let message = TestMessage(voice.spoil(bytes), by: key.subkey, at: voice.time)
      files["\(folder)/\(voice.name ?? key.fingerprint.hex).witness"] = ScriptedFile(content: voice.wrap(message))
    }
    return files
  }

  func expectGood(
    _ voices: Voice..., team: Team = Team("ann", "bob", "cat", "dan", "eve"),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let verdict = try judge("witnessed", statements(team, voices), team).verdict
    #expect(
      verdict.findings == [], "\(verdict.refusals.flatMap(\.because).map(\.detail))", sourceLocation: sourceLocation)
  }

  func expectShort(
    _ why: String, _ voices: Voice..., team: Team = Team("ann", "bob", "cat", "dan", "eve"),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expectShort(why, "witnessed", statements(team, voices), team, sourceLocation: sourceLocation)
  }

  @Test func `two others make a key witnessed, one does not`() throws {
    try expectGood(Voice("cat"), Voice("dan"))
    try expectGood(Voice("cat"), Voice("ann"))
    try expectGood(Voice("cat"), Voice("dan"), Voice("eve") { $0.serial = "other" })
    try expectShort("only cat has witnessed it", Voice("cat"))
    // For the level above it is nothing.
    let team = Team("ann", "bob", "cat", "dan", "eve")
    try expectShort("is not attested", "attested", statements(team, [Voice("cat"), Voice("dan")]))
  }

  @Test func `they must agree on key, device and serial number`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    try expectShort("only", Voice("cat"), Voice("dan") { $0.serial = "0F1E2D3D" })
    try expectShort("only", Voice("cat"), Voice("dan") { $0.device = "Nitrokey 3A" })
    try expectShort("only cat", Voice("cat"), Voice("dan") { $0.signingKeys = [team["bob"].fingerprint] })
    try expectGood(Voice("cat"), Voice("dan") { $0.touch = .fixed })
    try expectGood(
      Voice("cat"),
      Voice("dan") { $0.signingKeys = [team["bob"].fingerprint, team["bob"].subkey.fingerprint].sorted() })
  }

  @Test func `a card that signs without a touch is witnessed for nothing`() throws {
    try expectShort("without a touch", Voice("cat"), Voice("dan") { $0.touch = .off })
    try expectGood(Voice("cat"), Voice("dan") { $0.touch = .cached })
  }

  @Test func `nobody is witness in their own cause, nor twice`() throws {
    try expectShort("own cause", Voice("cat"), Voice("bob"))
    var team = Team("ann", "bob", "cat", "dan", "eve")
    team.keys.append(Team.Key("cat", label: "spare"))
    try expectShort("only cat has", Voice("cat"), Voice("cat") { $0.label = "spare" }, team: team)
    try expectGood(Voice("cat"), Voice("dan"), team: team)
  }

  @Test func `who does not count is no witness`() throws {
    var team = Team("ann", "bob", "cat", "dan", "eve")
    team.people[3].lines = ["bot = true"]
    try expectShort("dan is a bot", Voice("cat"), Voice("dan"), team: team)
    team = Team("ann", "bob", "cat", "dan", "eve")
    team["dan"].lines = []
    try expectShort("names no device", Voice("cat"), Voice("dan"), team: team)
    team["dan"].lines = ["devices = \"x\"", "machine = true"]
    try expectShort("machine's key", Voice("cat"), Voice("dan"), team: team)
    team["dan"].lines = ["devices = \"x\""]
    try expectGood(Voice("cat"), Voice("dan"), team: team)
  }

  @Test func `a stranger's statement is nothing`() throws {
    let stranger = Team.Key("mallory")
    var team = Team("ann", "bob", "cat", "dan", "eve")
    var files = try statements(team, [Voice("cat"), Voice("dan")])
    let place = EvidencePlace.statement(about: team["bob"].fingerprint, by: team["dan"].fingerprint)
    let bytes = try WitnessStatement(
      key: team["bob"].fingerprint, signingKeys: [team["bob"].subkey.fingerprint], device: "Nitrokey 3",
      serial: "0F1E2D3C", touch: .on,
      creator: nil, timestamp: nil
    ).bytes
    files[place] = ScriptedFile(content: TestMessage(bytes, by: stranger.subkey).bytes)
    try expectShort("nobody registered", "witnessed", files)
    // The same bytes by the one whom the name names.
    files[place] = ScriptedFile(content: TestMessage(bytes, by: team["dan"].subkey).bytes)
    #expect(try judge("witnessed", files).verdict.findings == [])
    team["dan"].isPublished = false
    try expectShort("only cat", "witnessed", try statements(team, [Voice("cat")]), team)
  }

  @Test func `a file is named after its signer, in one spelling`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    try expectShort("is signed by", Voice("cat"), Voice("dan") { $0.name = team["eve"].fingerprint.hex })
    try expectShort("only cat", Voice("cat"), Voice("dan") { $0.name = team["dan"].fingerprint.hex.lowercased() })
    try expectShort("only cat", Voice("cat"), Voice("dan") { $0.name = "dan" })
    try expectShort("is signed by", Voice("cat"), Voice("dan") { $0.name = team["dan"].subkey.fingerprint.hex })
  }

  @Test func `a statement about one key is worth nothing in another's folder`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let moved: (inout Voice) -> Void = {
      $0.about = "eve"
      $0.folder = team["bob"].fingerprint
      $0.signingKeys = [team["bob"].subkey.fingerprint]
    }
    try expectShort("it is about \(team["eve"].fingerprint)", Voice("cat"), Voice("dan", moved))
  }

  @Test func `a statement has one form`() throws {
    func text(_ old: String, _ new: String) -> (inout Voice) -> Void {
      { $0.spoil = { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) } }
    }
    for (old, new, why) in [
      ("{\"critical\":{", "{\"critical\":{\"about\":\"x\",", "unknown or missing members"),
      ("\"touch\":\"on\"", "\"touch\":\"on\",\"touch\":\"on\"", "occurs twice"),
      ("\"touch\":\"on\"", "\"touch\":\"always\"", "touch is not understood"),
      ("\"type\":\"stagex key witness\"", "\"type\":\"stagex source co-signature\"", "not of type"),
      ("\"device\":", " \"device\":", "not in canonical form"),
      ("\"creator\":", "\"note\":1,\"creator\":", "not in canonical form"),
      ("Nitrokey 3", "Nitrokey\\u00e9", "ASCII"), ("\"Nitrokey 3\"", "\"\"", "ASCII"),
    ] { try expectShort(why, Voice("cat"), Voice("dan", text(old, new))) }
    try expectShort(
      "signature is bad", Voice("cat"),
      Voice("dan") {
        $0.wrap = { message in
          var message = message
          message.signedContent = message.content + [0]
          return message.bytes
        }
      })
    try expectShort("malformed", Voice("cat"), Voice("dan") { $0.wrap = { Array($0.bytes.dropLast()) } })
    try expectGood(Voice("cat"), Voice("dan", text("nothing of it", "")))
  }

  @Test func `a witness is judged as they were then, and a theft takes the word back`() throws {
    let made = TestKey.defaultCreation
    func team(_ change: (inout TestCertificate) -> Void) -> Team {
      var team = Team("ann", "bob", "cat", "dan", "eve")
      change(&team["dan"].certificate)
      return team
    }
    // Superseded after the statement, and before it; stolen at any time.
    try expectGood(Voice("cat"), Voice("dan"), team: team { $0.revoke(reason: 1, at: made + 2000) })
    try expectShort("was revoked", Voice("cat"), Voice("dan"), team: team { $0.revoke(reason: 1, at: made + 500) })
    try expectShort("was revoked", Voice("cat"), Voice("dan"), team: team { $0.revoke(reason: 2, at: made + 2000) })
    try expectShort("ahead of the clock", Voice("cat"), Voice("dan") { $0.time = World.now + 7200 })
  }

  @Test func `condemned witnesses fall silent`() throws {
    let team = Team("ann", "bob", "cat", "dan", "eve")
    let world = try World(team, policy: policy("witnessed"), files: try statements(team, [Voice("cat"), Voice("dan")]))
    let change = try world.commit(on: world.root, by: "bob")
    let merge = try world.merge(world.root, change, by: "ann")
    #expect(world.push("main", merge).findings == [])
    world.settings.condemned = [team["dan"].fingerprint]
    #expect(world.push("main", merge).because == [Finding(.keyNotOnCard, change)])
  }
}
