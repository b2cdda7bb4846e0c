import SignFlow
import Support
import Testing

/// A test forge, and clients of ours for it.
struct ForgeWorld {
  let forge: TestForge
  private let folder: TemporaryFolder

  init(tls: Bool = false) throws {
    forge = try TestForge(tls: tls)
    folder = try TemporaryFolder()
    try Tool.succeed("git", ["init", "-q", folder.path])
  }

  /// A client that logs in with a person's token, or with none.
  func client(
    as user: String? = "alice", kind: ForgeKind = .forgejo, seconds: Int = 10, extra: [String: String] = [:]
  ) async throws -> any Forge {
    var environment = Tool.bareEnvironment.merging(extra) { $1 }
    if let user { environment["MAINT_TOKEN"] = forge.token(of: user) }
    let finder = ForgeFinder(
      transport: CurlTransport(environment: environment, seconds: seconds, secondsForQuestions: 7200),
      credentials: Credentials(
        environment: environment, repository: folder.path, home: try RemoteAddress(forge.remote()).origin),
      setting: kind.rawValue)
    return try await finder.forge(behind: forge.remote())
  }

  /// Nothing of ours broke Forgejo's description; says so where that could not be checked.
  func expectContractKept(_ location: SourceLocation = #_sourceLocation) throws {
    guard forge.isContractChecked else { try Test.cancel("all else held, but Forgejo's description is not at hand") }
    let violations = try forge.violations()
    #expect(violations == [], sourceLocation: location)
  }
}
