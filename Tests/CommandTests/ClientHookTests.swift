import Foundation
import Support
import Testing

/// A clone whose own `git fetch` asks before it believes a server.
@Suite struct ClientHookTests {
  private static func scene() async throws -> FetchTests.Scene {
    let scene = try await FetchTests.Scene.make()
    let result = try await scene.client.run(
      "hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    return scene
  }

  private func fetch(_ scene: FetchTests.Scene, _ words: String...) async throws -> Finished {
    try await scene.client.sandbox.run(["git", "fetch"] + words, in: scene.client.path)
  }

  @Test func anHonestForgeIsFollowed() async throws {
    var scene = try await Self.scene()
    let tip = try await scene.step()
    let result = try await fetch(scene)
    #expect(result.status == 0, "\(result.error)")
    #expect(try await scene.client.tip(FetchTests.Scene.main) == tip)
    let ledger = try await scene.client.run("ledger", "show", "main")
    #expect(ledger.output.contains(tip.prefix(12)), "\(ledger.output)")
  }

  /// Each lie leaves the ref where it was and is named. Git ends the fetch there; the rest is had by our own.
  @Test func eachLieHasItsCodeAndMovesNothing() async throws {
    let scene = try await Self.scene()
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    for (lie, code) in [(scene.states[1], "rollback"), (evil, "too-few-endorsers")] {
      try await scene.server.lie("refs/heads/main", lie)
      let result = try await fetch(scene)
      #expect(result.status != 0)
      #expect(result.error.contains("error: origin/main is not moved, by stagex-maint"), "\(result.error)")
      #expect(result.error.contains("\n\(code)"), "\(result.error)")
      #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
    }
    #expect(try await scene.client.run("fetch").status == 1)
    #expect(try await scene.client.tip("refs/remotes/origin/x") == evil)
    try await scene.server.lie("refs/heads/main", scene.states[2])
    let staging = try await scene.server.tip("staging")
    try await scene.server.lie("refs/heads/staging", nil)
    let pruned = try await fetch(scene, "--prune")
    #expect(pruned.error.contains("deletion"), "\(pruned.error)")
    #expect(try await scene.client.tip("refs/remotes/origin/staging") == staging)
    // The twin.
    try await scene.server.lie("refs/heads/staging", staging)
    let honest = try await fetch(scene, "--prune")
    #expect(honest.status == 0, "\(honest.error)")
  }

  /// Where git moves one ref at a time, what the checked-out branch tracks comes first: here a follower. The
  /// lead whose new rules it has taken comes after it.
  @Test(arguments: [true, false]) func aFollowerMayComeBeforeTheLeadThatItTook(isAgreed: Bool) async throws {
    let scene = try await Self.scene()
    let (alice, bob) = (scene.server.team.alice, scene.server.team.bob)
    try await scene.client.git("checkout", "--quiet", "-b", "staging", "--track", "origin/staging")
    try await scene.clone.git("checkout", "--quiet", "-b", "topic/rules", "main")
    try await scene.clone.commit("review.toml", "version = 1\nadoptions = \"any\"\n", by: alice)
    try await scene.clone.git("checkout", "--quiet", "main")
    let lead = try await scene.clone.merge("topic/rules", by: isAgreed ? bob : alice)
    try await scene.clone.git(
      "checkout", "--quiet", "-B", "staging", try #require(try await scene.server.tip("staging")))
    let taken = try await scene.clone.merge("main", by: bob)
    try await scene.clone.git(
      "push", "--quiet", "--no-verify", scene.server.path, "\(lead):refs/heads/x", "\(taken):refs/heads/y")
    try await scene.server.lie("refs/heads/main", lead)
    try await scene.server.lie("refs/heads/staging", taken)
    let before = try await scene.client.tip("refs/remotes/origin/staging")
    let result = try await fetch(scene)
    #expect((result.status == 0) == isAgreed, "\(result.error)")
    #expect(try await scene.client.tip("refs/remotes/origin/staging") == (isAgreed ? taken : before))
    #expect(try await scene.client.tip(FetchTests.Scene.main) == (isAgreed ? lead : scene.states[2]))
  }

  /// Somebody's own hook that calls ours, as we advise, is neither overwritten nor in the way.
  @Test func anOwnHookThatCallsOursStays() async throws {
    let scene = try await FetchTests.Scene.make()
    let hook = "\(scene.client.path)/.git/hooks/reference-transaction"
    let own = "#!/bin/sh\n# mine\n'\(ServerProgram.command)' hook client \"$1\" || exit\n"
    for (text, status) in [("#!/bin/sh\n# mine\n", Int32(1)), (own, 0)] {
      try text.write(toFile: hook, atomically: true, encoding: .utf8)
      let result = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
      #expect(result.status == status, "\(result.output)\(result.error)")
      #expect(try String(contentsOfFile: hook, encoding: .utf8) == text)
    }
  }

  /// Git takes a relative core.hooksPath from the root of the work tree that it runs in: in another one, and after
  /// `git clean`, it would find nothing there and ask nobody.
  @Test func aRelativeHooksPathIsNotRelied() async throws {
    let scene = try await FetchTests.Scene.make()
    try await scene.client.git("config", "core.hooksPath", ".githooks")
    let refused = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(refused.status == 64, "\(refused.output)\(refused.error)")
    #expect(refused.error.contains("core.hooksPath is .githooks"), "\(refused.error)")
    // The twin: what it advises.
    try await scene.client.git("config", "core.hooksPath", "\(scene.client.path)/.git/hooks")
    let result = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    try await scene.server.lie("refs/heads/main", scene.states[1])
    #expect(try await fetch(scene).status != 0)
    #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
  }

  @Test func oneTransactionForAllIsRefusedWhole() async throws {
    let scene = try await Self.scene()
    try await scene.server.lie("refs/heads/main", scene.states[1])
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    let result = try await fetch(scene, "--atomic")
    #expect(result.status != 0)
    #expect(result.error.contains("rollback"), "\(result.error)")
    #expect(try await scene.client.tip("refs/remotes/origin/x") == nil)
    #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
  }

  /// The person's own work is nobody's business, and packing refs takes nothing away.
  @Test func ownWorkAndHousekeepingGoOn() async throws {
    let scene = try await Self.scene()
    for words in [
      ["commit", "--quiet", "--allow-empty", "--message", "own"], ["branch", "topic"], ["tag", "mine"],
      ["tag", "--delete", "mine"],
      ["pack-refs", "--all", "--prune"], ["gc", "--quiet", "--prune=now"], ["branch", "--delete", "topic"],
    ] {
      let result = try await scene.client.sandbox.run(["git"] + words, in: scene.client.path)
      #expect(result.status == 0, "\(words): \(result.error)")
    }
    #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
  }

  @Test func aHookOfSomebodyElseIsLeftAlone() async throws {
    let scene = try await FetchTests.Scene.make()
    let path = scene.client.path + "/.git/hooks/reference-transaction"
    try "#!/bin/sh\n".write(toFile: path, atomically: false, encoding: .utf8)
    let result = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(result.status == 1)
    #expect(result.error.contains("next: let it call: stagex-maint hook client"), "\(result.error)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "#!/bin/sh\n")
  }

  /// Whatever is wrong with the program: nothing moves.
  @Test func aProgramThatIsGoneStopsTheFetch() async throws {
    var scene = try await Self.scene()
    let path = scene.client.path + "/.git/hooks/reference-transaction"
    let text = try String(contentsOfFile: path, encoding: .utf8).replacing(
      ServerProgram.command, with: "/nowhere/stagex-maint")
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    _ = try await scene.step()
    let result = try await fetch(scene)
    #expect(result.status != 0)
    #expect(result.error.contains("the program that has to judge it cannot be run"), "\(result.error)")
    #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
  }
}
