import SignFlow
import Support
import Testing

/// How requests are carried: secrets, certificates, leftovers.
@Suite(.enabled(if: TestForge.isPossible, "needs git, curl and python3"))
struct CurlTests {
  @Test func `The token is in no argument, no environment and no file`() async throws {
    let world = try ForgeWorld()
    let (number, _) = try world.forge.openPullRequest()
    let folder = try TemporaryFolder()
    // A curl before the real one that writes down all that other users of the machine could see of it.
    try folder.write(
      "curl",
      """
      #!/bin/sh
      { printf '%s\\n' "$@"; env; ls -l \(folder.path)/t; cat \(folder.path)/t/*; } >> \(folder.path)/seen 2>/dev/null
      exec /usr/bin/curl "$@"
      """, executable: true)
    try Tool.succeed("mkdir", ["\(folder.path)/t"])
    let path = "\(folder.path):" + Tool.bareEnvironment["PATH"]!
    let client = try await world.client(extra: ["PATH": path, "SECRET_OF_MINE": "x", "TMPDIR": "\(folder.path)/t"])
    try await client.comment(on: number, "a comment")
    let seen = try Tool.succeed("cat", ["\(folder.path)/seen"]).text
    #expect(seen.contains("-K"))
    #expect(seen.contains("a comment"))
    #expect(seen.contains("-rw-------"))
    #expect(!seen.contains(world.forge.token(of: "alice")))
    #expect(!seen.contains("SECRET_OF_MINE"))
    #expect(try Tool.succeed("ls", ["\(folder.path)/t"]).text == "")
  }

  @Test func `A certificate that nobody vouches for is refused, and believed once the person says so`() async throws {
    let world = try ForgeWorld(tls: true)
    let client = try await world.client()
    let refusal = await #expect(throws: ForgeError.self) { try await client.openPullRequests() }
    guard case .unreachable(world.forge.url, let reason) = refusal else {
      Issue.record("\(String(describing: refusal))"); return
    }
    #expect(reason.raw.contains("certificate"))
    #expect(refusal?.isTemporary == true)
    let trusting = try await world.client(extra: ["CURL_CA_BUNDLE": world.forge.certificateFile])
    #expect(try await trusting.openPullRequests().pulls.isEmpty)
  }

  @Test func `Plain HTTP to another machine is refused before anything is sent`() async throws {
    let environment = Tool.bareEnvironment.merging(["MAINT_TOKEN": "secret"]) { $1 }
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment, secondsForQuestions: 7200),
      credentials: Credentials(environment: environment, repository: "/", home: nil), setting: "forgejo")
    let origin = "http://forge.example"
    await #expect(throws: ForgeError.insecure(origin: origin)) {
      try await finder.forge(behind: "\(origin)/stagex/stagex.git")
    }
    let unasked = ForgeFinder(
      transport: CurlTransport(environment: environment, secondsForQuestions: 7200),
      credentials: Credentials(environment: environment, repository: "/", home: nil), setting: nil)
    await #expect(throws: ForgeError.insecure(origin: origin)) {
      try await unasked.forge(behind: "\(origin)/stagex/stagex.git")
    }
  }

  @Test func `Nobody there is said as such`() async throws {
    let environment = Tool.bareEnvironment
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment, secondsForQuestions: 7200),
      credentials: Credentials(environment: environment, repository: "/", home: nil), setting: "forgejo")
    let client = try await finder.forge(behind: "http://127.0.0.1:1/stagex/stagex.git")
    let refusal = await #expect(throws: ForgeError.self) { try await client.pullRequest(1) }
    guard case .unreachable = refusal else { Issue.record("\(String(describing: refusal))"); return }
  }

  @Test func `Without curl the person is told what to install`() async throws {
    let transport = CurlTransport(environment: ["PATH": "/nonexistent"])
    let finder = ForgeFinder(
      transport: transport, credentials: Credentials(environment: ["MAINT_TOKEN": "x"], repository: "/", home: nil),
      setting: "forgejo")
    let client = try await finder.forge(behind: "https://forge.example/stagex/stagex.git")
    await #expect(throws: ForgeError.local("curl cannot be run")) { try await client.pullRequest(1) }
  }

  // MARK: git's credential helper

  @Test func `A password of git's credential helper logs in, and only on its own host`() async throws {
    let world = try ForgeWorld()
    let (number, _) = try world.forge.openPullRequest()
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "-q", folder.path])
    let helper = "!f() { echo username=alice; echo password=pw-alice; }; f"
    try Tool.succeed("git", ["-C", folder.path, "config", "credential.\(world.forge.url).helper", helper])
    let credentials = Credentials(environment: Tool.bareEnvironment, repository: folder.path, home: nil)
    let finder = ForgeFinder(
      transport: CurlTransport(environment: Tool.bareEnvironment, secondsForQuestions: 7200), credentials: credentials,
      setting: "forgejo")
    try await finder.forge(behind: world.forge.remote()).comment(on: number, "hello")
    let elsewhere = try #require(WebOrigin(scheme: .https, host: "other.example"))
    #expect(try await credentials.token(for: elsewhere) == nil)
    try world.expectContractKept()
  }

  @Test func `Without a helper nobody is asked and there is no token`() async throws {
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "-q", folder.path])
    try folder.write("ask", "#!/bin/sh\ntouch \(folder.path)/asked\necho x\n", executable: true)
    let environment = Tool.bareEnvironment.merging([
      "GIT_ASKPASS": "\(folder.path)/ask", "SSH_ASKPASS": "\(folder.path)/ask",
    ]) { $1 }
    let credentials = Credentials(environment: environment, repository: folder.path, home: nil)
    let origin = try #require(WebOrigin(scheme: .https, host: "forge.example"))
    #expect(try await credentials.token(for: origin) == nil)
    #expect(try Tool.run("test", ["-e", "\(folder.path)/asked"]).status != 0)
  }

  @Test(arguments: ["a b", "a\u{1B}[2J", "é"])
  func `A variable that is no token is refused without showing it`(value: String) async throws {
    let origin = try #require(WebOrigin(scheme: .https, host: "forge.example"))
    let credentials = Credentials(environment: ["MAINT_TOKEN": value], repository: "/", home: origin)
    let refusal = await #expect(throws: ForgeError.self) { try await credentials.token(for: origin) }
    #expect(refusal?.message.contains(value) == false)
  }
}
