import Foundation
import Support
import Testing

/// The record that a CI keeps: only of pushes that have happened, that were accepted, and where somebody asks for one.
@Suite struct GateLedgerTests {
  /// Tells the gate of a push to `main` as Woodpecker does, in a clone that is made for it.
  private func gate(
    _ scene: FetchTests.Scene, from before: String, to after: String, ledger: String?, settings: [(String, String)] = []
  ) async throws -> Finished {
    let (server, path) = (scene.server, "\(scene.server.sandbox.path)/job")
    try await server.sandbox.must(["rm", "-rf", path])
    try await server.sandbox.must(["git", "clone", "--quiet", "file://\(server.path)", path])
    for (key, value) in settings + [("maint.trustRoot", server.start)] {
      try await server.sandbox.must(["git", "config", key, value], in: path)
    }
    return try await server.sandbox.run(
      [ServerProgram.command, "gate", "--format", "json"] + (ledger.map { ["--ledger", $0] } ?? []), in: path,
      extra: [
        "CI_PIPELINE_EVENT": "push", "CI_REPO_CLONE_URL": "file://\(server.path)", "CI_COMMIT_SHA": after,
        "CI_COMMIT_BRANCH": "main",
        "CI_COMMIT_REF": "refs/heads/main", "CI_PREV_COMMIT_SHA": before, "CI_PREV_COMMIT_BRANCH": "main",
        "CI_PREV_PIPELINE_EVENT": "push",
      ])
  }

  /// What the record holds, read by its published form.
  private func show(_ folder: String) -> [(by: String, since: String, new: String)] {
    let text = (try? String(contentsOfFile: "\(folder)/remote-origin/ledger", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: " ").map(String.init)
      return (fields[3], fields[2], fields[5])
    }
  }

  @Test func `a push that was accepted is entered, with each of its steps`() async throws {
    let scene = try await FetchTests.Scene.make()
    let folder = "\(scene.server.sandbox.path)/kept"
    let result = try await gate(scene, from: scene.states[0], to: scene.states[2], ledger: folder)
    #expect(result.status == 0, "\(result.output)\(result.error)")
    let moves = show(folder)
    #expect(moves.map(\.new) == [scene.states[1], scene.states[2]])
    #expect(moves.allSatisfy { $0.by == "gate" })
    // Nobody had looked before.
    #expect(moves.allSatisfy { $0.since == "0" })
    // Told twice, entered once.
    _ = try await gate(scene, from: scene.states[0], to: scene.states[2], ledger: folder)
    #expect(show(folder).count == 2)
  }

  /// The twins: the same push, refused; accepted, and nobody asks for a record.
  @Test func `what is refused is not entered, and nothing where nobody asks`() async throws {
    let scene = try await FetchTests.Scene.make()
    let folder = "\(scene.server.sandbox.path)/kept"
    let evil = try await scene.clone.change("evil", by: scene.server.team.alice, mergedBy: scene.server.team.alice)
    try await scene.clone.git("push", "--quiet", "--no-verify", scene.server.path, "main:refs/heads/x")
    try await scene.server.lie("refs/heads/main", evil)
    #expect(try await gate(scene, from: scene.states[2], to: evil, ledger: folder).status == 1)
    #expect(show(folder).isEmpty)
    try await scene.server.lie("refs/heads/main", scene.states[2])
    #expect(try await gate(scene, from: scene.states[1], to: scene.states[2], ledger: nil).status == 0)
    #expect(!FileManager.default.fileExists(atPath: "\(scene.server.sandbox.path)/job/.git/stagex-maint/ledger"))
    let configured = try await gate(
      scene, from: scene.states[1], to: scene.states[2], ledger: nil, settings: [("maint.ledger", folder)])
    #expect(configured.status == 0, "\(configured.output)\(configured.error)")
    #expect(show(folder).count == 1)
  }

  /// Attack: a push whose message says [skip ci] is judged by nobody; the next one must not hide that.
  @Test func `a push that no job has seen is noticed at the next`() async throws {
    var scene = try await FetchTests.Scene.make()
    let folder = "\(scene.server.sandbox.path)/kept"
    #expect(try await gate(scene, from: scene.states[0], to: scene.states[1], ledger: folder).status == 0)
    let tip = try await scene.step()
    let result = try await gate(scene, from: scene.states[2], to: tip, ledger: folder)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("no gate has entered how it came from there"), "\(result.output)")
    let honest = try await gate(scene, from: tip, to: tip, ledger: folder)
    #expect(!honest.output.contains("no gate has entered"), "\(honest.output)")
  }

  /// A request moves nothing: an entry would be a witness for a move that nobody made.
  @Test func `a request is not entered`() async throws {
    let scene = try await FetchTests.Scene.make()
    let folder = "\(scene.server.sandbox.path)/kept"
    _ = try await gate(scene, from: scene.states[0], to: scene.states[0], ledger: nil)
    let result = try await scene.server.sandbox.run(
      [
        ServerProgram.command, "-C", "job", "gate", "--base", scene.states[0], "--head", "\(scene.states[1])^2",
        "--target", "main", "--ledger",
        folder,
      ])
    #expect(result.status == 0, "\(result.output)\(result.error)")
    #expect(show(folder).isEmpty)
  }
}
