import Glibc
import Support
import Testing

/// Something dies in the middle of a `cosign`: afterwards the server is as it was or fully done, and the next run works.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignFaultTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer
  let first: Int

  init() throws {
    alice = try VirtualCard()
    bob = try VirtualCard(name: "Bob")
    first = try bob.signatureCount()
    server = try CosignServer(["alice": alice, "bob": bob], policy: "version = 1\nrepository = \"example.org/os\"\n")
    try server.pullRequest(1, as: "alice")
  }

  /// The next run ends in a merge that the hook took, whatever happened before; with as many signatures as said.
  func recovers(signatures: Int, _ comment: Comment) throws {
    let next = try server.cosign("bob", 1)
    #expect(next.status == 0 || next.errorText.contains("already in staging"), "\(comment): \(next.all)")
    let line = try Tool.succeed("git", ["-C", server.path, "rev-list", "--parents", "-1", "staging"]).line.split(
      separator: " ")
    #expect(line.count == 3 && line[1] == server.start, "\(comment)")
    #expect(try bob.signatureCount() - first == signatures, "\(comment)")
    let audit = try server.run("bob", ["audit", "origin/staging"])
    #expect(audit.status == 0, "\(comment): \(audit.all)")
  }

  /// Kills the whole program when it calls git for a task, before or after git has done it.
  static let moments = [
    ("fetch", false, 1), ("fetch", true, 1), ("numstat", false, 1), ("ls-remote", false, 1), ("ls-remote", true, 1),
    ("GIT_COMMITTER_IDENT", true, 1),
    ("merge-tree", false, 1), ("merge-tree", true, 1), ("push", false, 1), ("push", true, 1),
  ]

  @Test(arguments: moments)
  func `Killed at any of git's tasks`(task: String, after: Bool, signatures: Int) throws {
    let before = try server.refs()
    let kill = "kill -9 $PPID; exit 1"
    let script =
      after
      ? "case \"$words\" in *\(task)*) $real \"$@\"; \(kill) ;; esac" : "case \"$words\" in *\(task)*) \(kill) ;; esac"
    let killed = try server.cosign("bob", 1, extra: server.gitThatFirst(script))
    #expect(killed.status == 128 + SIGKILL, "\(killed.all)")
    if task == "push", after {
      #expect(try server.tip("staging") != server.start)
    } else {
      #expect(try server.refs() == before)
    }
    try recovers(signatures: signatures, "\(task) \(after)")
  }

  @Test(arguments: ["fetch", "ls-remote", "push"])
  func `The network goes away`(task: String) throws {
    let before = try server.refs()
    let script = "case \"$words\" in *\(task)*) echo 'fatal: unable to connect' >&2; exit 128 ;; esac"
    let failed = try server.cosign("bob", 1, extra: server.gitThatFirst(script))
    #expect([1, 75].contains(failed.status), "\(failed.all)")
    #expect(failed.errorText.contains("unable to connect"))
    #expect(try server.refs() == before)
    try recovers(signatures: 1, "\(task)")
  }

  @Test func `The answer to a push is lost although the push was not`() throws {
    let script =
      "case \"$words\" in *push*) $real \"$@\" >/dev/null 2>&1; echo 'fatal: the remote end hung up' >&2; exit 128 ;; esac"
    let result = try server.cosign("bob", 1, extra: server.gitThatFirst(script))
    #expect(result.status == 0, "\(result.all)")
    try recovers(signatures: 1, "lost answer")
  }

  @Test func `Another push is faster: nothing is overwritten`() throws {
    try server.pullRequest(2, file: "other", as: "alice")
    let flag = "\(server.folder.path)/raced"
    let carol = try server.gitThatFirst(
      """
      case "$words" in *push*) if mkdir \(flag) 2>/dev/null; then
        (cd \(try server.clone("alice")) && GNUPGHOME=\(bob.home) PATH=/usr/bin:/bin \(CosignServer.program) cosign PR-2 --merge --reviewed \(try server.tip("refs/pull/2/head")!) >/dev/null 2>&1)
      fi ;; esac
      """)
    let overtaken = try server.cosign("bob", 1, extra: carol)
    #expect(overtaken.status == 75, "\(overtaken.all)")
    #expect(overtaken.errorText.contains("the branch moved during the review"), "\(overtaken.all)")
    #expect(try server.tip("staging:other") != nil)
    let next = try server.cosign("bob", 1)
    #expect(next.status == 0, "\(next.all)")
    #expect(try server.tip("staging:other") != nil && server.tip("staging:more") != nil)
  }

  @Test func `gpg-agent is killed while the card signs`() throws {
    let before = try server.refs()
    try bob.card("set", "--delay", "1500")
    // Asked to end, an agent waits for its work; killed, it does not. Whichever agent is there while the card takes
    // its time is killed, until we say stop.
    let stop = "\(server.folder.path)/stop"
    let killer = try server.gitThatFirst("""
      case "$words" in *GIT_COMMITTER_IDENT*)
        (until [ -e \(stop) ]; do pkill -9 -f "gpg-agent.*\(bob.home)"; sleep 0.2; done) >/dev/null 2>&1 & ;;
      esac
      """)
    let failed = try server.cosign("bob", 1, extra: killer)
    try Tool.succeed("touch", [stop])
    try Tool.succeed("sleep", ["0.5"])
    #expect(failed.status != 0, "\(failed.all)")
    #expect(try server.refs() == before)
    try bob.card("set", "--delay", "0")
    #expect(try server.cosign("bob", 1).status == 0)
  }

  @Test func `The card vanishes while it signs`() throws {
    let before = try server.refs()
    try bob.card("fault", "--vanish-in-signature")
    let failed = try server.cosign("bob", 1)
    #expect(failed.status == 3, "\(failed.all)")
    #expect(failed.errorText.contains("the card was taken out before it had signed"))
    #expect(try server.refs() == before)
    try bob.insert()
    #expect(try server.cosign("bob", 1).status == 0)
  }

  @Test func `A kept signature that was tampered with is not pushed`() throws {
    #expect(try server.cosign("bob", 1, "--no-push").status == 0)
    let clone = try server.clone("bob")
    let kept = try Tool.succeed(
      "git", ["-C", clone, "for-each-ref", "--format=%(refname)", "refs/stagex-maint/signed"]
    ).line
    let text = try Tool.succeed("git", ["-C", clone, "cat-file", "commit", kept]).text
    let forged = try Tool.succeed(
      "git", ["-C", clone, "hash-object", "-t", "commit", "-w", "--stdin"],
      input: Array((text.dropLast() + " and more\n").utf8)
    ).line
    try Tool.succeed("git", ["-C", clone, "update-ref", kept, forged])
    let before = try server.refs()
    let result = try server.cosign("bob", 1)
    #expect(result.status == 1)
    #expect(result.errorText.contains("would be refused by the rule"), "\(result.all)")
    #expect(try server.refs() == before)
  }
}
