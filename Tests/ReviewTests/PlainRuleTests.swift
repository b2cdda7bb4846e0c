import Foundation
import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// Any good signature by a key of a keyring.
@Suite struct PlainRuleTests {
  static func audit(_ repository: Repository, _ tip: ObjectID, _ keyring: Keyring) throws -> [ForeignCommit] {
    var settings = ReviewSettings(clock: World.now, threads: 2)
    settings.engines = .native
    settings.moment = .then
    settings.usesCache = false
    return try Reviewer(repository, settings).plainAudit(tip: tip, start: nil, keyring: keyring)
  }

  @Test func `a good signature by a key of the keyring, and nothing else`() throws {
    let git = try ScriptedRepository()
    let (certificate, key) = TestCertificate.usual(seed: 71)
    let stranger = TestCertificate.usual(seed: 72).subkey
    var tip = try git.commit { key.sign($0) }
    tip = try git.commit(parents: [tip])
    tip = try git.commit(parents: [tip]) { stranger.sign($0) }
    tip = try git.commit(parents: [tip]) { key.sign($0 + [10]) }
    tip = try git.commit(parents: [tip]) { key.sign($0, at: TestKey.defaultCreation - 1) }
    let found = try Self.audit(git.repository, tip, Keyring([try certificate.read()]))
    #expect(found.map(\.state) == ["good", "unsigned", "unknown-key", "bad-signature", "weak-signature"])
    #expect(found[0].key == certificate.primary.fingerprint && found[0].subkey == key.fingerprint)
    #expect(found[2].detail == stranger.fingerprint.hex)
    // SSH is told apart from nothing.
    tip = try git.commit(parents: [tip]) { _ in armored("SSH SIGNATURE", []) }
    let uncounted = try Self.audit(git.repository, tip, Keyring([try certificate.read()])).last
    #expect(uncounted?.state == "uncounted-signature")
    #expect(uncounted?.detail.hasPrefix("signed with SSH, which this rule does not count") == true)
    #expect(found[0].json["schema"] == .string("stagex-maint/plain/1"))
  }

  @Test(.enabled(if: Shared.path("data/nonguix/nonguix.git.tar.gz") != nil))
  func `all of Nonguix, with keys judged as they were`() throws {
    let history = try Nonguix()
    let found = try Self.audit(
      history.repository, try history.repository.resolve(revision: "master"),
      try GuixKeyring.read("keyring", in: history.repository).keyring)
    let expected = try Nonguix.expected()
    #expect(found.count == 2662 && expected.count == 2662)
    for commit in found {
      let row = try #require(expected[commit.commit.hex])
      let state = row[2] == "unsigned" ? "unsigned" : row[5] == "expired" ? "expired-key" : "good"
      #expect(commit.state == state, "\(commit.line)")
    }
    #expect(found.count { $0.isGood } == 1131)
  }
}
