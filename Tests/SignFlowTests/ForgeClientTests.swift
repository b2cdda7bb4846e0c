import GitBridge
import SignFlow
import Support
import Testing

/// Our clients against a forge that is held to Forgejo's own description (and to nothing for GitHub and GitLab).
@Suite(.enabled(if: TestForge.isPossible, "needs git, curl and python3"))
struct ForgeClientTests {
  @Test(arguments: ForgeKind.allCases)
  func `A pull request from a fork`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    let (number, head) = try world.forge.openPullRequest(branch: "add/f", title: "Add f")
    let pull = try await world.client(kind: kind).pullRequest(number)
    #expect(pull.number == number)
    #expect(pull.head.hex == head)
    #expect(pull.title.raw == "Add f")
    #expect(pull.author.raw == "bob")
    #expect(pull.state == .open)
    #expect(pull.flow == .branch)
    #expect(pull.base == BranchName("staging"))
    #expect(pull.headBranch == BranchName("add/f"))
    #expect(pull.headRepository == RepositoryPath("bob/stagex"))
    #expect(pull.allowsMaintainerEdits == false)
    #expect(pull.headRef == (kind == .gitlab ? "refs/merge-requests/1/head" : "refs/pull/1/head"))
    try world.expectContractKept()
  }

  @Test func `Reading needs no token`() async throws {
    let world = try ForgeWorld()
    let (number, head) = try world.forge.openPullRequest()
    #expect(try await world.client(as: nil).pullRequest(number).head.hex == head)
    try world.expectContractKept()
  }

  @Test func `An AGit pull request has no branch but its own ref`() async throws {
    let world = try ForgeWorld()
    let clone = try world.forge.clone()
    try clone.git("checkout", "-q", "origin/staging")
    let head = try clone.commit("Add g")
    try clone.push(as: "carol", "HEAD:refs/for/staging/topic")
    let pull = try await world.client().pullRequest(1)
    #expect(pull.flow == .agit)
    #expect(pull.headBranch == nil)
    #expect(pull.headRepository == nil)
    #expect(pull.headRef == "refs/pull/1/head")
    #expect(pull.head.hex == head)
    try world.expectContractKept()
  }

  @Test(arguments: [ForgeKind.forgejo, .github, .gitlab])
  func `A pull request whose fork is gone`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    let (number, head) = try world.forge.openPullRequest()
    try world.forge.forge("delete", TestForge.fork)
    let pull = try await world.client(kind: kind).pullRequest(number)
    #expect(pull.headBranch == nil)
    #expect(pull.headRepository == nil)
    #expect(pull.head.hex == head)
  }

  @Test func `A branch that its owner lends to the maintainers`() async throws {
    let world = try ForgeWorld()
    let (number, _) = try world.forge.openPullRequest()
    try world.forge.call(
      "PATCH", "/repos/stagex/stagex/pulls/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    #expect(try await world.client().pullRequest(number).allowsMaintainerEdits == true)
  }

  @Test(arguments: ForgeKind.allCases)
  func `The open ones, the newest first, and not the closed`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    for branch in ["a", "b", "c"] { _ = try world.forge.openPullRequest(branch: branch) }
    try world.forge.call("PATCH", "/repos/stagex/stagex/pulls/2", as: "bob", body: #"{"state": "closed"}"#)
    let open = try await world.client(kind: kind).openPullRequests()
    #expect(open.pulls.map(\.number) == [3, 1])
    #expect(open.tooLarge == 0)
    try world.expectContractKept()
  }

  @Test func `A list longer than a page is read to its end, each one once`() async throws {
    let world = try ForgeWorld()
    _ = try world.forge.openPullRequest()
    // 60 pull requests of the same branch, made behind the interface for speed.
    let script = """
      import json, sys
      f = open(sys.argv[1], "r+"); d = json.load(f); r = d["repositories"]["stagex/stagex"]; r["hold_sync"] = True
      r["pulls"] += [dict(r["pulls"][0], id=1000 + n, number=n) for n in range(2, 61)]
      f.seek(0); f.truncate(); json.dump(d, f)
      """
    try Tool.succeed("/usr/bin/python3", ["-c", script, "\(world.forge.path())/../../state.json"])
    let open = try await world.client().openPullRequests()
    #expect(open.pulls.map(\.number) == Array((1...60).reversed()))
    try world.expectContractKept()
  }

  @Test(arguments: ForgeKind.allCases)
  func `A pull request is made, and made again only brought up to date`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    let clone = try world.forge.clone()
    let head = try clone.commit("Signatures")
    try clone.push(as: "alice", "HEAD:refs/heads/release/2026.01.0")
    let client = try await world.client(kind: kind)
    let body = "| package | digest |\n\"quoted\" \\ é " + String(repeating: "x", count: 200_000)
    var new = try NewPullRequest(
      title: "Sign \"all\"", body: body, head: #require(BranchName("release/2026.01.0")),
      base: #require(BranchName("main")))
    let first = try await client.createOrUpdate(new)
    #expect(first.number == 1)
    #expect(first.head.hex == head)
    #expect(first.body.raw == body)
    new.title = "Sign more"
    let second = try await client.createOrUpdate(new)
    #expect(second.number == 1)
    #expect(second.title.raw == "Sign more")
    #expect(try await client.openPullRequests().pulls.count == 1)
    try world.expectContractKept()
  }

  @Test func `A second pull request for the same branches is refused by the forge`() async throws {
    let world = try ForgeWorld()
    let clone = try world.forge.clone()
    try clone.commit("One")
    try clone.push(as: "alice", "HEAD:refs/heads/topic")
    let new = try NewPullRequest(
      title: "t", body: "", head: #require(BranchName("topic")), base: #require(BranchName("main")))
    let client = try await world.client()
    _ = try await client.create(new)
    let refusal = await #expect(throws: ForgeError.self) { try await client.create(new) }
    guard case .alreadyExists(let message) = refusal else { Issue.record("\(String(describing: refusal))"); return }
    #expect(message.raw.contains("issue_id: 1"))
    try world.expectContractKept()
  }

  @Test(arguments: ForgeKind.allCases)
  func `Comments need a token`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    let (number, _) = try world.forge.openPullRequest()
    try await world.client(kind: kind).comment(on: number, "Two maintainers have signed.\nThank you.")
    let origin = world.forge.url
    await #expect(throws: ForgeError.notLoggedIn(origin: origin)) {
      try await world.client(as: nil, kind: kind).comment(on: number, "hello")
    }
    if kind == .forgejo {
      #expect(try world.forge.call("GET", "/repos/stagex/stagex/issues/1/comments").contains(#"signed.\nThank you."#))
    }
    try world.expectContractKept()
  }

  // MARK: merged

  @Test func `The forge is told of a merge that was pushed`() async throws {
    let (world, merge) = try merged()
    let client = try await world.client()
    #expect(try await client.pullRequest(1).state == .open)
    #expect(try await client.markMerged(1, by: merge) == .told)
    #expect(try await client.pullRequest(1).state == .merged)
    try world.expectContractKept()
  }

  @Test func `A forge that has found out by itself counts as told`() async throws {
    let (world, merge) = try merged()
    try world.forge.forge("set", TestForge.repository, "autodetect", "true")
    #expect(try await world.client().markMerged(1, by: merge) == .told)
    try world.expectContractKept()
  }

  @Test func `A repository that does not allow it is no failure but must be said`() async throws {
    let (world, merge) = try merged()
    try world.forge.forge("set", TestForge.repository, "manual_merge", "false")
    let client = try await world.client()
    guard case .notAllowed = try await client.markMerged(1, by: merge) else { Issue.record("was told"); return }
    #expect(try await client.pullRequest(1).state == .open)
    try world.expectContractKept()
  }

  @Test func `A commit that is no merge of it is refused, and the right one taken`() async throws {
    let (world, merge) = try merged()
    let client = try await world.client()
    let wrong = try #require(ObjectID(hexString: String(repeating: "1", count: 40)))
    await #expect(throws: ForgeError.refused(status: 409, message: Untrusted("wrong commit ID"))) {
      try await client.markMerged(1, by: wrong)
    }
    #expect(try await client.markMerged(1, by: merge) == .told)
    try world.expectContractKept()
  }

  @Test(arguments: ForgeKind.allCases)
  func `The head can be fetched by the ref that the client names`(kind: ForgeKind) async throws {
    let world = try ForgeWorld()
    try world.forge.forge("set", TestForge.repository, "merge_requests", "true")
    let (number, head) = try world.forge.openPullRequest()
    let clone = try world.forge.clone()
    let pull = try await world.client(kind: kind).pullRequest(number)
    try clone.git("fetch", "-q", "origin", pull.headRef)
    #expect(try clone.git("rev-parse", "FETCH_HEAD") == head)
  }

  private func merged() throws -> (ForgeWorld, ObjectID) {
    let world = try ForgeWorld()
    _ = try world.forge.openPullRequest()
    let clone = try world.forge.clone()
    try clone.git("fetch", "-q", "origin", "refs/pull/1/head")
    try clone.git("checkout", "-q", "-B", "staging", "origin/staging")
    try clone.git("merge", "-q", "--no-ff", "-m", "Merge PR 1", "FETCH_HEAD")
    try clone.push(as: "alice", "staging")
    return (world, try #require(ObjectID(hexString: clone.git("rev-parse", "HEAD"))))
  }

  // MARK: refusals

  @Test func `A wrong token, an unknown number, a right that is missing`() async throws {
    let world = try ForgeWorld()
    let (number, _) = try world.forge.openPullRequest()
    await #expect(throws: ForgeError.notLoggedIn(origin: world.forge.url)) {
      try await world.client(as: "mallory").pullRequest(number)
    }
    await #expect(throws: ForgeError.notFound("/api/v1/repos/stagex/stagex/pulls/99")) {
      try await world.client().pullRequest(99)
    }
    await #expect(throws: ForgeError.refused(status: 403, message: Untrusted(""))) {
      try await world.client(as: "carol").edit(number, title: "x", body: "")
    }
    try world.expectContractKept()
  }

  @Test func `The kind of a forge is found by asking, and never with a token`() async throws {
    let world = try ForgeWorld()
    let environment = Tool.bareEnvironment
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment, secondsForQuestions: 7200),
      credentials: Credentials(environment: environment, repository: "/", home: nil), setting: nil)
    let origin = try RemoteAddress(world.forge.remote()).origin
    #expect(try await finder.kind(of: origin) == .forgejo)
    try world.forge.behave(hostileBy: #"{"path": "^/api/v1/", "do": {"reply": {"status": 404}}}"#)
    await #expect(throws: ForgeError.unknownKind(origin: world.forge.url)) { try await finder.kind(of: origin) }
  }

  @Test func `A setting that is no kind of forge is refused`() {
    #expect(throws: ForgeError.badSetting(name: "maint.forge", value: Untrusted("sourcehut"))) {
      try ForgeKind(setting: "sourcehut")
    }
    #expect(throws: Never.self) { try ForgeKind(setting: "Gitea") }
  }
}

