import Foundation
import Support
import Testing

/// The quorum of image signatures behind a release: `check --release`, `release status`, `release verify`, `keys
/// retire`.
@Suite struct ImageQuorumTests {
  private struct Scene {
    let server: Server
    let clone: Clone
    let release = "2026.01.0"
    let names = ["core-busybox", "core-musl"]

    static func digest(_ name: String) -> String { ImageMessage.digest(name.hasSuffix("musl") ? "b" : "a") }
    var folder: String { "\(server.sandbox.path)/signatures" }

    /// A release whose tag and digests are on main, the hook being asked.
    static func make() async throws -> Scene {
      let (server, clone) = try await Server.make()
      let scene = Scene(server: server, clone: clone)
      try await clone.git("checkout", "--quiet", "main")
      try await clone.git("checkout", "--quiet", "-b", "topic/digests")
      try await clone.commit(
        "digests/core.txt", scene.names.map { "\(digest($0)) \($0)\n" }.joined(), by: server.team.alice,
        message: "Digests")
      try await clone.git("checkout", "--quiet", "main")
      let tip = try await clone.merge("topic/digests", by: server.team.bob)
      try await clone.git(
        "-c", "user.signingkey=\(server.team.carol.fingerprint)", "tag", "-s", "-m", "Release\n\nwith\nnotes",
        scene.release, tip)
      try await server.expectAccepted("main", at: tip) { try await clone.push("main") }
      try await server.expectAccepted("refs/tags/\(scene.release)", at: try await clone.git("rev-parse", scene.release))
      {
        try await clone.push(scene.release)
      }
      try FileManager.default.createDirectory(atPath: scene.folder, withIntermediateDirectories: true)
      return scene
    }

    /// Each maintainer's own signature over these images, by a real gpg, as files of a signatures repository.
    func sign(_ person: Person, _ number: Int, _ images: [String]? = nil, digest: String? = nil) async throws {
      for name in images ?? names {
        let value = digest ?? Self.digest(name)
        let place = "\(folder)/stagex/\(name)@sha256=\(Self.digest(name))"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        try await server.sandbox.must(
          [
            "gpg", "--batch", "--yes", "--quiet", "--compress-algo", "none", "--local-user", person.fingerprint,
            "--output",
            "\(place)/signature-\(number)", "--sign",
          ], input: ImageMessage.payload("stagex/\(name):1.0", value))
      }
    }

    func check(_ words: String...) async throws -> Finished {
      try await server.sandbox.run(
        [
          ServerProgram.command, "check", "file://\(server.path)", "--release", release, "--trust-root", server.start,
          "--signatures", folder,
        ] + words)
    }
  }

  @Test func `check --release asks for the quorum of each image`() async throws {
    let scene = try await Scene.make()
    try await scene.sign(scene.server.team.alice, 1)
    let one = try await scene.check()
    #expect(one.status == 1, "\(one.output)\(one.error)")
    #expect(one.output.hasPrefix("no: release 2026.01.0"), "\(one.output)")
    #expect(one.output.contains("0 of 2 signed by 2 maintainers"), "\(one.output)")
    try await scene.sign(scene.server.team.bob, 2, ["core-busybox"])
    #expect(try await scene.check().status == 1)
    // Who needs only this image asks for it alone.
    let single = try await scene.check("--image", "core-busybox@sha256:\(Scene.digest("core-busybox"))")
    #expect(single.status == 0, "\(single.output)\(single.error)")
    // Attack: an image that the release does not hold, signed well.
    let stranger = try await scene.check("--image", "core-busybox@sha256:\(ImageMessage.digest("c"))")
    #expect(stranger.status == 1 && stranger.error.contains("the release does not hold"), "\(stranger.error)")
    try await scene.sign(scene.server.team.bob, 2, ["core-musl"])
    let both = try await scene.check()
    #expect(both.status == 0, "\(both.output)\(both.error)")
    #expect(both.output.contains("2 of 2 signed by 2 maintainers"), "\(both.output)")
  }

