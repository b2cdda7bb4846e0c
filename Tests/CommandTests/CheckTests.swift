import Foundation
import Support
import Testing

/// `check`: yes or no for somebody who has nothing but an address and a trust root.
@Suite struct CheckTests {
  private func check(_ scene: FetchTests.Scene, _ words: String...) async throws -> Finished {
    try await scene.server.sandbox.run([ServerProgram.command, "check"] + words)
  }

  @Test func aGoodBranchIsAYesAndIsRemembered() async throws {
    var scene = try await FetchTests.Scene.make()
    let path = scene.server.path
    let first = try await check(scene, "file://\(path)", "--trust-root", scene.server.start)
    #expect(first.status == 0, "\(first.output)\(first.error)")
    #expect(first.output.hasPrefix("yes: main of file://"), "\(first.output)")
    #expect(first.output.contains("alice") && first.output.contains("bob"), "\(first.output)")
    #expect(first.output.contains("this is the first look"), "\(first.output)")
    #expect(first.output.split(separator: "\n").count < 24)
    _ = try await scene.step()
    // The trust root is known now.
    let second = try await check(scene, "file://\(path)")
    #expect(second.status == 0, "\(second.output)\(second.error)")
    #expect(second.output.contains("remembered"), "\(second.output)")
    #expect(second.output.contains("1 step since"), "\(second.output)")
    #expect(!second.output.contains("this is the first look"), "\(second.output)")
  }

  @Test func eachLieIsANo() async throws {
    let scene = try await FetchTests.Scene.make()
    let address = "file://\(scene.server.path)"
    #expect(try await check(scene, address, "--trust-root", scene.server.start).status == 0)
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    for (lie, code) in [(scene.states[1], "rollback"), (evil, "too-few-endorsers"), (nil, "deletion")]
      as [(String?, String)]
    {
      try await scene.server.lie("refs/heads/main", lie)
      let result = try await check(scene, address)
      #expect(result.status == 1, "\(result.output)\(result.error)")
      #expect(result.output.hasPrefix("no: main"), "\(result.output)")
      #expect(result.output.contains("\n\(code)"), "\(result.output)")
    }
    try await scene.server.lie("refs/heads/main", scene.states[2])
    #expect(try await check(scene, address).status == 0)
  }

  @Test func aReleaseIsAYesWithItsSignerAndItsBranch() async throws {
    let scene = try await FetchTests.Scene.make()
    let alice = scene.server.team.alice
    try await scene.clone.git(
      "-c", "user.signingkey=\(alice.fingerprint)", "tag", "-s", "-m", "Release", "2026.01.0", scene.states[2])
    try await scene.clone.git("push", "--quiet", scene.server.path, "2026.01.0")
    let address = "file://\(scene.server.path)"
    let result = try await check(scene, address, "--release", "2026.01.0", "--trust-root", scene.server.start)
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(result.output.hasPrefix("yes: release 2026.01.0"), "\(result.output)")
    #expect(result.output.contains("signed by   alice"), "\(result.output)")
    #expect(result.output.contains("the one that main held"), "\(result.output)")
    // Another release's tag under this name.
    let tag = try await scene.server.tip("refs/tags/2026.01.0")
    try await scene.server.lie("refs/tags/2026.02.0", tag)
    let swapped = try await check(scene, address, "--release", "2026.02.0")
    #expect(swapped.status == 1)
    #expect(swapped.output.contains("tag-name-mismatch"), "\(swapped.output)")
    let missing = try await check(scene, address, "--release", "2026.03.0")
    #expect(missing.status == 2, "\(missing.output)")
    #expect(missing.output.hasPrefix("cannot tell: release 2026.03.0"), "\(missing.output)")
  }

  @Test func withoutATrustRootNothingIsSaidToBeGood() async throws {
    let scene = try await FetchTests.Scene.make()
    let address = "file://\(scene.server.path)"
    let result = try await check(scene, address)
    #expect(result.status == 2, "\(result.output)")
    #expect(result.error.contains("no trust root is known"), "\(result.error)")
    // What the server itself offers is shown, and not believed.
    try await scene.clone.change("trust-root", by: scene.server.team.alice, mergedBy: scene.server.team.bob)
    try await scene.clone.git("checkout", "--quiet", "-b", "proposal")
    try await scene.clone.commit("trust-root", "commit \(scene.server.start)\n", by: scene.server.team.alice)
    try await scene.clone.git("checkout", "--quiet", "main")
    try await scene.clone.merge("proposal", by: scene.server.team.bob)
    try await scene.server.expectAccepted("main", at: try await scene.clone.git("rev-parse", "main")) {
      try await scene.clone.push("main")
    }
    let offered = try await check(scene, address)
    #expect(offered.status == 2)
    #expect(
      offered.error.contains("the server itself offers \(scene.server.start), which proves nothing"), "\(offered.error)"
    )
    let file = scene.server.sandbox.path + "/trust-root"
    try "# published\ncommit \(scene.server.start)\n".write(toFile: file, atomically: false, encoding: .utf8)
    #expect(try await check(scene, address, "--trust-root", file).status == 0)
    let other = try await check(scene, address, "--trust-root", scene.states[1])
    #expect(other.status == 64)
    #expect(other.error.contains("another trust root is remembered"), "\(other.error)")
  }

  @Test(arguments: ["ext::sh -c touch% /tmp/x", "--upload-pack=touch", "nowhere"])
  func whatIsNoAddressIsNotHandedToGit(place: String) async throws {
    let scene = try await FetchTests.Scene.make()
    let result = try await check(scene, "--trust-root", scene.server.start, "--", place)
    #expect(result.status == 64, "\(result.error)")
  }
}
