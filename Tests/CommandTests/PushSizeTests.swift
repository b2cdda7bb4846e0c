import Foundation
import Support
import Testing

/// Pushes that are large, odd, or at the same moment.
@Suite struct PushSizeTests {
  @Test func fiveThousandCommitsAtOnce() async throws {
    let (server, clone) = try await Server.make()
    let last = try await clone.unsignedCommits(5_000, onto: "staging", as: "outsider")
    try await clone.git("checkout", "--quiet", "staging")
    let unadopted = try await clone.merge("outsider", by: server.team.bob)
    let said = try await server.expectRefused("too-few-endorsers", "refs/heads/staging") {
      try await clone.push("staging")
    }
    #expect(said.count < 100, "5,000 refusals are summed up, not listed")
    #expect(unadopted != last)

    try await clone.git("reset", "--quiet", "--hard", server.start)
    try await clone.git("checkout", "--quiet", "outsider")
    try await clone.adopt(by: server.team.alice)
    try await clone.git("checkout", "--quiet", "staging")
    let tip = try await clone.merge("outsider", by: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
  }

  @Test func threeThousandRefsAtOnce() async throws {
    let (server, clone) = try await Server.make()
    let names = (1...3_000).map { "refs/heads/release/2026.03.\($0)" }
    func point(_ name: String, at commit: String) async throws {
      try await clone.git("update-ref", name, commit)
    }
    try await clone.sandbox.must(
      ["git", "update-ref", "--stdin"], in: clone.path,
      input: Array(names.map { "create \($0) \(server.start)\n" }.joined().utf8))
    // One bad ref among them: none of the others is created.
    let bad = try await clone.commit("a", "a")
    try await point(names[1_500], at: bad)
    let all = "refs/heads/release/*:refs/heads/release/*"
    try await server.expectRefused("too-few-endorsers", bad.short, names[1_500]) { try await clone.push(all) }
    try await point(names[1_500], at: server.start)
    try await server.expectAccepted("release/2026.03.3000", at: server.start) { try await clone.push(all) }
    let refs = try await server.state().refs.split(separator: "\n")
    #expect(refs.count == 3_002)
  }

  @Test(arguments: PushTests.transports)
  func aPathWithASpaceAColonAndAnAccent(transport: Transport) async throws {
    let (server, clone) = try await Server.make("git repos/stage:x é.git")
    try await clone.change("a", by: server.team.alice, mergedBy: server.team.alice)
    try await server.expectRefused("too-few-endorsers") {
      try await server.serve(over: transport) { try await clone.push("staging", to: $0, extra: $1) }
    }
    try await clone.git("reset", "--quiet", "--hard", server.start)
    let tip = try await clone.change("b", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: tip) {
      try await server.serve(over: transport) { try await clone.push("staging", to: $0, extra: $1) }
    }
  }

  @Test func filesWithOddNames() async throws {
    let (server, clone) = try await Server.make()
    let name = "packages/a b:é\"\\\u{1B}[31m\n/x"
    try await clone.git("checkout", "--quiet", "-b", "odd")
    let one = try await clone.commit(name, "1", by: server.team.alice, message: "Subject \u{1B}[31m with an escape")
    try await clone.git("checkout", "--quiet", "staging")
    try await clone.merge("odd", by: server.team.alice)
    try await server.expectRefused("too-few-endorsers", one.short) { try await clone.push("staging") }
    try await clone.git("reset", "--quiet", "--hard", server.start)
    let tip = try await clone.merge("odd", by: server.team.bob)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
  }

  @Test func aShallowPusherWhoseHistoryTheServerHas() async throws {
    let (server, first) = try await Server.make()
    try await first.change("a", by: server.team.alice, mergedBy: server.team.bob)
    try await server.expectAccepted("staging", at: try await first.git("rev-parse", "HEAD")) {
      try await first.push("staging")
    }
    let clone = try await server.shallowClone()
    try await clone.change("b", by: server.team.alice, mergedBy: server.team.alice)
    try await server.expectRefused("too-few-endorsers") { try await clone.push("staging") }
    try await clone.git("reset", "--quiet", "--hard", "origin/staging")
    let tip = try await clone.change("c", by: server.team.alice, mergedBy: server.team.carol)
    try await server.expectAccepted("staging", at: tip) { try await clone.push("staging") }
  }

  /// The parents that a shallow pusher does not have are missing on the server too: not a root commit, but
  /// something that cannot be judged, even where the server's git would take it.
  @Test(arguments: ["false", "true"])
  func aShallowPusherWhoseHistoryTheServerLacks(takesShallow: String) async throws {
    let (server, origin) = try await Server.make()
    try await server.config("receive.shallowUpdate", takesShallow)
    for number in 1...3 { try await origin.commit("n", "\(number)", by: server.team.alice) }
    let clone = try await server.shallowClone(of: origin.path)
    try await clone.commit("b", "b", by: server.team.bob)
    try await server.expectRefused("missing-object") { try await clone.push("--force", "staging") }
  }

  @Test(arguments: ["false", "true"])
  func aMalformedCommitIsRefusedWhetherOrNotGitLooks(fsck: String) async throws {
    let (server, clone) = try await Server.make()
    try await server.config("receive.fsckObjects", fsck)
    let good = try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob)
    // A second author line behind the first: git itself reads the first and says nothing without fsck.
    let raw = try await clone.git("cat-file", "commit", "staging")
    var lines = raw.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let author = try #require(lines.firstIndex { $0.hasPrefix("author ") })
    lines.insert("author Mallory <m@example.invalid> 1 +0000", at: author + 1)
    let doubled = try await clone.sandbox.must(
      ["git", "hash-object", "-t", "commit", "-w", "--literally", "--stdin"], in: clone.path,
      input: Array((lines.joined(separator: "\n") + "\n").utf8))
    if fsck == "true" {
      let before = try await server.state()
      let push = try await clone.push("\(doubled):refs/heads/staging")
      #expect(push.status != 0)
      #expect(try await server.state() == before)
    } else {
      try await server.expectRefused("malformed-commit", doubled.short) {
        try await clone.push("\(doubled):refs/heads/staging")
      }
    }
    try await server.expectAccepted("staging", at: good) { try await clone.push("staging") }
  }

