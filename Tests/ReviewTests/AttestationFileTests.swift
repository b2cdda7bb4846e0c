import Basics
import OpenPGP
import Support
import Testing

@testable import Review

/// The file that holds an attestation: what may lie in it, how it is put together, and real certificates.
extension AttestationTests {
  @Test func `nothing may lie in the file that no chain needs`() throws {
    let all = [chain.device.stating(TestStatement(key)), chain.device.der, chain.authority.der, chain.root.der]
    expect("belongs to no chain", try judge(TestChain.pem(all + [TestIssuer.root("Idle").der])))
    expect("a certificate twice", try judge(TestChain.pem(all + [chain.root.der])))
    expect("holds no statement", try judge(TestChain.pem(Array(all.dropFirst()))))
    // Whole chains of other certificates would be as good as unread.
    let many = (0..<13).map { TestIssuer.root("Idle \($0)").der }
    expect("16 are the most", try judge(TestChain.pem(all + many)))
    expectGood(try judge(TestChain.pem(all.reversed())))
  }

  @Test func `the file has one spelling`() throws {
    let good = chain.file(TestStatement(key))
    expect("PEM certificates alone", try judge(Array("a note\n".utf8) + good))
    expect("PEM certificates alone", try judge(good + [0x0A]))
    expect("PEM certificates alone", try judge(good.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }))
    expect(
      "something else than certificates",
      try judge(Array(String(decoding: good, as: UTF8.self).replacing("CERTIFICATE", with: "PUBLIC KEY").utf8)))
    expect("no text", try judge([0xFF, 0xFE]))
    expect("holds no certificate", try judge([]))
    expect("larger than 64 KiB", try judge(good + [UInt8](repeating: 0x0A, count: 65_536)))
    expect("cannot be read", try judge(TestChain.pem([Array(chain.root.der.dropLast())])))
    expectGood(try judge(good))
  }

  @Test func `one statement about each key, and several keys`() throws {
    let second = TestKey.p256(seed: 9)
    let both = try judge(chain.file(TestStatement(key), TestStatement(second)), key, second)
    #expect(Set(both.attested.keys) == [key.fingerprint, second.fingerprint])
    #expect(both.objections == [])
    expect("two statements about", try judge(chain.file(TestStatement(key), TestStatement(key).with { $0.serial = 1 })))
    // A bad one costs itself.
    let half = try judge(chain.file(TestStatement(key), TestStatement(second).with { $0.touch = [1] }), key, second)
    #expect(Array(half.attested.keys) == [key.fingerprint])
    #expect(half.objections.count == 1)
  }

  // MARK: Putting it together

  @Test func `what is written is what is needed, and reads back`() throws {
    var policy = Policy.standard
    policy.attestationRoots = [chain.root.digest]
    let judge = AttestationJudge(policy)
    let second = TestKey.p256(seed: 9)
    let certificate = try certificate(key, second)
    let issuers = [chain.device.der, chain.authority.der, chain.root.der]
    let first = try judge.assemble(
      known: [], new: [chain.device.stating(TestStatement(key)), TestIssuer.root("Idle").der] + issuers,
      for: certificate)
    #expect(first == chain.file(TestStatement(key)) || judge.judge(first, for: certificate).attested.count == 1)
    #expect(judge.judge(first, for: certificate).objections == [])
    // Another card is added; a newer statement about the same key takes the older one's place.
    let known = try AttestationFile.certificates(in: first)
    let other = chain.authority.issuing("Another card", pathLength: 0)
    let newer = TestStatement(second).with { $0.serial = 7 }
    let two = try judge.assemble(known: known, new: [other.stating(newer), other.der], for: certificate)
    #expect(judge.judge(two, for: certificate).attested[second.fingerprint]?.serial == "7")
    #expect(judge.judge(two, for: certificate).attested[key.fingerprint]?.serial == "35718625")
    let moved = try judge.assemble(
      known: try AttestationFile.certificates(in: two), new: [other.stating(TestStatement(key).with { $0.serial = 8 })],
      for: certificate)
    #expect(judge.judge(moved, for: certificate).attested[key.fingerprint]?.serial == "8")
    #expect(judge.judge(moved, for: certificate).objections == [])
  }

  @Test func `what proves nothing is not written`() throws {
    var policy = Policy.standard
    policy.attestationRoots = [chain.root.digest]
    let judge = AttestationJudge(policy)
    let issuers = [chain.device.der, chain.authority.der, chain.root.der]
    for (statement, why) in [
      (TestStatement(key).with { $0.touch = [1] }, "can be switched off"),
      (TestStatement(.ed25519(seed: 99)), "no key of this certificate"),
    ] {
      #expect {
        try judge.assemble(known: [], new: [chain.device.stating(statement)] + issuers, for: certificate(key))
      } throws: {
        ($0 as? FileDefect)?.message.contains(why) == true
      }
    }
    #expect(throws: FileDefect.self) { try judge.assemble(known: [], new: issuers, for: certificate(key)) }
  }

  // MARK: Real ones

  @Test(.enabled(if: Shared.path("data/yubico/leaf-35718625-sig-touch-fixed.pem") != nil, "needs real statements"))
  func `real statements are read, and end where their device's certificate is missing`() throws {
    func bytes(_ name: String) throws -> [UInt8] {
      let path = try #require(Shared.path("data/yubico/\(name).pem"))
      return try #require(try readWholeFile(path))
    }
    let fixed = try AttestationFile.read(bytes("leaf-35718625-sig-touch-fixed")).certificates[0]
    let statement = try AttestationStatement(fixed)
    #expect(statement.card == AttestedCard(serial: "35718625", firmware: "5.7.4", touch: .fixed))
    #expect(throws: AttestationDefect.self) {
      try AttestationStatement(AttestationFile.read(bytes("leaf-35718625-sig")).certificates[0])
    }
    // Those about other slots of the same card are not about signatures.
    for name in ["leaf-35718625-dec", "leaf-35718625-aut"] {
      #expect { try AttestationStatement(AttestationFile.read(bytes(name)).certificates[0]) } throws: {
        ($0 as? AttestationDefect)?.text.contains("not about a card's signature key") == true
      }
    }
    expect("not a root that is trusted", try judge(bytes("leaf-35718625-sig-touch-fixed")))
    for (place, name) in ["yubico-opgp-ca-1", "yubico-ca-1"].enumerated() {
      let root = try AttestationFile.read(bytes(name)).certificates[0]
      #expect(hexadecimal(root.digest) == AttestationRoots.yubicoDigests[place])
      try root.requireAuthority(below: 1)
    }
    // The published authorities, from the one for OpenPGP to the root.
    let real = try ["yubico-opgp-attestation-B-1", "yubico-intermediate-B-1", "yubico-ca-1"].map {
      try AttestationFile.read(bytes($0)).certificates[0]
    }
    #expect(real[1].hasSigned(real[0]) && real[2].hasSigned(real[1]) && real[2].hasSigned(real[2]))
    #expect(!real[0].hasSigned(real[1]) && !real[2].hasSigned(real[0]) && !real[1].hasSigned(real[1]))
    #expect(real[0].issuer == real[1].subject && real[1].issuer == real[2].subject)
    #expect(real[0].commonName?.hasPrefix(AttestationRoots.yubicoIssuerPrefix) == true)
    for (place, certificate) in real.enumerated() { try certificate.requireAuthority(below: place + 1) }
  }
}
