import Foundation
import Support
import Testing

/// A forge that lies, and a clone that does not believe it: each lie has its own code, and the honest twin passes.
@Suite struct FetchTests {
  /// A server whose `main` has two steps after the trust root, and a clone that has fetched both.
  struct Scene {
    let server: Server
    let clone: Clone
    let client: ProtectedClone
    /// The states of `main`, the trust root first.
    var states: [String]

    static let main = "refs/remotes/origin/main"

    static func make(url: String? = nil, extra: [String: String] = [:], _ made: (Server, Clone)? = nil) async throws
      -> Scene
    {
      let (server, clone): (Server, Clone)
      if let made { (server, clone) = made } else { (server, clone) = try await Server.make() }
      try await clone.git("checkout", "--quiet", "main")
      var states = [server.start]
      for file in ["a", "b"] {
        states.append(try await clone.change(file, by: server.team.alice, mergedBy: server.team.bob))
      }
      try await server.expectAccepted("main", at: states[2]) { try await clone.push("main") }
      let client = try await ProtectedClone.make(of: url ?? "file://\(server.path)", server, extra: extra)
      let first = try await client.run("fetch", extra: extra)
      #expect(first.status == 0, "\(first.output)\(first.error)")
      return Scene(server: server, clone: clone, client: client, states: states)
    }

    /// One more honest step, pushed through the hook.
    mutating func step(_ file: String = "c") async throws -> String {
      let tip = try await clone.change(file, by: server.team.carol, mergedBy: server.team.alice)
      try await server.expectAccepted("main", at: tip) { try await clone.push("main") }
      states.append(tip)
      return tip
    }

    func expectRefused(
      _ code: String, _ ref: String = Scene.main, at object: String?, extra: [String: String] = [:],
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let result = try await client.run("fetch", extra: extra)
      #expect(result.status == 1, "\(result.output)\(result.error)", sourceLocation: sourceLocation)
      #expect(result.output.contains("refused: \(code)"), "\(result.output)", sourceLocation: sourceLocation)
      #expect(result.output.split(separator: "\n").count < 20, "\(result.output)", sourceLocation: sourceLocation)
      #expect(try await client.tip(ref) == object, sourceLocation: sourceLocation)
    }

    func expectAccepted(
      _ ref: String = Scene.main, at object: String?, extra: [String: String] = [:],
      sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
      let result = try await client.run("fetch", extra: extra)
      #expect(result.status == 0, "\(result.output)\(result.error)", sourceLocation: sourceLocation)
      #expect(try await client.tip(ref) == object, sourceLocation: sourceLocation)
    }
  }

  @Test func anHonestForgeIsFollowed() async throws {
    var scene = try await Scene.make()
    let tip = try await scene.step()
    let result = try await scene.client.run("fetch")
    #expect(result.output.contains("main -> origin/main  accepted, 1 step"), "\(result.output)")
    #expect(try await scene.client.tip(Scene.main) == tip)
    let again = try await scene.client.run("fetch")
    #expect(again.output.hasPrefix("nothing new since "), "\(again.output)")
    let ledger = try await scene.client.run("ledger", "show", "main")
    #expect(ledger.output.contains("fetch  \(scene.states[2].prefix(12))..\(tip.prefix(12))"), "\(ledger.output)")
    #expect(try await scene.client.run("ledger", "verify").status == 0)
  }

  @Test func anOlderStateIsARollbackAndToldOnce() async throws {
    let scene = try await Scene.make()
    try await scene.server.lie("refs/heads/main", scene.states[1])
    try await scene.expectRefused("rollback", at: scene.states[2])
    let again = try await scene.client.run("fetch")
    #expect(again.status == 1)
    #expect(again.output.contains("refused: rollback, as told on "), "\(again.output)")
    #expect(!again.output.contains("next:"), "\(again.output)")
    // The twin: as it was.
    try await scene.server.lie("refs/heads/main", scene.states[2])
    try await scene.expectAccepted(at: scene.states[2])
  }

