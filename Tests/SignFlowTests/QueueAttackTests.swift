import Support
import Testing

/// One request that lies, or whose ref is no commit, spoils the list of the others for nobody.
extension CosignForgeTests {
  @Test func `An over-long branch name costs its own request and no other`() throws {
    let (honest, _) = try forge.openPullRequest()
    let long = Array(repeating: String(repeating: "x", count: 200), count: 6).joined(separator: "/")
    let (second, _) = try forge.openPullRequest(branch: "second", title: "Add g", files: ["g": "2\n"])
    try forge.behave(
      hostileBy: "{\"path\": \"/pulls$\", \"times\": 1, \"do\": {\"patch\": {\"0.head.ref\": \"\(long)\"}}}")
    let queue = try run("alice", "queue")
    #expect(queue.status == 0, "\(queue.all)")
    #expect(
      queue.text.contains("PR-\(honest) onto staging") != queue.text.contains("PR-\(second) onto staging"),
      "\(queue.all)")
    #expect(
      queue.errorText.contains("makes no sense") && !queue.errorText.contains("the forge does not answer"),
      "\(queue.all)")
    try forge.behave()
    let again = try run("alice", "queue")
    #expect(
      again.text.contains("PR-\(honest) onto staging") && again.text.contains("PR-\(second) onto staging"),
      "\(again.all)")
  }
}

@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct QueueAttackTests {
  let alice: VirtualCard
  let server: CosignServer

  init() throws {
    alice = try VirtualCard()
    server = try CosignServer(
      ["alice": alice, "bob": try VirtualCard(name: "Bob")], policy: "version = 1\nrepository = \"example.org/os\"\n")
    try server.pullRequest(1)
  }

  @Test(arguments: ["blob", "tree", "tag"])
  func `A request whose ref is no commit is told, and hides no other`(kind: String) throws {
    let object =
      switch kind {
      case "blob": try Tool.succeed("git", ["-C", server.path, "rev-parse", "staging:packages"]).line
      case "tree": try Tool.succeed("git", ["-C", server.path, "rev-parse", "staging^{tree}"]).line
      default:
        try Tool.succeed(
          "git", ["-C", server.path, "mktag"],
          input: Array(
            """
            object \(try Tool.succeed("git", ["-C", server.path, "rev-parse", "staging:packages"]).line)
            type blob
            tag t
            tagger T <t@x> 1700000000 +0000

            x

            """
            .utf8)
        ).line
      }
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/pull/7/head", object])
    let queue = try server.run("alice", ["queue", "--base", "staging"])
    #expect(queue.status == 0 && queue.text.contains("PR-1 onto staging"), "\(queue.all)")
    #expect(queue.text.contains("its head is no commit"), "\(queue.all)")
    let cosign = try server.run("alice", ["cosign", "7", "--dry-run"])
    #expect(cosign.status != 0 && cosign.errorText.contains("it is no commit"), "\(cosign.all)")
  }

  @Test func `A branch that lies is not judged against`() throws {
    let work = "\(server.folder.path)/w"
    try Tool.succeed("git", ["clone", "--quiet", "file://\(server.path)", work])
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "--allow-empty", "-m", "by nobody"])
    try Tool.succeed("git", ["-C", server.path, "fetch", "--quiet", work, "staging:refs/heads/lie"])
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", "refs/heads/lie"])
    let queue = try server.run("alice", ["queue", "--base", "staging"])
    #expect(queue.text.contains("is not what the rule accepts from the trust root on"), "\(queue.all)")
    #expect(!queue.text.contains("you can"), "\(queue.all)")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", server.start])
    #expect(try server.run("alice", ["queue", "--base", "staging"]).text.contains("you can adopt it"))
  }
}
