import GitBridge
import SignFlow
import Support
import Testing

/// A forge, or somebody who opens a pull request on it, that means harm.
@Suite(.enabled(if: TestForge.isPossible, "needs git, curl and python3"))
struct ForgeHostileTests {
  let path = #""path": "/pulls/1$""#

  private func world(rule: String = "") throws -> ForgeWorld {
    let world = try ForgeWorld()
    _ = try world.forge.openPullRequest()
    if !rule.isEmpty { try world.forge.behave(hostileBy: rule) }
    return world
  }

  private func failure(_ world: ForgeWorld, seconds: Int = 10) async throws -> ForgeError? {
    let client = try await world.client(seconds: seconds)
    do {
      _ = try await client.pullRequest(1)
      return nil
    } catch {
      return error
    }
  }

  // MARK: answers that make no sense

  @Test func `Garbage is malformed`() async throws {
    let world = try world()
    for reply in [
      #"{"body": "not json"}"#, #"{"body": "[]"}"#, #"{"body": "{}"}"#, #"{"body": ""}"#, #"{"body": "null"}"#,
      #"{"body": "{\"number\": 1, \"number\": 1}"}"#, #"{"body": "<html>", "headers": {"Content-Type": "text/html"}}"#,
      #"{"base64": "//79"}"#, #"{"body": "{} {}"}"#,
    ] {
      try world.forge.behave(hostileBy: "{\(path), \"do\": {\"reply\": \(reply)}}")
      guard case .malformed = try await failure(world) else { Issue.record("was read: \(reply)"); return }
    }
    try world.forge.behave()
    #expect(try await failure(world) == nil)
  }

