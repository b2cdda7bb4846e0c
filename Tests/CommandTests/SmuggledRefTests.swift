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
  @Test func aPushThroughASymbolicRefIsRefused() async throws {
    let (server, clone) = try await Server.make()
    try await server.sandbox.must(["git", "-C", server.path, "symbolic-ref", "refs/heads/alias", "refs/heads/staging"])
    let evil = try await clone.commit("a", "evil")
    try await server.expectRefused("refs/heads/alias") { try await clone.push("\(evil):refs/heads/alias") }
    #expect(try await server.tip("staging") == server.start)
    // The twin: a second name of a branch that nobody protects.
    try await server.expectAccepted("topic", at: server.start) {
      try await clone.push("\(server.start):refs/heads/topic")
    }
    try await server.sandbox.must(["git", "-C", server.path, "symbolic-ref", "refs/heads/other", "refs/heads/topic"])
    try await server.expectAccepted("topic", at: evil) { try await clone.push("\(evil):refs/heads/other") }
  }
}
