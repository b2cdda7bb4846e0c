import Foundation
import Support
import Testing

/// Commands that look ahead and change nothing: what a change to the policy means, what a key's retirement would break.
@Suite struct OutlookTests {
  @Test func `policy diff tells where less would be asked`() async throws {
    let scene = try await CommandLineTests.Scene()
    let file = scene.clone.path + "/review.toml"
    for (threshold, status) in [(1, Int32(1)), (3, 0)] {
      try "version = 1\nthreshold = \(threshold)\n".write(toFile: file, atomically: false, encoding: .utf8)
      let result = try await scene.run("policy", "diff", "--fail-if-weaker", scene.server.start, "review.toml")
      #expect(result.status == status, "\(result)")
      #expect(result.output.contains(threshold == 1 ? "weaker" : "stronger"), "\(result)")
      let plain = try await scene.run("policy", "diff", scene.server.start)
      #expect(plain.status == 0)
    }
    try "version = 1\nthreshhold = 1\n".write(toFile: file, atomically: false, encoding: .utf8)
    let broken = try await scene.run("policy", "diff", scene.server.start)
    #expect(broken.status == 2)
    #expect(broken.error.contains("threshhold"))
    let missing = try await scene.run("policy", "diff", scene.server.start, "nosuchfile")
    #expect(missing.status == 2)
    #expect(missing.error.contains("nosuchfile"))
  }

  @Test func `keys retire lists the steps that lean on a key, and changes nothing`() async throws {
    let scene = try await CommandLineTests.Scene()
    try await scene.clone.git("reset", "--quiet", "--hard", scene.good)
    let before = try await scene.clone.git("rev-parse", "HEAD")
    for (person, leans) in [("alice", true), ("carol", false)] {
      let result = try await scene.run("keys", "retire", "--dry-run", person, "--branch", "staging")
      #expect(result.status == 0, "\(result)")
      #expect(result.output.contains("1 step leans on it") == leans, "\(result)")
      #expect(result.output.contains("would still have what it needs") != leans, "\(result)")
    }
    let after = try await scene.clone.git("rev-parse", "HEAD")
    #expect(after == before)
    let unknown = try await scene.run("keys", "retire", "--dry-run", "mallory")
    #expect(unknown.status == 2)
    #expect(unknown.error.contains("keys list"))
    let bare = try await scene.run("keys", "retire", "alice")
    #expect(bare.status == 64)
    #expect(bare.error.contains("--dry-run alice"))
  }
}
