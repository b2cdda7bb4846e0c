import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// Where Guix's rule takes certificates from, and what of them it does not look at.
@Suite struct GuixKeyringTests {
  typealias Channel = GuixRuleTests.Channel

  @Test func `without the branch nothing can be judged`() throws {
    let channel = try Channel()
    let tip = channel.introduction
    try channel.git.setRef("refs/heads/keyring", to: nil)
    do {
      _ = try channel.audit(tip)
      Issue.record("it was judged")
    } catch let problem as ReviewProblem {
      let refusal = problem.refusal(ref: "")
      #expect(refusal.code == .cannotRead)
      #expect(refusal.message.contains("no branch keyring"))
      #expect(refusal.next.contains("git fetch origin keyring:keyring"))
    }
    for ref in ["refs/remotes/origin/keyring", "refs/heads/keyring"] {
      try channel.publish(["alice.key": channel.alice.certificate.armored], at: ref)
      let audit = try channel.audit(tip)
      #expect(audit.outcome == .accepted)
      #expect(audit.keyring.ref == ref)
    }
    try channel.publish(["alice.key": channel.alice.certificate.armored], at: "refs/heads/keys")
    #expect(try channel.audit(tip, keyring: "keys").keyring.ref == "refs/heads/keys")
    #expect(throws: ReviewProblem.self) { try channel.audit(tip, keyring: "nosuch") }
    #expect(throws: ReviewProblem.self) { try channel.audit(tip, keyring: "keys~1") }
  }

  @Test(arguments: [
    ("alice.key", true), ("people/alice.key", true), ("alice.asc", false), ("alice.txt", false), ("key", false),
  ])
  func `certificates are files that are named so`(path: String, counts: Bool) throws {
    let channel = try Channel()
    try channel.publish([path: channel.alice.certificate.armored])
    let audit = try channel.audit(channel.introduction)
    #expect(audit.commits.map(\.state) == [counts ? "good" : "unknown-key"])
    #expect(audit.outcome == (counts ? .accepted : .refused))
  }

  @Test func `a file that is no certificate costs its own key`() throws {
    let channel = try Channel()
    let alice = channel.alice.certificate.armored
    let two = channel.alice.certificate.bytes + channel.bob.certificate.bytes
    try channel.publish([
      "alice.key": alice, "none.key": Array("none".utf8), "two.key": two,
      "big.key": [UInt8](repeating: 0x99, count: 1 << 20 + 1),
    ])
    let audit = try channel.audit(channel.introduction)
    #expect(audit.outcome == .accepted)
    #expect(audit.keyring.warnings.count == 3)
    try channel.publish(["alice.key": Array(alice.dropLast(20))])
    #expect(try channel.audit(channel.introduction).commits.map(\.state) == ["unknown-key"])
  }

  /// Guix knows neither; the output says how often that was so.
  @Test(arguments: EngineChoice.allCases)
  func `expired and revoked keys count, and that is said`(engines: EngineChoice) throws {
    let channel = try Channel()
    let primary = TestKey.ed25519(seed: 7001)
    let subkey = TestKey.ed25519(seed: 7002)
    var expired = TestCertificate(primary: primary)
    expired.addUser("x", flags: 0x01)
    expired.addSubkey(subkey, lifetime: 10)
    var revoked = TestCertificate(primary: primary)
    revoked.addUser("x", flags: 0x01)
    revoked.addSubkey(subkey)
    revoked.revoke(reason: 2, at: primary.created + 10)
    let signer = Channel.Signer(key: subkey, certificate: expired)
    let listed = try channel.commit([channel.introduction], by: channel.alice, list: [channel.alice, signer])
    let tip = try channel.commit([listed], by: signer)
    let unlisted = try channel.commit([channel.introduction], by: signer)
    for (certificate, code) in [(expired, "expired-key"), (revoked, "revoked-key")] {
      try channel.publish(["alice.key": channel.alice.certificate.armored, "x.key": certificate.armored])
      let audit = try channel.audit(tip, engines: engines)
      #expect(audit.commits.map(\.state) == ["good", "good", "good"])
      #expect(audit.disregarded == [code: 1])
      #expect(audit.notes.contains { $0.contains("1 \(code)") })
      #expect(try channel.audit(unlisted, engines: engines).commits.map(\.state) == ["good", "unauthorized"])
    }
  }

  /// Guix would not have taken it: what we say must not be more.
  @Test func `keys of kinds that Guix does not read do not count`() throws {
    let channel = try Channel()
    for (key, state) in [(TestKey.p256(seed: 5), "unknown-key-format"), (TestKey.ed25519(seed: 7101), "good")] {
      var certificate = TestCertificate(primary: key)
      certificate.addUser("x")
      let signer = Channel.Signer(key: key, certificate: certificate)
      let listed = try channel.commit([channel.introduction], by: channel.alice, list: [channel.alice, signer])
      try channel.publish(["alice.key": channel.alice.certificate.armored, "x.key": certificate.armored])
      #expect(
        try channel.audit(try channel.commit([listed], by: signer)).commits.map(\.state) == ["good", "good", state])
    }
  }
}