  @Test func `Deep nesting is malformed, and soon`() async throws {
    let deep = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
    let world = try world(rule: #"{\#(path), "do": {"patch": {"labels": \#(deep)}}}"#)
    guard case .malformed = try await failure(world) else { Issue.record("was read"); return }
  }

  @Test func `A member of the wrong shape makes the answer malformed, by its name`() async throws {
    let world = try world()
    for (patch, member) in [
      (#""head.sha": "abc""#, "head.sha"), (#""head.sha": 5"#, "head.sha"), (#""head.sha": null"#, "head.sha"),
      (#""head.sha": "１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１１""#, "head.sha"),
      (#""head.ref": "a\u001b[2Jb""#, "head.ref"), (#""base.ref": "..""#, "base.ref"),
      (#""base.ref": "--force x""#, "base.ref"),
      (#""head.repo.full_name": "../../etc""#, "head.repo.full_name"),
      (#""head.repo.full_name": "evil.example:x/y""#, "head.repo.full_name"), (#""state": "approved""#, "state"),
      (#""merged": "no""#, "merged"), (#""number": "1""#, "number"), (#""title": null"#, "title"),
      (#""base": null"#, "base"),
    ] {
      try world.forge.behave(hostileBy: "{\(path), \"do\": {\"patch\": {\(patch)}}}")
      guard case .malformed(_, let reason) = try await failure(world) else {
        Issue.record("was read: \(patch)"); return
      }
      #expect(reason.hasPrefix("\(member) is not"))
    }
  }

  // MARK: lies

  @Test func `A lie about the head is believed by nobody: git's own ref tells another`() async throws {
    let lie = String(repeating: "1", count: 40)
    let world = try world(rule: #"{\#(path), "do": {"patch": {"head.sha": "\#(lie)"}}}"#)
    let pull = try await world.client().pullRequest(1)
    #expect(pull.head.hex == lie)
    let clone = try world.forge.clone()
    try clone.git("fetch", "-q", "origin", pull.headRef)
    #expect(try clone.git("rev-parse", "FETCH_HEAD") != lie)
  }

  @Test func `A head that moves between two calls is seen as another head`() async throws {
    let world = try ForgeWorld()
    let (_, first) = try world.forge.openPullRequest()
    let move = #"{"repository": "bob/stagex", "ref": "refs/heads/topic", "commit": "\#(world.forge.rootCommit)"}"#
    try world.forge.behave(hostileBy: #"{\#(path), "skip": 1, "do": {"move": \#(move)}}"#)
    let client = try await world.client()
    #expect(try await client.pullRequest(1).head.hex == first)
    #expect(try await client.pullRequest(1).head.hex == world.forge.rootCommit)
  }

  @Test(arguments: [
    (
      #""base.repo.full_name": "evil/stagex""#,
      ForgeError.answersAbout(Untrusted("evil/stagex#1"), asked: "stagex/stagex")
    ),
    (#""number": 7"#, ForgeError.answersAbout(Untrusted("number 7"), asked: "number 1")),
  ])
  func `Another repository's or another number's pull request is refused`(patch: String, expected: ForgeError)
    async throws
  {
    let world = try world(rule: "{\(path), \"do\": {\"patch\": {\(patch)}}}")
    #expect(try await failure(world) == expected)
  }

  @Test func `The address of the fork is made from our own remote, whatever the forge says`() async throws {
    let patch = #""head.repo.clone_url": "ext::sh -c id", "head.repo.ssh_url": "-oProxyCommand=id""#
    let world = try world(rule: "{\(path), \"do\": {\"patch\": {\(patch)}}}")
    let client = try await world.client()
    let fork = try #require(try await client.pullRequest(1).headRepository)
    #expect(client.remote.url(of: fork) == "\(world.forge.url)/bob/stagex.git")
  }

  @Test func `Titles and names lose their tricks when shown`() async throws {
    let patch = #""title": "\u001b]0;owned\u0007 \u202egpj.exe", "user.login": "bob\u001b[31m", "head.ref": "x\u200by""#
    let world = try world(rule: "{\(path), \"do\": {\"patch\": {\(patch)}}}")
    let pull = try await world.client().pullRequest(1)
    let shown = "\(pull.title) \(pull.author) \(try #require(pull.headBranch))"
    #expect(shown == #"\x1b]0;owned\x07 \u{202e}gpj.exe bob\x1b[31m x\u{200b}y"#)
  }

  // MARK: too much, too slow, elsewhere

  @Test func `A description of 2 MB is read; one of 6 MB is too large`() async throws {
    let world = try world(rule: big(2 << 20, path: "/pulls/1$"))
    #expect(try await world.client().pullRequest(1).body.raw.utf8.count == 2 << 20)
    try world.forge.behave(hostileBy: big(6 << 20, path: "/pulls/1$"))
    #expect(try await failure(world) == .tooLarge(origin: world.forge.url))
  }

  @Test func `One description that is too large does not hide the other pull requests`() async throws {
    let world = try ForgeWorld()
    for branch in ["a", "b", "c"] { _ = try world.forge.openPullRequest(branch: branch) }
    // The second of the list: whole pages that hold it are too large, and so is it alone.
    try world.forge.behave(
      hostileBy: big(6 << 20, path: "/pulls$", member: "1.body", times: 2),
      big(6 << 20, path: "/pulls$", member: "0.body", skip: 1, times: 1))
    let open = try await world.client().openPullRequests()
    #expect(open.pulls.map(\.number) == [3, 1])
    #expect(open.tooLarge == 1)
  }

  @Test func `An answer without end is cut off`() async throws {
    let world = try world(rule: #"{\#(path), "do": {"endless": true}}"#)
    #expect(try await failure(world) == .tooLarge(origin: world.forge.url))
  }

  @Test func `A forge that is too slow is given up`() async throws {
    let world = try world()
    let long = String(repeating: "x", count: 8000)
    for deed in [#"{"delay": 5}"#, #"{"trickle": 1, "patch": {"body": "\#(long)"}}"#] {
      try world.forge.behave(hostileBy: "{\(path), \"times\": 1, \"do\": \(deed)}")
      #expect(try await failure(world, seconds: 1) == .timedOut(origin: world.forge.url))
    }
    #expect(try await failure(world, seconds: 60) == nil)
  }

  @Test func `An answer that breaks off is malformed`() async throws {
    let world = try world(rule: #"{\#(path), "do": {"truncate": 100}}"#)
    #expect(try await failure(world) == .malformed(origin: world.forge.url, reason: "the answer breaks off"))
  }

  @Test func `No redirect is followed`() async throws {
    let other = try ForgeWorld()
    let target = "\(other.forge.url)/api/v1/repos/stagex/stagex/pulls/1"
    _ = try other.forge.openPullRequest()
    let world = try world()
    for status in [301, 302, 307, 308] {
      try world.forge.behave(
        hostileBy: #"{\#(path), "do": {"reply": {"status": \#(status), "headers": {"Location": "\#(target)"}}}}"#)
      #expect(try await failure(world) == .redirected(origin: world.forge.url, to: Untrusted(target)))
    }
    #expect(try await failure(other) == nil)
  }

  @Test(arguments: [429, 503])
  func `A busy forge is asked again when it says when, and otherwise not`(status: Int) async throws {
    let busy = { (wait: String, times: Int) in
      #"{\#(path), "times": \#(times), "do": {"reply": {"status": \#(status)\#(wait)}}}"#
    }
    let world = try world(rule: busy(#", "headers": {"Retry-After": "1"}"#, 1))
    #expect(try await failure(world) == nil)
    try world.forge.behave(hostileBy: busy("", 1))
    #expect(try await failure(world) == .busy(origin: world.forge.url, seconds: nil))
    try world.forge.behave(hostileBy: busy(#", "headers": {"Retry-After": "3600"}"#, 1))
    #expect(try await failure(world) == .busy(origin: world.forge.url, seconds: 3600))
    try world.forge.behave(hostileBy: busy(#", "headers": {"Retry-After": "0"}"#, 100))
    #expect(try await failure(world) == .busy(origin: world.forge.url, seconds: 0))
  }

  @Test func `An error's own words are shown without their tricks`() async throws {
    let world = try world(
      rule: #"{\#(path), "do": {"reply": {"status": 500, "body": "{\"message\": \"\\u001b[2Jno\"}"}}}"#)
    let error = try #require(try await failure(world))
    #expect(error == .refused(status: 500, message: Untrusted("\u{1B}[2Jno")))
    #expect(error.message == #"the forge refuses (HTTP 500): \x1b[2Jno"#)
  }

  private func big(_ size: Int, path: String, member: String = "body", skip: Int = 0, times: Int = 100) -> String {
    let text = String(repeating: "x", count: size)
    return #"{"path": "\#(path)", "skip": \#(skip), "times": \#(times), "do": {"patch": {"\#(member)": "\#(text)"}}}"#
  }
}
