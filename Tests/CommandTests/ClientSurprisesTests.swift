import Foundation
import Support
import Testing

/// What a server, a second remote or the person's own git does to a clone that protects itself, and that nobody thought
/// of at first.
@Suite struct ClientSurprisesTests {
  private static func hooked() async throws -> FetchTests.Scene {
    let scene = try await FetchTests.Scene.make()
    let result = try await scene.client.run("hook", "install", "--client", "--hooks", "\(Tool.packageFolder)/hooks")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    return scene
  }

  private func git(_ scene: FetchTests.Scene, _ words: String...) async throws -> Finished {
    try await scene.client.sandbox.run(["git"] + words, in: scene.client.path)
  }

  /// A tag on a state of main, as alice signs it, under a name that nobody protects.
  private func tag(_ scene: FetchTests.Scene, _ name: String, on target: String) async throws -> String {
    let alice = scene.server.team.alice
    try await scene.clone.git(
      "-c", "user.signingkey=\(alice.fingerprint)", "tag", "-f", "-s", "-m", "Release", name, target)
    try await scene.clone.git(
      "push", "--quiet", "--no-verify", "--force", scene.server.path, "\(name):refs/tags/x-\(target)")
    return try await scene.clone.git("rev-parse", name)
  }

  /// Attack: tags are shared by all remotes; another remote shows the same release's name on another state, signed as
  /// well.
  @Test func `a second remote does not move the first one's tag`() async throws {
    let scene = try await FetchTests.Scene.make()
    let good = try await tag(scene, "1.0", on: scene.states[2])
    try await scene.server.lie("refs/tags/1.0", good)
    try await scene.expectAccepted("refs/tags/1.0", at: good)
    let other = "\(scene.server.sandbox.path)/other.git"
    let swapped = try await tag(scene, "1.0", on: scene.states[1])
    try await scene.server.sandbox.must(["git", "clone", "--quiet", "--mirror", scene.server.path, other])
    try await scene.server.sandbox.must(["git", "-C", other, "update-ref", "refs/tags/1.0", swapped])
    try await scene.client.git("remote", "add", "other", "file://\(other)")
    let result = try await scene.client.run("fetch", "other")
    #expect(result.status == 1 && result.output.contains("refused: tag-moved"), "\(result.output)\(result.error)")
    // Said with its reason the first time, and only then.
    #expect(
      result.output.contains("next: ask the maintainers") && !result.output.contains("as told on"), "\(result.output)")
    #expect(try await scene.client.run("fetch", "other").output.contains("as told on"))
    #expect(try await scene.client.tip("refs/tags/1.0") == good)
    // Its branches are its own, and were judged.
    #expect(try await scene.client.tip("refs/remotes/other/main") == scene.states[2])
    // The twin: the same tag.
    try await scene.server.sandbox.must(["git", "-C", other, "update-ref", "refs/tags/1.0", good])
    let same = try await scene.client.run("fetch", "other")
    #expect(same.status == 0, "\(same.output)\(same.error)")
  }

  /// The same by git's own fetch, which is told to overwrite tags; and after the ledger was lost.
  @Test func `a tag that is here is not overwritten, whatever git is told`() async throws {
    let scene = try await Self.hooked()
    let good = try await tag(scene, "1.0", on: scene.states[2])
    try await scene.server.lie("refs/tags/1.0", good)
    #expect(try await git(scene, "fetch", "--tags").status == 0)
    try await scene.server.lie("refs/tags/1.0", try await tag(scene, "1.0", on: scene.states[1]))
    try await scene.client.sandbox.must(["rm", "-r", "\(scene.client.path)/.git/stagex-maint/ledger"])
    let forced = try await git(scene, "fetch", "--tags", "--force")
    #expect(forced.status != 0 && forced.error.contains("tag-moved"), "\(forced.error)")
    #expect(try await scene.client.tip("refs/tags/1.0") == good)
    try await scene.server.lie("refs/tags/1.0", good)
    #expect(try await git(scene, "fetch", "--tags", "--force").status == 0)
  }

  /// Attack, or a mishap: after `git remote rename` nobody would ask about the branches under the new name.
  @Test func `a remote that was renamed is not followed unasked`() async throws {
    let scene = try await Self.hooked()
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    _ = try await git(scene, "remote", "rename", "origin", "upstream")
    try await scene.server.lie("refs/heads/main", evil)
    let result = try await git(scene, "fetch", "upstream")
    #expect(result.status != 0 && result.error.contains("git config maint.remote"), "\(result.error)")
    #expect(try await scene.client.tip("refs/remotes/upstream/main") == nil)
    // The twin: it is told which remote is meant, and judges that one.
    try await scene.client.git("config", "maint.remote", "upstream")
    let told = try await git(scene, "fetch", "upstream")
    #expect(told.status != 0 && told.error.contains("too-few-endorsers"), "\(told.error)")
    try await scene.server.lie("refs/heads/main", scene.states[2])
    let honest = try await git(scene, "fetch", "upstream")
    #expect(honest.status == 0, "\(honest.error)")
    #expect(try await scene.client.tip("refs/remotes/upstream/main") == scene.states[2])
  }

  @Test(arguments: [["pull", "--ff-only"], ["remote", "update"], ["fetch", "--all"], ["fetch", "origin", "main"]])
  func `each way to fetch asks`(words: [String]) async throws {
    var scene = try await Self.hooked()
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    try await scene.server.lie("refs/heads/main", evil)
    let own = try await scene.client.tip("refs/heads/main")
    let refused = try await scene.client.sandbox.run(["git"] + words, in: scene.client.path)
    #expect(refused.status != 0 && refused.error.contains("too-few-endorsers"), "\(refused.output)\(refused.error)")
    #expect(try await scene.client.tip(FetchTests.Scene.main) == scene.states[2])
    #expect(try await scene.client.tip("refs/heads/main") == own)
    try await scene.server.lie("refs/heads/main", scene.states[2])
    try await scene.clone.git("checkout", "--quiet", "-B", "main", scene.states[2])
    let tip = try await scene.step()
    let honest = try await scene.client.sandbox.run(["git"] + words, in: scene.client.path)
    #expect(honest.status == 0, "\(honest.error)")
    #expect(try await scene.client.tip(FetchTests.Scene.main) == tip)
  }

  /// Two fetches at the same moment: both say what is so, the chain is whole, and nothing is entered twice.
  @Test func `two fetches at once`() async throws {
    var scene = try await FetchTests.Scene.make()
    let tip = try await scene.step()
    let client = scene.client
    async let one = client.run("fetch")
    async let two = client.run("fetch")
    for result in [try await one, try await two] {
      // Git itself may find a ref locked by the other, and then says so.
      #expect(result.status == 0 || result.error.contains("lock"), "\(result.output)\(result.error)")
    }
    #expect(try await client.run("fetch").status == 0)
    #expect(try await client.tip(FetchTests.Scene.main) == tip)
    #expect(try await client.run("ledger", "verify").status == 0)
    let ledger = try await client.run("ledger", "show", "main")
    #expect(ledger.output.components(separatedBy: "..\(tip.prefix(12))").count == 2, "\(ledger.output)")
  }

  /// A work tree of its own shares the ledger; a partial clone fetches what it needs to judge.
  @Test func `work trees and partial clones`() async throws {
    let scene = try await FetchTests.Scene.make()
    try await scene.client.git("worktree", "add", "--quiet", "--detach", "../tree")
    try await scene.server.config("uploadpack.allowFilter", "true")
    try await scene.server.config("uploadpack.allowAnySHA1InWant", "true")
    let sandbox = scene.server.sandbox
    let (partial, tree) = ("\(sandbox.path)/partial", "\(sandbox.path)/tree")
    func fetch(_ path: String) async throws -> Finished {
      try await sandbox.run([ServerProgram.command, "fetch"], in: path)
    }
    try await sandbox.must([
      "git", "clone", "--quiet", "--filter=blob:none", "--no-checkout", "file://\(scene.server.path)", partial,
    ])
    try await sandbox.must(["git", "config", "maint.trustRoot", scene.server.start], in: partial)
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    let first = try await fetch(partial)
    // What is promised and not here is fetched, or named; never taken for nothing.
    #expect(first.status == 0 || first.status == 2, "\(first.output)\(first.error)")
    for (lie, code) in [(scene.states[1], "rollback"), (evil, "too-few-endorsers")] {
      try await scene.server.lie("refs/heads/main", lie)
      let inTree = try await fetch(tree)
      #expect(inTree.status == 1 && inTree.output.contains(code), "\(inTree.output)\(inTree.error)")
      let inPartial = try await fetch(partial)
      #expect(inPartial.status != 0)
      let stands = try await sandbox.must(["git", "rev-parse", FetchTests.Scene.main], in: partial)
      #expect(stands == scene.states[2])
    }
    try await scene.server.lie("refs/heads/main", scene.states[2])
    let honest = try await fetch(tree)
    #expect(honest.status == 0, "\(honest.output)\(honest.error)")
  }

  /// Attack: thousands of branches. One of them that could be taken for a protected one is refused by itself.
  @Test func `many branches are asked about at once, and told one by one`() async throws {
    var scene = try await FetchTests.Scene.make()
    let tip = scene.states[2]
    var commands = (0..<3000).map { "create refs/heads/topic/\($0) \(tip)\n" }.joined()
    commands += "create refs/heads/Main \(tip)\n"
    try await scene.server.sandbox.must(
      ["git", "-C", scene.server.path, "-c", "core.hooksPath=/dev/null", "update-ref", "--stdin"],
      input: Array(commands.utf8))
    let next = try await scene.step()
    let result = try await scene.client.run("fetch")
    #expect(
      result.status == 1 && result.output.contains("refused: confusable-ref"),
      "\(result.output.suffix(2000))\(result.error)")
    #expect(try await scene.client.tip(FetchTests.Scene.main) == next)
    #expect(try await scene.client.tip("refs/remotes/origin/topic/2999") == tip)
    #expect(try await scene.client.tip("refs/remotes/origin/Main") == nil)
  }

  /// A clock that was years ahead for a moment must not make honest signatures too old.
  @Test func `a look from the future says nothing`() async throws {
    let scene = try await BackdatedScene.make()
    let client = try await scene.client("a")
    try "4102444800\n".write(
      toFile: "\(client.path)/.git/stagex-maint/ledger/remote-origin/looked", atomically: false, encoding: .utf8)
    try await scene.change("good", signedAgo: 7200)
    _ = try await scene.push()
    try await scene.revoke(ago: 3600)
    let tip = try await scene.push()
    let result = try await client.run("fetch")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try await client.tip(BackdatedScene.main) == tip)
  }
}
