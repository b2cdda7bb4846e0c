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

  @Test func whatAHookHasWatchedReachesLevelFour() async throws {
    var scene = try await FetchTests.Scene.make()
    _ = try await scene.step()
    let result = try await scene.server.command("audit", "main", "--format", "slsa")
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(try Self.defects(result.output) == [])
    // The hook did not see main being made: level 1. Then the ledger's first line must not be taken for the branch's.
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