  /// Attack: two signatures by one person, one by a stranger, one over another digest.
  @Test(arguments: ["twice", "stranger", "another digest"])
  func `what is no second maintainer's signature over this digest is none`(attack: String) async throws {
    let scene = try await Scene.make()
    let team = scene.server.team
    try await scene.sign(team.alice, 1)
    switch attack {
    case "twice": try await scene.sign(team.alice, 2)
    case "stranger": try await scene.sign(team.mallory, 2)
    default: try await scene.sign(team.bob, 2, digest: ImageMessage.digest("f"))
    }
    #expect(try await scene.check().status == 1)
    // The twin: bob's, over these.
    try await scene.sign(team.bob, 2)
    let good = try await scene.check()
    #expect(good.status == 0, "\(good.output)\(good.error)")
  }

  @Test func `release status and verify count who signed all of them`() async throws {
    let scene = try await Scene.make()
    try await scene.clone.git("config", "maint.trustRoot", scene.server.start)
    func digests(_ command: String, signatures: Bool = true) async throws -> (
      state: String?, status: Int32, words: String
    ) {
      let result = try await scene.clone.sandbox.run(
        [ServerProgram.command, "release", command, scene.release, "--format", "json"]
          + (signatures ? ["--signatures", scene.folder] : []), in: scene.clone.path)
      let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let item = (object?["items"] as? [[String: String]])?.first { $0["name"] == "digests" }
      return (item?["state"], result.status, "\(result.output)\(result.error)")
    }
    // There is no merge that names the release: the branch's tip is what was made.
    try await scene.clone.git("branch", "release/\(scene.release)", "main")
    #expect(try await digests("status", signatures: false).state == "unknown")
    try await scene.sign(scene.server.team.alice, 1)
    #expect(try await digests("status").state == "missing")
    // Each image has two signers, and only alice signed all.
    try await scene.sign(scene.server.team.bob, 2, ["core-busybox"])
    try await scene.sign(scene.server.team.carol, 2, ["core-musl"])
    let split = try await digests("status")
    #expect(split.state == "missing", "\(split.words)")
    #expect(split.words.contains("throughout: alice"), "\(split.words)")
    try await scene.sign(scene.server.team.bob, 3, ["core-musl"])
    let done = try await digests("verify")
    #expect(done.state == "done", "\(done.words)")
    // The rest of the release is not there, and verify says so by its status.
    #expect(done.status == 1)
  }

  @Test func `keys retire lists tags and images that rest on a key`() async throws {
    let scene = try await Scene.make()
    let team = scene.server.team
    try await scene.clone.git("config", "maint.trustRoot", scene.server.start)
    try await scene.sign(team.alice, 1)
    try await scene.sign(team.bob, 2)
    try await scene.sign(team.carol, 3, ["core-musl"])
    func retire(_ person: String, _ verb: String = "retire") async throws -> [String: Any] {
      let result = try await scene.clone.sandbox.run(
        [
          ServerProgram.command, "keys", verb, "--dry-run", person, "--branch", "main", "--signatures", scene.folder,
          "--format", "json",
        ], in: scene.clone.path)
      #expect(result.status == 0, "\(result.output)\(result.error)")
      return try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any] ?? [:]
    }
    func names(_ object: [String: Any], _ key: String) -> [String] {
      (object[key] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String }
    }
    let carol = try await retire("carol", "revoke")
    #expect(names(carol, "tags") == [scene.release])
    #expect(names(carol, "images") == [])
    let bob = try await retire("bob")
    #expect(names(bob, "tags") == [])
    // core-musl keeps alice and carol.
    #expect(names(bob, "images") == ["stagex/core-busybox"])
    #expect((bob["lost"] as? [Any])?.count == 1)
    let text = try await scene.clone.sandbox.run(
      [ServerProgram.command, "keys", "retire", "--dry-run", "carol", "--branch", "main"], in: scene.clone.path)
    #expect(text.output.contains("\n  2026.01.0 on ") && text.output.contains("--signatures DIR"), "\(text.output)")
  }
}
