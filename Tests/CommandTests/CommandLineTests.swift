import Foundation
import Support
import Testing

/// The command as people and scripts call it: from where, with which status, and what it prints on which stream.
@Suite struct CommandLineTests {
  /// A clone whose `staging` is one good change ahead, then one bad one, and that knows the trust root.
  struct Scene {
    let server: Server
    let clone: Clone
    let good: String
    let bad: String

    init() async throws {
      (server, clone) = try await Server.make(hooks: [])
      try await clone.git("config", "maint.trustRoot", server.start)
      good = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
      bad = try await clone.change("b", by: server.team.alice, mergedBy: server.team.alice)
    }

    func run(_ words: String..., in folder: String? = nil, extra: [String: String] = [:]) async throws -> Finished {
      try await server.sandbox.run([ServerProgram.command] + words, in: folder ?? clone.path, extra: extra)
    }

    func verify(_ new: String) -> [String] {
      ["verify", "--old", server.start, "--new", new, "--target", "refs/heads/staging"]
    }
  }

  @Test func theStatusTellsTheVerdict() async throws {
    let scene = try await Scene()
    let start = scene.server.start
    let accepted = try await scene.run("verify", "\(start)..\(scene.good)", "--target", "staging")
    #expect(accepted.status == 0, "\(accepted)")
    let refused = try await scene.run("verify", "\(start)..\(scene.bad)", "--target", "staging")
    #expect(refused.status == 1, "\(refused)")
    #expect(refused.output.contains("too-few-endorsers"), "\(refused)")
    let unknown = try await scene.run("verify", "\(start)..nosuchbranch", "--target", "staging")
    #expect(unknown.status == 2, "\(unknown)")
    #expect(unknown.error.contains("nosuchbranch"), "\(unknown)")
    #expect(unknown.output == "")
    let usage = try await scene.run("verify", "--nosuchoption")
    #expect(usage.status == 64, "\(usage)")
    #expect(usage.output == "")
  }

  @Test func fromAnyFolderAndWithC() async throws {
    let scene = try await Scene()
    let below = scene.clone.path + "/keys"
    let outside = scene.server.sandbox.path + "/home"
    let words = scene.verify(scene.good)
    for (options, folder) in [
      ([], scene.clone.path), ([], below), (["-C", scene.clone.path], outside), (["--repo", below], outside),
    ] {
      let result = try await scene.server.sandbox.run(
        [ServerProgram.command] + [words[0]] + options + words.dropFirst(), in: folder)
      #expect(result.status == 0, "\(options) in \(folder): \(result)")
    }
    let nowhere = try await scene.server.sandbox.run([ServerProgram.command] + words, in: outside)
    #expect(nowhere.status == 2, "\(nowhere)")
  }

  @Test func inABareRepository() async throws {
    let scene = try await Scene()
    try await scene.clone.git("push", "--quiet", scene.server.path, "staging")
    let bare = try await scene.server.command("audit", "staging")
    #expect(bare.status == 1, "\(bare)")
    let good = try await scene.server.command(
      "verify", "--old", scene.server.start, "--new", scene.good, "--target", "refs/heads/staging")
    #expect(good.status == 0, "\(good)")
  }

  @Test func theVerdictAsJSON() async throws {
    let scene = try await Scene()
    let result = try await scene.server.sandbox.run(
      [ServerProgram.command] + scene.verify(scene.bad) + ["--format", "json"], in: scene.clone.path)
    #expect(result.status == 1)
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    #expect(object?["schema"] as? String == "stagex-maint/verdict/1")
    #expect(object?["verdict"] as? String == "refused")
    let refusals = try #require(object?["refusals"] as? [[String: Any]])
    let change = try await scene.clone.git("rev-parse", scene.bad + "^2")
    #expect(refusals.map { $0["code"] as? String } == ["too-few-endorsers"])
    #expect(refusals.map { $0["commit"] as? String } == [change])
    #expect(refusals.map { $0["ref"] as? String } == ["refs/heads/staging"])
  }

  @Test func aTrustRootThatNobodyConfiguredCannotBeJudged() async throws {
    let scene = try await Scene()
    try await scene.clone.git("config", "--unset", "maint.trustRoot")
    let result = try await scene.run("audit", "staging")
    #expect(result.status == 2, "\(result)")
    #expect((result.output + result.error).contains("next: stagex-maint init"), "\(result)")
  }

