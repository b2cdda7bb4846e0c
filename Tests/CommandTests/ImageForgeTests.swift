import Foundation
import Support
import Testing

/// Staged signatures on a forge over HTTP: a branch with a pull request by the forge's interface, or AGit without one.
@Suite(.enabled(if: VirtualCard.isPossible && TestForge.isPossible), .serialized) struct ImageForgeTests {
  static let release = "2026.03.0"
  static let branch = "release/2026.03.0"

  let forge: TestForge
  let team: ImageMaintainers

  /// Alice and Dave write to the signatures repository, which the forge holds.
  init() throws {
    forge = try TestForge()
    team = try ImageMaintainers(["alice", "dave"], packages: 3)
    for person in team.people {
      try Tool.succeed("git", ["clone", "--quiet", forge.remote(), person.path + "/signatures"])
      let helper = "!f() { echo username=\(person.name); echo password=pw-\(person.name); }; f"
      for (key, value) in [
        ("credential.\(forge.url).helper", helper), ("user.name", person.name),
        ("user.email", "\(person.name)@example.org"),
      ] {
        try ImageTree.git(person.path + "/signatures", "config", key, value)
      }
      try ImageTree.git(person.path, "config", "maint.signatures", forge.remote())
      try ImageTree.git(person.path, "config", "maint.forge", "forgejo")
    }
  }

  private func run(_ person: Int, _ arguments: String...) throws -> Tool.Result {
    try Tool.run(
      ServerProgram.command, arguments,
      environment: team.environment(person).merging(["MAINT_TOKEN_127_0_0_1": forge.token(of: team.people[person].name)]
      ) { $1 },
      folder: team.people[person].path, seconds: 300)
  }

  private func sign(_ person: Int) throws {
    let result = try run(person, "sign", "--release", Self.release, "--yes", "--no-make")
    #expect(result.status == 0, "\(result.text)\(result.errorText)")
  }

  private func pulls() throws -> [[String: Any]] {
    let text = try forge.call("GET", "/repos/\(TestForge.repository)/pulls?state=open", as: "carol")
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
  }

  private func expectContractKept() throws {
    guard forge.isContractChecked else { try Test.cancel("all else held, but Forgejo's description is not at hand") }
    #expect(try forge.violations() == [])
  }

  @Test func `The second maintainer brings the first one's pull request up to date`() throws {
    try sign(0)
    let first = try run(0, "stage")
    #expect(first.status == 0, "\(first.text)\(first.errorText)")
    #expect(first.text.contains("pull request 1 into main"), "\(first.text)")
    let opened = try #require(try pulls().first)
    #expect((opened["head"] as? [String: Any])?["ref"] as? String == Self.branch)
    #expect((opened["body"] as? String)?.contains("0 of 3 digests") == true)
    try sign(1)
    let second = try run(1, "stage")
    #expect(second.status == 0, "\(second.text)\(second.errorText)")
    #expect(second.text.contains("pull request 1 into main"), "\(second.text)")
    let updated = try pulls()
    #expect(updated.count == 1)
    #expect((updated.first?["body"] as? String)?.contains("3 of 3 digests") == true)
    let report = try team.report(0, branch: Self.branch)
    #expect(report.status == 0)
    #expect(report.images.count == 3)
    // The token and the password stay where they belong.
    let token = forge.token(of: "alice")
    for result in [first, second] { #expect(!(result.text + result.errorText).contains(token)) }
    #expect(try !ImageTree.git(team.people[0].path + "/signatures", "config", "--list").contains(token))
    try expectContractKept()
  }

  @Test func `A forge that does not answer costs a click, and no signature`() throws {
    try sign(0)
    let before = try team.people[0].card.signatureCount()
    try forge.behave(hostileBy: #"{"path": "^/api/v1/", "do": {"reply": {"status": 503}}}"#)
    let result = try run(0, "stage")
    #expect(result.status == 75, "\(result.text)\(result.errorText)")
    #expect(result.text.contains("open the pull request from \(Self.branch) into main"), "\(result.text)")
    try forge.behave()
    let again = try run(0, "stage")
    #expect(again.status == 0, "\(again.text)\(again.errorText)")
    #expect(again.text.contains("pull request 1 into main"))
    // The one signature is the commit's.
    #expect(try team.people[0].card.signatureCount() == before + 1)
  }

  /// Two requests that do not know of each other take the same numbers: whichever is merged first, the other one is
  /// staged again, and its own request grows by that.
  @Test(arguments: [true, false])
  func `AGit needs neither a branch nor a token, and both requests merge in either order`(_ aliceFirst: Bool) throws {
    func stage(_ person: Int) throws {
      let result = try Tool.run(
        ServerProgram.command, ["stage", "--agit"], environment: team.environment(person),
        folder: team.people[person].path,
        seconds: 300)
      #expect(result.status == 0, "\(result.text)\(result.errorText)")
      #expect(result.text.contains("pushed for review into main"), "\(result.text)")
    }
    for person in [0, 1] { try sign(person) }
    for person in [0, 1] { try stage(person) }
    let open = try pulls()
    #expect(open.count == 2)
    #expect(open.allSatisfy { $0["flow"] as? Int == 1 })
    let merged = try forge.clone()
    try merged.git("checkout", "--quiet", "-b", "both", "origin/main")
    func merge(_ number: Int) throws {
      try merged.git("fetch", "--quiet", "origin", "refs/pull/\(number)/head")
      try merged.git(
        "-c", "user.name=a", "-c", "user.email=a@example.org", "merge", "--quiet", "--no-ff", "-m", "Merge",
        "FETCH_HEAD")
      try merged.push(as: "alice", "HEAD:refs/heads/main")
    }
    let (first, second) = aliceFirst ? (0, 1) : (1, 0)
    try merge(first + 1)
    #expect(throws: Tool.Failure.self) { try merge(second + 1) }
    try merged.git("merge", "--abort")
    try stage(second)
    try merge(second + 1)
    #expect(
      try forge.call("GET", "/repos/\(TestForge.repository)/pulls", as: "carol").contains(#""number": 3"#) == false)
    let verified = try run(0, "signatures", "verify", "--signatures", merged.path)
    #expect(verified.status == 0, "\(verified.text)\(verified.errorText)")
    #expect(verified.text.contains("3 of 3 digests have 2 maintainers"), "\(verified.text)")
  }
}
