import Glibc
import Support

/// A plain git server's bare repository with our hook, maintainers with cards, and an outsider who opens pull requests.
final class CosignServer {
  let folder: TemporaryFolder
  let cards: [String: VirtualCard]
  let start: String

  var path: String { "\(folder.path)/s.git" }

  /// - Parameters:
  ///   - cards: The maintainers.
  ///   - key: More lines of a person's key in the registry.
  ///   - extraPeople: More tables of the registry, with these certificates by fingerprint.
  init(
    _ cards: [String: VirtualCard], policy: String? = nil, key: [String: String] = [:], extraPeople: String = "",
    certificates: [String: [UInt8]] = [:]
  ) throws {
    folder = try TemporaryFolder()
    self.cards = cards
    let seed = "\(folder.path)/seed"
    let bare = "\(folder.path)/s.git"
    try Tool.succeed("git", ["init", "--quiet", "--bare", "-b", "staging", bare])
    try Tool.succeed("git", ["init", "--quiet", "-b", "staging", seed])
    var registry = "[people]\n" + extraPeople
    try Self.makeFolder("\(seed)/keys")
    for (person, card) in cards.sorted(by: { $0.key < $1.key }) {
      registry += Self.entry(person, card, key[person])
      try Self.write("\(seed)/keys/\(card.fingerprint).asc", card.certificate())
    }
    for (fingerprint, armor) in certificates { try Self.write("\(seed)/keys/\(fingerprint).asc", armor) }
    try Self.write("\(seed)/MAINTAINERS", Array(registry.utf8))
    try Self.write("\(seed)/packages", Array("one\ntwo\nthree\n".utf8))
    if let policy { try Self.write("\(seed)/review.toml", Array(policy.utf8)) }
    try Tool.succeed("git", ["add", "."], folder: seed)
    try Tool.succeed("git", ["commit", "--quiet", "-m", "Start"], folder: seed)
    start = try Tool.succeed("git", ["rev-parse", "HEAD"], folder: seed).line
    try Tool.succeed("git", ["push", "--quiet", bare, "staging"], folder: seed)
    try Tool.succeed("git", ["-C", bare, "config", "maint.trustRoot", start])
    try Tool.succeed("git", ["-C", bare, "config", "maint.lead", "staging"])
    try Tool.succeed("git", ["-C", bare, "config", "maint.program", Self.program])
    try Tool.succeed("cp", ["\(Tool.packageFolder)/hooks/pre-receive", "\(bare)/hooks/pre-receive"])
  }

  /// One with two maintainers, Alice and Bob, and their cards.
  static func withTwo() throws -> (alice: VirtualCard, bob: VirtualCard, server: CosignServer) {
    let (alice, bob) = (try VirtualCard(), try VirtualCard(name: "Bob"))
    let policy = "version = 1\nrepository = \"example.org/os\"\n"
    return (alice, bob, try CosignServer(["alice": alice, "bob": bob], policy: policy))
  }

  /// What the registry says of a person with one card.
  ///
  /// - Parameter lines: More of the key's lines; nil for those of a YubiKey.
  static func entry(_ person: String, _ card: VirtualCard, _ lines: String? = nil) -> String {
    "[people.\(person)]\nname = \"\(person)\"\n[keys.\(person).card]\nid = \"\(card.fingerprint)\"\n"
      + (lines ?? "devices = \"YubiKey 5\"\n")
  }

  /// The command under test, built beside the tests.
  static let program: String = {
    if let given = getenv("STAGEX_MAINT_PROGRAM") { return String(cString: given) }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      + "/stagex-maint"
  }()

