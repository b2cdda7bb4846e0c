import Foundation
import Support
import Testing

/// Something dies in the middle of a `cosign`: afterwards the server is as it was or fully done, and the next run
/// works.
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

  /// What can happen at one call of git's.
  enum Blow: String, CaseIterable { case killedBefore, killedAfter, networkGone, agentGone, cardGone }

  /// Every call of git that a whole run makes, one after the other, is hit by every blow.
  @Test(arguments: ["--adopt", "--merge", "--detached"], Blow.allCases)
  func `At every step`(way: String, blow: Blow) throws {
    var number = 10
    var step = 0
    while true {
      step += 1
      number += 1
      // A request of its own for each step: by an outsider, or by the other maintainer where a merge is all it lacks.
      let head = try server.pullRequest(number, file: "f\(number)", as: way == "--merge" ? "alice" : nil)
      let staging = try #require(try server.tip("staging"))
      let before = try server.refs()
      let made = try bob.signatureCount()
      let hit = "\(server.folder.path)/hit"
      try Tool.succeed("rm", ["-rf", hit, "\(hit)-count"])
      let strike =
        switch blow {
        case .killedBefore: "kill -9 $PPID; exit 1"
        case .killedAfter: "$real \"$@\"; kill -9 $PPID; exit 1"
        case .networkGone: "echo 'fatal: unable to connect' >&2; exit 128"
        case .agentGone: "GNUPGHOME=\(bob.home) gpgconf --kill all"
        case .cardGone: "\(Tool.packageFolder)/Tests/VirtualCard/card remove \(bob.home) --suddenly >/dev/null"
        }
      let script = try server.gitThatFirst(
        "echo \"$words\" >>\(hit)-count; if [ $(wc -l <\(hit)-count) = \(step) ]; then touch \(hit); \(strike); fi")
      let struck = try server.cosign("bob", number, way, extra: script)
      let wasHit = try Tool.run("test", ["-e", hit]).status == 0
      guard wasHit else {
        #expect(struck.status == 0, "\(struck.all)")
        // There were some steps: fetch, count lines, look again, who am I, push.
        return #expect(step > 4)
      }
      let comment: Comment = "\(way) \(blow) at step \(step): \(struck.all)"
      // Nothing by half: what is on the server is what was there, or the whole of it, verified.
      let after = try server.refs()
      let calls = try String(contentsOfFile: "\(hit)-count", encoding: .utf8).split(separator: "\n")
      let pushed = calls.firstIndex { $0.split(separator: " ").contains("push") }.map { $0 + 1 } ?? Int.max
      // Until the push, nothing has moved; after it all of it has, and what comes then only looks whether it arrived.
      let isPushed = step > pushed || step == pushed && blow == .killedAfter
      if isPushed { #expect(after != before, comment) } else if struck.status != 0 { #expect(after == before, comment) }
      #expect(blow == .agentGone || blow == .cardGone || struck.status != 0, comment)
      if blow == .cardGone { try bob.insert() }
      let next = try server.cosign("bob", number, way)
      let isDone =
        next.status == 0 || next.errorText.contains("already counts for every change")
        || next.errorText.contains("already in staging")
      #expect(isDone, "\(comment)\nthen: \(next.all)")
      // Never two touches for one signature.
      #expect(try bob.signatureCount() == made + 1, comment)
      switch way {
      case "--merge":
        let tip = try #require(try server.tip("staging"))
        let parents = try Tool.succeed("git", ["-C", server.path, "rev-list", "--parents", "-1", tip]).line
        #expect(parents == "\(tip) \(staging) \(head)", comment)
      case "--adopt":
        let tip = try server.tip("refs/pull/\(number)/head")!
        let parents = try Tool.succeed("git", ["-C", server.path, "rev-list", "--parents", "-1", tip]).line
        #expect(parents == "\(tip) \(head)", comment)
      default:
        let files = try Tool.succeed("git", ["-C", server.path, "ls-tree", "-r", "--name-only", "cosignatures"]).text
        #expect(files.contains("\(head)/\(bob.fingerprint)"), comment)
      }
    }
  }

  @Test func `Killed while the card signs`() throws {
    let before = try server.refs()
    let id = "\(server.folder.path)/pid"
    let pinentry = "\(server.folder.path)/pinentry-that-kills"
    try CosignServer.write(
      pinentry, Array("#!/bin/sh\n[ -e \(id) ] && kill -9 $(cat \(id)) && rm \(id)\nexec \(bob.home)/pinentry\n".utf8))
    try Tool.succeed("chmod", ["+x", pinentry])
    try bob.card("pinentry", "--program", pinentry)
    let note = try server.gitThatFirst("case \"$words\" in *GIT_COMMITTER_IDENT*) echo $PPID >\(id) ;; esac")
    let killed = try server.cosign("bob", 1, extra: note)
    #expect(killed.status == 128 + SIGKILL, "\(killed.all)")
    #expect(try server.refs() == before)
    let next = try server.cosign("bob", 1)
    #expect(next.status == 0, "\(next.all)")
    #expect(try server.tip("staging") != server.start)
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
    let script = """
      case "$words" in *push*) $real "$@" >/dev/null 2>&1; echo 'fatal: the remote end hung up' >&2; exit 128 ;; esac
      """
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
        (cd \(try server.clone("alice")) && GNUPGHOME=\(bob.home) PATH=/usr/bin:/bin \(CosignServer.program) \
      cosign PR-2 --merge --reviewed merge:\(server.start)..\(try server.tip("refs/pull/2/head")!) >/dev/null 2>&1)
      fi ;; esac
      """)
    let overtaken = try server.cosign("bob", 1, extra: carol)
    #expect(overtaken.status == 75, "\(overtaken.all)")
    #expect(overtaken.errorText.contains("somebody was faster: refs/heads/staging"), "\(overtaken.all)")
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
    let killer = try server.gitThatFirst(
      """
      case "$words" in *GIT_COMMITTER_IDENT*)
        (until [ -e \(stop) ]; do pkill -9 -f "gpg-agent.*\(bob.home)"; sleep 0.2; done; \
      : >\(stop).heard) >/dev/null 2>&1 & ;;
      esac
      """)
    let failed = try server.cosign("bob", 1, extra: killer)
    try Tool.succeed("touch", [stop])
    // No agent of the next run's may fall to it.
    let end = ContinuousClock.now + .seconds(60)
    while access("\(stop).heard", F_OK) != 0, .now < end { usleep(20_000) }
    #expect(failed.status == 75, "\(failed.all)")
    #expect(failed.errorText.contains("gpg-agent ended before the card had signed"), "\(failed.all)")
    #expect(failed.errorText.contains("next: run the command again"), "\(failed.all)")
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
    // What the rule does not take is as if it were not there: Bob is told of a touch, and signs anew.
    let result = try server.cosign("bob", 1)
    #expect(result.status == 0, "\(result.all)")
    #expect(result.text.contains("1 signature: the PIN"), "\(result.all)")
    #expect(try server.tip("staging") != forged)
    try recovers(signatures: 2, "tampered")
  }

  @Test func `A kept signature is pushed by whoever made it, and by nobody else`() throws {
    try server.pullRequest(2, file: "other")
    #expect(try server.cosign("bob", 2, "--no-push").status == 0)
    // Alice sits down at Bob's computer, with her card.
    let firstOfAlice = try alice.signatureCount()
    let hers = try server.cosign("bob", 2, card: alice)
    #expect(hers.status == 0, "\(hers.all)")
    #expect(try alice.signatureCount() - firstOfAlice == 1)
    let issuer = try Tool.succeed("git", ["-C", server.path, "cat-file", "commit", "refs/pull/2/head"]).text
    #expect(issuer.contains("alice@example.org") || issuer.contains("gpgsig"))
    let queue = try server.run("bob", ["queue"])
    #expect(queue.text.contains("counting so far: alice"), "\(queue.all)")
  }
}
