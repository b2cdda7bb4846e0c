import Foundation
import Support
import Testing

/// R123, with keys of a real gpg: a signature that claims to be older than its key's revocation, and came after it.
///
/// The rule lets it pass, since the thief is quicker than the revocation; who has watched knows better.
@Suite struct BackdatedTests {
  private static let hour = 3600

  @Test func `the clone that had looked refuses it, by fetch and by git's own`() async throws {
    let scene = try await BackdatedScene.make()
    let (client, hooked) = (try await scene.client("a"), try await scene.client("b"))
    let installed = try await hooked.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(installed.status == 0, "\(installed.output)\(installed.error)")
    try await scene.change("evil", signedAgo: 2 * Self.hour)
    _ = try await scene.push()
    try await scene.revoke(ago: Self.hour)
    let tip = try await scene.push()
    let result = try await client.run("fetch")
    #expect(result.status == 1, "\(result.output)\(result.error)")
    #expect(result.output.contains("refused: backdated"), "\(result.output)")
    #expect(try await client.tip(BackdatedScene.main) == scene.server.start)
    let own = try await hooked.sandbox.run(["git", "fetch"], in: hooked.path)
    #expect(own.status != 0 && own.error.contains("\nbackdated"), "\(own.error)")
    #expect(try await hooked.tip(BackdatedScene.main) == scene.server.start)
    // The twin: who comes today cannot know.
    let late = try await scene.client("late")
    #expect(try await late.tip(BackdatedScene.main) == tip)
  }

  /// The twins of the clone that had looked: each differs in one thing.
  @Test(arguments: ["revoked after the look", "two others stand behind it", "signed by dave before anybody looked"])
  func `nothing is concluded where it need not be`(twin: String) async throws {
    let scene = try await BackdatedScene.make()
    let isEarly = twin.hasPrefix("signed")
    if isEarly {
      try await scene.change("good", signedAgo: 2 * Self.hour)
      _ = try await scene.push()
    }
    let client = try await scene.client("a")
    if !isEarly {
      try await scene.change("good", signedAgo: 2 * Self.hour, adoptedByBob: twin.hasPrefix("two"))
      _ = try await scene.push()
    }
    let looked = try #require(
      Int(
        try String(contentsOfFile: "\(client.path)/.git/stagex-maint/ledger/remote-origin/looked", encoding: .utf8)
          .dropLast()))
    let now = Int(Date().timeIntervalSince1970)
    try await scene.revoke(at: twin.hasPrefix("revoked") ? max(now, looked + 1) : now - Self.hour)
    let tip = try await scene.push()
    let result = try await client.run("fetch")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try await client.tip(BackdatedScene.main) == tip)
  }

  @Test func `check says no where it has looked before, and yes where it has not`() async throws {
    let scene = try await BackdatedScene.make()
    #expect(try await scene.check().status == 0)
    try await scene.change("evil", signedAgo: 2 * Self.hour)
    _ = try await scene.push()
    try await scene.revoke(ago: Self.hour)
    _ = try await scene.push()
    let result = try await scene.check()
    #expect(result.status == 1, "\(result.output)\(result.error)")
    #expect(result.output.contains("\nbackdated"), "\(result.output)")
    let fresh = try await scene.check(state: "fresh")
    #expect(fresh.status == 0, "\(fresh.output)\(fresh.error)")
  }

  @Test func `the audit on the server asks the hook's ledger`() async throws {
    let scene = try await BackdatedScene.make()
    let step = try await scene.change("evil", signedAgo: 2 * Self.hour)
    _ = try await scene.push()
    #expect(try await scene.server.command("audit", "main").status == 0)
    try await scene.revoke(ago: Self.hour)
    _ = try await scene.push()
    for format in ["text", "json"] {
      let result = try await scene.server.command("audit", "main", "--format", format)
      #expect(result.status == 1, "\(result.output)\(result.error)")
      #expect(result.output.contains("backdated"), "\(result.output)")
    }
    // One answer: of the commit itself, and of the history.
    let evil = try await scene.clone.git("rev-parse", "\(step)^2")
    let explained = try await scene.server.command("explain", evil, "--target", "main")
    #expect(explained.status == 1 && explained.output.contains("backdated"), "\(explained.output)\(explained.error)")
    let logged = try await scene.server.command("log", "main", "--format", "json")
    #expect(logged.output.contains("\"backdated\""), "\(logged.output)")
    let statement = try await scene.server.command("audit", "main", "--format", "slsa")
    #expect(try SLSATests.levels(statement.output) == ["FAILED"], "\(statement.output)")
    // The twin: without the ledger nobody knows, and the rule accepted each step.
    try await scene.server.sandbox.must(["rm", "-r", "\(scene.server.path)/stagex-maint"])
    let without = try await scene.server.command("audit", "main")
    #expect(without.status == 0, "\(without.output)\(without.error)")
    #expect(try await scene.server.command("explain", evil, "--target", "main").status == 0)
  }

  /// Once the revocation has landed the hook needs no ledger: the key counts no more, whatever date it bears.
  @Test func `the hook refuses it once the revocation is there, and took it before`() async throws {
    let scene = try await BackdatedScene.make()
    try await scene.change("before", signedAgo: 2 * Self.hour)
    _ = try await scene.push()
    try await scene.revoke(ago: Self.hour)
    _ = try await scene.push()
    try await scene.change("after", signedAgo: 2 * Self.hour)
    try await scene.server.expectRefused("too-few-endorsers", "revoked-key") { try await scene.clone.push("main") }
  }
}
