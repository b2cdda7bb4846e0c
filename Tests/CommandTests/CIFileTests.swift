import Foundation
import Support
import Testing

/// The files in `ci/`, filled in by `init` and run as their CIs run them.
@Suite(.enabled(if: CIScene.isPossible, "needs git, curl, bash and python3-yaml"))
struct CIFileTests {
  @Test(arguments: ["github", "forgejo", "gitlab", "woodpecker"])
  func `requests and pushes are judged, and the event's own head alone`(kind: String) async throws {
    let scene = try await CIScene(kind)
    let isActions = kind == "github" || kind == "forgejo"
    // From a fork; adopted by one maintainer, so that another one may merge it.
    let good = try scene.request("good", adoptedBy: scene.team.alice)
    let accepted = try scene.judge(good.number, good.head)
    #expect(accepted.status == 0, "\(accepted.text)")
    #expect(accepted.text.contains("bob") && accepted.text.contains("carol"), "\(accepted.text)")
    let short = try scene.request("short", adoptedBy: nil)
    let refused = try scene.judge(short.number, short.head)
    #expect(refused.status == 1 && refused.text.contains("too-few-endorsers"), "\(refused.text)")

    // Attack: the request is opened with an evil head, and its ref holds a good one when the job fetches it.
    let evil = try scene.request("evil", adoptedBy: nil)
    try scene.move(evil.number, "evil", to: good.head)
    // The server gives the evil head by its id, and it is that one that is judged.
    try Tool.succeed("git", ["-C", scene.forge.path(), "config", "uploadpack.allowAnySHA1InWant", "true"])
    let moved = try scene.judge(evil.number, evil.head)
    #expect(moved.status == 1 && moved.text.contains("too-few-endorsers"), "\(moved.text)")
    #expect(moved.flat.contains("judged is the event's head \(evil.head.prefix(12))"), "\(moved.text)")

    let landed = try scene.push("landed", by: scene.team.alice, mergedBy: scene.team.bob)
    let pushed = try scene.tell(pushed: landed.before, landed.after)
    #expect(pushed.status == 0, "\(pushed.text)")
    let alone = try scene.push("alone", by: scene.team.alice, mergedBy: scene.team.alice)
    let told = try scene.tell(pushed: alone.before, alone.after)
    #expect(told.status == 1 && told.text.contains("too-few-endorsers"), "\(told.text)")
    // A branch that is new to the CI: all that came after the trust root, not nothing.
    let fresh = try scene.tell(pushed: kind == "woodpecker" ? "" : String(repeating: "0", count: 40), alone.after)
    #expect(fresh.status == 1 && fresh.text.contains("too-few-endorsers"), "\(fresh.text)")
    // A branch that nobody protects starts no job.
    if kind != "gitlab" { #expect(try scene.tell(pushed: landed.before, landed.after, branch: "topic").status == 99) }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/owned"))

    guard isActions else { return }
    let statuses = try scene.forge.call("GET", "/repos/\(TestForge.repository)/statuses/\(good.head)")
    #expect(
      statuses.contains("\"status\": \"success\"") && statuses.contains("two-maintainers (staging)"), "\(statuses)")
    #expect(
      try scene.forge.call("GET", "/repos/\(TestForge.repository)/commits/\(evil.head)/status").contains(
        "\"state\": \"failure\""))
    #expect(
      try scene.forge.call("GET", "/repos/\(TestForge.repository)/commits/\(alone.after)/status").contains(
        "\"state\": \"failure\""))
    // The comment is written once, and says what holds now.
    let again = try scene.judge(short.number, short.head, action: "edited")
    #expect(again.status == 1)
    let comments = try scene.forge.call("GET", "/repos/\(TestForge.repository)/issues/\(short.number)/comments")
    #expect(
      comments.matches(of: #/"id":/#).count >= 1 && comments.matches(of: #/stagex-maint gate -->/#).count == 1,
      "\(comments)")
    #expect(comments.contains("refused"), "\(comments)")
    if scene.forge.isContractChecked { #expect(try scene.forge.violations() == []) }
  }

  /// Attack, and a runner's slip: in a clone without the history everything is new, or nothing can be told. Never a
  /// yes.
  @Test(arguments: ["github", "forgejo", "gitlab", "woodpecker"])
  func `without the history nothing is accepted, and what another job has left does no harm`(kind: String) async throws
  {
    var scene = try await CIScene(kind)
    let good = try scene.request("good", adoptedBy: scene.team.alice)
    let landed = try scene.push("landed", by: scene.team.alice, mergedBy: scene.team.bob)
    scene.isShallow = true
    for told in [try scene.judge(good.number, good.head), try scene.tell(pushed: landed.before, landed.after)] {
      #expect(told.status == 2 && told.flat.contains("shallow"), "\(told.text)")
    }
    // The twin: the same, with the history.
    (scene.isShallow, scene.isUsedBefore) = (false, true)
    for told in [try scene.judge(good.number, good.head), try scene.tell(pushed: landed.before, landed.after)] {
      #expect(told.status == 0, "\(told.text)")
    }
  }

  /// Attack: a request for a branch that asks for less, accepted there, is moved to one that asks for more.
  @Test(arguments: ["github", "forgejo", "gitlab", "woodpecker"])
  func `a request that changes its target is judged for the new one`(kind: String) async throws {
    let scene = try await CIScene(
      kind,
      policy:
        "version = 1\nlead = \"main\"\n\n[[branch]]\nname = \"main\"\nthreshold = 3\n\n[[branch]]\nname = \"staging\"\n"
    )
    let request = try scene.request("good", adoptedBy: scene.team.alice)
    #expect(try scene.judge(request.number, request.head).status == 0)
    let moved = try scene.judge(request.number, request.head, target: "main", action: "edited")
    #expect(moved.status == 1 && moved.text.contains("too-few-endorsers"), "\(moved.text)")
    guard kind == "github" || kind == "forgejo" else { return }
    // The yes for the other branch stays with that branch's name.
    let statuses = try scene.forge.call("GET", "/repos/\(TestForge.repository)/statuses/\(request.head)")
    #expect(
      statuses.contains("two-maintainers (main)") && statuses.contains("two-maintainers (staging)"), "\(statuses)")
    let combined = try scene.forge.call("GET", "/repos/\(TestForge.repository)/commits/\(request.head)/status")
    #expect(combined.contains("\"state\": \"failure\""), "\(combined)")
  }

  /// Attack: somebody else's comment that begins as ours does; who wrote it could change our words in it.
  @Test func `a comment of somebody else's is not taken for ours`() async throws {
    let scene = try await CIScene("forgejo")
    let request = try scene.request("good", adoptedBy: scene.team.alice)
    let place = "/repos/\(TestForge.repository)/issues/\(request.number)/comments"
    try scene.forge.call(
      "POST", place, as: "bob", body: #"{"body": "<!-- stagex-maint gate -->\naccepted by everybody"}"#)
    _ = try scene.judge(request.number, request.head)
    let comments = try scene.forge.call("GET", place)
    #expect(
      comments.contains("accepted by everybody") && comments.matches(of: #/stagex-maint gate -->/#).count == 2,
      "\(comments)")
  }

  @Test func `a merge queue's group and a merge train are judged by their own heads`() async throws {
    let scene = try await CIScene("github")
    func queue(_ request: (number: Int, head: String)) throws -> Tool.Result {
      // The queue merges by itself, with nobody's signature, onto a branch of its own.
      let clone = try scene.forge.clone()
      try clone.git("fetch", "-q", "origin", request.head)
      try clone.git("checkout", "-q", "-b", "queue", "origin/staging")
      try clone.git("merge", "-q", "--no-ff", "--no-gpg-sign", "-m", "Merge pull request", request.head)
      let head = try clone.git("rev-parse", "HEAD")
      let ref = "refs/heads/gh-readonly-queue/staging/pr-\(request.number)-\(scene.root)"
      try clone.push(as: "alice", "--no-verify", "HEAD:\(ref)")
      return try scene.run(
        "merge_group",
        payload: """
          {"action": "checks_requested", "merge_group": {"head_sha": "\(head)", "head_ref": "\(ref)", \
          "base_sha": "\(scene.root)", "base_ref": "refs/heads/staging"}}
          """, variables: ["GITHUB_SHA": head, "GITHUB_REF": ref, "GITHUB_BASE_REF": ""])
    }
    let good = try queue(try scene.request("good", adoptedBy: scene.team.alice))
    #expect(good.status == 0 && good.text.contains("merge queue's group"), "\(good.text)")
    let short = try queue(try scene.request("short", adoptedBy: nil))
    #expect(short.status == 1 && short.text.contains("too-few-endorsers"), "\(short.text)")

    let lab = try await CIScene("gitlab")
    func train(_ request: (number: Int, head: String)) throws -> Tool.Result {
      try lab.run(
        "merge_request_event",
        variables: lab.gitlab.merging([
          "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": String(request.number),
          "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "staging",
          "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train", "CI_COMMIT_SHA": lab.root,
          "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": request.head,
          "CI_MERGE_REQUEST_PROJECT_PATH": TestForge.repository,
        ]) { $1 })
    }
    let first = try train(try lab.request("good", adoptedBy: lab.team.alice))
    #expect(first.status == 0 && first.text.contains("merge train"), "\(first.text)")
    let second = try train(try lab.request("short", adoptedBy: nil))
    #expect(second.status == 1, "\(second.text)")
  }

  @Test func `a program with another sum is not run`() async throws {
    let scene = try await CIScene("github")
    let request = try scene.request("good", adoptedBy: scene.team.alice)
    let text = try String(contentsOfFile: scene.file, encoding: .utf8)
    try Data(text.replacing(#/PROGRAM_SHA256: "[0-9a-f]{8}/#, with: "PROGRAM_SHA256: \"00000000").utf8).write(
      to: URL(filePath: scene.file))
    let stopped = try scene.judge(request.number, request.head)
    #expect(
      stopped.status == 1 && stopped.text.contains("is not the program whose sum stands in this file"),
      "\(stopped.text)")
    try Data(text.utf8).write(to: URL(filePath: scene.file))
    #expect(try scene.judge(request.number, request.head).status == 0)
    #expect(try scene.judge(request.number, request.head, action: "labeled").status == 99)
  }

  @Test func `no file gives an event's text to a shell, runs others' code, or lacks a quote`() throws {
    let check = try Tool.run("\(Tool.packageFolder)/Tests/CI/check-ci", [])
    #expect(check.status == 0, "\(check.text)")
    // The twin: what it looks for is found.
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Tool.packageFolder + "/ci/github.yml", encoding: .utf8)
    for (old, new) in [
      ("cd repository\n          ../stagex", "echo ${{ github.base_ref }}\n          ../stagex"),
      ("github.event.pull_request.number", "github.event.pull_request.title"),
      ("pull_request_target:", "pull_request:"), ("- name: Judge", "- uses: actions/checkout@v4\n      - name: Judge"),
    ] {
      let file = try folder.write("github.yml", text.replacing(old, with: new))
      #expect(try Tool.run("\(Tool.packageFolder)/Tests/CI/check-ci", [file]).status == 1, "\(new)")
    }
  }
}

extension Tool.Result {
  /// The output with its folded lines put together again.
  fileprivate var flat: String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
