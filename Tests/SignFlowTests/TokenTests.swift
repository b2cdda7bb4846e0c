import SignFlow
import Support
import Testing

/// A token goes to its own host and to no other.
struct TokenTests {
  let home = WebOrigin(scheme: .https, host: "forge.example")!
  let eve = WebOrigin(scheme: .https, host: "eve.example")!

  func credentials(_ environment: [String: String], known: [WebOrigin] = [], file: String? = nil) -> Credentials {
    // The folder is no repository, and no helper answers.
    Credentials(
      environment: Tool.bareEnvironment.merging(environment) { $1 }, repository: "/", home: home, known: known,
      file: file)
  }

  /// Whether a token is found; it does not show itself.
  func has(_ credentials: Credentials, _ origin: WebOrigin) async throws -> Bool {
    try await credentials.token(for: origin) != nil
  }

  @Test func `A bare token is for the project's own forge only`() async throws {
    let given = credentials(["MAINT_TOKEN": "t"], known: [home, eve])
    #expect(try await has(given, home))
    #expect(try await !has(given, eve))
    // Another port is another server.
    #expect(try await !has(given, WebOrigin(scheme: .https, host: "forge.example", port: 8443)!))
  }

  @Test func `A host's own variable is for that host only`() async throws {
    let given = credentials(["MAINT_TOKEN_EVE_EXAMPLE": "t"], known: [home, eve])
    #expect(try await has(given, eve))
    #expect(try await !has(given, home))
    let port = WebOrigin(scheme: .http, host: "127.0.0.1", port: 3400)!
    #expect(try await has(credentials(["MAINT_TOKEN_127_0_0_1_3400": "t"]), port))
    #expect(try await !has(credentials(["MAINT_TOKEN_127_0_0_1_3401": "t"]), port))
  }

  // Whoever registers the other spelling of a host would get its token.
  @Test func `A variable that fits two hosts is for neither`() async throws {
    let dotted = WebOrigin(scheme: .https, host: "git.forge.example")!,
      dashed = WebOrigin(scheme: .https, host: "git-forge.example")!
    let both = credentials(["MAINT_TOKEN_GIT_FORGE_EXAMPLE": "t"], known: [dotted, dashed])
    for origin in [dotted, dashed] {
      let refusal = await #expect(throws: ForgeError.self) { try await both.token(for: origin) }
      #expect(refusal?.message.contains("git-forge.example, git.forge.example") == true)
    }
    #expect(try await has(credentials(["MAINT_TOKEN_GIT_FORGE_EXAMPLE": "t"], known: [dotted]), dotted))
  }

  @Test func `Nothing goes over plain HTTP to another machine`() async throws {
    let plain = WebOrigin(scheme: .http, host: "forge.example")!
    for name in ["MAINT_TOKEN", "MAINT_TOKEN_FORGE_EXAMPLE"] {
      await #expect(throws: ForgeError.insecure(origin: "http://forge.example")) {
        try await credentials([name: "t"]).token(for: plain)
      }
    }
  }

  @Test func `The token file holds one for each host, and nobody else may read it`() async throws {
    let folder = try TemporaryFolder()
    let file = "\(folder.path)/tokens"
    try folder.write("tokens", "# mine\nforge.example abc\nother.example def\n")
    try Tool.succeed("chmod", ["644", file])
    await #expect(throws: ForgeError.self) { try await credentials([:], file: file).token(for: home) }
    try Tool.succeed("chmod", ["600", file])
    #expect(try await has(credentials([:], file: file), home))
    #expect(try await !has(credentials([:], file: file), eve))
    try folder.write("tokens", "forge.example\n")
    await #expect(throws: ForgeError.self) { try await credentials([:], file: file).token(for: home) }
  }
}
