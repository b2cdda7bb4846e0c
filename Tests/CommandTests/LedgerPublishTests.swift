import Foundation
import Support
import Testing

/// A ledger as a ref that its keeper signs: published, compared, and not to be written anew.
@Suite struct LedgerPublishTests {
  /// Two clones of people who have both seen `main`; the first has published what she saw.
  private struct Scene {
    var fetched: FetchTests.Scene
    let other: ProtectedClone

    var client: ProtectedClone { fetched.client }
    var server: Server { fetched.server }

    static func make() async throws -> Scene {
      let fetched = try await FetchTests.Scene.make()
      let other = try await ProtectedClone.make(of: "file://\(fetched.server.path)", fetched.server, name: "other")
      #expect(try await other.run("fetch").status == 0)
      return Scene(fetched: fetched, other: other)
    }

    func publish(_ words: String..., key: String? = nil) async throws -> Finished {
      try await client.sandbox.run(
        [
          ServerProgram.command, "ledger", "publish", "alice", "--to", "origin", "--key",
          key ?? server.team.alice.fingerprint,
        ] + words,
        in: client.path)
    }
  }

  @Test func `what one publishes, the other compares with their own`() async throws {
    var scene = try await Scene.make()
    let first = try await scene.publish()
    #expect(first.status == 0, "\(first.output)\(first.error)")
    let agree = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(agree.status == 0, "\(agree.output)\(agree.error)")
    #expect(agree.output.contains("alice, \(scene.server.team.alice.fingerprint)"), "\(agree.output)")
    // Nothing new, then one more entry on top.
    #expect(try await scene.publish().output.hasPrefix("nothing new since"))
    _ = try await scene.fetched.step()
    #expect(try await scene.client.run("fetch").status == 0)
    #expect(try await scene.publish().status == 0)
    let count = try await scene.client.git("rev-list", "--count", "refs/ledger/alice")
    #expect(count == "2")
    #expect(try await scene.client.git("ls-tree", "--name-only", "refs/ledger/alice") == "keeper.asc\nledger")
    // What she saw must be here, so that it can be held against what was seen here.
    try await scene.other.git("fetch", "--quiet", scene.server.path, "main")
    let json = try await scene.other.run("ledger", "compare", "origin:alice", "--format", "json")
    #expect(json.status == 0, "\(json.output)\(json.error)")
    #expect(json.output.contains("\"only-second\":1"), "\(json.output)")
  }

  /// Attack: a forge shows one person a history of its own.
  @Test func `a fork is found`() async throws {
    var scene = try await Scene.make()
    let tip = try await scene.fetched.step()
    #expect(try await scene.client.run("fetch").status == 0)
    #expect(try await scene.publish().status == 0)
    // The other is shown another step by two good people, beside it.
    try await scene.fetched.clone.git("checkout", "--quiet", "-B", "main", scene.fetched.states[2])
    let other = try await scene.fetched.clone.change(
      "other", by: scene.server.team.alice, mergedBy: scene.server.team.bob)
    try await scene.fetched.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    try await scene.server.lie("refs/heads/main", other)
    #expect(try await scene.other.run("fetch").status == 0)
    // What the first one saw is not here yet, so nothing can be said.
    let unknown = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(unknown.status == 2 || unknown.output.contains("missing-object"), "\(unknown.output)\(unknown.error)")
    try await scene.server.lie("refs/heads/y", tip)
    #expect(try await scene.other.run("fetch").status == 0)
    let fork = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(fork.status == 1, "\(fork.output)\(fork.error)")
    #expect(fork.output.contains("\nfork\n"), "\(fork.output)")
    #expect(fork.output.contains(tip.prefix(12)) && fork.output.contains(other.prefix(12)), "\(fork.output)")
  }

