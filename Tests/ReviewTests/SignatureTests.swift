import Foundation
import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// rule.md, "Which signatures are good": each reason for which a signature endorses nothing.
///
/// Bob's signature is the one in doubt; ann merges. Without bob's, the change has one endorser.
@Suite struct SignatureTests {
  private static let made = TestKey.defaultCreation
  private static let day: Int64 = 86_400

  /// What a push of bob's change says, and the change.
  private func judge(
    _ team: Team = Team("ann", "bob", "cat"), policy: String? = nil, sign: World.Sign? = nil
  ) throws -> (verdict: Verdict, change: ObjectID, world: World, merge: ObjectID) {
    let world = try World(team, policy: policy)
    let change = try world.commit(on: world.root, by: "bob", sign: sign)
    let merge = try world.merge(world.root, change, by: "ann")
    return (world.push("main", merge), change, world, merge)
  }

  /// Asserts that bob does not count, and that the refusal says why.
  private func expectNotCounted(
    _ code: RefusalCode, _ team: Team = Team("ann", "bob", "cat"), policy: String? = nil, sign: World.Sign? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (verdict, change, _, _) = try judge(team, policy: policy, sign: sign)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change)], sourceLocation: sourceLocation)
    #expect(verdict.because == [Finding(code, change)], sourceLocation: sourceLocation)
    #expect(verdict.endorsers(change) == ["ann merge"], sourceLocation: sourceLocation)
  }

  private func sign(_ change: @escaping (inout TestSignature) -> Void) -> World.Sign {
    let key = Team.Key("bob").subkey
    return { TestSignature(by: key).with(change).armored(over: $0) }
  }

  // MARK: Keys by the registry

  @Test(arguments: ["machine = true", "shared = true"])
  func `machine-key: a key that is no one person's`(_ line: String) throws {
    var team = Team("ann", "bob", "cat")
    team["bob"].lines.append(line)
    try expectNotCounted(.machineKey, team)
    team["bob"].lines[1] = line.replacingOccurrences(of: "true", with: "false")
    #expect(try judge(team).verdict.findings == [])
  }

  @Test func `machine-key: a bot`() throws {
    var team = Team("ann", "bob", "cat")
    team.people[1].lines = ["bot = true"]
    try expectNotCounted(.machineKey, team)
    team.people[1].lines = ["bot = false"]
    #expect(try judge(team).verdict.findings == [])
  }

  @Test(arguments: [[], ["devices = \"\""], ["devices = \" , \""], ["devices = []"]])
  func `key-not-on-card: the registry names no device`(_ lines: [String]) throws {
    var team = Team("ann", "bob", "cat")
    team["bob"].lines = lines
    try expectNotCounted(.keyNotOnCard, team)
    #expect(try judge(team, policy: "version = 1\nevidence = \"off\"\n").verdict.findings == [])
    team["bob"].lines = ["devices = [\"YubiKey 5\", \"Nitrokey 3\"]"]
    #expect(try judge(team).verdict.findings == [])
  }

  @Test func `evidence off is said in every verdict`() throws {
    let note = "the policy asks for no evidence that keys are on smartcards"
    #expect(try judge(policy: "version = 1\nevidence = \"off\"\n").verdict.notes == [note])
    #expect(try judge().verdict.notes == [])
  }

  // MARK: Keys by their certificate, now and then

  @Test func `expired-key: expired by now, though not when it signed`() throws {
    let team = team {
      $0.addUser("Bob", flags: 1); $0.addSubkey($1, lifetime: 5000)
    }
    try expectNotCounted(.expiredKey, team)
    let (_, _, world, merge) = try judge(team)
    #expect(try world.audit(tip: merge).map(\.findings) == [[]])
    #expect(
      try judge(
        self.team {
          $0.addUser("Bob", flags: 1); $0.addSubkey($1, lifetime: 500_000)
        }
      ).verdict.findings == [])
  }

  @Test func `expired-key: expired when it signed, in the audit too`() throws {
    let team = team {
      $0.addUser("Bob", flags: 1); $0.addSubkey($1, lifetime: 5000)
    }
    let late = sign { $0.created = Self.made + 5000 }
    try expectNotCounted(.expiredKey, team, sign: late)
    let (_, change, world, merge) = try judge(team, sign: late)
    let audit = try world.audit(tip: merge)
    #expect(audit.map(\.findings) == [[Finding(.tooFewEndorsers, change)]])
    #expect(audit.map(\.because) == [[Finding(.expiredKey, change)]])
  }

  @Test func `expired-key: an expired primary key takes its subkeys along`() throws {
    try expectNotCounted(
      .expiredKey,
      team {
        $0.addUser("Bob", flags: 1, lifetime: 5000); $0.addSubkey($1)
      })
    #expect(
      try judge(
        team {
          $0.addUser("Bob", flags: 1, lifetime: 500_000); $0.addSubkey($1)
        }
      ).verdict.findings == [])
  }

  @Test(arguments: [1, 3] as [UInt8])
  func `revoked-key: softly revoked after it signed counts in the audit only`(_ reason: UInt8) throws {
    let team = team {
      $0.addUser("Bob", flags: 1); $0.addSubkey($1); $0.revokeSubkey($1, reason: reason, at: Self.made + 5000)
    }
    try expectNotCounted(.revokedKey, team)
    let (_, _, world, merge) = try judge(team)
    #expect(try world.audit(tip: merge).map(\.findings) == [[]])
    let late = try judge(team, sign: sign { $0.created = Self.made + 6000 })
    #expect(try late.world.audit(tip: late.merge).map(\.because) == [[Finding(.revokedKey, late.change)]])
  }

  /// Attack: a stolen key signs with a clock set back to before the theft was known.
  @Test(arguments: [2, 0, nil, 100] as [UInt8?])
  func `revoked-key: revoked as stolen, or without a reason, is bad for all time`(_ reason: UInt8?) throws {
    for primary in [false, true] {
      let team = team {
        $0.addUser("Bob", flags: 1)
        $0.addSubkey($1)
        if primary {
          $0.revoke(reason: reason, at: Self.made + 5000)
        } else {
          $0.revokeSubkey($1, reason: reason, at: Self.made + 5000)
        }
      }
      try expectNotCounted(.revokedKey, team)
      let (_, change, world, merge) = try judge(team)
      #expect(try world.audit(tip: merge).map(\.because) == [[Finding(.revokedKey, change)]])
    }
  }

  @Test func `unusable-key: the subkey has not signed back`() throws {
    try expectNotCounted(
      .unusableKey,
      team {
        $0.addUser("Bob", flags: 1); $0.addSubkey($1, back: .missing)
      })
    let other = TestKey.ed25519(seed: 4711)
    try expectNotCounted(
      .unusableKey,
      team {
        $0.addUser("Bob", flags: 1); $0.addSubkey($1, back: .by(other))
      })
  }

  @Test func `unusable-key: the subkey is not for signing`() throws {
    try expectNotCounted(
      .unusableKey,
      team {
        $0.addUser("Bob", flags: 1); $0.addSubkey($1, flags: 0x0C)
      })
    try expectNotCounted(
      .unusableKey,
      team {
        $0.addUser("Bob", flags: 1); $0.addSubkey($1, flags: nil)
      })
  }

  @Test func `unusable-key: signed before the key was made`() throws {
    try expectNotCounted(.unusableKey, sign: sign { $0.created = Self.made - 1 })
    #expect(try judge(sign: sign { $0.created = Self.made }).verdict.findings == [])
  }

  @Test func `a primary key with the signing flag may sign itself`() throws {
    let key = TestKey.ed25519(seed: 99)
    func team(flags: UInt8) -> Team {
      var team = Team("ann", "bob", "cat")
      var certificate = TestCertificate(primary: key)
      certificate.addUser("Bob", flags: flags)
      team["bob"] = Team.Key("bob", primary: key, subkey: key, certificate: certificate)
      return team
    }
    #expect(try judge(team(flags: 3), sign: { key.sign($0) }).verdict.findings == [])
    try expectNotCounted(.unusableKey, team(flags: 1), sign: { key.sign($0) })
  }

  @Test func `weak-signature: RSA under 2048 bits`() throws {
    func team(bits: Int) -> Team {
      let primary = TestKey.ed25519(seed: 98)
      let subkey = TestKey.rsa(bits: bits, seed: 5)
      var team = Team("ann", "bob", "cat")
      var certificate = TestCertificate(primary: primary)
      certificate.addUser("Bob", flags: 1)
      certificate.addSubkey(subkey)
      team["bob"] = Team.Key("bob", primary: primary, subkey: subkey, certificate: certificate)
      return team
    }
    let weak = team(bits: 1024)
    try expectNotCounted(.weakSignature, weak, sign: { weak["bob"].subkey.sign($0) })
    let strong = team(bits: 2048)
    #expect(try judge(strong, sign: { strong["bob"].subkey.sign($0) }).verdict.findings == [])
  }

  // MARK: The signature itself

  @Test(arguments: [
    HashAlgorithm.sha1, HashAlgorithm(rawValue: 1), HashAlgorithm(rawValue: 3), HashAlgorithm(rawValue: 11),
  ])
  func `weak-signature: a weak hash`(_ hash: HashAlgorithm) throws {
    try expectNotCounted(.weakSignature, sign: sign { $0.hash = hash })
  }

  @Test(arguments: [HashAlgorithm.sha256, .sha384, .sha512])
  func `these hashes are good`(_ hash: HashAlgorithm) throws {
    #expect(try judge(sign: sign { $0.hash = hash }).verdict.findings == [])
  }

  @Test func `future-signature: more than an hour ahead of the clock`() throws {
    try expectNotCounted(.futureSignature, sign: sign { $0.created = World.now + 3601 })
    #expect(try judge(sign: sign { $0.created = World.now + 3600 }).verdict.findings == [])
  }

  @Test func `unknown-key-format: a version that is not understood`() throws {
    try expectNotCounted(.unknownKeyFormat, sign: sign { $0.version = 6 })
  }

  @Test(arguments: [0x01, 0x10, 0x02, 0x40] as [UInt8])
  func `malformed-signature: not a signature over a binary document`(_ type: UInt8) throws {
    try expectNotCounted(.malformedSignature, sign: sign { $0.type = type })
  }

  @Test func `malformed-signature: two packets, or the same one twice`() throws {
    let bob = Team.Key("bob").subkey
    try expectNotCounted(.malformedSignature) { payload in
      let packet = TestSignature(by: bob).packet(over: payload)
      return OpenPGPEncoding.armor(packet + packet)
    }
    try expectNotCounted(.malformedSignature) { payload in
      OpenPGPEncoding.armor(TestSignature(by: bob).packet(over: payload) + TestSignature(by: bob).packet(over: []))
    }
    #expect(try judge { OpenPGPEncoding.armor(TestSignature(by: bob).packet(over: $0)) }.verdict.findings == [])
  }

  @Test func `malformed-signature: no time in the signed part`() throws {
    try expectNotCounted(.malformedSignature, sign: sign { $0.created = nil })
  }

  // MARK: What refuses by itself

  @Test func `bad-signature: a registered key's signature over other bytes`() throws {
    let world = try World()
    let change = try world.commit(on: world.root) { payload in world.signature(of: "bob")(payload + [10]) }
    let inner = try world.merge(world.root, change, by: "ann")
    let outer = try world.merge(world.root, inner, by: "cat")
    // Two others endorse it: the bad signature refuses all the same.
    #expect(world.push("main", outer).findings == [Finding(.badSignature, change)])
    let unsigned = try world.commit(on: world.root)
    let twin = try world.merge(world.root, try world.merge(world.root, unsigned, by: "ann"), by: "cat")
    #expect(world.push("main", twin).findings == [])
  }

  @Test func `bad-signature: made by a stranger who names a registered key`() throws {
    let stranger = Team.Key("mallory").subkey
    let bob = Team.Key("bob")
    for named in [bob.subkey.fingerprint, bob.fingerprint] {
      for whole in [true, false] {
        let (verdict, change, _, _) = try judge(sign: { payload in
          TestSignature(by: stranger).with {
            $0.issuerFingerprint = whole ? named : nil
            $0.issuerKeyID = named.keyID
          }.armored(over: payload)
        })
        #expect(verdict.findings == [Finding(.badSignature, change), Finding(.tooFewEndorsers, change)])
      }
    }
  }

  /// Contributors sign with what they like, or not at all.
  @Test(arguments: [
    "SSH", "X.509", "an unknown key", "an unknown key's bad signature", "garbage", "an empty header", "nothing",
  ])
  func `a stranger's signature is no error`(_ kind: String) throws {
    let stranger = Team.Key("mallory").subkey
    let world = try World()
    let change = try world.commit(on: world.root) { payload in
      switch kind {
      case "SSH": Array("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n".utf8)
      case "X.509": Array("-----BEGIN SIGNED MESSAGE-----\nMIIBAg==\n-----END SIGNED MESSAGE-----\n".utf8)
      case "an unknown key": stranger.sign(payload)
      case "an unknown key's bad signature": stranger.sign(payload + [10])
      case "garbage": Array("yes, reviewed\n".utf8)
      case "an empty header": Array(" \n".utf8)
      default: []
      }
    }
    let adoption = try world.adopt(change, by: "ann")
    let verdict = world.push("main", try world.merge(world.root, adoption, by: "bob"))
    #expect(verdict.findings == [])
    #expect(verdict.endorsers(change) == ["ann adopt", "bob merge"])
  }

  // MARK: Certificates

  /// Bob with another certificate over the same keys.
  private func team(_ build: (inout TestCertificate, TestKey) -> Void) -> Team {
    var team = Team("ann", "bob", "cat")
    var certificate = TestCertificate(primary: team["bob"].certificate.primary)
    build(&certificate, team["bob"].subkey)
    team["bob"].certificate = certificate
    return team
  }
}
