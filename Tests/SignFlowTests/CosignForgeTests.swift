import Support
import Testing

/// `cosign` against a forge whose interface is held against Forgejo's own description.
@Suite(
  .enabled(
    if: VirtualCard.isPossible && TestForge.isPossible, "needs gnupg, scdaemon, cc, git, curl and python3-cryptography")
)
struct CosignForgeTests {
  let forge: TestForge
  let cards: [String: VirtualCard]
  let folder: TemporaryFolder
  let start: String

  /// Alice and Dave are maintainers and write to stagex/stagex, behind our hook.
  init() throws {
    forge = try TestForge()
    folder = try TemporaryFolder()
    cards = ["alice": try VirtualCard(), "dave": try VirtualCard(name: "Dave")]
    let seed = try forge.clone()
    try seed.git("checkout", "-q", "-b", "staging", "origin/staging")
    var files: [String: String] = [:]
    var registry = "[people]\n"
    for (person, card) in cards.sorted(by: { $0.key < $1.key }) {
      registry += CosignServer.entry(person, card)
      files["\(card.fingerprint).asc"] = String(decoding: try card.certificate(), as: UTF8.self)
    }
    try Tool.succeed("mkdir", ["-p", "\(seed.path)/keys"])
    for (name, text) in files { try CosignServer.write("\(seed.path)/keys/\(name)", Array(text.utf8)) }
    try CosignServer.write("\(seed.path)/MAINTAINERS", Array(registry.utf8))
    try seed.git("add", ".")
    start = try seed.commit("Registry")
    try seed.push(as: "alice", "HEAD:refs/heads/staging")
    for (key, value) in [
      ("maint.trustRoot", start), ("maint.lead", "staging"), ("maint.program", CosignServer.program),
    ] {
      try Tool.succeed("git", ["-C", forge.path(), "config", key, value])
    }
    try Tool.succeed("git", ["-C", forge.path(), "symbolic-ref", "HEAD", "refs/heads/staging"])
    try forge.installHook("\(Tool.packageFolder)/hooks/pre-receive")
  }

  /// A maintainer's clone, made at the first call.
  func clone(_ person: String) throws -> String {
    let clone = "\(folder.path)/\(person)"
    if try Tool.run("test", ["-d", clone]).status != 0 {
      try Tool.succeed("git", ["clone", "-q", forge.remote(), clone])
      let helper = "!f() { echo username=\(person); echo password=pw-\(person); }; f"
      for (key, value) in [
        ("user.name", person), ("user.email", "\(person)@example.org"), ("maint.trustRoot", start),
        ("maint.lead", "staging"), ("maint.forge", "forgejo"),
        ("credential.\(forge.url).helper", helper),
      ] { try Tool.succeed("git", ["-C", clone, "config", key, value]) }
    }
    return clone
  }

  func run(_ person: String, _ arguments: String...) throws -> Tool.Result {
    let environment = (cards[person]?.environment ?? [:]).merging(["MAINT_TOKEN": forge.token(of: person)]) { $1 }
    var arguments = arguments
    if let place = arguments.firstIndex(of: "--reviewed") {
      let base = try Tool.succeed("git", ["-C", forge.path(), "rev-parse", "staging"]).line
      arguments[place + 1] = "\(person == "alice" ? "adopt" : "merge"):\(base)..\(arguments[place + 1])"
    }
    return try Tool.run(CosignServer.program, arguments, environment: environment, folder: clone(person), seconds: 120)
  }

