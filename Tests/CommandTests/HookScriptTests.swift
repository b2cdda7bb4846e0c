import Support
import Testing

/// The shell scripts in `hooks/`, run by dash with a program that only tells how it was called.
@Suite struct HookScriptTests {
  @Test func x() async throws {
    let (server, clone) = try await Server.make(program: "/bin/true")
    for t in Transport.allCases {
      try await clone.change("\(t)", by: server.team.alice, mergedBy: server.team.bob)
      let r = try await server.serve(over: t) { url, extra in try await clone.push("staging", to: url, extra: extra) }
      print(r)
    }
    print(try await server.state().refs)
  }
}
