import Foundation
import Support
import Testing

/// The hook `reference-transaction`: what it must stop, and what of git's own work it must not.
@Suite struct BackstopTests {
  static let policy = """
    version = 1
    [[branch]]
    name = "main"
    from = ["staging"]
    [[branch]]
    name = "staging"
    [[tag]]
    name = "[0-9]*"

    """

  static func make() async throws -> (server: Server, clone: Clone) {
    let (server, clone) = try await Server.make(
      files: [("review.toml", policy)], hooks: ["pre-receive", "reference-transaction"])
    try await server.config("maint.engine", "native")
    try await server.config("maint.lead", "staging")
    return (server, clone)
  }

  /// A change of staging, and a merge of it into main that leans on it.
  static func release(_ server: Server, _ clone: Clone) async throws -> (staging: String, main: String) {
    let staging = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await clone.git("checkout", "--quiet", "main")
    return (staging, try await clone.merge("staging", by: server.team.carol))
  }

  /// Git asks about one ref after the other, main before staging.
  @Test func aPushOfSeveralRefsThatLeanOnEachOther() async throws {
    let (server, clone) = try await Self.make()
    let tips = try await Self.release(server, clone)
    try await server.expectAccepted("main", at: tips.main) {
      try await server.serve(over: .http) { try await clone.push("staging", "main", to: $0, extra: $1) }
    }
    #expect(try await server.tip("staging") == tips.staging)
    // What pre-receive had left for that push goes with the next.
    let before = try Self.kept(server)
    let next = try await clone.change("b", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("topic", at: next) {
      try await clone.push("\(next):refs/heads/topic", "\(next):refs/heads/other")
    }
    #expect(before.count == 1)
    #expect(try Self.kept(server).count == 1 && Self.kept(server) != before)
  }

  @Test func oneBadRefAmongSeveral() async throws {
    let (server, clone) = try await Self.make()
    _ = try await Self.release(server, clone)
    let evil = try await clone.commit("evil", "evil\n")
    try await server.expectRefused("refs/heads/main") { try await clone.push("staging", "\(evil):refs/heads/main") }
    #expect(try Self.kept(server).isEmpty)
  }

  /// What pre-receive has accepted holds for these very moves only, even in the process of the same push.
  @Test func anotherHookOfTheSamePushMovesNothing() async throws {
    let (server, clone) = try await Self.make()
    let tips = try await Self.release(server, clone)
    let evil = try await clone.commit("evil", "evil\n")
    try await server.sandbox.must(["git", "-C", server.path, "fetch", "--quiet", clone.path, evil])
    _ = try server.sandbox.script(
      "stagex.git/hooks/post-receive",
      "#!/bin/sh\nfor name in main topic; do git update-ref refs/heads/$name \(evil); done\n")
    try await server.expectAccepted("main", at: tips.main) {
      try await clone.push("staging", "\(tips.main):refs/heads/main")
    }
    // The twin: the same hand on a ref that nobody protects.
    #expect(try await server.tip("topic") == evil)
  }

  @Test func gitPacksItsRefs() async throws {
    let (server, clone) = try await Self.make()
    let tip = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
    for words in [["pack-refs", "--all"], ["gc", "--quiet"], ["pack-refs", "--all", "--prune"]] {
      let result = try await server.sandbox.run(["git", "-C", server.path] + words)
      #expect(result.status == 0, "\(words): \(result)")
    }
    #expect(!FileManager.default.fileExists(atPath: server.path + "/refs/heads/staging"))
    #expect(try await server.tip("staging") == tip)
    // What is packed can be deleted as little as before, however git is told to.
    for words in [
      ["update-ref", "-d", "refs/heads/staging"], ["update-ref", "-d", "refs/heads/staging", tip],
      ["branch", "-D", "staging"],
    ] {
      let result = try await server.sandbox.run(["git", "-C", server.path] + words)
      #expect(result.status != 0 && result.error.contains("deletion"), "\(words): \(result)")
      #expect(try await server.tip("staging") == tip)
    }
    // Loose over packed, with another value: still a deletion.
    let next = try await clone.change("b", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: next) { try await clone.push("staging") }
    let result = try await server.sandbox.run([
      "git", "-C", server.path, "update-ref", "-d", "refs/heads/staging", next,
    ])
    #expect(result.status != 0 && result.error.contains("deletion"), "\(result)")
    let gc = try await server.sandbox.run(["git", "-C", server.path, "gc", "--quiet"])
    #expect(gc.status == 0, "\(gc)")
  }

  static let zero = String(repeating: "0", count: 40)

  /// The lines of git 2.46 and later, given as that git gives them: the machine's may be older.
  @Test(arguments: [
    ("\(zero) ref:refs/heads/evil refs/heads/main", 1), ("\(zero) ref:refs/heads/main refs/heads/main", 1),
    ("ref:refs/heads/x ref:refs/heads/evil refs/heads/staging", 1),
    ("\(zero) ref:refs/heads/evil refs/tags/2026.01.0", 1),
    ("\(zero) ref:refs/heads/main refs/heads/MAIN", 1),
    ("\(zero) ref:refs/heads/main refs/heads/alias", 0),
    ("\(zero) ref:refs/remotes/origin/main refs/remotes/origin/HEAD", 0),
    ("ref:refs/heads/main ref:refs/heads/staging HEAD", 0), ("\(zero) ref: refs/heads/alias", 2), ("\(zero) ref:x", 2),
    ("x", 2),
    ("\(zero) \(zero) refs/heads/main", 1), ("\(zero) \(zero) refs/heads/nowhere", 0),
  ])
  func symbolicRefs(line: String, status: Int) async throws {
    let (server, _) = try await Scene.shared()
    let result = try await server.sandbox.run(
      ["hooks/reference-transaction", "prepared"], in: server.path, extra: ["GIT_DIR": "."],
      input: Array((line + "\n").utf8))
    #expect(Int(result.status) == status || (status == 1 && result.status == 2), "\(result)")
    if status > 0 { #expect(result.error.hasPrefix("error: no ref is moved"), "\(result)") }
  }

  /// A deletion in the words of a pruned file, while the lock on the packed refs is held as git holds it for a
  /// deletion.
  @Test func aDeletionThatLooksPruned() async throws {
    let (server, _) = try await Self.make()
    let line = Array("\(server.start) \(Self.zero) refs/heads/staging\n".utf8)
    func ask() async throws -> Finished {
      try await server.sandbox.run(
        ["hooks/reference-transaction", "prepared"], in: server.path, extra: ["GIT_DIR": "."], input: line)
    }
    #expect(try await ask().status == 1)  // not packed
    try await server.sandbox.must(["git", "-C", server.path, "pack-refs", "--all"])
    #expect(try await ask().status == 0)
    #expect(FileManager.default.createFile(atPath: server.path + "/packed-refs.lock", contents: nil))
    #expect(try await ask().status == 1)
  }

  private enum Scene {
    static let made = Task { try await BackstopTests.make() }
    static func shared() async throws -> (server: Server, clone: Clone) { try await made.value }
  }

  private static func kept(_ server: Server) throws -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: server.path + "/stagex-maint")) ?? []
    return names.filter { $0.hasPrefix("push-") }
  }
}
