import Foundation
import Support
import Testing

/// The verification summary, held against what SLSA 1.2 and in-toto say it must be, and against a program that consumes
/// it.
@Suite struct SLSATests {
  /// What the specification demands of a statement; the paths of what is missing or of another form.
  static func defects(_ text: String) throws -> [String] {
    guard let statement = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
      return ["no object"]
    }
    var defects: [String] = []
    func need(_ path: String, _ isGood: Bool) { if !isGood { defects.append(path) } }
    func string(_ object: [String: Any]?, _ name: String, _ pattern: String) -> Bool {
      (object?[name] as? String)?.wholeMatch(of: try! Regex(pattern)) != nil
    }
    need("_type", statement["_type"] as? String == "https://in-toto.io/Statement/v1")
    need("predicateType", statement["predicateType"] as? String == "https://slsa.dev/verification_summary/v1")
    need("members", Set(statement.keys) == ["_type", "subject", "predicateType", "predicate"])
    let subjects = statement["subject"] as? [[String: Any]] ?? []
    need("subject", !subjects.isEmpty)
    for subject in subjects {
      let digest = subject["digest"] as? [String: Any]
      need("subject.digest.gitCommit", string(digest, "gitCommit", "[0-9a-f]{40}"))
      need("subject.digest.gitTree", digest?["gitTree"] == nil || string(digest, "gitTree", "[0-9a-f]{40}"))
      let refs = (subject["annotations"] as? [String: Any])?["sourceRefs"] as? [String] ?? []
      need("subject.annotations.sourceRefs", !refs.isEmpty && refs.allSatisfy { $0.hasPrefix("refs/") })
    }
    let predicate = statement["predicate"] as? [String: Any]
    need("verifier.id", string(predicate?["verifier"] as? [String: Any], "id", "https://.+"))
    need("timeVerified", string(predicate, "timeVerified", #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"#))
    need("resourceUri", string(predicate, "resourceUri", #"git\+[a-z]+://.+"#))
    let policy = predicate?["policy"] as? [String: Any]
    need("policy.uri", string(policy, "uri", #"git\+[a-z]+://.+"#))
    need("policy.digest", string(policy?["digest"] as? [String: Any], "sha256", "[0-9a-f]{64}"))
    need("verificationResult", string(predicate, "verificationResult", "PASSED|FAILED"))
    need("slsaVersion", predicate?["slsaVersion"] as? String == "1.2")
    let levels = predicate?["verifiedLevels"] as? [String] ?? []
    need(
      "verifiedLevels",
      !levels.isEmpty
        && levels.allSatisfy { $0.wholeMatch(of: /SLSA_SOURCE_LEVEL_[0-4]|ORG_SOURCE_[A-Z0-9_]+|FAILED/) != nil })
    // Only the highest level of the track.
    need("one level", levels.filter { $0.hasPrefix("SLSA_") }.count <= 1)
    return defects
  }

  static func levels(_ text: String) throws -> [String] {
    let statement = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return (statement?["predicate"] as? [String: Any])?["verifiedLevels"] as? [String] ?? []
  }

  private func policy(_ statement: String, _ words: [String], _ sandbox: Sandbox) async throws -> Finished {
    try await sandbox.run(["\(Tool.packageFolder)/scripts/example-slsa-policy"] + words, input: Array(statement.utf8))
  }

  /// A server whose `main` came into being through the hook, and on which nothing else ever moved it.
  private func watched() async throws -> (Server, Clone) {
    let (server, clone) = try await Server.make()
    try await clone.git("checkout", "--quiet", "main")
    for branch in ["main", "staging"] { try await server.lie("refs/heads/\(branch)", nil) }
    // The first thing that the hook sees is the trust root itself.
    try await server.expectAccepted("main", at: server.start) {
      try await clone.push("\(server.start):refs/heads/main")
    }
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("main", at: try await clone.git("rev-parse", "main")) {
      try await clone.push("main")
    }
    try await clone.change("b", by: server.team.carol, mergedBy: server.team.bob)
    try await server.expectAccepted("main", at: try await clone.git("rev-parse", "main")) {
      try await clone.push("main")
    }
    return (server, clone)
  }

  private func level(_ server: Server) async throws -> String? {
    let result = try await server.command("audit", "main", "--format", "slsa")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try Self.defects(result.output) == [])
    return try Self.levels(result.output).first
  }

  @Test func whatAHookHasWatchedFromTheStartReachesLevelThree() async throws {
    let (server, clone) = try await watched()
    #expect(try await level(server) == "SLSA_SOURCE_LEVEL_3")
    let result = try await server.command("audit", "main", "--format", "slsa")
    let url = "file://\(server.path)".replacing(".git", with: "")
    #expect(try await policy(result.output, [url, "refs/heads/main", "3"], server.sandbox).status == 0)
    #expect(try await policy(result.output, [url, "refs/heads/main", "4"], server.sandbox).status == 1)
    // The twins. One move past the hook, even to what the rule accepts: nobody refused what it refuses at that moment.
    let past = try await clone.change("c", by: server.team.alice, mergedBy: server.team.carol)
    try await clone.git("push", "--quiet", "--no-verify", server.path, "main:refs/heads/x")
    try await server.lie("refs/heads/main", past)
    #expect(try await level(server) == "SLSA_SOURCE_LEVEL_1")
    try await clone.change("d", by: server.team.carol, mergedBy: server.team.bob)
    try await server.expectAccepted("main", at: try await clone.git("rev-parse", "main")) {
      try await clone.push("main")
    }
    #expect(try await level(server) == "SLSA_SOURCE_LEVEL_1")
  }

  /// A verdict about one update says nothing of what was before, whoever watched.
  @Test func oneUpdateIsLevelOne() async throws {
    let (server, _) = try await watched()
    let tip = try #require(try await server.tip("main"))
    let result = try await server.command(
      "verify", "\(tip)~1..\(tip)", "--target", "refs/heads/main", "--format", "slsa")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try Self.levels(result.output).first == "SLSA_SOURCE_LEVEL_1")
  }

  /// A ledger in which somebody has changed a line, or whose first file is gone, has watched nothing.
  @Test func aLedgerThatIsNotWholeHasWatchedNothing() async throws {
    let (server, _) = try await watched()
    let file = "\(server.path)/stagex-maint/ledger/here/ledger"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing(" hook ", with: " gate ").write(toFile: file, atomically: false, encoding: .utf8)
    #expect(try await level(server) == "SLSA_SOURCE_LEVEL_1")
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    #expect(try await level(server) == "SLSA_SOURCE_LEVEL_3")
  }

  @Test func whoLookedAfterwardsReachesLevelTwo() async throws {
    var scene = try await FetchTests.Scene.make()
    _ = try await scene.step()
    let result = try await scene.server.command("audit", "main", "--format", "slsa")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try Self.defects(result.output) == [])
    // The hook did not see main being made: level 1. The ledger's first line must not be taken for the branch's.
    #expect(try Self.levels(result.output).first == "SLSA_SOURCE_LEVEL_1")
    // A clone that has watched from the trust root on: level 2, since it only looked afterwards.
    let address = "file://\(scene.server.path)"
    let check = try await scene.server.sandbox.run([
      ServerProgram.command, "check", address, "--trust-root", scene.server.start, "--format", "slsa",
    ])
    #expect(check.status == 0, "\(check.output)\(check.error)")
    #expect(try Self.defects(check.output) == [])
    #expect(try Self.levels(check.output).first == "SLSA_SOURCE_LEVEL_2")
    let good = try await policy(check.output, [address, "refs/heads/main", "2"], scene.server.sandbox)
    #expect(good.status == 0, "\(good.error)")
    #expect(good.output.trimmingCharacters(in: .newlines) == scene.states.last)
    for words in [
      [address, "refs/heads/main", "3"], [address, "refs/heads/staging", "1"],
      ["file:///elsewhere", "refs/heads/main", "1"],
    ] {
      #expect(try await policy(check.output, words, scene.server.sandbox).status == 1, "\(words)")
    }
  }

  @Test func whatIsRefusedFails() async throws {
    let scene = try await FetchTests.Scene.make()
    try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("config", "maint.trustRoot", scene.server.start)
    let result = try await scene.clone.sandbox.run(
      [ServerProgram.command, "verify", "\(scene.states[2])..main", "--target", "refs/heads/main", "--format", "slsa"],
      in: scene.clone.path)
    #expect(result.status == 1, "\(result.output)\(result.error)")
    #expect(try Self.defects(result.output) == [])
    #expect(try Self.levels(result.output) == ["FAILED"])
    #expect(try await policy(result.output, ["file://x", "refs/heads/main", "0"], scene.server.sandbox).status == 1)
  }
}