/// A forge whose list of requests never ends: each page brings one more.
private actor EndlessForge: SignFlow.Transport {
  private(set) var requests = 0

  func send(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
    requests += 1
    let pull = #"""
      {"id": \#(requests), "number": \#(requests), "title": "x", "state": "open", "head": {"ref": "x", \#
      "sha": "\#(String(repeating: "1", count: 40))", "repo": null}, "base": {"ref": "staging", \#
      "repo": {"full_name": "stagex/stagex"}}}
      """#
    return HTTPResponse(status: 200, body: Array("[\(pull)]".utf8))
  }
}

/// A forge that gives nothing but answers without an end.
private actor FloodingForge: SignFlow.Transport {
  private(set) var requests = 0

  func send(_ request: HTTPRequest) async throws(ForgeError) -> HTTPResponse {
    requests += 1
    throw .tooLarge(origin: request.origin.description)
  }
}

struct EndlessListTests {
  @Test func `Answers without an end, page after page, are no empty list`() async throws {
    let flood = FloodingForge()
    let credentials = Credentials(environment: Tool.bareEnvironment, repository: "/", home: nil)
    let finder = ForgeFinder(transport: flood, credentials: credentials, setting: "forgejo")
    let forge = try await finder.forge(behind: "https://forge.example/stagex/stagex")
    await #expect(throws: ForgeError.tooLarge(origin: "https://forge.example")) { try await forge.openPullRequests() }
    #expect(await flood.requests <= 120)
  }

  @Test func `A list that never ends is left after a while, and what it brought is used`() async throws {
    let endless = EndlessForge()
    let credentials = Credentials(environment: Tool.bareEnvironment, repository: "/", home: nil)
    let finder = ForgeFinder(transport: endless, credentials: credentials, setting: "forgejo")
    let open = try await finder.forge(behind: "https://forge.example/stagex/stagex").openPullRequests()
    #expect(open.isCutOff && !open.pulls.isEmpty && open.unreadable.isEmpty)
    #expect(await endless.requests <= 120)
  }
}
