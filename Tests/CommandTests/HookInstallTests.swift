import Foundation
import Support
import Testing

/// `hook install` and `hook uninstall`: they put in place and take away what is ours, and nothing else.
@Suite struct HookInstallTests {
  private static func files(_ server: Server) async throws -> String {
    try await server.sandbox.must(
      ["sh", "-c", "cd hooks; { ls -l --time-style=+; cksum *; } 2>/dev/null | sed /sample/d"], in: server.path)
  }

  @Test func twiceIsOnce() async throws {
    let (server, _) = try await Server.make(hooks: [])
    let first = try await server.command("hook", "install", "--backstop")
    #expect(first.status == 0 && first.output.contains("installed "), "\(first)")
    let files = try await Self.files(server)
    let second = try await server.command("hook", "install", "--backstop")
    #expect(second.status == 0 && second.output.contains("is there already"), "\(second)")
    #expect(try await Self.files(server) == files)
    // What a full disk has left is put right; so is a file that was made unable to run.
    for wreck in [
      ": >hooks/pre-receive", "head -c 300 hooks/pre-receive >x; cat x >hooks/pre-receive",
      "chmod 600 hooks/pre-receive",
    ] {
      try await server.sandbox.must(["sh", "-c", wreck], in: server.path)
      let again = try await server.command("hook", "install")
      #expect(again.status == 0, "\(wreck): \(again)")
      #expect(try await Self.files(server) == files)
    }
  }

  /// Both said that main carries the rules, and to set what would change nothing.
  @Test(arguments: [true, false]) func whatThePolicyNamesAsTheLeadIsSaid(isNamed: Bool) async throws {
    let (server, _) = try await Server.make(
      files: isNamed ? [("review.toml", policy(ofMainFrom: ["staging"]))] : [], hooks: [])
    let install = try await server.command("hook", "install")
    #expect(install.output.contains("is staging: the policy says so") == isNamed, "\(install)")
    #expect(install.output.contains("is main, since nothing else is set") == !isNamed, "\(install)")
    let doctor = try await server.command("hook", "doctor")
    #expect(doctor.output.contains("main carries the rules") == !isNamed, "\(doctor)")
  }