  static func write(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard file >= 0, bytes.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) == bytes.count else {
      throw CannotWrite(path: path)
    }
    close(file)
  }

  static func makeFolder(_ path: String) throws { try Tool.succeed("mkdir", ["-p", path]) }

  // MARK: what people do

  /// A maintainer's clone, made at the first call.
  func clone(_ person: String) throws -> String {
    let clone = "\(folder.path)/\(person)"
    if access(clone, F_OK) == 0 { return clone }
    try Tool.succeed("git", ["clone", "--quiet", "file://\(path)", clone])
    for (key, value) in [
      ("user.name", person), ("user.email", "\(person)@example.org"), ("maint.trustRoot", start),
      ("maint.lead", "staging"),
    ] {
      try Tool.succeed("git", ["-C", clone, "config", key, value])
    }
    return clone
  }

  /// An outsider pushes a commit on top of staging as a pull request. Returns the head.
  @discardableResult
  func pullRequest(
    _ number: Int, file: String = "more", _ text: String = "new\n", onto base: String = "staging",
    message: String = "Change",
    executable: Bool = false, as person: String? = nil
  ) throws -> String {
    let work = "\(folder.path)/outsider"
    if access(work, F_OK) != 0 { try Tool.succeed("git", ["clone", "--quiet", "file://\(path)", work]) }
    try Tool.succeed("git", ["fetch", "--quiet", "origin"], folder: work)
    try Tool.succeed("git", ["checkout", "--quiet", "--detach", "origin/\(base)"], folder: work)
    try Self.write("\(work)/\(file)", Array(text.utf8))
    if executable { try Tool.succeed("chmod", ["+x", "\(work)/\(file)"]) }
    try Tool.succeed("git", ["add", "--all", "."], folder: work)
    var words = ["commit", "--quiet", "-m", message]
    var environment: [String: String] = [:]
    if let person, let card = cards[person] {
      words += ["--gpg-sign=\(card.signingFingerprint)!"]
      environment = card.environment
    }
    try Tool.succeed("git", words, environment: environment, folder: work)
    try Tool.succeed("git", ["push", "--quiet", "--force", "origin", "HEAD:refs/pull/\(number)/head"], folder: work)
    return try Tool.succeed("git", ["rev-parse", "HEAD"], folder: work).line
  }

  func tip(_ ref: String) throws -> String? {
    let result = try Tool.run("git", ["-C", path, "rev-parse", "--verify", "--quiet", ref])
    return result.status == 0 ? result.line : nil
  }

  /// Every ref of the server.
  func refs() throws -> String { try Tool.succeed("git", ["-C", path, "for-each-ref"]).text }

  /// Runs `stagex-maint` in a person's clone, without a terminal. A head's id behind `--reviewed` becomes the whole
  /// word that a review of that head gives: whoever only names the head agrees to nothing.
  func run(_ person: String, _ arguments: [String], card: VirtualCard? = nil, extra: [String: String] = [:]) throws
    -> Tool.Result
  {
    var environment = (card ?? cards[person])?.environment ?? [:]
    environment.merge(extra) { $1 }
    func run(_ words: [String]) throws -> Tool.Result {
      try Tool.run(Self.program, words, environment: environment, folder: clone(person), seconds: 120)
    }
    guard let place = arguments.firstIndex(of: "--reviewed"), arguments.indices.contains(place + 1),
      arguments[place + 1].count == 40
    else { return try run(arguments) }
    var words = arguments
    let base = arguments.firstIndex(of: "--base").map { arguments[$0 + 1] } ?? "staging"
    let actions = ["--adopt": "adopt", "--merge": "merge", "--detached": "detached"].filter {
      arguments.contains($0.key)
    }
    words[place + 1] = """
      \(actions.first?.value ?? (person == "alice" ? "adopt" : "merge")):\(try tip("refs/heads/\(base)") ?? start)..\
      \(arguments[place + 1])
      """
    if arguments.contains("--continue") {
      let tree = try Tool.run("git", ["-C", "\(clone(person))-cosign-2", "write-tree"]).line
      words[place + 1] = "solve:" + words[place + 1].split(separator: ":")[1] + ":" + (tree.isEmpty ? start : tree)
    }
    let result = try run(words)
    // The person chose nothing, and the choice was another than we thought.
    guard result.status == 64, let found = result.errorText.firstRange(of: "review that, then: --reviewed ") else {
      return result
    }
    words[place + 1] = String(result.errorText[found.upperBound...].prefix { $0 != "\n" })
    return try run(words)
  }

  /// Reviews and agrees to the pull request's present head.
  func cosign(
    _ person: String, _ number: Int, _ more: String..., card: VirtualCard? = nil, extra: [String: String] = [:]
  ) throws -> Tool.Result {
    let head = try tip("refs/pull/\(number)/head") ?? ""
    return try run(person, ["cosign", "PR-\(number)", "--reviewed", head] + more, card: card, extra: extra)
  }

  /// A folder with a `git` that runs this script first; `$1…` are git's words, `$real` is git itself.
  func gitThatFirst(_ script: String) throws -> [String: String] {
    let bin = "\(folder.path)/bin"
    try Self.makeFolder(bin)
    let real = Tool.find("git") ?? "/usr/bin/git"
    try Self.write("\(bin)/git", Array("#!/bin/sh\nreal=\(real)\nwords=\"$*\"\n\(script)\nexec \(real) \"$@\"\n".utf8))
    try Tool.succeed("chmod", ["+x", "\(bin)/git"])
    return ["PATH": "\(bin):\(Tool.bareEnvironment["PATH"]!)"]
  }
}

extension Tool.Result {
  /// Both outputs, for messages.
  var all: String { text + errorText }
}

struct CannotWrite: Error { let path: String }
