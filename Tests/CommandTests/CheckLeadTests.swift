import Support
import Testing

/// The branch that carries the rules, named to `check` for the first time, counts at once and not from the next look
/// on.
@Suite struct CheckLeadTests {
  @Test(arguments: ["an option", "the folder's setting"]) func theFirstLookGoesByTheLeadThatIsNamed(_ way: String)
    async throws
  {
    let (server, clone) = try await Server.make(hooks: [])
    // A change of the rules, which only the lead may bring.
    try await clone.git("checkout", "--quiet", "-b", "topic")
    try await clone.commit("review.toml", "version = 1\n", by: server.team.alice)
    try await clone.git("checkout", "--quiet", "staging")
    try await clone.merge("topic", by: server.team.bob)
    try await clone.git("push", "--quiet", server.path, "staging")
    func check(_ home: String, _ words: String...) async throws -> Finished {
      try await server.sandbox.run(
        [ServerProgram.command, "check", server.path, "staging"] + words,
        extra: ["XDG_STATE_HOME": "\(home)/s", "XDG_CACHE_HOME": "\(home)/c"])
    }
    // The twin: nobody says which, so it is main, and staging may not bring rules.
    let unnamed = try await check(server.sandbox.path + "/one")
    #expect(unnamed.status == 1 && unnamed.output.contains("rules-elsewhere"), "\(unnamed)")
    if way != "an option" { try await server.config("maint.lead", "staging") }
    let home = server.sandbox.path + "/two"
    let first = way == "an option" ? try await check(home, "--lead", "staging") : try await check(home)
    let second = try await check(home)
    for said in [first, second] { #expect(said.status == 0 && said.output.hasPrefix("yes: staging"), "\(said)") }
  }
}