  @Test func uninstallTakesOursAway() async throws {
    let (server, clone) = try await Server.make(hooks: [])
    try await server.sandbox.must(["git", "-C", server.path, "config", "--unset", "maint.program"])
    let before = try await Self.files(server)
    _ = try await server.command("hook", "install", "--backstop")
    let bad = try await clone.commit("evil", "evil\n")
    try await server.expectRefused("too-few-endorsers") { try await clone.push("\(bad):refs/heads/staging") }
    let backstop = try await server.command("hook", "uninstall", "--backstop")
    #expect(backstop.status == 0 && backstop.output.contains("hooks/reference-transaction"), "\(backstop)")
    try await server.expectRefused("too-few-endorsers") { try await clone.push("\(bad):refs/heads/staging") }
    let all = try await server.command("hook", "uninstall")
    #expect(
      all.status == 0 && all.output.contains("removed ") && all.output.contains("not judged here any more"), "\(all)")
    #expect(all.output.contains("stays: maint.trustRoot = \(server.start)"), "\(all)")
    #expect(try await Self.files(server) == before)
    let none = try await server.command("hook", "uninstall")
    #expect(none.status == 0 && none.output.contains("nothing of ours"), "\(none)")
  }

  @Test func uninstallLeavesAnotherHookAlone() async throws {
    let (server, _) = try await Server.make(hooks: [])
    let text = "#!/bin/sh\n# maint.program: asks stagex-maint in a way of our own\nexit 0\n"
    _ = try server.sandbox.script("stagex.git/hooks/pre-receive", text)
    let result = try await server.command("hook", "uninstall")
    #expect(result.output.contains("left alone"), "\(result)")
    #expect(try String(contentsOfFile: server.path + "/hooks/pre-receive", encoding: .utf8) == text)
  }

  /// The other hook gets the same list, and each of the two can refuse.
  @Test func aChainOfTwo() async throws {
    let (server, clone) = try await Server.make(hooks: [])
    let text =
      "#!/bin/sh\nwhile read -r old new ref; do case $ref in *no*) echo foreign says no >&2; exit 3;; esac; done\n"
    _ = try server.sandbox.script("stagex.git/hooks/pre-receive", text)
    let before = try await Self.files(server)
    let refused = try await server.command("hook", "install")
    #expect(refused.status == 1 && refused.error.contains("--chain"), "\(refused)")
    #expect(try await Self.files(server) == before)
    let install = try await server.command("hook", "install", "--chain")
    #expect(install.status == 0, "\(install)")
    let again = try await server.command("hook", "install")
    #expect(again.status == 0 && again.output.contains("is there already"), "\(again)")

    let good = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: good) { try await clone.push("staging") }
    let bad = try await clone.commit("evil", "evil\n")
    try await server.expectRefused("too-few-endorsers") { try await clone.push("\(bad):refs/heads/staging") }
    let foreign = try await clone.push("\(bad):refs/heads/no")
    #expect(foreign.status != 0 && foreign.error.contains("foreign says no"), "\(foreign)")
    try await server.expectAccepted("topic", at: bad) { try await clone.push("\(bad):refs/heads/topic") }
    let doctor = try await server.command("hook", "doctor")
    #expect(doctor.status == 0, "\(doctor)")
    // Git would skip what is not executable; the chain does not.
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: server.path + "/hooks/pre-receive.stagex-maint")
    try await server.expectUnmoved { try await clone.push("\(bad):refs/heads/other") }
    #expect(try await server.command("hook", "doctor").status == 1)

    let uninstall = try await server.command("hook", "uninstall")
    #expect(uninstall.status == 0 && uninstall.output.contains("put back"), "\(uninstall)")
    #expect(try await Self.files(server) == before)
  }

  @Test func aHookThatLooksAtItsNameIsNotMoved() async throws {
    let (server, _) = try await Server.make(hooks: [])
    let text = "#!/bin/sh\nfor h in $0.*; do $h || exit 1; done\n"
    _ = try server.sandbox.script("stagex.git/hooks/pre-receive", text)
    let install = try await server.command("hook", "install", "--chain")
    #expect(install.status == 1 && install.error.contains("its own name"), "\(install)")
    #expect(try String(contentsOfFile: server.path + "/hooks/pre-receive", encoding: .utf8) == text)
  }

  @Test func theBackstopIsForServers() async throws {
    let (server, clone) = try await Server.make(hooks: [])
    let result = try await server.sandbox.run([ServerProgram.command, "hook", "install", "--backstop"], in: clone.path)
    #expect(result.status == 64 && result.error.contains("work tree"), "\(result)")
    #expect(!FileManager.default.fileExists(atPath: clone.path + "/.git/hooks/reference-transaction"))
    // The twin: without it the clone gets what is meant for clones, and commits go on.
    let plain = try await server.sandbox.run([ServerProgram.command, "hook", "install"], in: clone.path)
    #expect(plain.status == 0, "\(plain)")
    try await clone.commit("x", "x\n")
  }

  @Test func anEmptyServer() async throws {
    let (server, clone) = try await Server.make(hooks: [])
    let empty = server.sandbox.path + "/empty.git"
    try await server.sandbox.must(["git", "init", "--quiet", "--bare", empty])
    func command(_ words: String...) async throws -> Finished {
      try await server.sandbox.run([ServerProgram.command, "hook"] + words, in: empty)
    }
    let name = try await command("install", "--trust-root", "main")
    #expect(name.status != 0, "\(name)")
    #expect(!FileManager.default.fileExists(atPath: empty + "/hooks/pre-receive"))
    let short = try await command("install", "--trust-root", String(server.start.prefix(12)))
    #expect(short.status != 0, "\(short)")
    let full = try await command("install", "--trust-root", server.start, "--lead", "main")
    #expect(full.status == 0 && full.output.contains("not here yet"), "\(full)")
    let doctor = try await command("doctor")
    #expect(doctor.status == 0 && doctor.output.contains("not here yet"), "\(doctor)")
    #expect(try await server.sandbox.must(["git", "-C", empty, "config", "maint.lead"]) == "main")
    _ = clone
    // Where branches are, a commit that is not is a mistake.
    let mistake = try await server.command("hook", "install", "--trust-root", String(repeating: "1", count: 40))
    #expect(mistake.status == 64, "\(mistake)")
  }

  @Test func theLead() async throws {
    let (server, _) = try await Server.make(hooks: [])
    let proposed = try await server.command("hook", "install")
    #expect(
      proposed.output.contains("main, since nothing else is set") && proposed.output.contains("--lead staging"),
      "\(proposed)")
    for wrong in ["nowhere", "refs/heads/staging", "a..b", ""] {
      let result = try await server.command("hook", "install", "--lead", wrong)
      #expect(result.status == 64, "\(wrong): \(result)")
    }
    #expect(try await server.sandbox.run(["git", "-C", server.path, "config", "maint.lead"]).status != 0)
    let chosen = try await server.command("hook", "install", "--lead", "staging")
    #expect(chosen.status == 0, "\(chosen)")
    #expect(try await server.sandbox.must(["git", "-C", server.path, "config", "maint.lead"]) == "staging")
    let told = try await server.command("hook", "install")
    #expect(told.output.contains("maint.lead says so"), "\(told)")
  }
}