  /// Attack: a name in the way of an unprotected one ends the fetch after the protected refs have moved and before they
  /// are remembered, and an older state follows.
  @Test func aNameInTheWayMakesNobodyForget() async throws {
    var scene = try await Scene.make()
    try await scene.server.lie("refs/heads/topic", scene.states[0])
    #expect(try await scene.client.run("fetch").status == 0)
    try await scene.server.lie("refs/heads/topic", nil)
    try await scene.server.lie("refs/heads/topic/x", scene.states[0])
    let tip = try await scene.step()
    let result = try await scene.client.run("fetch")
    #expect(result.status == 2, "\(result.output)\(result.error)")
    #expect(result.output.contains("main -> origin/main  accepted"), "\(result.output)")
    #expect(result.error.contains("the refs that nobody judges stay where they were"), "\(result.error)")
    #expect(result.error.contains("next: git remote prune origin"), "\(result.error)")
    #expect(try await scene.client.tip(Scene.main) == tip)
    try await scene.server.lie("refs/heads/main", scene.states[1])
    try await scene.expectRefused("rollback", at: tip)
    // The twin: what the next command says helps.
    try await scene.server.lie("refs/heads/main", tip)
    try await scene.client.git("remote", "prune", "origin")
    try await scene.expectAccepted(at: tip)
    #expect(try await scene.client.tip("refs/remotes/origin/topic/x") == scene.states[0])
  }

  /// Attack: a branch that the server calls HEAD would be written through origin/HEAD, or stop every fetch.
  @Test func aBranchCalledHeadIsPassedOver() async throws {
    var scene = try await Scene.make()
    try await scene.server.lie("refs/heads/HEAD", scene.states[0])
    let tip = try await scene.step()
    let result = try await scene.client.run("fetch")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(result.error.contains("stands for another branch here"), "\(result.error)")
    #expect(try await scene.client.tip(Scene.main) == tip)
  }

  /// Two good signatures do not help: the state that everybody saw must be in what follows.
  @Test func anotherHistoryIsARewindEvenIfItIsWellSigned() async throws {
    let scene = try await Scene.make()
    try await scene.clone.git("checkout", "--quiet", "-B", "main", scene.states[1])
    let other = try await scene.clone.change("other", by: scene.server.team.alice, mergedBy: scene.server.team.bob)
    try await scene.clone.git(
      "-c", "core.hooksPath=/dev/null", "push", "--quiet", scene.server.path, "main:refs/heads/x")
    try await scene.server.lie("refs/heads/main", other)
    try await scene.expectRefused("rewind", at: scene.states[2])
  }

  @Test func aDeletedBranchIsToldAndKept() async throws {
    let scene = try await Scene.make()
    try await scene.server.lie("refs/heads/main", nil)
    try await scene.expectRefused("deletion", at: scene.states[2])
  }

