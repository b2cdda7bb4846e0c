import Support
import Testing

/// Servers and forges that lie about the branch that a request is bound for, each with a twin that passes.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignBaseTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer

  init() throws {
    (alice, bob, server) = try CosignServer.withTwo()
  }

  /// A commit by nobody on top of another one, put where the server shows it.
  func plant(_ ref: String, on parent: String, _ files: [String: String]) throws -> String {
    let work = "\(server.folder.path)/planted-\(ref.split(separator: "/").last!)"
    try Tool.succeed("git", ["clone", "--quiet", "file://\(server.path)", work])
    try Tool.succeed("git", ["-C", work, "checkout", "--quiet", "--detach", parent])
    for (name, text) in files { try CosignServer.write("\(work)/\(name)", Array(text.utf8)) }
    try Tool.succeed("git", ["-C", work, "add", "--all"])
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "--allow-empty", "-m", "Planted"])
    let commit = try Tool.succeed("git", ["-C", work, "rev-parse", "HEAD"]).line
    try Tool.succeed("git", ["-C", server.path, "fetch", "--quiet", work, commit])
    try Tool.succeed("git", ["-C", server.path, "update-ref", ref, commit])
    return commit
  }

  func refuses(_ words: [String], _ reason: String, status: Int32 = 1, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    let before = try (alice.signatureCount(), server.refs())
    let result = try server.run("alice", ["cosign", "1"] + words)
    #expect(result.status == status, "\(result.all)", sourceLocation: location)
    #expect(result.errorText.contains(reason), "\(result.all)", sourceLocation: location)
    // Nothing of the branch was shown, and nothing signed.
    #expect(result.text.isEmpty, "\(result.all)", sourceLocation: location)
    let after = try (alice.signatureCount(), server.refs())
    #expect(before == after, sourceLocation: location)
  }

  @Test(arguments: ["backdoor", "review.toml"])
  func `A tip that nobody agreed to is not the base, whatever it brings`(file: String) throws {
    let head = try server.pullRequest(1)
    _ = try plant("refs/heads/staging", on: server.start, [file: "version = 2\nthreshold = 1\nevidence = \"off\"\n"])
    try refuses(
      ["--reviewed", head], "staging, as the remote has it, is not what the rule accepts from the trust root on")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", server.start])
    #expect(try server.cosign("alice", 1).status == 0)
  }

  @Test func `A branch that was judged before and moved back is an alarm`() throws {
    try server.pullRequest(2, file: "other", as: "alice")
    #expect(try server.cosign("bob", 2).status == 0)
    let merged = try server.tip("staging")!
    // Alice has judged it, and the server shows her the old one again.
    let head = try server.pullRequest(1)
    #expect(try server.run("alice", ["cosign", "1", "--dry-run"]).status == 0)
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", server.start])
    try refuses(["--reviewed", head], "refs/heads/staging was at \(merged.prefix(12)) when it was last judged here")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", merged])
    #expect(try server.cosign("alice", 1).status == 0)
  }

  @Test func `A tip below the trust root is not the base`() throws {
    try server.pullRequest(2, file: "other", as: "alice")
    #expect(try server.cosign("bob", 2).status == 0)
    let merged = try server.tip("staging")!
    try Tool.succeed("git", ["-C", server.clone("alice"), "config", "maint.trustRoot", merged])
    let head = try server.pullRequest(1)
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", server.start])
    let result = try server.run("alice", ["cosign", "1", "--reviewed", head])
    #expect([1, 2].contains(result.status) && result.text.isEmpty, "\(result.all)")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", merged])
    #expect(try server.cosign("alice", 1).status == 0)
  }

  // The request's branch is honest, and the rules that it is judged by are old: their registry lists who has left
  // since.
  @Test func `An old lead behind a branch that follows it is an alarm`() throws {
    let follows = try CosignServer(
      ["alice": alice, "bob": bob], policy: "version = 2\n[[branch]]\nname = \"release/*\"\n")
    try Tool.succeed("git", ["-C", follows.path, "update-ref", "refs/heads/release/1", follows.start])
    try follows.pullRequest(2, file: "other", as: "alice")
    #expect(try follows.cosign("bob", 2).status == 0)
    let merged = try follows.tip("staging")!
    try follows.pullRequest(1, onto: "release/1")
    let words = ["cosign", "1", "--base", "release/1", "--dry-run"]
    #expect(try follows.run("alice", words).status == 0)
    try Tool.succeed("git", ["-C", follows.path, "update-ref", "refs/heads/staging", follows.start])
    let old = try follows.run("alice", words)
    #expect(old.status == 1 && old.text.isEmpty, "\(old.all)")
    #expect(
      old.errorText.contains("refs/heads/staging was at \(merged.prefix(12)) when it was last judged here"),
      "\(old.all)")
    try Tool.succeed("git", ["-C", follows.path, "update-ref", "refs/heads/staging", merged])
    #expect(try follows.run("alice", words).status == 0)
  }

  // A server that says "pushed" and forgets: whoever has pushed knows better from then on.
  @Test func `A branch that forgets what was just pushed is an alarm`() throws {
    try server.pullRequest(2, file: "other", as: "alice")
    #expect(try server.cosign("bob", 2).status == 0)
    let merged = try server.tip("staging")!
    try server.pullRequest(3, file: "third", as: "alice")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", server.start])
    let old = try server.run("bob", ["cosign", "3", "--dry-run"])
    #expect(
      old.status == 1 && old.errorText.contains("was at \(merged.prefix(12)) when it was last judged here"),
      "\(old.all)")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", merged])
    #expect(try server.run("bob", ["cosign", "3", "--dry-run"]).status == 0)
  }

  // The person stands in a work tree with the request checked out, and PATH begins with what is here.
  @Test(arguments: [".:", ":", "bin:"])
  func `No program of the work tree runs for one of the same name`(first: String) throws {
    try server.pullRequest(1)
    let clone = try server.clone("alice")
    let trace = "\(server.folder.path)/ran"
    try CosignServer.makeFolder("\(clone)/bin")
    for name in ["git", "gpg", "curl", "gpg-connect-agent", "gpgconf"] {
      for place in ["", "bin/"] {
        try CosignServer.write("\(clone)/\(place)\(name)", Array("#!/bin/sh\ntouch \(trace)\n".utf8))
        try Tool.succeed("chmod", ["+x", "\(clone)/\(place)\(name)"])
      }
    }
    let path = ["PATH": first + Tool.bareEnvironment["PATH"]!]
    let result = try server.run(
      "alice", ["cosign", "1", "--reviewed", "adopt:\(server.start)..\(server.tip("refs/pull/1/head")!)"], extra: path)
    #expect(result.status == 0, "\(result.all)")
    #expect(try Tool.run("test", ["-e", trace]).status != 0)
    // The trap is real.
    _ = try Tool.run("/bin/sh", ["-c", "git version"], environment: path, folder: clone)
    #expect(try Tool.run("test", ["-e", trace]).status == 0)
  }

  // The branch's own policy names it, so that a look at the branch alone finds it protected.
  @Test(arguments: ["topic", "st\u{430}ging"])
  func `A branch that only its own policy protects is none`(name: String) throws {
    let head = try server.pullRequest(1)
    _ = try plant(
      "refs/heads/\(name)", on: server.start,
      ["review.toml": "version = 2\nthreshold = 1\n[[branch]]\nname = \"\(name)\"\n"])
    try refuses(["--base", name, "--reviewed", head], "the rule does not protect the branch \(name)")
    #expect(try server.run("alice", ["cosign", "1", "--base", "staging", "--reviewed", head]).status == 0)
  }

  @Test func `Without a trust root nothing can be judged, and nothing is signed`() throws {
    let head = try server.pullRequest(1)
    let clone = try server.clone("alice")
    try Tool.succeed("git", ["-C", clone, "config", "--unset", "maint.trustRoot"])
    try refuses(["--reviewed", head], "maint.trustRoot", status: 2)
    #expect(try server.run("alice", ["cosign", "1", "--trust-root", server.start, "--reviewed", head]).status == 0)
  }

  // Reviewed for one branch, signed for another; seen on one base, signed on another.
  @Test func `What stands for the word is bound to action, base and head`() throws {
    let head = try server.pullRequest(1, as: "alice")
    let count = try bob.signatureCount()
    for (word, status) in [
      ("adopt:\(server.start)..\(head)", 64), ("merge:\(head)..\(head)", 75),
      ("merge:\(server.start)..\(server.start)", 75),
      ("merge:\(server.start.prefix(12))..\(head)", 64), ("merge:\(head)", 64), (String(head.prefix(12)), 64),
      ("solve:\(server.start)..\(head)", 64),
    ] {
      let result = try server.run("bob", ["cosign", "1", "--reviewed", word])
      #expect(result.status == Int32(status), "\(word): \(result.all)")
    }
    #expect(try bob.signatureCount() == count)
    #expect(try server.run("bob", ["cosign", "1", "--reviewed", "merge:\(server.start)..\(head)"]).status == 0)
  }

  // A branch that follows can stand where the lead does, so that the base does not tell them apart.
  @Test func `What stands for the word is bound to the branch`() throws {
    let follows = try CosignServer(
      ["alice": alice, "bob": bob], policy: "version = 2\n[[branch]]\nname = \"release/*\"\n")
    try Tool.succeed("git", ["-C", follows.path, "update-ref", "refs/heads/release/1", follows.start])
    let head = try follows.pullRequest(1, as: "alice")
    let count = try bob.signatureCount()
    let range = "\(follows.start)..\(head)"
    for (base, word) in [
      ("release/1", "merge:"), ("release/1", "merge@staging:"), ("release/1", "merge@release/2:"),
      ("staging", "merge@release/1:"), ("staging", "merge@:"),
    ] {
      let result = try follows.run("bob", ["cosign", "1", "--base", base, "--reviewed", word + range])
      #expect(result.status == 64, "\(base) \(word): \(result.all)")
    }
    #expect(try bob.signatureCount() == count)
    let looked = try follows.run("bob", ["cosign", "1", "--base", "release/1", "--dry-run"])
    #expect(looked.text.contains("--reviewed merge@release/1:\(range)"), "\(looked.all)")
    #expect(
      try follows.run("bob", ["cosign", "1", "--base", "release/1", "--reviewed", "merge@release/1:\(range)"]).status
        == 0)
  }

  // MARK: how far a signature reaches

  func message(_ ref: String) throws -> String {
    try Tool.succeed("git", ["-C", server.path, "log", "-1", "--format=%B", ref]).text
  }

  @Test func `Adoption and merge say what they were made for`() throws {
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1).status == 0)
    let bounds =
      "Reviewed-Base: \(server.start)\nReviewed-Target: refs/heads/staging\nReviewed-Repository: example.org/os\n"
    #expect(try message("refs/pull/1/head") == "Adopt\n\n\(bounds)\n")
    #expect(try server.cosign("bob", 1).status == 0)
    #expect(try message("staging") == "Merge pull request #1 into staging\n\n\(bounds)\n")
  }

  // Made before signatures had bounds, or for another branch: it says more than this review shows.
  @Test func `A kept signature without bounds is not used`() throws {
    let head = try server.pullRequest(1)
    let clone = try server.clone("alice")
    try Tool.succeed("git", ["-C", clone, "fetch", "--quiet", "origin", "refs/pull/1/head"])
    let unbound = try Tool.succeed(
      "git",
      [
        "-C", clone, "-c", "user.signingkey=\(alice.signingFingerprint)!", "commit-tree", "-S", "-p", head, "-m",
        "Adopt", "\(head)^{tree}",
      ],
      environment: alice.environment
    ).line
    #expect(try server.cosign("alice", 1, "--no-push").status == 0)
    let kept = try Tool.succeed(
      "git", ["-C", clone, "for-each-ref", "--format=%(refname)", "refs/stagex-maint/signed"]
    ).line
    let bound = try Tool.succeed("git", ["-C", clone, "rev-parse", kept]).line
    try Tool.succeed("git", ["-C", clone, "update-ref", kept, unbound])
    let again = try server.cosign("alice", 1)
    #expect(again.status == 0 && again.text.contains("1 signature: the PIN"), "\(again.all)")
    #expect(try server.tip("refs/pull/1/head") != unbound)
    #expect(bound != unbound)
  }
}
