import Foundation
import Support
import Testing

/// docs/emergencies.md, rehearsed: each way around the rule works as it says, and everybody sees it afterwards.
@Suite struct EmergencyTests {
  /// With three maintainers one may be away; the gate says who else can merge.
  @Test func `a maintainer is out of reach`() async throws {
    let scene = try await FetchTests.Scene.make()
    let team = scene.server.team
    try await scene.clone.git("checkout", "--quiet", "-b", "topic/urgent", scene.states[2])
    let head = try await scene.clone.commit("urgent", "urgent\n", by: team.carol)
    try await scene.clone.git("config", "maint.trustRoot", scene.server.start)
    try await scene.clone.git("update-ref", "refs/remotes/origin/main", scene.states[2])
    func gate() async throws -> Finished {
      try await scene.clone.sandbox.run(
        [ServerProgram.command, "gate", "--base", scene.states[2], "--head", head, "--target", "main"],
        in: scene.clone.path)
    }
    let answer = try await gate()
    #expect(answer.status == 0, "\(answer.output)\(answer.error)")
    #expect(answer.output.contains("alice, bob"), "\(answer.output)")
    // bob is away: alice lands it alone with carol.
    try await scene.clone.git("checkout", "--quiet", "-B", "main", scene.states[2])
    let tip = try await scene.clone.merge("topic/urgent", by: team.alice)
    try await scene.server.expectAccepted("main", at: tip) { try await scene.clone.push("main") }
    // The twin: what carol alone stands behind lands with nobody.
    let alone = try await scene.clone.change("alone", by: team.carol, mergedBy: team.carol)
    try await scene.server.expectRefused("too-few-endorsers") { try await scene.clone.push("main") }
    #expect(alone != tip)
  }

  /// The program is gone or half written: nothing is let in, the doctor says so, and the one of before is put back.
  @Test func `the hook is broken at three in the morning`() async throws {
    var scene = try await FetchTests.Scene.make()
    let program = "\(scene.server.sandbox.path)/stagex-maint"
    try await scene.server.config("maint.program", program)
    try await scene.server.sandbox.must(["touch", program])
    let tip = try await scene.clone.change("night", by: scene.server.team.carol, mergedBy: scene.server.team.alice)
    let pushed = try await scene.clone.push("main")
    #expect(pushed.status != 0)
    #expect(try await scene.server.tip("main") == scene.states[2])
    let doctor = try await scene.server.command("hook", "doctor")
    #expect(doctor.status != 0, "\(doctor.output)")
    // In a clone one can still say what the hook would say.
    try await scene.clone.git("config", "maint.trustRoot", scene.server.start)
    let verify = try await scene.clone.sandbox.run(
      [ServerProgram.command, "verify", "\(scene.states[2])..\(tip)", "--target", "refs/heads/main"],
      in: scene.clone.path)
    #expect(verify.status == 0, "\(verify.output)\(verify.error)")
    try await scene.server.config("maint.program", ServerProgram.command)
    try await scene.server.expectAccepted("main", at: tip) { try await scene.clone.push("main") }
    scene.states.append(tip)
    try await scene.expectAccepted(at: tip)
  }

  /// `update-ref` past the hook, as the page has it: the audit, a clone and the ledger each show it, until two people
  /// put it right.
  @Test func `an admin overrides, and everybody sees it`() async throws {
    let scene = try await FetchTests.Scene.make()
    let (server, clone, team) = (scene.server, scene.clone, scene.server.team)
    #expect(try await server.command("audit", "main").status == 0)
    let forced = try await clone.change("emergency", by: team.alice, mergedBy: team.alice)
    try await clone.git("push", "--quiet", "--no-verify", server.path, "main:refs/heads/emergency")
    try await server.sandbox.must([
      "git", "-C", server.path, "-c", "core.hooksPath=/dev/null", "update-ref", "-m",
      "emergency: the mirror is down, alice",
      "refs/heads/main", forced, scene.states[2],
    ])
    let audit = try await server.command("audit", "main")
    #expect(audit.status == 1 && audit.output.contains("too-few-endorsers"), "\(audit.output)\(audit.error)")
    try await scene.expectRefused("too-few-endorsers", at: scene.states[2])
    let ledger = try await server.command("ledger", "show", "main")
    #expect(
      ledger.output.contains(scene.states[2].prefix(12)) && !ledger.output.contains(forced.prefix(12)),
      "\(ledger.output)")
    // A further honest step hides nothing: the hook takes it, and the audit still names the one before.
    let after = try await clone.change("after", by: team.carol, mergedBy: team.bob)
    try await server.expectAccepted("main", at: after) { try await clone.push("main") }
    #expect(try await server.command("audit", "main").status == 1)
    try await scene.expectRefused("too-few-endorsers", at: scene.states[2])
  }

  /// A new server from the clone of somebody who fetched with protection: what it has is what was accepted, and who has
  /// seen more says so.
  @Test func `a server is rebuilt from a clone`() async throws {
    var scene = try await FetchTests.Scene.make()
    let server = scene.server
    let ahead = try await ProtectedClone.make(of: "file://\(server.path)", server, name: "ahead")
    let newest = try await scene.step()
    #expect(try await ahead.run("fetch").status == 0)
    // The disk dies; the clone at hand had not seen the newest step.
    let path = "\(server.sandbox.path)/rebuilt.git"
    try await server.sandbox.must(["git", "init", "--quiet", "--bare", path])
    try await scene.client.git(
      "push", "--quiet", path, "refs/remotes/origin/main:refs/heads/main",
      "refs/remotes/origin/staging:refs/heads/staging")
    let installed = try await server.sandbox.run(
      [
        ServerProgram.command, "hook", "install", "-C", path, "--trust-root", server.start, "--hooks",
        "\(Tool.packageFolder)/hooks",
      ])
    #expect(installed.status == 0, "\(installed.output)\(installed.error)")
    let audit = try await server.sandbox.run([ServerProgram.command, "audit", "-C", path, "main"])
    #expect(audit.status == 0, "\(audit.output)\(audit.error)")
    try await ahead.git("remote", "set-url", "origin", "file://\(path)")
    let fetch = try await ahead.run("fetch")
    #expect(fetch.status == 1 && fetch.output.contains("refused: rollback"), "\(fetch.output)\(fetch.error)")
    #expect(try await ahead.tip(FetchTests.Scene.main) == newest)
    // Who has seen more brings it back, and the new hook judges it.
    let result = try await ahead.sandbox.run(
      ["git", "push", "file://\(path)", "\(newest):refs/heads/main"], in: ahead.path)
    #expect(result.status == 0, "\(result.error)")
    #expect(try await ahead.run("fetch").status == 0)
  }
}
