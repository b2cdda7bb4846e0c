import Support
import Testing

/// `cosign` as a person meets it: a terminal of 80 by 24, the keyboard, the pager, and the real pinentry.
@Suite(
  .enabled(
    if: VirtualCard.isPossible && Terminal.isPossible, "needs gnupg, scdaemon, cc, python3-cryptography and tmux"))
struct CosignTerminalTests {
  let alice: VirtualCard
  let bob: VirtualCard
  let server: CosignServer

  init() throws {
    (alice, bob, server) = try CosignServer.withTwo()
    try server.pullRequest(1, file: "code", "plain\nif access {\u{202E} // admin\n", message: "Change the code")
  }

  func terminal(_ person: String, _ words: [String], _ extra: [String: String] = [:]) throws -> Terminal {
    var environment = server.cards[person]?.environment ?? [:]
    environment.merge(["TERM": "screen-256color", "LESS": "R", "PAGER": "less"]) { $1 }
    environment.merge(extra) { $1 }
    return try Terminal([CosignServer.program] + words, environment: environment, in: server.clone(person))
  }

  @Test(arguments: [[:], ["NO_COLOR": "1"]])
  func `The typed word agrees, and every line fits into 80 columns`(extra: [String: String]) throws {
    let screen = try terminal("alice", ["cosign", "PR-1"], extra)
    try screen.wait(for: "anything else to stop.")
    let text = try screen.lines()
    #expect(text.contains("Type adopt to adopt it"), "\(text)")
    #expect(text.contains("1 signature: the PIN"), "\(text)")
    // Where the terminal had to break a line there are fewer when they are joined again.
    #expect(try screen.joined().split(separator: "\n").count == text.split(separator: "\n").count, "\(text)")
    let hasColour = try screen.coloured().contains("\u{1B}[")
    #expect(hasColour == extra.isEmpty)
    try screen.type("adopt")
    try screen.wait(for: "[status 0]")
    #expect(try screen.joined().contains("pushed to PR-1. next: another maintainer runs"))
  }

  @Test(arguments: ["", "y", "yes", "Adopt", "adop t", "merge", "\u{44B}"])
  func `Anything but the word stops, and nothing is signed`(answer: String) throws {
    let before = try server.refs()
    let count = try alice.signatureCount()
    let screen = try terminal("alice", ["cosign", "PR-1"])
    try screen.wait(for: "> ")
    try screen.type(answer)
    try screen.wait(for: "[status 3]")
    #expect(try screen.joined().contains("stopped; nothing was signed"))
    #expect(try server.refs() == before)
    #expect(try alice.signatureCount() == count)
  }

  @Test func `What was typed before the question is no answer to it`() throws {
    // git waits for our word at the start, so that the typing surely comes first.
    let gate = "\(server.folder.path)/gate"
    let slow = try server.gitThatFirst(
      "case \"$words\" in *numstat*) until [ -e \(gate) ]; do sleep 0.05; done ;; esac")
    let screen = try terminal("alice", ["cosign", "PR-1"], slow)
    try screen.type("adopt")
    try screen.wait(for: "adopt")
    try Tool.succeed("touch", [gate])
    try screen.wait(for: "> ")
    try screen.type("no")
    try screen.wait(for: "[status 3]")
  }

  @Test func `The diff is read in the pager, tricks made visible, and the question comes back`() throws {
    for pager in ["less", "cat -n | less"] {
      let screen = try terminal("alice", ["cosign", "PR-1"], ["GIT_PAGER": pager])
      try screen.wait(for: "> ")
      try screen.type("d")
      try screen.wait(for: "if access {\\u{202e} // admin")
      #expect(!(try screen.lines()).unicodeScalars.contains("\u{202E}"))
      try screen.press("q")
      try screen.wait(for: "> ")
      try screen.type("n")
      try screen.wait(for: "[status 3]")
    }
  }

