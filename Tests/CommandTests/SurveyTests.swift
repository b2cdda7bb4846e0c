import Foundation
import Support
import Testing

/// The survey, held against a second counting that was written from the definitions and in another way
/// (Tests/Survey/count.py): change by change, on histories made at random and on real ones.
@Suite struct SurveyTests {
  static let scripts = Tool.packageFolder + "/Tests/Survey"

  /// One change as both countings have it.
  struct Counted: Hashable, CustomStringConvertible {
    let commit: String
    let kind: String
    let behind: Int
    let arrival: String
    let isByBot: Bool
    var description: String { "\(commit) \(kind) \(behind) \(arrival) \(isByBot)" }
  }

  static func lines(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
  }

  static func run(_ words: [String], in folder: String = "/") async throws -> Finished {
    try await ServerProgram.run([ServerProgram.command, "audit", "--survey"] + words, in: folder, environment: Tool.bareEnvironment.merging(["COLUMNS": "80"]) { $1 })
  }

  /// A history made at random.
  static func history(seed: Int, commits: Int = 70) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try Tool.succeed("python3", [scripts + "/history.py", folder.path + "/repository.git", "\(seed)", "\(commits)"])
    return folder
  }

  static func compare(_ repository: String, _ branch: String, since: String? = nil, allMerges: Bool = false) async throws -> [Counted] {
    var ours = [repository, "--branch", branch]
    var theirs = [scripts + "/count.py", repository, branch]
    if let since {
      ours += ["--since", since]
      theirs.append(try Tool.succeed("date", ["-u", "-d", since, "+%s"]).line)
    }
    if allMerges {
      ours.append("--all-merges")
      theirs.append("--all-merges")
    }
    let listed = try await run(ours + ["--commits", "--format", "json"])
    try #require(listed.status == 0, "\(listed)")
    let counted = try lines(try Tool.succeed("python3", theirs, seconds: 120).text)
    let expected = counted.compactMap { line -> Counted? in
      guard let kind = line["kind"] as? String, ["ordinary", "content-merge"].contains(kind) else { return nil }
      return Counted(
        commit: line["commit"] as? String ?? "", kind: kind, behind: line["behind"] as? Int ?? -1, arrival: line["arrival"] as? String ?? "",
        isByBot: line["bot"] as? Bool ?? false)
    }
    let found = try lines(listed.output).map { line in
      Counted(
        commit: line["commit"] as? String ?? "", kind: line["kind"] as? String ?? "", behind: (line["claimed"] as? [String])?.count ?? -1,
        arrival: line["arrival"] as? String ?? "", isByBot: line["bot"] as? Bool ?? false)
    }
    #expect(Set(found).symmetricDifference(expected).sorted { $0.commit < $1.commit } == [])
    #expect(found.count == expected.count)

    let figures = try await run(ours + ["--format", "json"])
    let survey = try #require(try lines(figures.output).first)
    #expect(survey["changes"] as? Int == expected.count)
    let buckets = survey["claimed"] as? [String: Int]
    #expect(buckets == ["0": expected.count { $0.behind == 0 }, "1": expected.count { $0.behind == 1 }, "2+": expected.count { $0.behind > 1 }])
    var formats: [String: Int] = [:]
    for line in counted { formats[line["format"] as? String ?? "", default: 0] += 1 }
    #expect(survey["formats"] as? [String: Int] == formats)
    return expected
  }

  @Test(arguments: [1, 2, 3, 4])
  func `two countings of a random history agree`(_ seed: Int) async throws {
    let folder = try Self.history(seed: seed)
    let counted = try await Self.compare(
      folder.path + "/repository.git", "main", since: seed == 4 ? "2024-03-01" : nil, allMerges: seed % 2 == 0)
    // The history has something of each, or the comparison says little.
    #expect(Set(counted.map { min($0.behind, 2) }) == [0, 1, 2])
    #expect(counted.contains { $0.kind == "content-merge" })
  }

  @Test(.enabled(if: Shared.path("data/stagex-replica/history.bundle") != nil, "needs the shared data"), arguments: ["main", "staging"])
  func `two countings of the replica of StageX agree`(_ branch: String) async throws {
    let folder = try TemporaryFolder()
    try Tool.succeed("git", ["clone", "--quiet", "--mirror", Shared.path("data/stagex-replica/history.bundle")!, folder.path + "/replica"])
    let counted = try await Self.compare(folder.path + "/replica", branch, since: "2024-09-01")
    #expect(counted.count > 100)
  }

  @Test(.enabled(if: Shared.path("data/nonguix/nonguix.git.tar.gz") != nil, "needs the shared data"))
  func `two countings of a real history agree`() async throws {
    let folder = try TemporaryFolder()
    try Tool.succeed("tar", ["xzf", Shared.path("data/nonguix/nonguix.git.tar.gz")!, "-C", folder.path])
    let repository = folder.path + "/nonguix.git"
    let branch = try Tool.succeed("git", ["-C", repository, "symbolic-ref", "--short", "HEAD"]).line
    let counted = try await Self.compare(repository, branch)
    #expect(counted.count > 2000)
  }

  @Test func `an endorsement reaches no further than its step, and a forge's key is nobody`() async throws {
    // Written down by hand: what the two countings share could be wrong in both.
    let folder = try TemporaryFolder()
    let script = try folder.write("make.py", Self.byHand)
    let names = try Tool.succeed("python3", [script, folder.path + "/r.git"]).text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let listed = try await Self.run([folder.path + "/r.git", "--commits", "--format", "json"])
    let found = Dictionary(
      uniqueKeysWithValues: try Self.lines(listed.output).map { ($0["commit"] as? String ?? "", ($0["claimed"] as? [String])?.count ?? -1) })
    for name in names { #expect(found[name[1]] == Int(name[2]), "\(name[0])") }
    #expect(found.count == names.count)
    // The same key, named as a machine's.
    let fewer = try await Self.run([folder.path + "/r.git", "--commits", "--format", "json", "--machine", String(repeating: "02", count: 20)])
    let counts = try Self.lines(fewer.output).map { ($0["claimed"] as? [String])?.count ?? -1 }
    #expect(counts.filter { $0 > 1 }.isEmpty)
  }

  /// root, then a side branch: `own` and `plain`, merged back from main by key 2, adopted by key 2, merged by a forge.
  /// NAME ID SIGNERS for each change.
  static let byHand = """
    import base64, hashlib, subprocess, sys
    folder = sys.argv[1]
    subprocess.check_call(["git", "init", "-q", "--bare", "-b", "main", folder])
    def put(kind, data):
        return subprocess.run(["git", "-C", folder, "hash-object", "-t", kind, "-w", "--stdin", "--literally"], input=data, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    def tree(*names):
        blob = bytes.fromhex(put("blob", b"x"))
        return put("tree", b"".join(b"100644 " + n.encode() + b"\\0" + blob for n in sorted(names)))
    clock = [1700000000]
    def commit(files, parents, key=None, message="m\\n", committer="Ann <a@example.org>"):
        clock[0] += 100000
        head = f"tree {tree(*files)}\\n" + "".join(f"parent {p}\\n" for p in parents) + f"author Ann <a@example.org> {clock[0]} +0000\\ncommitter {committer} {clock[0]} +0000\\n"
        if key is not None:
            body = bytes([4, 0, 1, 8, 0, 23, 22, 33, 4]) + key + bytes([0, 0, 0, 0])
            head += "gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n " + base64.b64encode(bytes([0xC2, len(body)]) + body).decode() + "\\n -----END PGP SIGNATURE-----\\n"
        return put("commit", (head + "\\n" + message).encode())
    one, two = bytes([1] * 20), bytes([2] * 20)
    forge = bytes([9] * 12) + bytes.fromhex("B5690EEEBB952194")
    github = "GitHub <noreply@github.com>"
    root = commit(["a"], [])
    main = commit(["a", "b"], [root], one)
    own = commit(["a", "s"], [root], one)
    plain = commit(["a", "s", "t"], [own])
    back = commit(["a", "b", "s", "t"], [plain, main], two, "merge back\\n")
    adopt = commit(["a", "b", "s", "t"], [back], two, "Adopt this\\n")
    late = commit(["a", "b", "s", "t", "u"], [adopt], one)
    merge = commit(["a", "b", "s", "t", "u"], [main, late], forge, "Merge\\n", github)
    evil = commit(["a", "b", "v"], [merge], one)
    content = commit(["a", "b", "v", "w"], [evil, commit(["a", "b", "s", "t", "u", "x"], [merge], two)], one, "Merge\\n")
    subprocess.check_call(["git", "-C", folder, "update-ref", "refs/heads/main", content])
    # main's own commit is older than the merge back: its step is another.
    for name, id, count in [("root", root, 0), ("main", main, 1), ("own", own, 2), ("plain", plain, 1), ("late", late, 1), ("evil", evil, 1), ("content", content, 1)]:
        print(name, id, count)
    other = subprocess.run(["git", "-C", folder, "rev-parse", content + "^2"], stdout=subprocess.PIPE).stdout.decode().strip()
    print("other", other, 2)
    """

  @Test func `a keyring tells who is checked beside who is claimed`() async throws {
    let scene = try await CommandLineTests.Scene()
    try await scene.clone.git("push", "--quiet", scene.server.path, "staging")
    let words = ["--branch", "staging", "--format", "json", scene.server.path]
    let claimed = try #require(try Self.lines(try await Self.run(words).output).first)
    #expect(claimed["checked"] == nil)
    let result = try await Self.run(["--keyring", scene.clone.path + "/keys"] + words)
    let survey = try #require(try Self.lines(result.output).first, "\(result)")
    let (names, checked) = (try #require(survey["claimed"] as? [String: Int]), try #require(survey["checked"] as? [String: Int]))
    #expect(names == claimed["claimed"] as? [String: Int])
    #expect(checked == names, "\(result)")
    // Somebody who is not in the folder is claimed, and not checked.
    let some = try TemporaryFolder()
    let one = try #require(try FileManager.default.contentsOfDirectory(atPath: scene.clone.path + "/keys").sorted().first)
    try FileManager.default.copyItem(atPath: scene.clone.path + "/keys/" + one, toPath: some.path + "/" + one)
    let fewer = try #require(try Self.lines(try await Self.run(["--keyring", some.path] + words).output).first)
    #expect(fewer["claimed"] as? [String: Int] == names)
    #expect((fewer["checked"] as? [String: Int])?["2+"] == 0)
    // A signature that was made over other bytes names its key all the same.
    let text = try await Self.run(["--keyring", scene.clone.path + "/keys", "--branch", "staging", scene.server.path])
    #expect(text.output.contains("claimed, not checked"))
    #expect(text.output.contains("only signatures that are good"))
  }

  @Test func `options that mean nothing are refused`() async throws {
    let folder = try Self.history(seed: 1, commits: 5)
    let repository = folder.path + "/repository.git"
    for words in [["--rule", "plain"], ["--shard", "1/2"], ["--whole"], ["--format", "sarif"], ["--commits", "--format", "html"], ["--commits", "--names", "hash"], ["--registry", "x"], ["--since", "yesterday"]] {
      let result = try await Self.run([repository] + words)
      #expect(result.status == 64, "\(words) \(result)")
      #expect(result.output == "")
    }
    for words in [["--names", "hash"], ["--machine", "x"], ["--branch", "main"], ["main", "other"]] {
      let result = try await ServerProgram.run(
        [ServerProgram.command, "audit", "-C", repository] + words, in: "/", environment: Tool.bareEnvironment)
      #expect(result.status == 64, "\(words) \(result)")
    }
    let missing = try await Self.run([folder.path + "/nothing"])
    #expect(missing.status == 2)
    let plain = try await Self.run([repository])
    #expect(plain.status == 0, "\(plain)")
  }

  @Test func `several clones stand in one table, in their order`() async throws {
    let one = try Self.history(seed: 1, commits: 20)
    let two = try Self.history(seed: 2, commits: 20)
    let places = ["first=\(one.path)/repository.git", "\(two.path)/repository.git"]
    let csv = try await Self.run(places + ["--format", "csv"])
    let rows = csv.output.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(rows.map(\.[0]) == ["name", "first", "repository"])
    #expect(Set(rows.map(\.count)).count == 1)
    let markdown = try await Self.run(places + ["--format", "markdown"])
    let table = markdown.output.split(separator: "\n").filter { $0.hasPrefix("|") }
    #expect(table.count == 4)
    #expect(Set(table.map { $0.filter { $0 == "|" }.count }).count == 1)
    let html = try await Self.run(places + ["--format", "html"])
    #expect(html.output.contains("Side by side"))
  }

  @Test func `hashed names leave nothing that tells who somebody is`() async throws {
    let folder = try Self.history(seed: 3, commits: 40)
    let repository = folder.path + "/repository.git"
    let names = try Tool.succeed("git", ["-C", repository, "log", "--format=%H%n%h%n%cn%n%an", "main"]).text.split(separator: "\n")
    let keys = try Self.lines(try await Self.run([repository, "--format", "json"]).output).first?["signers"] as? [[String: Any]] ?? []
    var secrets = Set(names.filter { $0.count > 4 }.map(String.init))
    for key in keys where key["machine"] is NSNull { secrets.insert(key["key"] as? String ?? "") }
    secrets.subtract(["unreadable", "GitHub", "Forgejo"])
    // The tip names the history that was counted, not a person.
    secrets = secrets.filter { !String(names[0]).hasPrefix($0) }
    try #require(secrets.count > 10)
    for format in ["text", "json", "csv", "markdown", "html"] {
      let hidden = try await Self.run([repository, "--names", "hash", "--format", format])
      #expect(hidden.status == 0)
      #expect(secrets.filter { hidden.output.contains($0) }.isEmpty, "\(format)")
    }
    let plain = try await Self.run([repository, "--format", "json"])
    #expect(secrets.contains { plain.output.contains($0) })
  }

  @Test func `nothing is wider than the window`() async throws {
    let folder = try Self.history(seed: 2)
    for columns in [30, 50, 80, 200] {
      let result = try await ServerProgram.run(
        [ServerProgram.command, "audit", "--survey", folder.path + "/repository.git"], in: "/",
        environment: Tool.bareEnvironment.merging(["COLUMNS": "\(columns)"]) { $1 })
      let widest = result.output.split(separator: "\n").map(\.count).max() ?? 0
      #expect(widest <= columns, "\(columns): \(widest)")
      #expect(widest > 20)
    }
  }
}
