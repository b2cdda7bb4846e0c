import Glibc
import OpenPGP
import Support
import Testing

/// Ten thousand damaged signatures, payloads, armors and certificates, the same ones in each run, judged by us and by
/// gpg. Where gpg says bad we never say good; where we alone say bad, a named rule is the reason.
@Suite struct DifferentialTests {
  static let keys: [TestKey] = [.rsa(bits: 2048), .ed25519(seed: 1), .p256(seed: 1)]

  /// The rules by which we refuse a signature that gpg 2.2.40 takes, by the words that we refuse it with.
  static let rules: [(rule: String, words: [String])] = [
    (
      "one packet, in one armor, to the last octet",
      [
        "more than one packet", "it ends too early", "a second armor", "octets after the signature's number",
        "octets after the signature's numbers", "a packet of partial length", "a packet of open length",
        "an armor that does not begin as one", "an armor with a wrong checksum", "an armor with a broken checksum",
        "an armor with the wrong end", "an armor without an end", "text after the armor's checksum",
        "a character in the armor that is not base64", "base64 that ends wrongly",
        "base64 that goes on after its padding",
        "an empty line inside the armor", "an armor header that is not “Key: value” in UTF-8",
      ]
    ),
    (
      "numbers in their one canonical form",
      [
        "a number of more bits than it declares", "a number of more bits than any has", "an empty number",
        "a number larger than the curve",
      ]
    ),
    (
      "nothing is said twice or in contradiction",
      [
        "it names two different issuers", "its issuer fingerprint is not one of version 4",
        "it says the same thing twice",
        "a subpacket of the wrong length",
      ]
    ),
    ("critical subpackets are understood", ["it has a critical subpacket of type"]),
    ("the issuer's fingerprint decides", ["unknown key"]),
  ]

  static func ruleName(_ reason: String) -> String? {
    rules.first { $0.words.contains { reason.contains($0) } }?.rule
  }

  static func certificate(_ key: TestKey) -> TestCertificate {
    var made = TestCertificate(primary: key)
    made.addUser("a")
    return made
  }

  static func keyring() throws -> Keyring { Keyring(try keys.map { try certificate($0).read() }) }

  /// What we say of one packet, in words: `good`, or why not.
  static func native(_ engine: NativeEngine, packet: [UInt8], over payload: [UInt8]) -> String {
    do {
      var engine = engine
      let signature = try SignaturePacket(packet: packet)
      return words(engine.judge(signature, over: payload))
    } catch {
      return error.message
    }
  }

  static func words(_ answer: Answer) -> String {
    if case .good = answer { return "good" }
    return answer.summary
  }

  /// Holds our answers against gpg's, and counts where each stands.
  static func compare(_ ours: [String], _ gnupg: [Bool]) {
    #expect(ours.count == gnupg.count)
    var bothGood = 0
    for (index, (our, their)) in zip(ours, gnupg).enumerated() {
      if our == "good" {
        #expect(their, "case \(index): gpg does not find good what we do")
        bothGood += 1
      } else if their {
        #expect(ruleName(our) != nil, "case \(index): gpg says good, we say “\(our)”, and no rule has that name")
      }
    }
    // Else the test would show nothing.
    #expect(bothGood > 0)
    #expect(bothGood < ours.count)
  }

  @Test func `6,000 damaged signatures`() throws {
    let keyring = try Self.keyring()
    let engine = NativeEngine(keyring: keyring)
    let oracle = try GnuPGOracle(importing: Self.keys.map { Self.certificate($0).bytes })
    var chance = SeededChance(seed: 1)
    var ours: [String] = []
    var messages: [[UInt8]] = []
    for index in 0..<6_000 {
      // RSA most of all: gpg is ten times slower at the curves.
      let key = Self.keys[max(0, index % 6 - 3)]
      let whole = TestSignature(by: key).with {
        $0.hashed = OpenPGPEncoding.notation("salt@example.org", "x")
        $0.unhashed = OpenPGPEncoding.notation("note@example.org", "y")
      }.packet(over: samplePayload)
      let other = TestSignature(by: key).packet(over: [1])
      let packet =
        index % 10 == 0
        ? Mutation.mutate(packets: [whole, index % 20 == 0 ? whole : other], &chance) : Mutation.mutate(whole, &chance)
      ours.append(Self.native(engine, packet: packet, over: samplePayload))
      messages.append(GnuPGOracle.message(packet, over: samplePayload, by: key))
    }
    Self.compare(ours, try oracle.judge(messages: messages))
  }

  @Test func `1,500 damaged payloads`() throws {
    let keyring = try Self.keyring()
    let engine = NativeEngine(keyring: keyring)
    let oracle = try GnuPGOracle(importing: Self.keys.map { Self.certificate($0).bytes })
    var chance = SeededChance(seed: 2)
    var ours: [String] = []
    var messages: [[UInt8]] = []
    for index in 0..<1_500 {
      let key = Self.keys[index % 3]
      let packet = TestSignature(by: key).packet(over: samplePayload)
      // Some are left whole, so that both kinds are there.
      let payload = index % 50 == 0 ? samplePayload : Mutation.mutate(samplePayload, &chance)
      ours.append(Self.native(engine, packet: packet, over: payload))
      messages.append(GnuPGOracle.message(packet, over: payload, by: key))
    }
    Self.compare(ours, try oracle.judge(messages: messages))
  }