  // Just so long that the terminal would begin a new line with it.
  @Test func `No subject makes a line of the screen`() throws {
    let subject = String("Improve how the fetcher of the bootstrap tools treats its relative paths".prefix(66))
    try server.pullRequest(2, file: "own", message: subject + "satisfied as it is")
    let screen = try terminal("alice", ["cosign", "PR-2"])
    try screen.wait(for: "anything else to stop.")
    let lines = try screen.lines().split(separator: "\n")
    #expect(
      lines.contains("  satisfied as it is") && !lines.contains { $0.hasPrefix("satisfied as it is") }, "\(lines)")
    try screen.type("n")
    try screen.wait(for: "[status 3]")
  }

  // Three commits and not one file in the end: what came and went would roll off the screen.
  @Test func `A long screen goes through the pager, whatever makes it long`() throws {
    let work = "\(server.folder.path)/outsider"
    try Tool.succeed(
      "sh",
      [
        "-c",
        """
        cd '\(work)'; for n in $(seq 200); do echo $n >passing$n; done; git add .; git commit -qm Bring; \
        git rm -q 'passing*'; git commit -qm Take; git push -q origin HEAD:refs/pull/1/head
        """,
      ])
    let screen = try terminal("alice", ["cosign", "PR-1"])
    // The pager waits at the first lines.
    try screen.wait(for: "3 commits, oldest first")
    #expect(try !screen.joined().contains("anything else to stop"))
    try screen.press("q")
    try screen.wait(for: "anything else to stop.")
    try screen.type("n")
    try screen.wait(for: "[status 3]")
  }

  @Test(.enabled(if: Tool.find("pinentry-curses") != nil, "needs pinentry-curses"))
  func `The real pinentry asks on this terminal; a wrong PIN and a cancelled one each have their words`() throws {
    try alice.card("pinentry", "--program", Tool.find("pinentry-curses")!)
    for (keys, status, words) in [
      ("000000", "[status 3]", "the PIN was wrong: 2 attempts remain"),
      (nil, "[status 3]", "the PIN prompt was cancelled"),
      ("123456", "[status 0]", "pushed to PR-1"),
    ] {
      let screen = try terminal("alice", ["cosign", "PR-1"])
      try screen.wait(for: "> ")
      try screen.type("adopt")
      try screen.wait(for: "<OK>")
      if let keys { try screen.type(keys) } else { for key in ["Tab", "Tab", "Enter"] { try screen.press(key) } }
      try screen.wait(for: status)
      let text = try screen.joined()
      #expect(text.contains(words), "\(text)")
    }
  }

  /// Bounded by what a slow machine needs; the figure is printed. `STAGEX_MAINT_PROGRAM` measures a release build.
  @Test func `From the typed word to the pushed result`() throws {
    try server.pullRequest(2, file: "own", as: "alice")
    // How long git talks to the server, and the server's hook judges: not ours.
    let log = "\(server.folder.path)/net"
    let timed = try server.gitThatFirst(
      """
      case "$words" in *ls-remote*|*push*)
        a=$(date +%s%N); $real "$@"; status=$?; echo $(($(date +%s%N) - a)) >>\(log); exit $status ;;
      esac
      """)
    let screen = try terminal("bob", ["cosign", "PR-2"], timed)
    try screen.wait(for: "> ")
    let start = ContinuousClock.now
    try screen.type("merge")
    try screen.wait(for: "[status 0]")
    let whole = ContinuousClock.now - start
    let network = try Tool.succeed("cat", [log]).text.split(separator: "\n").compactMap { Int($0) }.reduce(0, +)
    let ours = whole - .nanoseconds(network)
    print("from the typed word to the pushed result: \(whole), without the server \(ours)")
    #expect(ours < .seconds(10))
  }

  @Test func `The hint to touch comes after a second, and before it the number of touches`() throws {
    try alice.card("policy", "on")
    try alice.person(.waitsForTouch)
    let screen = try terminal("alice", ["cosign", "PR-1"])
    try screen.wait(for: "1 signature: the PIN if your card asks for it, and 1 touch")
    try screen.type("adopt")
    try screen.wait(for: "touch your card now")
    try alice.card("touch", "now")
    try screen.wait(for: "[status 0]")
  }
}
