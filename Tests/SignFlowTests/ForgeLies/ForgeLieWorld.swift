import Foundation
import Support
import Testing

/// A forge with two requests, the clone of a maintainer who has judged its `staging` before, and a repository that can
/// stand in for the server's. Each lie finds them as they were.
final class ForgeLieWorld {
  let forge: TestForge
  let alice: VirtualCard
  let dave: VirtualCard
  let folder: TemporaryFolder
  /// What texts of lies may name.
  var places: [String: String] = [:]
  /// What an honest review prints for `--reviewed`, by request.
  var words: [Int: String] = [:]
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

  func set(_ ref: String, _ place: String, in repository: String) throws {
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

  func says(_ result: Tool.Result, _ text: String) -> Bool {
    // Long lines are folded at blanks.
    func flat(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    return text.isEmpty || flat(result.all).contains(flat(filled(text)))
  }

  static func word(_ look: Tool.Result) -> String? {
    look.text.firstRange(of: "it is agreed to by: --reviewed ").map {
      String(look.text[$0.upperBound...].prefix { $0 != "\n" })
    }
  }
}