  /// The clone's own refs went with an old disk, the ledger did not: a forge that shows last year's state is found.
  @Test func anOldStateIsFoundAfterAGap() async throws {
    let scene = try await Scene.make()
    let ledger = "\(scene.client.path)/.git/stagex-maint/ledger"
    try await scene.server.lie("refs/heads/main", scene.states[1])
    let fresh = try await ProtectedClone.make(of: "file://\(scene.server.path)", scene.server, name: "fresh")
    // Without the ledger nobody can know.
    #expect(try await fresh.run("fetch").status == 0)
    try await fresh.sandbox.must(["rm", "-r", "\(fresh.path)/.git/stagex-maint/ledger"])
    try await fresh.sandbox.must(["cp", "-r", ledger, "\(fresh.path)/.git/stagex-maint/ledger"])
    let result = try await fresh.run("fetch")
    #expect(result.status == 1, "\(result.output)\(result.error)")
    #expect(
      result.output.contains("refused: rewind") || result.output.contains("refused: rollback"), "\(result.output)")
  }

  @Test func aSwappedTagIsRefused() async throws {
    let scene = try await Scene.make()
    let alice = scene.server.team.alice
    for tag in [("1.0", scene.states[2]), ("2.0", scene.states[1])] {
      try await scene.clone.git(
        "-c", "user.signingkey=\(alice.fingerprint)", "tag", "-s", "-m", "Release", tag.0, tag.1)
    }
    try await scene.server.expectAccepted("refs/tags/1.0", at: try await scene.clone.git("rev-parse", "1.0")) {
      try await scene.clone.push("1.0")
    }
    let tag = try await scene.clone.git("rev-parse", "1.0")
    try await scene.expectAccepted("refs/tags/1.0", at: tag)
    // The same name on another state, signed as well.
    try await scene.clone.git(
      "-c", "user.signingkey=\(alice.fingerprint)", "tag", "-f", "-s", "-m", "Release", "1.0", scene.states[1])
    let swapped = try await scene.clone.git("rev-parse", "1.0")
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "1.0:refs/tags/x1")
    try await scene.server.lie("refs/tags/1.0", swapped)
    try await scene.expectRefused("tag-moved", "refs/tags/1.0", at: tag)
    // Another release's tag under a new name.
    try await scene.server.lie("refs/tags/1.0", tag)
    try await scene.server.lie("refs/tags/3.0", tag)
    try await scene.expectRefused("tag-name-mismatch", "refs/tags/3.0", at: nil)
  }

  @Test func aChangeThatOnePersonSignedIsRefused() async throws {
    let scene = try await Scene.make()
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    try await scene.server.lie("refs/heads/main", evil)
    try await scene.expectRefused("too-few-endorsers", at: scene.states[2])
    // Branches that nobody judges move all the same.
    #expect(try await scene.client.tip("refs/remotes/origin/x") == evil)
  }

  /// git clone has moved the refs already when the protection begins: they are judged at the first fetch.
  @Test func whatWasClonedBeforeIsJudgedToo() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("checkout", "--quiet", "main")
    let evil = try await clone.change("evil", by: server.team.alice, mergedBy: server.team.alice)
    try await clone.git("push", "--quiet", "--no-verify", server.path, "main:refs/heads/x")
    try await server.lie("refs/heads/main", evil)
    let client = try await ProtectedClone.make(of: "file://\(server.path)", server)
    let result = try await client.run("fetch")
    #expect(result.status == 1, "\(result.output)\(result.error)")
    #expect(result.output.contains("refused: too-few-endorsers"), "\(result.output)")
  }

  @Test func aRewindThatWasAnnouncedIsForgottenAndStaysVisible() async throws {
    let scene = try await Scene.make()
    try await scene.server.lie("refs/heads/main", scene.states[1])
    try await scene.expectRefused("rollback", at: scene.states[2])
    let result = try await scene.client.run("fetch", "--forget", "main")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try await scene.client.tip(Scene.main) == scene.states[1])
    let ledger = try await scene.client.run("ledger", "show")
    #expect(ledger.output.contains("\(scene.states[2].prefix(12))..nothing"), "\(ledger.output)")
  }

  /// The lies of a forge that is reached as forges are.
  @Test func overHTTPEachLieHasItsCode() async throws {
    guard Transport.http.missing == nil else { try Test.cancel("no python3") }
    let made = try await Server.make()
    try await made.0.serve(over: .http) { url, extra in
      var scene = try await Scene.make(url: url, extra: extra, made)
      let tip = try await scene.step()
      try await scene.expectAccepted(at: tip, extra: extra)
      try await scene.server.lie("refs/heads/main", scene.states[1])
      try await scene.expectRefused("rollback", at: tip, extra: extra)
      try await scene.server.lie("refs/heads/main", nil)
      try await scene.expectRefused("deletion", at: tip, extra: extra)
      try await scene.server.lie("refs/heads/main", tip)
      try await scene.expectAccepted(at: tip, extra: extra)
    }
  }

  @Test func withoutTrustRootNothingIsFetched() async throws {
    let scene = try await Scene.make()
    try await scene.client.git("config", "--unset", "maint.trustRoot")
    let result = try await scene.client.run("fetch")
    #expect(result.status == 2)
    #expect(result.error.contains("next: git config maint.trustRoot"))
  }
}