  /// Two maintainers push different good merges onto the same tip, and both hooks judge before either ref moves.
  @Test func twoPushesAtTheSameMoment() async throws {
    let (server, clone) = try await Server.make()
    let tips = [
      try await clone.change("a", by: server.team.alice, mergedBy: server.team.bob),
      try await {
        try await clone.git("checkout", "--quiet", "-b", "staging2", server.start)
        return try await clone.change("b", by: server.team.carol, mergedBy: server.team.alice)
      }(),
    ]
    let waits = try server.sandbox.script(
      "waits",
      """
      #!/bin/sh
      # Goes on when two of it have started, or after a minute.
      : >"\(server.sandbox.path)/started.$$"
      for _ in $(seq 600); do
        [ "$(ls "\(server.sandbox.path)" | grep -c '^started')" -ge 2 ] && exec "\(ServerProgram.command)" "$@"
        sleep 0.1
      done
      exit 1
      """)
    try await server.config("maint.program", waits)
    let (one, other) = (tips[0], tips[1])
    async let first = clone.push("\(one):refs/heads/staging")
    async let second = clone.push("\(other):refs/heads/staging")
    let statuses = [try await first.status, try await second.status]
    #expect(statuses.filter { $0 == 0 }.count == 1, "\(statuses)")
    let winner = try #require(statuses.firstIndex(of: 0))
    #expect(try await server.tip("staging") == tips[winner])
    try await server.sandbox.must(["git", "-C", server.path, "fsck", "--strict", "--no-dangling"])
    let audit = try await server.command("audit", "staging")
    #expect(audit.status == 0, "\(audit)")
  }
}
