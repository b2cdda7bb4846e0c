import GitBridge
import SignFlow
import Support
import Testing

/// What each CI's environment and event file ask the gate.
@Suite struct CIEventTests {
  static let a = String(repeating: "a1", count: 20)
  static let b = String(repeating: "b2", count: 20)
  static let zero = String(repeating: "0", count: 40)

  static func id(_ text: String) -> ObjectID { ObjectID(hexString: text)! }

  struct Event: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var environment: [String: String]
    var file: String?

    init(_ name: String, _ environment: [String: String], _ file: String? = nil) {
      (testDescription, self.environment, self.file) = (name, environment, file)
    }

    func read() throws(GateInputError) -> GateRequest? {
      try GateRequest.read(environment) { path in path == "/event.json" ? file.map { Array($0.utf8) } : nil }
    }
  }

  static func actions(_ event: String, _ more: [String: String] = [:], prefix: String = "GITHUB") -> [String: String] {
    [
      "CI": "true", "\(prefix)_EVENT_NAME": event, "\(prefix)_EVENT_PATH": "/event.json",
      "\(prefix)_REPOSITORY": "stagex/stagex",
    ].merging(more) { $1 }
  }

  static func pullRequest(
    head: String = "\"sha\": \"\(a)\"", base: String = "\"ref\": \"staging\"", repository: String = "stagex/stagex",
    action: String = "synchronize"
  ) -> String {
    #"""
    {"action": "\#(action)", "number": 7, "pull_request": {"number": 7, "title": "x\"; rm -rf /; \"", \#
    "head": {\#(head), "ref": "topic", "repo": null}, \#
    "base": {\#(base), "sha": "\#(b)", "repo": {"full_name": "\#(repository)"}}}}
    """#
  }

  static func push(_ ref: String = "refs/heads/staging", from before: String = b, to after: String = a) -> String {
    #"""
    {"ref": "\#(ref)", "before": "\#(before)", "after": "\#(after)", "repository": {"full_name": "stagex/stagex"}, \#
    "commits": []}
    """#
  }

  static func group(_ head: String = a, _ base: String = "refs/heads/main") -> String {
    #"""
    {"action": "checks_requested", "merge_group": {"head_sha": "\#(head)", \#
    "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-\#(b)", "base_sha": "\#(b)", "base_ref": "\#(base)"}}
    """#
  }

  static func gitlab(_ more: [String: String]) -> [String: String] {
    ["CI": "true", "GITLAB_CI": "true", "CI_PROJECT_PATH": "stagex/stagex", "CI_COMMIT_SHA": a].merging(more) { $1 }
  }
  static func mergeRequest(_ more: [String: String]) -> [String: String] {
    gitlab(
      [
        "CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "staging",
        "CI_MERGE_REQUEST_PROJECT_PATH": "stagex/stagex",
      ].merging(more) { $1 })
  }
  static func woodpecker(_ event: String, _ more: [String: String]) -> [String: String] {
    ["CI": "woodpecker", "CI_PIPELINE_EVENT": event, "CI_COMMIT_SHA": a].merging(more) { $1 }
  }

  static let forge = GateRequest(
    question: .merge(head: id(a), ref: "refs/pull/7/head"), target: "refs/heads/staging", name: "PR-7")
  static let lab = GateRequest(
    question: .merge(head: id(a), ref: "refs/merge-requests/7/head"), target: "refs/heads/staging", name: "!7")
  static func pushed(_ target: String = "refs/heads/staging", from before: String = b, to after: String = a)
    -> GateRequest
  {
    GateRequest(question: .pushed(before: id(before), after: id(after)), target: target)
  }

  static let readable: [(Event, GateRequest)] = [
    (
      Event(
        "GitHub, pull_request: the sha is a merge of GitHub's own",
        actions("pull_request", ["GITHUB_SHA": b, "GITHUB_REF": "refs/pull/7/merge", "GITHUB_BASE_REF": "staging"]),
        pullRequest()), forge
    ),
    (
      Event(
        "GitHub, pull_request_target: ref and sha are the base's",
        actions(
          "pull_request_target", ["GITHUB_SHA": b, "GITHUB_REF": "refs/heads/staging", "GITHUB_BASE_REF": "staging"]),
        pullRequest()), forge
    ),
    (
      Event(
        "Forgejo, pull_request_target",
        actions("pull_request_target", ["FORGEJO_SHA": b, "FORGEJO_BASE_REF": "staging"], prefix: "FORGEJO"),
        pullRequest(action: "opened")), forge
    ),
    (Event("Gitea, pull_request", actions("pull_request", prefix: "GITEA"), pullRequest()), forge),
    (
      Event(
        "a fork that is gone", actions("pull_request_target"),
        pullRequest(head: "\"sha\": \"\(a)\", \"label\": \"unknown repository\"")), forge
    ),
    (
      Event("GitHub, merge_group", actions("merge_group", ["GITHUB_SHA": a, "GITHUB_BASE_REF": ""]), group()),
      GateRequest(
        question: .merge(head: id(a), ref: nil), target: "refs/heads/main",
        notes: ["this is a merge queue's group: the merges that the queue makes itself carry no maintainer's signature"]
      )
    ),
    (Event("GitHub, push", actions("push", ["GITHUB_SHA": a, "GITHUB_REF": "refs/heads/staging"]), push()), pushed()),
    (Event("Forgejo, push", actions("push", prefix: "FORGEJO"), push()), pushed()),
    (
      Event("push of a new branch", actions("push"), push("refs/heads/release/2026.01.0", from: zero)),
      pushed("refs/heads/release/2026.01.0", from: zero)
    ),
    (Event("push that deletes", actions("push"), push(to: zero)), pushed(to: zero)),
    (
      Event("push of a tag", actions("push"), push("refs/tags/2026.01.0", from: zero)),
      pushed("refs/tags/2026.01.0", from: zero)
    ),
    (
      Event(
        "GitLab, detached",
        mergeRequest(["CI_MERGE_REQUEST_EVENT_TYPE": "detached", "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""])), lab
    ),
    (Event("GitLab, before there were kinds", mergeRequest([:])), lab),
    (
      Event(
        "GitLab, merged result: the sha is a merge of GitLab's own",
        mergeRequest([
          "CI_MERGE_REQUEST_EVENT_TYPE": "merged_result", "CI_COMMIT_SHA": b, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": a,
        ])), lab
    ),
    (
      Event(
        "GitLab, merge train",
        mergeRequest([
          "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train", "CI_COMMIT_SHA": b, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": a,
        ])),
      GateRequest(
        question: lab.question, target: lab.target, name: lab.name,
        notes: ["this is a merge train: the merges that GitLab makes itself carry no maintainer's signature"])
    ),
    (
      Event(
        "GitLab, push",
        gitlab(["CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": b, "CI_COMMIT_BRANCH": "staging"])), pushed()
    ),
    (
      Event(
        "GitLab, push of a tag",
        gitlab(["CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": zero, "CI_COMMIT_TAG": "2026.01.0"])),
      pushed("refs/tags/2026.01.0", from: zero)
    ),
    (
      Event(
        "Woodpecker, pull_request",
        woodpecker(
          "pull_request",
          ["CI_COMMIT_PULL_REQUEST": "7", "CI_COMMIT_TARGET_BRANCH": "staging", "CI_COMMIT_BRANCH": "staging"])), forge
    ),
    (
      Event(
        "Woodpecker, push",
        woodpecker(
          "push",
          [
            "CI_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_SHA": b,
            "CI_PREV_PIPELINE_EVENT": "push",
          ])), pushed()
    ),
    (
      Event(
        "Woodpecker, the first push that it sees",
        woodpecker("push", ["CI_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_SHA": ""])), pushed(from: zero)
    ),
    // The pipeline before was about another branch: it says nothing of where this one was.
    (
      Event(
        "Woodpecker, a push after another branch's",
        woodpecker(
          "push",
          [
            "CI_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_BRANCH": "evil", "CI_PREV_COMMIT_SHA": b,
            "CI_PREV_PIPELINE_EVENT": "push",
          ])), pushed(from: zero)
    ),
    (
      Event(
        "Woodpecker, a pipeline that is run again",
        woodpecker(
          "push",
          [
            "CI_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_SHA": a,
            "CI_PREV_PIPELINE_EVENT": "push",
          ])), pushed(from: zero)
    ),
    // A pull request's pipeline names the base branch as its branch.
    (
      Event(
        "Woodpecker, a push after a pull request",
        woodpecker(
          "push",
          [
            "CI_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_BRANCH": "staging", "CI_PREV_COMMIT_SHA": b,
            "CI_PREV_PIPELINE_EVENT": "pull_request",
          ])), pushed(from: zero)
    ),
    (
      Event("Woodpecker, a tag", woodpecker("tag", ["CI_COMMIT_TAG": "2026.01.0"])),
      pushed("refs/tags/2026.01.0", from: zero)
    ),
  ]

  @Test(arguments: readable.indices)
  func `an event asks for this`(index: Int) throws {
    let (event, request) = Self.readable[index]
    #expect(try event.read() == request, "\(event.testDescription)")
  }

  @Test func `without a CI nothing is asked`() throws {
    #expect(try GateRequest.read(["CI": "true", "PATH": "/bin", "GITHUB_EVENT_NAME": ""]) { _ in nil } == nil)
  }

  static let unreadable: [(Event, String)] = [
    (Event("no event file", actions("pull_request"), nil), "cannot be read"),
    (Event("no path", ["GITHUB_EVENT_NAME": "push"], push()), "GITHUB_EVENT_PATH is not set"),
    (Event("no JSON", actions("push"), "{"), "is no JSON"),
    (Event("a doubled member", actions("push"), #"{"ref": "refs/heads/a", "ref": "refs/heads/b"}"#), "occurs twice"),
    (Event("a list", actions("push"), "[]"), "does not say ref"),
    (Event("a short head", actions("pull_request"), pullRequest(head: "\"sha\": \"a1a1a1\"")), "no full commit id"),
    (
      Event("a head that is a branch", actions("pull_request"), pullRequest(head: "\"sha\": \"refs/heads/staging\"")),
      "no full commit id"
    ),
    (
      Event(
        "a head of full-width digits", actions("pull_request"),
        pullRequest(head: "\"sha\": \"\(String(repeating: "１", count: 40))\"")), "no full commit id"
    ),
    (Event("no head", actions("pull_request"), pullRequest(head: "\"x\": 1")), "does not say pull_request.head.sha"),
    (
      Event("a base with an option", actions("pull_request"), pullRequest(base: "\"ref\": \"--upload-pack=x y\"")),
      "no branch's name"
    ),
    (
      Event("a base with a line end", actions("pull_request"), pullRequest(base: "\"ref\": \"a\\nb\"")),
      "no branch's name"
    ),
    (
      Event("a base that climbs", actions("pull_request"), pullRequest(base: "\"ref\": \"../../x\"")),
      "no branch's name"
    ),
    (Event("a closed request", actions("pull_request_target"), pullRequest(action: "closed")), "nothing to judge"),
    (
      Event("another repository's request", actions("pull_request"), pullRequest(repository: "mallory/stagex")),
      "about mallory/stagex"
    ),
    (
      Event("two targets", actions("pull_request", ["GITHUB_BASE_REF": "main"]), pullRequest()),
      "different target branches"
    ),
    (Event("a number of text", actions("pull_request"), #"{"pull_request": {"number": "7"}}"#), "pull_request.number"),
    (Event("two heads of a group", actions("merge_group", ["GITHUB_SHA": b]), group()), "different heads"),
    (
      Event("a group without a base", actions("merge_group"), group(a, "main")),
      "neither a branch's nor a tag's full name"
    ),
    (Event("a push of notes", actions("push"), push("refs/notes/commits")), "neither a branch's nor a tag's full name"),
    (Event("a push of a branch with a space", actions("push"), push("refs/heads/a b")), "neither a branch's"),
    (Event("a push to itself", actions("push"), push(from: a)), "nothing to judge"),
    (Event("a schedule", actions("schedule"), "{}"), "nothing to judge"),
    (Event("a name with escapes", actions("\u{1B}[2J"), "{}"), "nothing to judge"),
    (Event("two CIs", actions("push", ["GITLAB_CI": "true"]), push()), "several CIs"),
    (
      Event("GitLab, a fork's own pipeline", mergeRequest(["CI_PROJECT_PATH": "mallory/stagex"])),
      "runs in mallory/stagex"
    ),
    // CI_COMMIT_SHA would be a merge that nobody signed.
    (
      Event("GitLab, a merged result without its head", mergeRequest(["CI_MERGE_REQUEST_EVENT_TYPE": "merged_result"])),
      "does not say CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"
    ),
    (Event("GitLab, a kind to come", mergeRequest(["CI_MERGE_REQUEST_EVENT_TYPE": "merge_bus"])), "merge_bus"),
    (Event("GitLab, a number of text", mergeRequest(["CI_MERGE_REQUEST_IID": "7/../8"])), "no number of a request"),
    (Event("GitLab, a schedule", gitlab(["CI_PIPELINE_SOURCE": "schedule"])), "nothing to judge"),
    (
      Event("GitLab, a push without a branch", gitlab(["CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BEFORE_SHA": b])),
      "does not say CI_COMMIT_BRANCH"
    ),
    (Event("Woodpecker, cron", woodpecker("cron", [:])), "nothing to judge"),
    (Event("Woodpecker, a closed request", woodpecker("pull_request_closed", [:])), "nothing to judge"),
    (
      Event("Woodpecker, no target", woodpecker("pull_request", ["CI_COMMIT_PULL_REQUEST": "7"])),
      "does not say CI_COMMIT_TARGET_BRANCH"
    ),
  ]

  @Test(arguments: unreadable.indices)
  func `an event that cannot be judged is refused in words`(index: Int) throws {
    let (event, said) = Self.unreadable[index]
    let error = #expect(throws: GateInputError.self, "\(event.testDescription)") { try event.read() }
    #expect(error?.message.contains(said) == true, "\(event.testDescription): \(error?.message ?? "")")
    #expect(error?.message.contains("\u{1B}") == false)
  }
}