  @Test func `500 damaged armors`() throws {
    let keyring = try Self.keyring()
    let engine = NativeEngine(keyring: keyring)
    let oracle = try GnuPGOracle(importing: Self.keys.map { Self.certificate($0).bytes })
    var chance = SeededChance(seed: 3)
    var ours: [String] = []
    var theirs: [Bool] = []
    for index in 0..<500 {
      let whole = Self.keys[index % 3].sign(samplePayload)
      let armor = index % 50 == 0 ? whole : Mutation.mutate(whole, &chance)
      switch SignatureBlock.read(armor: armor) {
      case .openPGP(let signature):
        ours.append(Self.native(engine, packet: signature.packet, over: samplePayload))
      case .unreadable(let defect): ours.append(defect.message)
      case .ssh, .x509: ours.append("another kind")
      }
      theirs.append(try oracle.judge(armor: armor, payload: samplePayload))
    }
    Self.compare(ours, theirs)
  }

  /// Certificates that we read are shown to gpg in groups, since starting it costs most: once as we hand them over,
  /// where no certificate may spoil another one for gpg, and once as they came, imported by gpg itself.
  /// One that we do not read is good for nothing, whatever gpg makes of it: its defect is the rule.
  @Test func `2,000 damaged certificates`() throws {
    let now = Int64(time(nil))
    var chance = SeededChance(seed: 4)
    var counts = (good: 0, taken: 0, refused: 0, unread: 0)
    for group in 0..<50 {
      var certificates: [Certificate] = []
      var files: [[UInt8]] = []
      var messages: [[UInt8]] = []
      var ours: [Standing?] = []
      for place in 0..<40 {
        let (made, signer) = Self.certificate(seed: group * 40 + place)
        let bytes = Mutation.mutate(packets: made.packets, &chance)
        guard let certificate = try? Certificate.read(bytes) else {
          counts.unread += 1
          continue
        }
        let packet = TestSignature(by: signer).packet(over: samplePayload)
        let answer = Self.native(NativeEngine(keyring: Keyring([certificate])), packet: packet, over: samplePayload)
        let standing = certificate.standing(
          of: signer.fingerprint, signedAt: TestKey.defaultCreation + 1000, judgedAt: .now(now))
        certificates.append(certificate)
        files.append(bytes)
        messages.append(GnuPGOracle.message(packet, over: samplePayload, by: signer))
        ours.append(answer == "good" ? standing : nil)
      }
      let handedOver = try GnuPGOracle(keyring: Keyring(certificates).gnupgKeyring).judge(messages: messages)
      let importing = try GnuPGOracle(importing: files)
      let imported = try importing.judge(messages: messages)
      #expect(handedOver.count == ours.count && imported.count == ours.count)
      for (index, standing) in ours.enumerated() {
        if standing == .good {
          counts.good += 1
          #expect(handedOver[index], "group \(group), \(index): gpg does not find good what we do")
          // gpg takes no file in which others have left what it cannot read.
          let isTaken = importing.imported.contains(certificates[index].primary.hex)
          if isTaken { counts.taken += 1 }
          #expect(
            !isTaken || imported[index], "group \(group), \(index): gpg does not find good what we do, once imported")
        } else {
          counts.refused += 1
          let words = standing.map { "\($0)" } ?? "unknown key"
          #expect(
            !imported[index] || Self.certificateRules.contains { words.contains($0) }, "gpg says good, we say \(words)")
        }
      }
    }
    #expect(counts.good > 100 && counts.taken > 100)
    #expect(counts.refused > 100)
    #expect(counts.unread > 100)
  }

  /// The rules by which a key does not stand for us although gpg 2.2.40 takes its signature.
  static let certificateRules = [
    "revoked", "does not count", "cannotSign", "no valid self-signature", "has not signed back", "has not bound",
  ]

  /// A certificate with two user ids and two subkeys; the signer is the primary key or a subkey by turns.
  private static func certificate(seed: Int) -> (TestCertificate, TestKey) {
    let primary = TestKey.ed25519(seed: 5000 + 3 * seed)
    let subkey = TestKey.ed25519(seed: 5001 + 3 * seed)
    var made = TestCertificate(primary: primary)
    made.addUser("first", flags: 0x03)
    made.addUser("second", flags: 0x03) { $0.created! += 10 }
    made.addSubkey(subkey)
    if seed % 4 == 0 { made.revokeSubkey(subkey, reason: 1, at: TestKey.defaultCreation + 2000) }
    if seed % 5 == 0 { made.addDirect(flags: 0x03) }
    return (made, seed % 2 == 0 ? primary : subkey)
  }
}