  /// `script` gives the command a terminal of its own.
  @Test func colourOnATerminalOnlyAndNotWithNO_COLOR() async throws {
    let scene = try await Scene()
    let line = ([ServerProgram.command] + scene.verify(scene.bad)).joined(separator: " ")
    func onTerminal(_ extra: [String: String]) async throws -> String {
      try await scene.server.sandbox.run(
        ["script", "--quiet", "--return", "--command", line, "/dev/null"], in: scene.clone.path,
        extra: ["TERM": "xterm"].merging(extra) { $1 }
      ).output
    }
    let red = "\u{1B}[31m"  // progress on a terminal uses other sequences
    #expect(try await onTerminal([:]).contains(red))
    let plain = try await onTerminal(["NO_COLOR": "1"])
    #expect(plain.contains("refused"))
    #expect(!plain.contains(red))
    let piped = try await scene.server.sandbox.run(
      [ServerProgram.command] + scene.verify(scene.bad), in: scene.clone.path, extra: ["TERM": "xterm"])
    #expect(!piped.output.contains("\u{1B}"))
    #expect(!piped.error.contains("\u{1B}"))
    let forced = try await scene.server.sandbox.run(
      [ServerProgram.command] + scene.verify(scene.bad) + ["--color", "always"], in: scene.clone.path)
    #expect(forced.output.contains(red), "\(forced)")
  }

  @Test(arguments: ["verify", "audit", "gate", "explain", "log", "keys", "policy", "hook", "init"])
  func everyCommandHasHelp(command: String) async throws {
    let sandbox = try Sandbox()
    let help = try await sandbox.run([ServerProgram.command, command, "--help"])
    #expect(help.status == 0)
    #expect(help.output.contains("USAGE: stagex-maint \(command)"), "\(help.output)")
    #expect(help.error == "")
  }

  @Test func explainSaysWhoAndWhatNext() async throws {
    let scene = try await Scene()
    let change = try await scene.clone.git("rev-parse", scene.bad + "^2")
    let result = try await scene.run("explain", change)
    #expect(result.status == 1, "\(result)")
    for words in [change.short, "alice", "bob", "carol"] {
      #expect(result.output.contains(words), "\(words): \(result.output)")
    }
  }

  @Test func logNamesTheEndorsersBesideEachChange() async throws {
    let scene = try await Scene()
    let result = try await scene.run("log", "\(scene.server.start)..\(scene.good)")
    #expect(result.status == 0, "\(result)")
    let change = try await scene.clone.git("rev-parse", scene.good + "^2")
    let line = result.output.split(separator: "\n").first { $0.contains(change.short) }
    #expect(line?.contains("alice") == true, "\(result.output)")
    #expect(line?.contains("bob") == true, "\(result.output)")
  }

  /// One maintainer's word is enough before the merge, for another one makes it; nobody's is not.
  @Test func theGateInCI() async throws {
    let scene = try await Scene()
    // A CI's clone has the server's branches as its remote's.
    for branch in ["main", "staging"] {
      try await scene.clone.git("update-ref", "refs/remotes/origin/\(branch)", scene.server.start)
    }
    try await scene.clone.git("checkout", "--quiet", "-b", "outsider", scene.server.start)
    let unsigned = try await scene.clone.commit("c", "c")
    let adopted = try await scene.clone.adopt(by: scene.server.team.alice)
    for (head, status) in [(adopted, Int32(0)), (unsigned, 1)] {
      let gate = try await scene.run("gate", "--base", scene.server.start, "--head", head, "--target", "staging")
      #expect(gate.status == status, "\(gate)")
      #expect(gate.output.contains("as soon as one of these makes the signed merge") == (status == 0), "\(gate.output)")
    }
  }

  @Test func aShallowCheckoutCannotBeJudged() async throws {
    let scene = try await Scene()
    try await scene.clone.git("push", "--quiet", scene.server.path, "staging")
    let shallow = try await scene.server.shallowClone()
    try await shallow.git("config", "maint.trustRoot", scene.server.start)
    let result = try await scene.run("audit", "staging", in: shallow.path)
    #expect(result.status == 2, "\(result)")
    #expect((result.output + result.error).contains("git fetch --unshallow"), "\(result)")
  }

  @Test func initAsksNobodyWithoutATerminal() async throws {
    let (_, clone) = try await Server.make(hooks: [])
    let before = try await clone.git("status", "--porcelain", "--ignored")
    let asked = try await clone.sandbox.run([ServerProgram.command, "init"], in: clone.path)
    #expect(asked.status == 64, "\(asked)")
    #expect(asked.error.contains("next: stagex-maint init --yes"), "\(asked)")
    #expect(try await clone.git("status", "--porcelain", "--ignored") == before)
    // The twin: the option that it named answers.
    let told = try await clone.sandbox.run([ServerProgram.command, "init", "--yes"], in: clone.path)
    #expect(told.status == 0, "\(told)")
    #expect(try await clone.git("config", "maint.trustRoot") == (try await clone.git("rev-parse", "HEAD")))
    #expect(FileManager.default.isExecutableFile(atPath: clone.path + "/.git/hooks/pre-push"))
    #expect(FileManager.default.fileExists(atPath: clone.path + "/review.toml"))
    let policy = try await clone.sandbox.run(
      [ServerProgram.command, "policy", "show", "--policy", "review.toml"], in: clone.path)
    #expect(policy.status == 0, "\(policy)")
  }
}
