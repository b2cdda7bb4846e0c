import Foundation
import Support
import Testing

/// `policy lint` and `policy diff`: from everywhere, with the file, the line, and all mistakes at once.
@Suite struct PolicyLintTests {
  static let broken = """
    version = 0
    treshold = 2
    evidence = "maybe"
    endorsements = ["own", "shout"]

    [[branch]]
    name = "main"
    fron = ["staging"]

    [[branch]]
    from = ["x"]

    [[tag]]
    name = ""

    [[path]]
    match = ["a/**"]
    threshold = 1

    [groups]
    empty = []

    """

  /// - Returns: a repository with the file in its only commit and in its work tree, and a bare copy of it.
  static func make(_ text: String) async throws -> (sandbox: Sandbox, clone: String, bare: String) {
    let sandbox = try Sandbox()
    let (clone, bare) = (sandbox.path + "/clone", sandbox.path + "/bare.git")
    try await sandbox.must(["git", "init", "--quiet", clone])
    try text.write(toFile: clone + "/review.toml", atomically: false, encoding: .utf8)
    try FileManager.default.createDirectory(atPath: clone + "/a/b", withIntermediateDirectories: true)
    try await sandbox.must(["git", "-C", clone, "add", "review.toml"])
    try await sandbox.must(["git", "-C", clone, "commit", "--quiet", "--message", "x"])
    try await sandbox.must(["git", "clone", "--quiet", "--bare", clone, bare])
    return (sandbox, clone, bare)
  }

  @Test func allMistakesWithTheirLines() async throws {
    let (sandbox, clone, _) = try await Self.make(Self.broken)
    let lint = try await sandbox.run([ServerProgram.command, "policy", "lint"], in: clone)
    #expect(lint.status == 1, "\(lint)")
    let lines = lint.output.split(separator: "\n").compactMap { line -> Int? in
      line.hasPrefix("error: review.toml:") ? Int(line.split(separator: ":")[2]) : nil
    }
    #expect(Set(lines).isSuperset(of: [1, 2, 3, 4, 8, 10, 14, 18, 21]), "\(lint)")
  }

  @Test func aFileThatIsNoTOML() async throws {
    let (sandbox, clone, _) = try await Self.make(
      "version = 1\nthreshold 2\nevidence = off\n[[branch]\nname = \"main\"\n")
    let lint = try await sandbox.run([ServerProgram.command, "policy", "lint"], in: clone)
    for line in [2, 3, 4] { #expect(lint.output.contains("error: review.toml:\(line): "), "\(lint)") }
    #expect(!lint.output.contains("review.toml:5"), "\(lint)")
  }

  @Test func fromEverywhere() async throws {
    let (sandbox, clone, bare) = try await Self.make("version = 1\nthreshold = 0\n")
    let program = ServerProgram.command
    for (words, folder) in [
      (["policy", "lint"], clone), (["policy", "lint"], clone + "/a/b"), (["policy", "lint"], bare),
      (["policy", "lint", "-C", clone], "/"), (["-C", clone, "policy", "lint"], "/"),
      (["policy", "lint", "-C", bare], "/"),
      (["policy", "lint", clone + "/review.toml"], "/"), (["policy", "lint", "HEAD"], bare),
      (["policy", "lint", "main"], clone + "/a"),
      (["policy", "lint", "-C", clone, "review.toml"], "/"),
    ] {
      let lint = try await sandbox.run([program] + words, in: folder)
      #expect(
        lint.status == 1 && lint.output.contains("review.toml:2: threshold must be at least 1"),
        "\(words) in \(folder): \(lint)")
    }
    let nowhere = try await sandbox.run([program, "policy", "lint"], in: sandbox.path + "/home")
    #expect(nowhere.status == 2 && nowhere.error.hasPrefix("error: no git repository"), "\(nowhere)")
    let missing = try await sandbox.run([program, "policy", "lint", "nosuch.toml"], in: clone)
    #expect(missing.status == 2, "\(missing)")
  }

  @Test func theDifferenceFromEverywhere() async throws {
    let (sandbox, clone, bare) = try await Self.make("version = 1\n")
    try "version = 2\nthreshold = 1\n".write(toFile: clone + "/review.toml", atomically: false, encoding: .utf8)
    for (words, folder) in [
      (["HEAD"], clone), (["HEAD"], clone + "/a/b"), (["-C", clone, "HEAD", "review.toml"], "/"),
      (["HEAD", clone + "/review.toml"], bare),
    ] {
      let diff = try await sandbox.run([ServerProgram.command, "policy", "diff"] + words, in: folder)
      #expect(diff.status == 0 && diff.output.contains("weaker"), "\(words) in \(folder): \(diff)")
    }
    let same = try await sandbox.run([ServerProgram.command, "policy", "diff", "HEAD"], in: bare)
    #expect(same.status == 0 && same.output.contains("ask the same"), "\(same)")
    try "version = 2\n\nthreshold = 0\n".write(toFile: clone + "/review.toml", atomically: false, encoding: .utf8)
    let broken = try await sandbox.run([ServerProgram.command, "policy", "diff", "HEAD"], in: clone + "/a")
    #expect(broken.status == 2 && broken.error.contains("review.toml:3: threshold"), "\(broken)")
  }
}
