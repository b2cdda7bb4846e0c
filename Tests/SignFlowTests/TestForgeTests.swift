import Support
import Testing

/// The forge that other tests rely on: that it does what Forgejo does.
@Suite(.enabled(if: TestForge.isPossible, "needs git and python3"))
struct TestForgeTests {
  @Test func `A pull request from a fork can be fetched by its ref`() throws {
    let forge = try TestForge()
    let (number, head) = try forge.openPullRequest()
    let clone = try forge.clone()
    try clone.git("fetch", "-q", "origin", "refs/pull/\(number)/head")
    #expect(try clone.git("rev-parse", "FETCH_HEAD") == head)
    try expectContractKept(by: forge)
  }

  @Test func `A reader proposes by AGit, and a writer adds a commit to the proposal`() throws {
    let forge = try TestForge()
    let clone = try forge.clone()
    try clone.git("checkout", "-q", "origin/staging")
    try clone.commit("Add g", files: ["g": "1\n"])
    let said = try clone.push(as: "carol", "HEAD:refs/for/staging/topic", "-o", "title=By AGit")
    #expect(said.contains("refs/pull/1/head"))
    let adopt = try clone.commit("Adopt")
    #expect(throws: Tool.Failure.self) { try clone.push(as: "carol", "HEAD:refs/pull/1/head") }
    try clone.push(as: "alice", "HEAD:refs/pull/1/head")
    let answer = try forge.call("GET", "/repos/stagex/stagex/pulls/1")
    #expect(answer.contains(#""flow": 1"#))
    #expect(answer.contains(#""title": "By AGit""#))
    #expect(answer.contains(adopt))
    try expectContractKept(by: forge)
  }

  @Test func `A hook of the administrator's refuses a push, and its words reach the pusher`() throws {
    let forge = try TestForge()
    let folder = try TemporaryFolder()
    let hook = "\(folder.path)/hook"
    let script = """
      #!/bin/sh
      grep -q ' refs/heads/main$' && { echo 'error: not this branch' >&2; exit 1; }
      exit 0
      """
    try Tool.succeed("tee", [hook], input: Array(script.utf8))
    try Tool.succeed("chmod", ["+x", hook])
    try forge.installHook(hook)
    let clone = try forge.clone()
    try clone.commit("Two")
    let refusal = #expect(throws: Tool.Failure.self) { try clone.push(as: "alice", "HEAD:refs/heads/main") }
    #expect(refusal?.description.contains("remote: error: not this branch") == true)
    try clone.push(as: "alice", "HEAD:refs/heads/staging")
  }

  @Test func `A hostile rule spoils an answer, and only as often as it says`() throws {
    let forge = try TestForge()
    let (_, head) = try forge.openPullRequest()
    let lie = String(repeating: "1", count: 40)
    try forge.behave(
      hostileBy: #"{"path": "/pulls/1$", "times": 1, "do": {"patch": {"head.sha": "\#(lie)"}}}"#)
    #expect(try forge.call("GET", "/repos/stagex/stagex/pulls/1").contains(lie))
    #expect(try forge.call("GET", "/repos/stagex/stagex/pulls/1").contains(head))
  }

  @Test func `A request that Forgejo does not describe is noted, and others are not`() throws {
    let forge = try TestForge()
    guard forge.isContractChecked else { try Test.cancel("Forgejo's description is not at hand") }
    try forge.call("GET", "/repos/stagex/stagex/pulls?state=open")
    #expect(try forge.violations() == [])
    try forge.call("GET", "/repos/stagex/stagex/pulls?status=open")
    #expect(try forge.violations().map { $0.contains("unknown query parameter 'status'") } == [true])
  }

  private func expectContractKept(by forge: TestForge) throws {
    guard forge.isContractChecked else { try Test.cancel("all else held, but Forgejo's description is not at hand") }
    #expect(try forge.violations() == [])
  }
}
