import SignFlow
import Support
import Testing

/// `cosign` against GitHub and GitLab. On both nobody pushes to a request's own ref, and a pushed merge closes the
/// request.
extension CosignForgeTests {
  /// How each writes a request, and where it keeps its head.
  static let others: [(kind: ForgeKind, mark: String)] = [(.github, "#"), (.gitlab, "!")]

  /// Makes the forge and both clones into another kind.
  func become(_ kind: ForgeKind) throws {
    for setting in ["autodetect", "read_only_heads"] + (kind == .gitlab ? ["merge_requests"] : []) {
      try forge.forge("set", TestForge.repository, setting, "true")
    }
    // GitLab has no such refs.
    if kind == .gitlab {
      try Tool.succeed("git", ["-C", forge.path(), "config", "uploadpack.hideRefs", "refs/pull"])
    }
    for person in cards.keys {
      try Tool.succeed("git", ["-C", clone(person), "config", "maint.forge", kind.rawValue])
    }
  }

  /// Each branch of a repository and the commit it is on.
  private func branches(_ repository: String) throws -> String {
    try Tool.succeed("git", ["-C", forge.path(repository), "for-each-ref", "refs/heads"]).text
  }

  @Test(arguments: others)
  func `From a fork: adopted, merged, and closed by the forge itself`(kind: ForgeKind, mark: String) throws {
    try become(kind)
    let (number, head) = try forge.openPullRequest()
    let before = try branches(TestForge.fork)
    let closed = try run("alice", "cosign", "\(mark)\(number)", "--reviewed", head)
    #expect(closed.status == 1, "\(closed.all)")
    #expect(closed.errorText.contains("does not allow maintainers to push to bob/stagex:topic"), "\(closed.all)")
    #expect(try branches(TestForge.fork) == before)
    try forge.call(
      "PATCH", "/repos/\(TestForge.repository)/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)

    let adopted = try run("alice", "cosign", "\(mark)\(number)", "--reviewed", head)
    #expect(adopted.status == 0, "\(adopted.all)")
    let name = kind == .gitlab ? "!\(number)" : "PR-\(number)"
    #expect(
      adopted.text.contains("\(name) onto staging") && adopted.text.contains("pushed to \(name)"), "\(adopted.all)")
    let adoption = try Tool.succeed("git", ["-C", forge.path(TestForge.fork), "rev-parse", "topic"]).line
    #expect(adoption != head)

    let merged = try run("dave", "cosign", "\(mark)\(number)", "--reviewed", adoption)
    #expect(merged.status == 0, "\(merged.all)")
    let log = try Tool.succeed("git", ["-C", forge.path(), "log", "-1", "--format=%P %s", "staging"]).line
    #expect(
      log
        == """
        \(start) \(adoption) Merge \(kind == .gitlab ? "merge" : "pull") request 'Add f' \
        (\(mark)\(number)) from bob/stagex:topic into staging
        """
    )
    // Told by nobody: the forge looks at the branch.
    #expect(!merged.errorText.contains("note: the forge"), "\(merged.all)")
    let again = try run("alice", "cosign", "\(mark)\(number)")
    #expect(again.status == 1 && again.errorText.contains("\(name) is already in staging"), "\(again.all)")
    let state = try forge.call("GET", "/repos/\(TestForge.repository)/pulls/\(number)", as: "carol")
    #expect(state.contains(#""merged": true"#))
  }

  @Test(arguments: others)
  func `A head that the forge lies about is found out`(kind: ForgeKind, mark: String) throws {
    try become(kind)
    let (number, head) = try forge.openPullRequest()
    try forge.call(
      "PATCH", "/repos/\(TestForge.repository)/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    let member = kind == .gitlab ? "sha" : "head.sha"
    let before = try branches(TestForge.repository) + branches(TestForge.fork)
    try forge.behave(
      hostileBy:
        "{\"path\": \"/(pulls|merge_requests)/\(number)$\", \"do\": {\"patch\": {\"\(member)\": \"\(start)\"}}}")
    let lied = try run("alice", "cosign", "\(mark)\(number)", "--reviewed", head)
    #expect(lied.status == 1, "\(lied.all)")
    #expect(lied.errorText.contains("the forge says the head is \(start.prefix(12))"), "\(lied.all)")
    #expect(try branches(TestForge.repository) + branches(TestForge.fork) == before)
    try forge.behave()
    let honest = try run("alice", "cosign", "\(mark)\(number)", "--reviewed", head)
    #expect(honest.status == 0, "\(honest.all)")
  }

  // Their own refs take no push, and without the interface nobody says which branch they come from.
  @Test(arguments: others)
  func `Without its interface nothing is adopted there, but merged it can be`(kind: ForgeKind, mark: String) throws {
    try become(kind)
    let (number, head) = try forge.openPullRequest()
    try forge.behave(hostileBy: #"{"path": "^/api/", "do": {"reply": {"status": 503}}}"#)
    let adopted = try run("alice", "cosign", "\(mark)\(number)", "--base", "staging", "--reviewed", head)
    #expect(adopted.status == 1, "\(adopted.all)")
    #expect(
      adopted.errorText.contains("the forge does not say which branch \(kind.headRef(of: number)) comes from"),
      "\(adopted.all)")
    try forge.behave()
    try forge.call(
      "PATCH", "/repos/\(TestForge.repository)/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    #expect(try run("alice", "cosign", "\(mark)\(number)", "--reviewed", head).status == 0)
    let adoption = try Tool.succeed("git", ["-C", forge.path(TestForge.fork), "rev-parse", "topic"]).line
    try forge.behave(hostileBy: #"{"path": "^/api/", "do": {"reply": {"status": 503}}}"#)
    let merged = try run("dave", "cosign", "\(mark)\(number)", "--base", "staging", "--reviewed", adoption)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(try Tool.succeed("git", ["-C", forge.path(), "rev-parse", "staging^2"]).line == adoption)
  }
}