  /// Attack: somebody who can push to the ref puts a ledger of their own there, by their own key.
  @Test func `another keeper, an older publication and an unsigned one are refused`() async throws {
    var scene = try await Scene.make()
    #expect(try await scene.publish().status == 0)
    let old = try #require(try await scene.server.tip("refs/ledger/alice"))
    _ = try await scene.fetched.step()
    #expect(try await scene.client.run("fetch").status == 0)
    #expect(try await scene.publish().status == 0)
    let new = try #require(try await scene.server.tip("refs/ledger/alice"))
    try await scene.other.git("fetch", "--quiet", scene.server.path, "main")
    #expect(try await scene.other.run("ledger", "compare", "origin:alice").status == 0)
    try await scene.server.lie("refs/ledger/alice", old)
    let older = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(older.status == 1, "\(older.output)\(older.error)")
    #expect(older.error.contains("does not hold"), "\(older.error)")
    // Mallory's own, from the start.
    let evil = try await scene.other.run("ledger", "publish", "alice", "--key", scene.server.team.mallory.fingerprint)
    #expect(evil.status == 0, "\(evil.output)\(evil.error)")
    try await scene.other.git("push", "--quiet", "--force", scene.server.path, "refs/ledger/alice:refs/ledger/alice")
    let strange = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(strange.status == 1, "\(strange.output)\(strange.error)")
    // Hers cannot go on from it, and nothing is signed to find that out.
    _ = try await scene.fetched.step("d")
    #expect(try await scene.client.run("fetch").status == 0)
    let beside = try await scene.publish()
    #expect(beside.status == 1, "\(beside.output)\(beside.error)")
    #expect(beside.error.contains("neither holds the other"), "\(beside.error)")
    #expect(try await scene.client.git("rev-parse", "refs/ledger/alice") == new)
    // On top of hers, with her certificate and nobody's signature.
    let tree = try await scene.other.git("rev-parse", "\(new)^{tree}")
    let message = try await scene.other.git("log", "-1", "--format=%B", new)
    let unsigned = try await scene.other.git("commit-tree", "--no-gpg-sign", "-p", new, "-m", message, tree)
    try await scene.other.git("push", "--quiet", "--force", scene.server.path, "\(unsigned):refs/ledger/alice")
    let nobody = try await scene.other.run("ledger", "compare", "origin:alice")
    #expect(nobody.status == 2, "\(nobody.output)\(nobody.error)")
    #expect(nobody.error.contains("is not signed by the keeper's key"), "\(nobody.error)")
    // The twin: hers again.
    try await scene.server.lie("refs/ledger/alice", new)
    #expect(try await scene.other.run("ledger", "compare", "origin:alice").status == 0)
  }

  /// Attack: who has the keeper's computer writes the ledger anew, and the next publication would cover that up.
  @Test func `a ledger that was written anew is not published over the old`() async throws {
    var scene = try await Scene.make()
    #expect(try await scene.publish().status == 0)
    let published = try await scene.server.tip("refs/ledger/alice")
    let folder = "\(scene.client.path)/.git/stagex-maint/ledger/remote-origin"
    try await scene.client.sandbox.must(["mv", folder, "\(folder)-old"])
    _ = try await scene.fetched.step()
    #expect(try await scene.client.run("fetch").status == 0)
    let refused = try await scene.publish()
    #expect(refused.status == 1, "\(refused.output)\(refused.error)")
    #expect(try await scene.server.tip("refs/ledger/alice") == published)
    // The twin: the old one, which has gone on.
    try await scene.client.sandbox.must(["rm", "-r", folder])
    try await scene.client.sandbox.must(["mv", "\(folder)-old", folder])
    #expect(try await scene.client.run("fetch").status == 0)
    #expect(try await scene.publish().status == 0)
    #expect(try await scene.server.tip("refs/ledger/alice") != published)
  }

  @Test func `a server publishes what its hook took`() async throws {
    let scene = try await Scene.make()
    let made = try await scene.server.command("ledger", "publish", "server", "--key", scene.server.team.bob.fingerprint)
    #expect(made.status == 0, "\(made.output)\(made.error)")
    let compared = try await scene.other.run("ledger", "compare", "origin:server")
    #expect(compared.status == 0, "\(compared.output)\(compared.error)")
    let absent = try await scene.other.run("ledger", "compare", "origin:nobody")
    #expect(absent.status == 2)
    #expect(absent.error.contains("shows no refs/ledger/nobody"), "\(absent.error)")
  }
}
