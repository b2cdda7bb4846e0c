import Foundation
import Support
import Testing

/// A server whose hook was installed by one copy of the program goes on judging when another copy takes its place.
@Suite struct UpgradeTests {
  @Test(arguments: ["plain", "a forge's folder"])
  func `after the program is replaced, good pushes land and bad ones do not`(layout: String) async throws {
    let (server, clone) = layout == "plain" ? try await Server.make(hooks: []) : try await HookPlaceTests.makeForge()
    let program = server.sandbox.path + "/bin/stagex-maint"
    try FileManager.default.createDirectory(atPath: server.sandbox.path + "/bin", withIntermediateDirectories: true)
    // A package manager writes the new file beside the old one and renames it. Bytes behind its end do not change what
    // it does, and make it another file. Copied by another process: nobody can run what some child of ours still holds
    // open.
    func put(_ version: String) throws {
      try Tool.succeed(
        "sh",
        [
          "-ec", "cp \"$0\" \"$1.new\"; printf '%s' \"$2\" >>\"$1.new\"; mv \"$1.new\" \"$1\"", ServerProgram.command,
          program, version,
        ])
    }
    func run(_ words: String...) async throws -> Finished {
      try await server.sandbox.run([program] + words, in: server.path)
    }
    func good(_ name: String) async throws {
      let tip = try await clone.change(name, by: server.team.alice, mergedBy: server.team.bob)
      try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
    }
    func bad(_ name: String) async throws {
      let before = try await clone.git("rev-parse", "HEAD")
      try await clone.change(name, by: server.team.alice, mergedBy: server.team.alice)
      try await server.expectRefused("too-few-endorsers") { try await clone.push("staging") }
      try await clone.git("reset", "--quiet", "--hard", before)
    }
    try put("one")
    let installed = try await run("hook", "install", "--backstop")
    #expect(installed.status == 0, "\(installed)")
    try await good("a")
    try await bad("b")

    // Gone for a moment, as between a removal and an installation: nothing passes.
    try FileManager.default.removeItem(atPath: program)
    let before = try await clone.git("rev-parse", "HEAD")
    try await clone.change("meanwhile", by: server.team.alice, mergedBy: server.team.bob)
    let state = try await server.state()
    #expect(try await clone.push("staging").status != 0)
    #expect(try await server.state() == state)
    try await clone.git("reset", "--quiet", "--hard", before)

    try put("two")
    try await good("c")
    try await bad("d")
    let doctor = try await run("hook", "doctor")
    #expect(doctor.status == 0, "\(doctor)")
    // Installed again by the new one: nothing is to be done.
    let again = try await run("hook", "install", "--backstop")
    #expect(again.status == 0 && again.output.contains("is there already"), "\(again)")
    try await good("e")
    try await bad("f")
  }
}
