import Foundation
import Support
import Testing

/// Questions that lack something, or that name what is not there: the answer says which, and what to type.
@Suite struct DeadEndTests {
  @Test func halfOfAGatesQuestionNamesTheOtherHalf() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    func gate(_ words: String...) async throws -> Finished {
      try await clone.sandbox.run([ServerProgram.command, "gate"] + words, in: clone.path)
    }
    let headOnly = try await gate("--head", "HEAD")
    #expect(headOnly.status == 64)
    #expect(
      headOnly.error.contains("--target is missing") && headOnly.error.contains("refs/heads/staging"), "\(headOnly)")
    #expect(headOnly.error.hasSuffix("next: stagex-maint gate --head HEAD --target main\n"), "\(headOnly)")
    let targetOnly = try await gate("--target", "staging")
    #expect(targetOnly.status == 64)
    #expect(targetOnly.error.hasSuffix("next: stagex-maint gate --head HEAD --target staging\n"), "\(targetOnly)")
    // What they advise leads somewhere.
    let both = try await gate("--head", "HEAD", "--target", "staging")
    #expect(both.status == 0, "\(both)")
    let neither = try await gate()
    #expect(neither.status == 64 && neither.error.contains("nothing to judge"), "\(neither)")
  }

  @Test func aRefThatTheLedgerDoesNotKnowIsNamed() async throws {
    let scene = try await FetchTests.Scene.make()
    for format in ["text", "json"] {
      let unknown = try await scene.client.run("ledger", "show", "mian", "--format", format)
      #expect(unknown.status == 64 && unknown.output.isEmpty, "\(unknown)")
      #expect(
        unknown.error.contains("the ledger knows no mian") && unknown.error.contains("next: stagex-maint ledger show"),
        "\(unknown)")
      let known = try await scene.client.run("ledger", "show", "main", "--format", format)
      #expect(known.status == 0 && known.output.contains(scene.states[2].prefix(12)), "\(known)")
    }
  }

  /// What a push would be told that takes a branch away, in git's own words for it.
  @Test func zerosAskAboutADeletion() async throws {
    let (server, _) = try await Server.make()
    let zeros = String(repeating: "0", count: 40)
    let gone = try await server.command("verify", "--old", server.start, "--new", zeros, "--target", "main")
    #expect(gone.status == 1 && gone.output.contains("(gone)") && gone.output.contains("\ndeletion"), "\(gone)")
    let other = try await server.command("verify", "--old", server.start, "--new", zeros, "--target", "topic")
    #expect(other.status == 64, "\(other)")
  }

  /// The head of a request, and what comes with it: one word in the first line, in JSON and in the status.
  @Test func explainSaysWhatTheGateSays() async throws {
    let (server, clone) = try await Server.make()
    let team = server.team
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    func explain(_ commit: String, _ words: String...) async throws -> Finished {
      try await clone.sandbox.run(
        [ServerProgram.command, "explain", commit, "--target", "origin/staging"] + words, in: clone.path)
    }
    // By itself the merge lacks nothing; what it brings is refused.
    try await clone.git("checkout", "--quiet", "-b", "topic")
    try await clone.commit("MAINTAINERS", "no = [\n", by: team.alice)
    try await clone.git("checkout", "--quiet", "staging")
    let merge = try await clone.merge("topic", by: team.bob)
    let refused = try await explain(merge)
    #expect(refused.status == 1 && refused.output.hasPrefix("refused: commit \(merge.prefix(12))"), "\(refused)")
    #expect(refused.output.contains("by itself it lacks nothing; what merging it brings in is refused:"), "\(refused)")
    #expect(refused.output.contains("\nrules-elsewhere"), "\(refused)")
    // The twin: one signature more, and who may merge is in the JSON too.
    try await clone.git("checkout", "--quiet", "-b", "good", "origin/staging")
    let own = try await clone.commit("y", "y\n", by: team.alice)
    let waits = try await explain(own)
    #expect(waits.status == 0 && waits.output.hasPrefix("accepted: commit \(own.prefix(12))"), "\(waits)")
    #expect(waits.output.contains("would have 2, with the signed merge of one of: bob, carol"), "\(waits)")
    let json = try await explain(own, "--format", "json")
    #expect(
      json.output.contains(#""mergers":["bob","carol"]"#) && json.output.contains(#""waiting":["\#(own)"]"#), "\(json)")
  }

  /// A merge that nobody has made has no id.
  @Test func anImaginedMergeIsNotCalledByZeros() async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    try await clone.commit("MAINTAINERS", "no = [\n", by: server.team.alice)
    let head = try await clone.git("rev-parse", "HEAD")
    for words in [["gate", "--head", "HEAD", "--target", "main"], ["explain", "HEAD", "--target", "origin/main"]] {
      for format in ["text", "json"] {
        let said = try await clone.sandbox.run([ServerProgram.command] + words + ["--format", format], in: clone.path)
        #expect(said.status == 1 && said.output.contains("lock-out"), "\(said)")
        #expect(!said.output.contains("000000000000") && said.output.contains("merging \(head.prefix(12))"), "\(said)")
      }
    }
  }

  /// What is cut off, not set or not here is named with what mends it, whatever is asked. None of it is ever accepted.
  @Test(arguments: [
    ["verify", "--target", "staging"], ["audit", "origin/staging"], ["log", "origin/staging"],
    ["explain", "HEAD", "--target", "origin/staging"],
    ["gate", "--head", "HEAD", "--target", "staging"],
  ])
  func whatIsMissingIsNamed(words: [String]) async throws {
    let (server, clone) = try await Server.make()
    let made = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: made) { try await clone.push("staging") }
    let shallow = try await server.shallowClone()
    try await shallow.commit("b", "b\n", by: server.team.alice)
    func ask(_ clone: Clone) async throws -> Finished {
      try await clone.sandbox.run([ServerProgram.command] + words, in: clone.path)
    }
    try await shallow.git("config", "maint.trustRoot", server.start)
    let cut = try await ask(shallow)
    #expect(cut.status == 2 && (cut.output + cut.error).contains("git fetch --unshallow"), "\(cut)")
    try await shallow.git("fetch", "--quiet", "--unshallow", "origin", "+refs/heads/*:refs/remotes/origin/*")
    let whole = try await ask(shallow)
    #expect(whole.status < 2 && !(whole.output + whole.error).contains("unshallow"), "\(whole)")
    try await shallow.git("config", "maint.trustRoot", String(repeating: "7", count: 40))
    let absent = try await ask(shallow)
    #expect(absent.status == 2 && (absent.output + absent.error).contains("777777777777"), "\(absent)")
    #expect(!(absent.output + absent.error).contains("for-each-ref"), "\(absent)")
    try await shallow.git("config", "--unset", "maint.trustRoot")
    let unset = try await ask(shallow)
    #expect(unset.status == 2 && (unset.output + unset.error).contains("trust root"), "\(unset)")
    #expect(
      (unset.output + unset.error).contains("next: ") && !(unset.output + unset.error).contains("trusted: "), "\(unset)"
    )
  }

  /// Where a plain push of the branch would go, as git finds it.
  @Test(arguments: [
    [["branch.topic.remote", "origin"], ["branch.topic.merge", "refs/heads/staging"]],
    [
      ["branch.topic.remote", "elsewhere"], ["branch.topic.merge", "refs/heads/topic"],
      ["branch.topic.pushRemote", "origin"],
    ],
    [["remote.pushDefault", "origin"]],
  ])
  func verifyFindsWhereAPushWouldGo(settings: [[String]]) async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    try await clone.git("checkout", "--quiet", "-b", "topic")
    for setting in settings { try await clone.git("config", setting[0], setting[1]) }
    try await clone.commit("a", "a\n")
    let said = try await clone.sandbox.run([ServerProgram.command, "verify"], in: clone.path)
    if settings[0][0] == "branch.topic.remote", settings.count == 2 {
      #expect(said.status == 1 && said.output.contains("refused: refs/heads/staging"), "\(said)")
    } else {
      // It would make a branch that nobody protects: nothing is accepted.
      #expect(
        said.status == 64 && said.error.contains("refs/heads/topic is not protected")
          && said.error.contains("refs/heads/staging"), "\(said)")
    }
  }

  @Test(arguments: ["merge:abc1234..def5678", "abc1234", "merge", "adopt:" + String(repeating: "a", count: 40)])
  func aReviewedWordInShortIsUsage(word: String) async throws {
    let sandbox = try Sandbox()
    let said = try await sandbox.run([ServerProgram.command, "cosign", "PR-1", "--reviewed", word])
    #expect(said.status == 64 && said.error.hasPrefix("error: ") && said.error.contains("in full"), "\(said)")
  }

  /// A verdict that nobody received is none: of verify, explain and gate, as of all others (`OutputTests`).
  @Test(arguments: [
    ["verify", "--target", "staging"], ["explain", "HEAD", "--target", "origin/staging"],
    ["gate", "--head", "HEAD", "--target", "staging"],
  ])
  func aLostVerdictIsNoAcceptance(words: [String]) async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    let command = ([ServerProgram.command] + words).joined(separator: " ")
    for (end, status) in [("", Int32(0)), (" >/dev/full", 2), (" >&-", 2), (" | true; exit ${PIPESTATUS[0]}", nil)] {
      let said = try await clone.sandbox.run(["bash", "-c", command + end], in: clone.path)
      // A reader may take the few words before it goes.
      if let status {
        #expect(said.status == status, "\(end): \(said)")
      } else {
        #expect([0, 2].contains(said.status), "\(end): \(said)")
      }
    }
  }

  /// `script` gives the command a terminal of its own, `stty` its width.
  @Test(arguments: [
    "verify --target staging", "explain HEAD --target origin/staging", "gate --head HEAD --target staging",
    "audit origin/main", "keys list",
    "hook doctor", "gate --head HEAD",
  ])
  func nothingIsWiderThanTheWindow(words: String) async throws {
    let (server, clone) = try await Server.make()
    try await clone.git("config", "maint.trustRoot", server.start)
    try await clone.git("remote", "add", "origin", server.path)
    try await clone.git("fetch", "--quiet", "origin")
    try await clone.commit(
      "a", "a\n", by: server.team.alice,
      message: "A subject that is as long as subjects are when people write them at night, and longer")
    let line = "stty columns 60; \(ServerProgram.command) \(words)"
    let said = try await clone.sandbox.run(
      ["script", "--quiet", "--return", "--command", line, "/dev/null"], in: clone.path, extra: ["TERM": "dumb"])
    #expect(!said.output.isEmpty)
    for line in said.output.split(whereSeparator: \.isNewline) where !line.contains("next:") {
      let text = line.replacing(#/\u{1B}\[[0-9;]*[A-Za-z]/#, with: "")
      #expect(text.count <= 60 || text.split(separator: " ").contains { $0.count > 45 }, "\(text.count): \(text)")
    }
  }
}
