import Support
import Testing

/// Ways around `cosign`, each stopped with its own message, and a twin that passes with one thing changed.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignAttackTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer

  init() throws {
    (alice, bob, server) = try CosignServer.withTwo()
  }

  // A forge that names a branch nobody watches would have a signature made without a judgement, and that signature
  // counts wherever the commit is carried next.
  @Test(arguments: [[], ["--adopt"], ["--merge"], ["--detached"]])
  func `Nothing is signed for a branch that the rule does not protect`(words: [String]) throws {
    let head = try server.pullRequest(1)
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/trap", server.start])
    let before = try server.refs()
    let count = try alice.signatureCount()
    let result = try server.run("alice", ["cosign", "1", "--base", "trap", "--reviewed", head] + words)
    #expect(result.status == 1, "\(result.all)")
    #expect(result.errorText.contains("the rule does not protect the branch trap"), "\(result.all)")
    #expect(try server.refs() == before)
    #expect(try alice.signatureCount() == count)
    #expect(try server.run("alice", ["cosign", "1", "--base", "staging", "--reviewed", head]).status == 0)
  }

  // Against the newer of two merge bases the taken back line is no change, and the merge takes it back all the same.
  @Test(arguments: [true, false])
  func `What a merge would bring back is shown where the histories cross`(takesBack: Bool) throws {
    let work = "\(server.folder.path)/crossing"
    try Tool.succeed("git", ["clone", "--quiet", "file://\(server.path)", work])
    func git(_ words: String..., at hour: Int = 0) throws -> String {
      let date = "2026-01-01T\(10 + hour):00:00Z"
      return try Tool.succeed(
        "git", ["-C", work] + words, environment: ["GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date]
      ).line
    }
    _ = try git("checkout", "--quiet", "--detach", server.start)
    try CosignServer.write("\(work)/packages", Array("one\ntwo, mended\nthree\n".utf8))
    _ = try git("commit", "--quiet", "--all", "-m", "Mend two", at: 1)
    let mended = try git("rev-parse", "HEAD")
    _ = try git("checkout", "--quiet", "--detach", server.start)
    try CosignServer.write("\(work)/other", Array("other\n".utf8))
    _ = try git("add", "other")
    _ = try git("commit", "--quiet", "-m", "Other", at: 2)
    let other = try git("rev-parse", "HEAD")
    _ = try git("merge", "--quiet", "--no-edit", mended, at: 3)
    let staging = try git("rev-parse", "HEAD")
    _ = try git("checkout", "--quiet", "--detach", mended)
    _ = try git("merge", "--quiet", "--no-edit", other, at: 4)
    try CosignServer.write("\(work)/more", Array("more\n".utf8))
    if takesBack { try CosignServer.write("\(work)/packages", Array("one\ntwo\nthree\n".utf8)) }
    _ = try git("add", "--all")
    _ = try git("commit", "--quiet", "-m", "More", at: 5)
    _ = try git("push", "--quiet", server.path, "HEAD:refs/pull/1/head", "\(staging):refs/heads/crossed")
    try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/staging", staging])
    try Tool.succeed("git", ["-C", server.clone("alice"), "config", "maint.trustRoot", staging])
    let result = try server.cosign("alice", 1, "--dry-run")
    #expect(result.status == 0, "\(result.all)")
    #expect(result.text.contains("! the two histories cross (2 merge bases)"), "\(result.all)")
    // From each merge base alone the two differ: it is a conflict, which no clean merge passes over.
    #expect(result.text.contains("and the merge conflicts") == takesBack, "\(result.all)")
    #expect(result.text.contains("merging conflicts in packages") == takesBack, "\(result.all)")
    #expect(result.text.contains("+1 -0  new more"), "\(result.all)")
    // What both sides have is no change.
    #expect(!result.text.contains("other\n"), "\(result.all)")
  }

  @Test func `A hook that the pull request brings does not run`() throws {
    try server.pullRequest(1, file: "packages", "one\nTWO\nthree\n", as: "alice")
    #expect(try server.cosign("bob", 1).status == 0)
    let trace = "\(server.folder.path)/ran"
    let outsider = "\(server.folder.path)/outsider"
    try Tool.succeed("git", ["-C", outsider, "checkout", "--quiet", "--detach", server.start])
    try CosignServer.makeFolder("\(outsider)/.githooks")
    for hook in ["post-checkout", "post-index-change", "post-merge", "pre-merge-commit", "reference-transaction"] {
      try CosignServer.write("\(outsider)/.githooks/\(hook)", Array("#!/bin/sh\necho \(hook) >>\(trace)\n".utf8))
      try Tool.succeed("chmod", ["+x", "\(outsider)/.githooks/\(hook)"])
    }
    try CosignServer.write("\(outsider)/packages", Array("one\n2\nthree\n".utf8))
    try Tool.succeed("git", ["-C", outsider, "add", "--all"])
    try Tool.succeed("git", ["-C", outsider, "commit", "--quiet", "-m", "Conflict, with hooks"])
    try Tool.succeed("git", ["-C", outsider, "push", "--quiet", "origin", "HEAD:refs/pull/2/head"])
    let clone = try server.clone("bob")
    try Tool.succeed("git", ["-C", clone, "config", "core.hooksPath", ".githooks"])
    let conflict = try server.cosign("bob", 2, "--merge")
    #expect(conflict.errorText.contains("merging conflicts in packages"), "\(conflict.all)")
    #expect(try Tool.run("test", ["-e", trace]).status != 0)
    // The trap is real: git by itself walks into it.
    try Tool.succeed(
      "git", ["-C", clone, "worktree", "add", "--quiet", "--detach", "\(trace)-tree", "refs/stagex-maint/pr/2"])
    #expect(try Tool.run("test", ["-e", trace]).status == 0)
  }

  @Test func `Garbage at the place of a co-signature is not taken for it`() throws {
    let head = try server.pullRequest(1)
    func plant(_ path: String) throws {
      let blob = try Tool.succeed(
        "git", ["-C", server.path, "hash-object", "-w", "--stdin"], input: Array("garbage".utf8)
      ).line
      let index = ["GIT_INDEX_FILE": "\(server.folder.path)/index"]
      try Tool.succeed("rm", ["-f", "\(server.folder.path)/index"])
      try Tool.succeed(
        "git", ["-C", server.path, "update-index", "--add", "--cacheinfo", "100644,\(blob),\(path)"],
        environment: index)
      let tree = try Tool.succeed("git", ["-C", server.path, "write-tree"], environment: index).line
      let commit = try Tool.succeed("git", ["-C", server.path, "commit-tree", "-m", "x", tree]).line
      try Tool.succeed("git", ["-C", server.path, "update-ref", "refs/heads/cosignatures", commit])
    }
    try plant("\(head.prefix(2))/\(head)/\(alice.fingerprint)")
    let before = try server.refs()
    let refused = try server.cosign("alice", 1, "--detached")
    #expect(refused.status == 1, "\(refused.all)")
    #expect(refused.errorText.contains("is in refs/heads/cosignatures already"), "\(refused.all)")
    #expect(try server.refs() == before)
    try plant("\(head.prefix(2))/\(head)/\(bob.fingerprint)")
    #expect(try server.cosign("alice", 1, "--detached").status == 0)
    // The signature that could not be placed was kept: no second touch.
    #expect(
      try Tool.succeed("git", ["-C", server.path, "ls-tree", "-r", "--name-only", "cosignatures"]).text
        .contains(alice.fingerprint))
  }

  @Test func `A request that needs nobody more is merged, not refused`() throws {
    try server.pullRequest(1, as: "alice")
    #expect(try server.cosign("bob", 1, "--adopt").status == 0)
    let merged = try server.cosign("alice", 1)
    #expect(merged.status == 0, "\(merged.all)")
    let parents = try Tool.succeed("git", ["-C", server.path, "rev-list", "--parents", "-1", "staging"]).line
    #expect(parents.split(separator: " ").count == 3)
  }

  @Test func `A number that is not there is said as such`() throws {
    try server.pullRequest(1)
    let missing = try server.run("alice", ["cosign", "PR-99", "--dry-run"])
    #expect(missing.status == 64, "\(missing.all)")
    #expect(missing.errorText.contains("origin has no PR-99"), "\(missing.all)")
    #expect(try server.run("alice", ["cosign", "PR-1", "--dry-run"]).status == 0)
  }

  @Test func `Whoever is overtaken between the last look and the push is told that it was not pushed`() throws {
    let head = try server.pullRequest(1)
    let moving = try server.gitThatFirst(
      "case \"$words\" in *push*) $real -C \(server.path) update-ref refs/pull/1/head \(server.start) ;; esac")
    let result = try server.run("alice", ["cosign", "1", "--reviewed", head], extra: moving)
    #expect(result.status == 75, "\(result.all)")
    #expect(result.errorText.contains("somebody was faster"), "\(result.all)")
    #expect(!result.errorText.contains("nothing was signed"))
    #expect(try server.tip("refs/pull/1/head") == server.start)
  }

  // MARK: a merge that is being solved

  /// PR-2 conflicts with staging; Bob has its work tree.
  func conflict() throws -> String {
    try server.pullRequest(1, file: "packages", "one\nTWO\nthree\n", as: "alice")
    try server.pullRequest(2, file: "packages", "one\n2\nthree\n", as: "alice")
    #expect(try server.cosign("bob", 1).status == 0)
    #expect(try server.cosign("bob", 2, "--merge").errorText.contains("merging conflicts in packages"))
    return try server.clone("bob") + "-cosign-2"
  }

  func solve() throws -> Tool.Result {
    try server.run("bob", ["cosign", "--continue", "--reviewed", server.tip("refs/pull/2/head")!])
  }

  @Test func `Running it again keeps what is solved so far`() throws {
    let work = try conflict()
    try CosignServer.write("\(work)/packages", Array("solved\n".utf8))
    let again = try server.cosign("bob", 2, "--merge")
    #expect(again.errorText.contains("merging conflicts in packages"), "\(again.all)")
    #expect(try Tool.succeed("cat", ["\(work)/packages"]).text == "solved\n")
  }

  // Its index would be signed as a merge that silently drops everything the branch has gained.
  @Test func `A work tree that is no longer in its merge is not signed`() throws {
    let work = try conflict()
    try Tool.succeed("git", ["-C", work, "merge", "--abort"])
    let count = try bob.signatureCount()
    let result = try solve()
    #expect(result.status == 1, "\(result.all)")
    #expect(result.errorText.contains("no longer in the middle of the merge"), "\(result.all)")
    #expect(try bob.signatureCount() == count)
    // What the person may have in it is never to be deleted: the merge begins again where it was.
    let again = try server.cosign("bob", 2, "--merge")
    #expect(again.errorText.contains("no longer in the middle of the merge"), "\(again.all)")
    for text in [result.errorText, again.errorText] { #expect(!text.contains("remove"), "\(text)") }
    #expect(again.errorText.contains("begin it again there: git -C \(work) checkout"), "\(again.all)")
    let head = try server.tip("refs/pull/2/head")!
    #expect(try Tool.run("git", ["-C", work, "merge", "--no-commit", "--no-ff", head]).status != 0)
    try CosignServer.write("\(work)/packages", Array("solved\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    #expect(try solve().status == 0)
  }

  @Test func `It goes on in the work tree that its message names, and with the merge committed there`() throws {
    let work = try conflict()
    try CosignServer.write("\(work)/packages", Array("solved\n".utf8))
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "--all", "-m", "By hand"])
    let tree = try Tool.succeed("git", ["-C", work, "rev-parse", "HEAD^{tree}"]).line
    let word = "solve:\(try server.tip("staging")!)..\(try server.tip("refs/pull/2/head")!):\(tree)"
    let solved = try Tool.run(
      CosignServer.program, ["cosign", "--continue", "--reviewed", word], environment: bob.environment, folder: work,
      seconds: 120)
    #expect(solved.status == 0, "\(solved.all)")
    #expect(try server.tip("refs/pull/2/head^{tree}") == tree)
    // The folder that somebody's shell is in stays.
    #expect(try Tool.run("test", ["-e", "\(work)/packages"]).status == 0)
  }

  // Seen in one tree, signed in another.
  @Test func `What stands for the word of a solved merge is bound to its tree`() throws {
    let work = try conflict()
    try CosignServer.write("\(work)/packages", Array("seen\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    let seen = try Tool.succeed("git", ["-C", work, "write-tree"]).line
    let word = "solve:\(try server.tip("staging")!)..\(try server.tip("refs/pull/2/head")!):\(seen)"
    try CosignServer.write("\(work)/packages", Array("signed\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    let count = try bob.signatureCount()
    let other = try server.run("bob", ["cosign", "--continue", "--reviewed", word])
    #expect(other.status == 64 && other.errorText.contains("is not what would be done"), "\(other.all)")
    #expect(try bob.signatureCount() == count)
    #expect(try solve().status == 0)
  }

  @Test func `A solved merge that was not pushed is pushed by the next run, without another touch`() throws {
    let work = try conflict()
    try CosignServer.write("\(work)/packages", Array("solved\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    let head = try server.tip("refs/pull/2/head")!
    let count = try bob.signatureCount()
    let kept = try server.run("bob", ["cosign", "--continue", "--no-push", "--reviewed", head])
    #expect(kept.status == 0, "\(kept.all)")
    #expect(kept.text.contains("1 signature: the PIN") && kept.text.contains("not pushed"), "\(kept.all)")
    #expect(try server.tip("refs/pull/2/head") == head)
    let pushed = try solve()
    #expect(pushed.text.contains("no PIN and no touch"), "\(pushed.all)")
    #expect(try bob.signatureCount() - count == 1)
    #expect(try server.tip("refs/pull/2/head") != head)
  }

  @Test func `A work tree that was cut off while it was made is made anew`() throws {
    try server.pullRequest(1, file: "packages", "one\nTWO\nthree\n", as: "alice")
    try server.pullRequest(2, file: "packages", "one\n2\nthree\n", as: "alice")
    #expect(try server.cosign("bob", 1).status == 0)
    for task in ["worktree add", "merge --no-commit"] {
      for after in [false, true] {
        let kill = "kill -9 $PPID; exit 1"
        let script = "case \"$words\" in *'\(task)'*) \(after ? "$real \"$@\"; " : "")\(kill) ;; esac"
        let killed = try server.cosign("bob", 2, "--merge", extra: server.gitThatFirst(script))
        #expect(killed.status == 137, "\(task) \(after): \(killed.all)")
      }
    }
    #expect(try server.cosign("bob", 2, "--merge").errorText.contains("merging conflicts in packages"))
    let work = try server.clone("bob") + "-cosign-2"
    try CosignServer.write("\(work)/packages", Array("solved\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    #expect(try solve().status == 0)
  }
}
