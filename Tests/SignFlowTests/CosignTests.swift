import Glibc
import Support
import Testing

/// `cosign` from a pull request to a push that the server's hook accepts, with cards.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer
  /// A card's counter begins with the signatures on its own certificate.
  let first: [String: Int]

  /// Signatures since the test began.
  func signatures(_ card: VirtualCard) throws -> Int { try card.signatureCount() - (first[card.home] ?? 0) }

  init() throws {
    alice = try VirtualCard(subkey: true)
    bob = try VirtualCard(name: "Bob", touch: .on)
    try bob.person(.gives(afterMilliseconds: 0))
    first = [alice.home: try alice.signatureCount(), bob.home: try bob.signatureCount()]
    server = try CosignServer(["alice": alice, "bob": bob], policy: "version = 1\nrepository = \"example.org/os\"\n")
  }

  @Test func `An outsider's request is adopted by one maintainer and merged by another, and the hook accepts`() throws {
    let head = try server.pullRequest(1)
    let adopted = try server.cosign("alice", 1)
    #expect(adopted.status == 0, "\(adopted.all)")
    #expect(adopted.text.contains("no maintainer counts yet"))
    let adoption = try #require(try server.tip("refs/pull/1/head"))
    #expect(adoption != head)
    let merged = try server.cosign("bob", 1)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(merged.text.contains("alice already counts"))
    let parents = try Tool.succeed("git", ["-C", server.path, "log", "-1", "--format=%P %s", "staging"]).line
    #expect(
      parents == "\(server.start) \(adoption) Merge pull request #1 into staging")
    #expect(try signatures(alice) == 1)
    #expect(try signatures(bob) == 1)
    let again = try server.cosign("alice", 1)
    #expect(again.status == 1)
    #expect(again.errorText.contains("PR-1 is already in staging"))
  }

  @Test func `The same maintainer does not count twice; another one does`() throws {
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1).status == 0)
    let before = try server.refs()
    for words in [[], ["--merge"]] {
      let refused = try server.run(
        "alice", ["cosign", "1", "--reviewed", server.tip("refs/pull/1/head") ?? ""] + words)
      #expect(refused.status == 1)
      #expect(refused.errorText.contains("the same maintainer does not count twice"), "\(refused.all)")
    }
    let second = try server.cosign("alice", 1, "--adopt")
    #expect(second.errorText.contains("already counts for every change that an adoption would cover"), "\(second.all)")
    #expect(try server.refs() == before)
    #expect(try signatures(alice) == 1)
    #expect(try server.cosign("bob", 1, "--merge").status == 0)
  }

  @Test func `A maintainer's own request needs the other one only`() throws {
    try server.pullRequest(1, as: "alice")
    let own = try server.cosign("alice", 1)
    #expect(own.status == 1)
    #expect(own.errorText.contains("alice already counts for every change"))
    #expect(try server.cosign("bob", 1).status == 0)
    #expect(try server.tip("staging") != server.start)
  }

  @Test func `A request that is replaced after its adoption has lost the adoption`() throws {
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1).status == 0)
    try server.pullRequest(1, file: "evil", "evil\n")
    let merge = try server.cosign("bob", 1, "--merge")
    #expect(merge.status == 1)
    #expect(merge.errorText.contains("would be refused by the rule"))
    #expect(try server.tip("staging") == server.start)
    #expect(try signatures(bob) == 0)
    // Bob is offered what is left to do: adopt it himself.
    #expect(try server.cosign("bob", 1, "--dry-run").text.contains("To do: adopt it"))
  }

  @Test func `A request that changes during the review is not signed`() throws {
    let head = try server.pullRequest(1)
    let changing = try server.gitThatFirst(
      "case \"$words\" in *ls-remote*) $real -C \(server.path) update-ref refs/pull/1/head \(server.start) ;; esac")
    let result = try server.run("alice", ["cosign", "PR-1", "--reviewed", head], extra: changing)
    #expect(result.status == 75)
    #expect(
      result.errorText.contains(
        """
        the pull request changed during the review: \(head.prefix(12)) became \(server.start.prefix(12)); \
        nothing was signed
        """))
    #expect(try signatures(alice) == 0)
    #expect(try server.tip("refs/pull/1/head") == server.start)
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1).status == 0)
  }

  @Test func `What stands for the typed word is bound to one head`() throws {
    let old = try server.pullRequest(1)
    try server.pullRequest(1, file: "other")
    let result = try server.run("alice", ["cosign", "PR-1", "--reviewed", old])
    #expect(result.status == 75)
    #expect(try signatures(alice) == 0)
    let nothing = try server.run("alice", ["cosign", "PR-1"])
    #expect(nothing.status == 64)
    #expect(nothing.errorText.contains("there is no terminal to ask on"))
    #expect(nothing.errorText.contains("--reviewed adopt:\(server.start)..\(try server.tip("refs/pull/1/head")!)"))
  }

  @Test func `A dry run shows it all and signs nothing`() throws {
    try server.pullRequest(
      1, file: "run-me", "#!/bin/sh\n", message: "A \u{1B}[31mred\u{1B}[0m title", executable: true)
    let before = try server.refs()
    try alice.remove()
    let result = try server.cosign("alice", 1, "--dry-run")
    #expect(result.status == 0, "\(result.all)")
    #expect(result.text.contains("executable: run-me"))
    #expect(result.text.contains("A \\x1b[31mred\\x1b[0m title"))
    #expect(result.text.contains("1 signature: the PIN if your card asks for it, and 1 touch"))
    #expect(!result.output.contains(0x1B))
    #expect(try server.refs() == before)
  }

  @Test func `Text that a reader cannot see is shown`() throws {
    try server.pullRequest(
      1, file: "code", "if access {\u{202E} // admin \u{2066}\n\u{200B}\nplain\n\u{1B}]0;title\u{7}\n")
    let result = try server.cosign("alice", 1, "--dry-run")
    for text in [
      "code, line 1: if access {\\u{202e} // admin \\u{2066}", "code, line 2: \\u{200b}",
      "code, line 4: \\x1b]0;title\\x07",
    ] {
      #expect(result.text.contains(text), "\(text)")
    }
    #expect(!result.text.contains("code, line 3"))
    for scalar in "\u{202E}\u{200B}\u{1B}".unicodeScalars { #expect(!result.text.unicodeScalars.contains(scalar)) }
  }

  // MARK: detached

  @Test func `A co-signature goes beside the history and counts`() throws {
    try server.pullRequest(1)
    let signed = try server.cosign("alice", 1, "--detached")
    #expect(signed.status == 0, "\(signed.all)")
    let files = try Tool.succeed("git", ["-C", server.path, "ls-tree", "-r", "--name-only", "cosignatures"]).line
    let head = try #require(try server.tip("refs/pull/1/head"))
    #expect(files == "\(head.prefix(2))/\(head)/\(alice.fingerprint)")
    let merged = try server.cosign("bob", 1)
    #expect(merged.status == 0, "\(merged.all)")
    #expect(merged.text.contains("co-signature"))
  }

  @Test func `Two co-signatures at the same time both arrive, with one touch each`() throws {
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1, "--detached", "--no-push").status == 0)
    let head = try server.tip("refs/pull/1/head")!
    let flag = "\(server.folder.path)/raced"
    // Alice's push is overtaken by Bob's, once.
    let racing = try server.gitThatFirst(
      """
      case "$words" in *push*cosignatures*)
        if mkdir \(flag) 2>/dev/null; then
          (cd \(try server.clone("bob")) && GNUPGHOME=\(bob.home) PATH=/usr/bin:/bin \(CosignServer.program) \
      cosign PR-1 --detached --reviewed detached:\(server.start)..\(head) >/dev/null)
        fi ;;
      esac
      """)
    let result = try server.cosign("alice", 1, "--detached", extra: racing)
    #expect(result.status == 0, "\(result.all)")
    let files = try Tool.succeed("git", ["-C", server.path, "ls-tree", "-r", "--name-only", "cosignatures"]).text
    #expect(files.contains(alice.fingerprint) && files.contains(bob.fingerprint), "\(files)")
    #expect(try signatures(alice) == 1)
    #expect(try signatures(bob) == 1)
  }

  // MARK: conflicts

  @Test func `A conflict is solved on the request's side and then merged by the other maintainer`() throws {
    try server.pullRequest(1, file: "packages", "one\nTWO\nthree\n", as: "alice")
    try server.pullRequest(2, file: "packages", "one\n2\nthree\n", as: "alice")
    #expect(try server.cosign("bob", 1).status == 0)
    let conflict = try server.cosign("bob", 2, "--merge")
    #expect(conflict.status == 1)
    #expect(conflict.errorText.contains("merging conflicts in packages"), "\(conflict.all)")
    let work = try server.clone("bob") + "-cosign-2"
    let early = try server.run("bob", ["cosign", "--continue", "--reviewed", server.tip("refs/pull/2/head")!])
    #expect(early.errorText.contains("there still are conflicts"), "\(early.all)")
    try CosignServer.write("\(work)/packages", Array("one\nTWO and 2\nthree\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "packages"])
    let solved = try server.run("bob", ["cosign", "--continue", "--reviewed", server.tip("refs/pull/2/head")!])
    #expect(solved.status == 0, "\(solved.all)")
    // What Bob decided there, Alice must see. His merge endorses what he was shown, so that hers is all it lacks.
    #expect(try server.cosign("bob", 2, "--merge").status == 1)
    let merge = try server.tip("refs/pull/2/head")!
    let parents = try Tool.succeed("git", ["-C", server.path, "rev-list", "--parents", "-1", merge]).line.split(
      separator: " ")
    #expect(try parents.count == 3 && String(parents[1]) == server.tip("staging")!, "the base comes first")
    let merged = try server.cosign("alice", 2, "--merge")
    #expect(merged.status == 0, "\(merged.all)")
    let packages = try Tool.succeed("git", ["-C", server.path, "show", "staging:packages"]).text
    #expect(packages == "one\nTWO and 2\nthree\n")
  }

  // MARK: keys

  @Test func `A card of nobody in the registry is turned away before the review`() throws {
    try server.pullRequest(1)
    let mallory = try VirtualCard(name: "Mallory")
    let result = try server.cosign("alice", 1, card: mallory)
    #expect(result.status == 2)
    #expect(result.errorText.contains("none of the registered keys that count can be used from here"))
  }

  @Test func `A machine's key is turned away`() throws {
    let machine = try CosignServer(["alice": alice, "bob": bob], key: ["bob": "devices = \"x\"\nmachine = true\n"])
    try machine.pullRequest(1)
    let result = try machine.cosign("bob", 1)
    #expect(result.status == 2)
    #expect(result.errorText.contains("it is a machine's key"), "\(result.all)")
    #expect(try machine.cosign("alice", 1).status == 0)
  }

  @Test func `A key on the disk is turned away, the card beside it is taken`() throws {
    let made = try alice.gpg(
      "--quick-gen-key", "--passphrase", "", "--pinentry-mode", "loopback", "Disk <d@example.org>", "ed25519", "sign",
      "never")
    #expect(made.status == 0, "\(made.errorText)")
    let listing = try alice.gpg("--with-colons", "--list-secret-keys", "Disk").text
    let line = listing.split(separator: "\n").first { $0.hasPrefix("fpr:") }
    let disk = String(try #require(line).split(separator: ":", omittingEmptySubsequences: false)[9])
    let registry =
      "[people.dora]\nname = \"dora\"\n[keys.dora.disk]\nid = \"\(disk)\"\ndevices = \"she says a YubiKey\"\n"
    let server = try CosignServer(
      ["alice": alice, "bob": bob], extraPeople: registry,
      certificates: [disk: alice.gpg("--armor", "--export", disk).output])
    try server.pullRequest(1)
    try Tool.succeed("git", ["-C", server.clone("alice"), "config", "user.signingkey", disk])
    let before = try server.refs()
    let result = try server.cosign("alice", 1)
    #expect(result.status == 2, "\(result.all)")
    #expect(result.errorText.contains("dora's key \(disk) lies on this computer's disk"), "\(result.all)")
    #expect(try server.refs() == before)
    try Tool.succeed("git", ["-C", server.clone("alice"), "config", "--unset", "user.signingkey"])
    #expect(try server.cosign("alice", 1).status == 0)
  }

  @Test func `An expired key is turned away`() throws {
    let old = try VirtualCard(name: "Old", expires: "seconds=1")
    let late = try CosignServer(["alice": alice, "old": old])
    try late.pullRequest(1)
    // Until gpg says so itself, at most a minute.
    let end = ContinuousClock.now + .seconds(60)
    while !(try old.gpg("--list-keys", "--with-colons").text.contains("pub:e:")), .now < end { usleep(20_000) }
    let result = try late.cosign("old", 1)
    #expect(result.status == 2)
    #expect(result.errorText.contains("it expired on"), "\(result.all)")
  }

  @Test func `A card that is out, or another one, is asked for by number`() throws {
    try server.pullRequest(1)
    #expect(try server.cosign("alice", 1, "--no-push").status == 0)
    try server.pullRequest(1, file: "again")
    try alice.remove()
    let out = try server.cosign("alice", 1)
    #expect(out.status == 3)
    #expect(out.errorText.contains("no card is in the reader; the key is on the"), "\(out.all)")
    let other = "\(server.folder.path)/k"
    try Tool.succeed("\(Tool.packageFolder)/Tests/VirtualCard/card", ["new", other, "--serial", "9999"])
    try alice.card("insert", other)
    let swapped = try server.cosign("alice", 1)
    #expect(swapped.status == 3)
    #expect(swapped.errorText.contains("the card in the reader is"), "\(swapped.all)")
    #expect(try server.tip("staging") == server.start)
  }

  @Test func `A wrong PIN and a missing touch change nothing, and the next run works`() throws {
    try server.pullRequest(1)
    let before = try server.refs()
    try bob.answerPrompts("wrong")
    let wrong = try server.cosign("bob", 1)
    #expect(wrong.status == 3)
    #expect(wrong.errorText.contains("the PIN was wrong: 2 attempts remain"), "\(wrong.all)")
    try bob.person(.refuses)
    let refused = try server.cosign("bob", 1)
    #expect(refused.errorText.contains("did not get its touch"), "\(refused.all)")
    #expect(try server.refs() == before)
    try bob.person(.gives(afterMilliseconds: 0))
    #expect(try server.cosign("bob", 1).status == 0)
  }

  // MARK: queue

  @Test func `The queue says what each request has, lacks, and what you can do`() throws {
    try server.pullRequest(1)
    try server.pullRequest(2, file: "other", as: "alice")
    #expect(try server.cosign("alice", 1).status == 0)
    let queue = try server.run("bob", ["queue"])
    #expect(queue.status == 0, "\(queue.all)")
    #expect(queue.text.contains("counting so far: alice"))
    #expect(queue.text.contains("you can merge it: stagex-maint cosign PR-1"))
    #expect(queue.text.contains("you can merge it: stagex-maint cosign PR-2"))
    let own = try server.run("alice", ["queue"])
    #expect(own.text.contains("alice already counts for every change of PR-2"), "\(own.all)")
  }
}