  @Test func `From a fork: adopted where the author allows it, merged by the other, and the forge is told`() throws {
    let (number, head) = try forge.openPullRequest(title: #"Add \u001b[2Jf"#)
    let closed = try run("alice", "cosign", "PR-\(number)", "--reviewed", head)
    #expect(closed.status == 1, "\(closed.all)")
    #expect(closed.errorText.contains("does not allow maintainers to push to bob/stagex:topic"), "\(closed.all)")
    #expect(!closed.output.contains(0x1B))
    try forge.call(
      "PATCH", "/repos/\(TestForge.repository)/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    let adopted = try run("alice", "cosign", "PR-\(number)", "--reviewed", head)
    #expect(adopted.status == 0, "\(adopted.all)")
    let adoption = try Tool.succeed("git", ["-C", forge.path(TestForge.fork), "rev-parse", "topic"]).line
    #expect(adoption != head)
    let merged = try run(
      "dave", "cosign", "\(forge.url)/\(TestForge.repository)/pulls/\(number)", "--reviewed", adoption)
    #expect(merged.status == 0, "\(merged.all)")
    let state = try forge.call("GET", "/repos/\(TestForge.repository)/pulls/\(number)", as: "carol")
    #expect(state.contains(#""merged": true"#), "\(merged.all)")
    if forge.isContractChecked { #expect(try forge.violations() == []) }
  }

  @Test func `A forge that lies about the head is found out before anything is signed`() throws {
    let (number, head) = try forge.openPullRequest()
    try forge.behave(hostileBy: "{\"path\": \"/pulls/\(number)$\", \"do\": {\"patch\": {\"head.sha\": \"\(start)\"}}}")
    let result = try run("alice", "cosign", "PR-\(number)", "--reviewed", head)
    #expect(result.status == 1, "\(result.all)")
    #expect(
      result.errorText.contains(
        "the forge says the head is \(start.prefix(12)), its repository says \(head.prefix(12))"), "\(result.all)")
    // A forge that says nothing at all is not needed: git alone knows the head, the person the branch.
    try forge.behave(hostileBy: #"{"path": "^/api/v1/", "do": {"reply": {"status": 503}}}"#)
    let silent = try run("alice", "cosign", "PR-\(number)", "--base", "staging", "--dry-run")
    #expect(silent.status == 0, "\(silent.all)")
    #expect(silent.errorText.contains("so git alone is asked"))
  }

  @Test func `A merge that was pushed before the forge was told is told by the next run`() throws {
    let (number, head) = try forge.openPullRequest()
    let page = "/repos/\(TestForge.repository)/pulls/\(number)"
    try forge.call("PATCH", page, as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    #expect(try run("alice", "cosign", "\(number)", "--reviewed", head).status == 0)
    let adoption = try Tool.succeed("git", ["-C", forge.path(TestForge.fork), "rev-parse", "topic"]).line
    try forge.behave(hostileBy: #"{"path": "/merge$", "do": {"reply": {"status": 503}}}"#)
    let untold = try run("dave", "cosign", "\(number)", "--reviewed", adoption)
    #expect(untold.status == 0, "\(untold.all)")
    #expect(untold.errorText.contains("the forge could not be told"), "\(untold.all)")
    #expect(try !forge.call("GET", page, as: "carol").contains(#""merged": true"#))
    try forge.behave()
    let told = try run("dave", "cosign", "\(number)")
    #expect(told.status == 0, "\(told.all)")
    #expect(told.text.contains("the forge has been told"), "\(told.all)")
    #expect(try forge.call("GET", page, as: "carol").contains(#""merged": true"#))
  }

  @Test func `A request that is closed is not signed; opened again it is`() throws {
    let (number, head) = try forge.openPullRequest()
    let page = "/repos/\(TestForge.repository)/pulls/\(number)"
    try forge.call("PATCH", page, as: "bob", body: #"{"allow_maintainer_edit": true, "state": "closed"}"#)
    let closed = try run("alice", "cosign", "\(number)", "--reviewed", head)
    #expect(closed.status == 1, "\(closed.all)")
    #expect(closed.errorText.contains("the forge says that PR-\(number) is closed"), "\(closed.all)")
    try forge.call("PATCH", page, as: "bob", body: #"{"state": "open"}"#)
    #expect(try run("alice", "cosign", "\(number)", "--reviewed", head).status == 0)
  }

  @Test func `The address of a page picks the remote that has it`() throws {
    let (number, _) = try forge.openPullRequest()
    _ = try run("alice", "queue")
    let clone = "\(folder.path)/alice"
    try Tool.succeed("git", ["-C", clone, "remote", "rename", "origin", "upstream"])
    try Tool.succeed("git", ["-C", clone, "remote", "add", "origin", forge.remote(TestForge.fork)])
    let page = try run("alice", "cosign", "\(forge.url)/\(TestForge.repository)/pulls/\(number)", "--dry-run")
    #expect(!page.errorText.contains("none of this repository's remotes"), "\(page.all)")
    #expect(page.text.contains("PR-\(number) onto staging"), "\(page.all)")
  }

  @Test func `A request whose head is missing does not hide the others from the queue`() throws {
    let (number, _) = try forge.openPullRequest()
    let (second, _) = try forge.openPullRequest(branch: "second", title: "Add g", files: ["g": "2\n"])
    try Tool.succeed("git", ["-C", forge.path(), "config", "transfer.hideRefs", "refs/pull/\(number)/head"])
    let queue = try run("alice", "queue")
    #expect(queue.status == 0, "\(queue.all)")
    #expect(queue.errorText.contains("the forge speaks of PR-\(number)"), "\(queue.all)")
    #expect(queue.text.contains("PR-\(second) onto staging"), "\(queue.all)")
  }

  @Test func `Without the forge it says where the adoption goes, and that a fork may drop it`() throws {
    let (number, head) = try forge.openPullRequest()
    try forge.behave(hostileBy: #"{"path": "^/api/v1/", "do": {"reply": {"status": 503}}}"#)
    try forge.forge("set", TestForge.repository, "hold_sync", "true")
    let silent = try run("alice", "cosign", "\(number)", "--base", "staging", "--reviewed", head)
    #expect(silent.status == 0, "\(silent.all)")
    #expect(silent.text.contains("without the forge nothing tells"), "\(silent.all)")
    #expect(
      try Tool.succeed("git", ["-C", forge.path(), "rev-parse", "refs/pull/\(number)/head"]).line != head)
    // As it said: the forge brings the fork's branch back, and with it nobody's signature.
    try forge.forge("set", TestForge.repository, "hold_sync", "false")
    let after = try run("dave", "cosign", "\(number)", "--base", "staging", "--dry-run")
    #expect(after.text.contains("counts 0 of 2"), "\(after.all)")
  }

  @Test func `Another repository's pull request is none of ours`() throws {
    let result = try run("alice", "cosign", "\(forge.url)/bob/stagex/pulls/1", "--dry-run")
    #expect(result.status == 64, "\(result.all)")
    #expect(result.errorText.contains("is none of this repository's remotes"))
  }
}
