import Foundation
import Support
import Testing

/// A forge that is reached over HTTP and lies in each of the ways that issue: three who watch it, and what each is
/// told.
@Suite struct LyingForgeTests {
  /// Who watches: a clone by `fetch`, a clone whose own `git fetch` asks, and somebody who only has `check`.
  private struct Watchers {
    let scene: FetchTests.Scene
    let hooked: ProtectedClone
    let url: String
    let extra: [String: String]

    init(_ scene: FetchTests.Scene, _ url: String, _ extra: [String: String]) async throws {
      (self.scene, self.url, self.extra) = (scene, url, extra)
      hooked = try await ProtectedClone.make(of: url, scene.server, name: "hooked", extra: extra)
      #expect(try await hooked.run("fetch", extra: extra).status == 0)
      let installed = try await hooked.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
      #expect(installed.status == 0, "\(installed.output)\(installed.error)")
      try await expectHonest()
    }

    func check(_ words: [String] = []) async throws -> Finished {
      try await scene.server.sandbox.run(
        [ServerProgram.command, "check", url, "--trust-root", scene.server.start] + words, extra: extra)
    }

    func gitFetch(_ words: [String] = []) async throws -> Finished {
      try await hooked.sandbox.run(["git", "fetch"] + words, in: hooked.path, extra: extra)
    }

    /// - Parameters:
    ///   - local: The ref in a clone, which stays.
    ///   - git: Further options of git fetch.
    ///   - says: What git fetch says, where that is not our code.
    func expectTold(
      _ code: String, _ local: String = FetchTests.Scene.main, check words: [String] = [], git: [String] = [],
      says: String? = nil,
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let before = (try await scene.client.tip(local), try await hooked.tip(local))
      let fetch = try await scene.client.run("fetch", extra: extra)
      #expect(
        fetch.status == 1 && fetch.output.contains("refused: \(code)"), "fetch: \(fetch.output)\(fetch.error)",
        sourceLocation: sourceLocation)
      let own = try await gitFetch(git)
      #expect(
        own.status != 0 && own.error.contains(says ?? "\n\(code)"), "git fetch: \(own.error)",
        sourceLocation: sourceLocation)
      #expect(try await scene.client.tip(local) == before.0, sourceLocation: sourceLocation)
      #expect(try await hooked.tip(local) == before.1, sourceLocation: sourceLocation)
      let answer = try await check(words)
      #expect(
        answer.status == 1 && answer.output.contains("\n\(code)"), "check: \(answer.output)\(answer.error)",
        sourceLocation: sourceLocation)
      #expect(answer.output.hasPrefix("no: "), "\(answer.output)", sourceLocation: sourceLocation)
    }

    func expectHonest(sourceLocation: SourceLocation = #_sourceLocation) async throws {
      for result in [
        try await scene.client.run("fetch", extra: extra), try await gitFetch(["--prune", "--tags"]), try await check(),
      ] {
        #expect(result.status == 0, "\(result.output)\(result.error)", sourceLocation: sourceLocation)
      }
      let tip = try await scene.server.tip("main")
      #expect(try await scene.client.tip(FetchTests.Scene.main) == tip, sourceLocation: sourceLocation)
      #expect(try await hooked.tip(FetchTests.Scene.main) == tip, sourceLocation: sourceLocation)
    }
  }

  @Test func `over HTTP each lie is caught by all three, with its own code`() async throws {
    guard Transport.http.missing == nil else { try Test.cancel("no python3") }
    let made = try await Server.make()
    try await made.0.serve(over: .http) { url, extra in
      var scene = try await FetchTests.Scene.make(url: url, extra: extra, made)
      let (server, clone, alice) = (scene.server, scene.clone, scene.server.team.alice)
      func tag(_ name: String, _ target: String) async throws -> String {
        try await clone.git(
          "-c", "user.signingkey=\(alice.fingerprint)", "tag", "-f", "-s", "-m", "Release", name, target)
        let id = try await clone.git("rev-parse", name)
        try await clone.git("push", "--quiet", "--no-verify", server.path, "\(name):refs/tags/x-\(id)")
        return id
      }
      let good = try await tag("1.0", scene.states[2])
      try await server.lie("refs/tags/1.0", good)
      let tip = try await scene.step()
      let watchers = try await Watchers(scene, url, extra)

      // An old state, as a backup would hold it.
      try await server.lie("refs/heads/main", scene.states[1])
      try await watchers.expectTold("rollback")
      // Another history, by two good people.
      try await clone.git("checkout", "--quiet", "-B", "main", scene.states[1])
      let other = try await clone.change("other", by: alice, mergedBy: server.team.bob)
      try await clone.git("push", "--quiet", "--no-verify", server.path, "main:refs/heads/x")
      try await server.lie("refs/heads/main", other)
      try await watchers.expectTold("rewind")
      // Gone.
      try await server.lie("refs/heads/main", nil)
      // Git itself stops where the branch that is fetched first is gone.
      try await watchers.expectTold("deletion", git: ["--prune"], says: "couldn't find remote ref")
      try await server.lie("refs/heads/main", tip)
      try await watchers.expectHonest()
      // The same name, another state of the lead, signed as well.
      let swapped = try await tag("1.0", scene.states[1])
      try await server.lie("refs/tags/1.0", swapped)
      try await watchers.expectTold(
        "tag-moved", "refs/tags/1.0", check: ["--release", "1.0"], git: ["--tags", "--force"])
      try await server.lie("refs/tags/1.0", good)
      try await watchers.expectHonest()
      // What one person signed.
      try await clone.git("checkout", "--quiet", "-B", "main", tip)
      let evil = try await clone.change("evil", by: alice, mergedBy: alice)
      try await clone.git("push", "--quiet", "--no-verify", server.path, "main:refs/heads/x2")
      try await server.lie("refs/heads/main", evil)
      try await watchers.expectTold("too-few-endorsers")
      try await server.lie("refs/heads/main", tip)
      try await watchers.expectHonest()
    }
  }

  /// The clone's own refs are moved back by somebody's script, a backup or a second `git` without our hook: what was
  /// seen is in the ledger, and the server's older state is a rollback all the same.
  @Test func `refs that something else moved do not make a clone forget`() async throws {
    let scene = try await FetchTests.Scene.make()
    try await scene.client.git("update-ref", FetchTests.Scene.main, scene.states[1])
    try await scene.server.lie("refs/heads/main", scene.states[1])
    try await scene.expectRefused("rollback", at: scene.states[1])
    // The twin: the server is honest, and the ref comes back to where it belongs.
    try await scene.server.lie("refs/heads/main", scene.states[2])
    try await scene.expectAccepted(at: scene.states[2])
  }
}
