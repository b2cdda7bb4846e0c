import Support
import Testing

/// Pushes to a real git server whose `pre-receive` is the command under test: each kind of update, accepted and
/// refused.
@Suite struct PushTests {
  static let transports = Transport.allCases.filter { $0.missing == nil }

  /// Says which transports this machine cannot run, as skipped tests.
  @Test(arguments: Transport.allCases)
  func theTransportIsHere(transport: Transport) throws {
    if let missing = transport.missing { try Test.cancel("\(transport): \(missing)") }
  }

  @Test(arguments: transports)
  func ownAndMergedByAnotherIsAccepted(transport: Transport) async throws {
    let (server, clone) = try await Server.make()
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: tip) {
      try await server.serve(over: transport) { try await clone.push("staging", to: $0, extra: $1) }
    }
  }

  @Test(arguments: transports)
  func oneMaintainerOnBothSidesIsRefused(transport: Transport) async throws {
    let (server, clone) = try await Server.make()
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.alice)
    let change = try await clone.git("rev-parse", "HEAD^2")
    try await server.expectRefused("too-few-endorsers", change.short, "refs/heads/staging") {
      try await server.serve(over: transport) { try await clone.push("staging", to: $0, extra: $1) }
    }
  }

  @Test func adoptedAndMergedIsAccepted() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("checkout", "--quiet", "-b", "outsider")
    try await clone.commit("b", "b", by: server.team.mallory)
    try await clone.commit("c", "c")
    try await clone.adopt(by: server.team.alice)
    try await clone.git("checkout", "--quiet", "staging")
    let tip = try await clone.merge("outsider", by: server.team.carol)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
  }

  @Test func adoptedButChangedAfterwardsIsRefused() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("checkout", "--quiet", "-b", "outsider")
    try await clone.commit("b", "b")
    try await clone.adopt(by: server.team.alice)
    let late = try await clone.commit("b", "evil")
    try await clone.git("checkout", "--quiet", "staging")
    try await clone.merge("outsider", by: server.team.carol)
    try await server.expectRefused("too-few-endorsers", late.short) { try await clone.push("staging") }
  }

  @Test func aMergeThatNobodySignedIsRefused() async throws {
    let (server, clone) = try await Server.make()
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: nil)
    try await server.expectRefused("unsigned-merge", tip.short) { try await clone.push("staging") }
  }

  @Test func aMergeWithContentOfItsOwnIsRefused() async throws {
    let (server, clone) = try await Server.make()
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    let evil = try await clone.amend("a", "something else\n", by: server.team.bob)
    try await server.expectRefused("too-few-endorsers", evil.short) { try await clone.push("staging") }
  }

  /// Creating a protected branch: from what a protected branch holds, or with a step of its own.
  @Test func aReleaseBranchIsCreated() async throws {
    let (server, clone) = try await Server.make()
    try await server.expectAccepted("release/2026.03.0", at: server.start) {
      try await clone.push("staging:refs/heads/release/2026.03.0")
    }
  }

  @Test func aReleaseBranchWithAnUnsignedCommitIsRefused() async throws {
    let (server, clone) = try await Server.make()
    let commit = try await clone.commit("a", "a")
    try await server.expectRefused("too-few-endorsers", commit.short, "refs/heads/release/2026.03.0") {
      try await clone.push("staging:refs/heads/release/2026.03.0")
    }
  }

  @Test func aHistoryOfItsOwnIsRefused() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("checkout", "--quiet", "--orphan", "other")
    try await clone.commit("a", "a", by: server.team.alice)
    try await server.expectRefused("unrelated-history") {
      try await clone.push("other:refs/heads/release/2026.03.0")
    }
  }

  @Test(arguments: transports)
  func deletionIsRefused(transport: Transport) async throws {
    let (server, clone) = try await Server.make()
    try await server.expectRefused("deletion", "refs/heads/staging") {
      try await server.serve(over: transport) { try await clone.push(":staging", to: $0, extra: $1) }
    }
  }

  @Test func deletionOfABranchThatNobodyProtectsIsAccepted() async throws {
    let (server, clone) = try await Server.make()
    try await server.expectAccepted("topic/x", at: server.start) { try await clone.push("staging:refs/heads/topic/x") }
    try await server.expectAccepted("topic/x", at: nil) { try await clone.push(":refs/heads/topic/x") }
  }

  @Test func rewindIsRefused() async throws {
    let (server, clone) = try await Server.make()
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
    try await server.expectRefused("rewind", "refs/heads/staging") {
      try await clone.push("--force", "\(server.start):refs/heads/staging")
    }
  }

  @Test func severalRefsAreJudgedTogether() async throws {
    let (server, clone) = try await Server.make()
    let staging = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await clone.git("checkout", "--quiet", "main")
    try await clone.commit("b", "b", by: server.team.alice)
    // The good update of staging does not go through beside the bad one of main, atomic push or not.
    for options in [["--no-atomic"], ["--atomic"]] {
      try await server.expectRefused("too-few-endorsers", "refs/heads/main") {
        try await server.sandbox.run(
          ["git", "push"] + options + [server.path, "staging", "main", "main:topic/x"], in: clone.path)
      }
    }
    try await server.expectAccepted("staging", at: staging) { try await clone.push("staging", "main:topic/x") }
  }

  @Test func aReleaseTagSignedByAMaintainerIsAccepted() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git(
      "tag", "--local-user", server.team.alice.fingerprint, "--sign", "-m", "release", "2026.03.0", "staging")
    let tag = try await clone.git("rev-parse", "2026.03.0")
    try await server.expectAccepted("refs/tags/2026.03.0", at: tag) { try await clone.push("2026.03.0") }
    try await server.expectRefused("deletion", "refs/tags/2026.03.0") { try await clone.push(":refs/tags/2026.03.0") }
  }

  @Test func aReleaseTagIsRefusedWithoutItsSignatureNameOrBranch() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("tag", "2026.03.0", "staging")
    try await server.expectRefused("tag-unsigned") { try await clone.push("2026.03.0") }
    try await clone.git("tag", "-m", "no signature", "2026.03.1", "staging")
    try await server.expectRefused("tag-unsigned") { try await clone.push("2026.03.1") }
    try await clone.git(
      "tag", "--local-user", server.team.mallory.fingerprint, "-m", "outsider", "2026.03.2", "staging")
    try await server.expectRefused("tag-unsigned") { try await clone.push("2026.03.2") }
    try await clone.git("tag", "--local-user", server.team.alice.fingerprint, "-m", "good", "2026.03.3", "staging")
    try await server.expectRefused("tag-name-mismatch") { try await clone.push("2026.03.3:refs/tags/2026.03.4") }
  }

  @Test func aReleaseTagNeverMoves() async throws {
    let (server, clone) = try await Server.make()
    let alice = server.team.alice.fingerprint
    try await clone.git("tag", "--local-user", alice, "-m", "release", "2026.03.0", "staging")
    let tag = try await clone.git("rev-parse", "2026.03.0")
    try await server.expectAccepted("refs/tags/2026.03.0", at: tag) { try await clone.push("2026.03.0") }
    try await clone.git("tag", "--force", "--local-user", alice, "-m", "again", "2026.03.0", "staging")
    try await server.expectRefused("tag-moved", "refs/tags/2026.03.0") { try await clone.push("--force", "2026.03.0") }
  }
}
