import Foundation
import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// A real history that Guix's rule protects, judged whole.
@Suite(.enabled(if: Shared.path("data/nonguix/nonguix.git.tar.gz") != nil)) struct GuixHistoryTests {
  static let introduction = ObjectID(hexString: "897c1a470da759236cc11798f4e0a5f7d4d59fbc")!
  static let signer = Fingerprint(hex: "2A393FFF68F4EF7A3D2912AF6F5120A022FBB2D5")!

  /// Cold: nothing is remembered from before.
  @Test func `all of Nonguix since its introduction is authorized, and by whom is as expected`() throws {
    let history = try Nonguix()
    let repository = history.repository
    var settings = ReviewSettings(clock: Int64(Date().timeIntervalSince1970), threads: 2)
    settings.engines = .native
    settings.moment = .then
    settings.usesCache = false
    let keyring = try GuixKeyring.read("keyring", in: repository)
    #expect(keyring.warnings == [])
    let tip = try repository.resolve(revision: "master")
    func audit(by signer: Fingerprint = Self.signer) throws -> GuixAudit {
      try Reviewer(repository, settings).guixAudit(
        tip: tip, introduction: Self.introduction, signer: signer, keyring: keyring)
    }
    let found = try audit()
    #expect(found.outcome == .accepted)
    #expect(found.commits.count == 2178)
    #expect(found.commits.filter { !$0.isGood }.map(\.line) == [])

    let expected = try Nonguix.expected()
    for commit in found.commits {
      let row = try #require(expected[commit.commit.hex])
      #expect(
        commit.subkey?.hex == row[1] && commit.key?.hex == row[3] && commit.time.map(String.init) == row[4],
        "\(commit.line)")
      #expect(commit.detail == (row[5] == "expired" ? "disregarded: expired-key" : ""), "\(commit.line)")
    }
    // Somebody who signs there, but has not signed the introduction.
    let wrong = try audit(by: Fingerprint(hex: "81416036E81A5CF78F801071ECFC83988B4E4B9F")!)
    #expect(wrong.outcome == .refused)
    #expect(wrong.accepted == 0)
  }
}
