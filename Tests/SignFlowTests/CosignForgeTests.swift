import Support
import Testing

/// `cosign` against a forge whose interface is held against Forgejo's own description.
@Suite(.enabled(if: VirtualCard.isPossible && TestForge.isPossible, "needs gnupg, scdaemon, cc, git, curl and python3-cryptography"))
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
      registry += "[people.\(person)]\nname = \"\(person)\"\n[keys.\(person).card]\nid = \"\(card.fingerprint)\"\ndevices = \"YubiKey 5\"\n"
      files["\(card.fingerprint).asc"] = String(decoding: try card.certificate(), as: UTF8.self)
    }
    try Tool.succeed("mkdir", ["-p", "\(seed.path)/keys"])
    for (name, text) in files { try CosignServer.write("\(seed.path)/keys/\(name)", Array(text.utf8)) }
    try CosignServer.write("\(seed.path)/MAINTAINERS", Array(registry.utf8))
    try seed.git("add", ".")
    start = try seed.commit("Registry")
    try seed.push(as: "alice", "HEAD:refs/heads/staging")
    for (key, value) in [("maint.trustRoot", start), ("maint.program", CosignServer.program)] {
      try Tool.succeed("git", ["-C", forge.path(), "config", key, value])
    }
    try Tool.succeed("git", ["-C", forge.path(), "symbolic-ref", "HEAD", "refs/heads/staging"])
    try forge.installHook("\(Tool.packageFolder)/hooks/pre-receive")
  }

  func run(_ person: String, _ arguments: String...) throws -> Tool.Result {
    let clone = "\(folder.path)/\(person)"
    if try Tool.run("test", ["-d", clone]).status != 0 {
      try Tool.succeed("git", ["clone", "-q", forge.remote(), clone])
      let helper = "!f() { echo username=\(person); echo password=pw-\(person); }; f"
      for (key, value) in [
        ("user.name", person), ("user.email", "\(person)@example.org"), ("maint.trustRoot", start), ("maint.forge", "forgejo"),
        ("credential.\(forge.url).helper", helper),
      ] { try Tool.succeed("git", ["-C", clone, "config", key, value]) }
    }
    let environment = (cards[person]?.environment ?? [:]).merging(["MAINT_TOKEN": forge.token(of: person)]) { $1 }
    return try Tool.run(CosignServer.program, arguments, environment: environment, folder: clone, seconds: 120)
  }

  @Test func `From a fork: adopted where the author allows it, merged by the other, and the forge is told`() throws {
    let (number, head) = try forge.openPullRequest(title: #"Add \u001b[2Jf"#)
    let closed = try run("alice", "cosign", "PR-\(number)", "--reviewed", head)
    #expect(closed.status == 1, "\(closed.all)")
    #expect(closed.errorText.contains("does not allow maintainers to push to bob/stagex:topic"), "\(closed.all)")
    #expect(!closed.output.contains(0x1B))
    try forge.call("PATCH", "/repos/\(TestForge.repository)/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    let adopted = try run("alice", "cosign", "PR-\(number)", "--reviewed", head)
    #expect(adopted.status == 0, "\(adopted.all)")
    let adoption = try Tool.succeed("git", ["-C", forge.path(TestForge.fork), "rev-parse", "topic"]).line
    #expect(adoption != head)
    let merged = try run("dave", "cosign", "\(forge.url)/\(TestForge.repository)/pulls/\(number)", "--reviewed", adoption)
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
    #expect(result.errorText.contains("the forge says the head is \(start.prefix(12)), its repository says \(head.prefix(12))"), "\(result.all)")
    // A forge that says nothing at all is not needed: git alone knows the head, the person the branch.
    try forge.behave(hostileBy: #"{"path": "^/api/v1/", "do": {"reply": {"status": 503}}}"#)
    let silent = try run("alice", "cosign", "PR-\(number)", "--base", "staging", "--dry-run")
    #expect(silent.status == 0, "\(silent.all)")
    #expect(silent.errorText.contains("so git alone is asked"))
  }

  @Test func `Another repository's pull request is none of ours`() throws {
    let result = try run("alice", "cosign", "\(forge.url)/bob/stagex/pulls/1", "--dry-run")
    #expect(result.status == 64, "\(result.all)")
    #expect(result.errorText.contains("is none of this repository's remotes"))
  }
}
