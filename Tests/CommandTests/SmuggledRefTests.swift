import Support
import Testing

/// Refs that are not protected by name, and still would change what a protected one means.
@Suite struct SmuggledRefTests {
  @Test func aReplacementIsRefused() async throws {
    let (server, clone) = try await Server.make()
    let evil = try await clone.commit("a", "evil")
    try await server.expectRefused("replace-ref", "refs/replace/") {
      try await clone.push("\(evil):refs/replace/\(server.start)")
    }
  }

  @Test(arguments: ["Staging", "MAIN", "Release/2026.03.0"])
  func aNameThatDiffersInCaseIsRefused(name: String) async throws {
    let (server, clone) = try await Server.make()
    try await server.expectRefused("confusable-ref", "refs/heads/\(name)") {
      try await clone.push("staging:refs/heads/\(name)")
    }
  }

  @Test(arguments: ["refs/heads/topic/staging", "refs/heads/main2", "refs/notes/x", "refs/pull/7/head"])
  func otherNamesAreNobodysBusiness(name: String) async throws {
    let (server, clone) = try await Server.make()
    let commit = try await clone.commit("a", "a")
    try await server.expectAccepted(name, at: commit) { try await clone.push("\(commit):\(name)") }
  }

  /// A symbolic ref on the server is a second name: a push to it would move the branch that it stands for.
  @Test(arguments: ["staging", "topic"])
  func aPushThroughASymbolicRefIsRefused(branch: String) async throws {
    let (server, clone) = try await Server.make()
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await clone.git("push", "--quiet", server.path, "\(server.start):refs/heads/topic")
    try await server.sandbox.must([
      "git", "-C", server.path, "symbolic-ref", "refs/heads/alias", "refs/heads/\(branch)",
    ])
    try await server.expectRefused("confusable-ref", "refs/heads/alias") {
      try await clone.push("\(tip):refs/heads/alias")
    }
    #expect(try await server.tip(branch) == server.start)
    // The twin: the same commit, to the branch by its own name.
    try await server.expectAccepted(branch, at: tip) { try await clone.push("\(tip):refs/heads/\(branch)") }
  }
}
