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
    /// The keys that stand behind it, sorted.
    let behind: [String]
    let checked: Int?
    let arrival: String
    let isByBot: Bool

    init(_ line: [String: Any]) {
      commit = line["commit"] as? String ?? ""
      kind = line["kind"] as? String ?? ""
      behind = (line["behind"] as? [String] ?? line["claimed"] as? [String] ?? ["?"]).sorted()
      checked = line["checked"] as? Int
      arrival = line["arrival"] as? String ?? ""
      isByBot = line["bot"] as? Bool ?? false
    }

    var description: String { "\(commit) \(kind) \(behind) \(checked ?? -1) \(arrival) \(isByBot)" }
  }

  static func lines(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
    }
  }

  static func run(_ words: [String], in folder: String = "/") async throws -> Finished {
    try await ServerProgram.run(
      [ServerProgram.command, "audit", "--survey"] + words, in: folder,
      environment: Tool.bareEnvironment.merging(["COLUMNS": "80"]) { $1 })
  }

  /// A history made at random.
  static func history(seed: Int, commits: Int = 70) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try Tool.succeed("python3", [scripts + "/history.py", folder.path + "/repository.git", "\(seed)", "\(commits)"])
    return folder
  }

  /// Holds a survey against the second counting, change by change and figure by figure.
  ///
  /// - Parameter options: What both countings are told.
  @discardableResult
  static func compare(_ repository: String, _ branch: String, _ options: [String] = []) async throws -> [Counted] {
    let ours = [repository, "--branch", branch] + options
    let listed = try await run(ours + ["--commits", "--format", "json"])
    try #require(listed.status == 0, "\(listed)")
    var counted = try lines(
      try Tool.succeed("python3", [scripts + "/count.py", repository, branch] + options, seconds: 300).text)
    var expectedFigures = try #require(counted.popLast()?["figures"] as? [String: Any])
    let expected = counted.filter { ["ordinary", "content-merge"].contains($0["kind"] as? String) }.map(Counted.init)
    let found = try lines(listed.output).map(Counted.init)
    #expect(Set(found).symmetricDifference(expected).sorted { $0.commit < $1.commit } == [])
    #expect(found.count == expected.count)

    let figures = try await run(ours + ["--format", "json"])
    var foundFigures = try #require(try lines(figures.output).first)
    let signers = try [foundFigures, expectedFigures].map { try persons($0["signers"]) }
    #expect(signers[0] == signers[1])
    // What names the survey is no figure; the signers were compared.
    for name in ["schema", "name", "ref", "tip", "since", "signers"] {
      #expect(foundFigures.removeValue(forKey: name) != nil, "\(name)")
      expectedFigures[name] = nil
    }
    for name in Set(foundFigures.keys).union(expectedFigures.keys).sorted() {
      let pair = (foundFigures[name] as? NSObject, expectedFigures[name] as? NSObject)
      #expect(pair.0 == pair.1, "\(name)")
    }
    return expected
  }

  /// The signers without their numbers, in an order that both countings have.
  static func persons(_ signers: Any?) throws -> [String] {
    try #require(signers as? [[String: Any]]).map { signer in
      signer.filter { $0.key != "number" }.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
        separator: ", ")
    }.sorted()
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func `two countings of a random history agree`(_ seed: Int) async throws {
    let folder = try Self.history(seed: seed)
    let options = [
      2: ["--all-merges"], 3: ["--machine", try Self.key(3)], 4: ["--since", "2024-03-01", "--all-merges"],
      5: [
        "--machine", "person2@example.org", "--machine", String(try Self.key(1).suffix(16)), "--since", "2024-02-01",
      ],
    ]
    let counted = try await Self.compare(folder.path + "/repository.git", "main", options[seed] ?? [])
    // The history has something of each, or the comparison says little.
    #expect(Set(counted.map { min($0.behind.count, 2) }) == [0, 1, 2])
    #expect(counted.contains { $0.kind == "content-merge" })
    #expect(counted.contains { $0.isByBot } && Set(counted.map(\.arrival)).count > 2)
  }

  /// The fingerprint of a key of the random histories.
  static func key(_ number: Int) throws -> String {
    try Tool.succeed("python3", ["-c", "import hashlib; print(hashlib.sha1(b'key \(number)').hexdigest().upper())"])
      .line
  }

  @Test(
    .enabled(if: Shared.path("data/stagex-replica/history.bundle") != nil, "needs the shared data"),
    arguments: ["main", "staging"])
  func `two countings of the replica of StageX agree`(_ branch: String) async throws {
    let folder = try TemporaryFolder()
    try Tool.succeed(
      "git",
      ["clone", "--quiet", "--mirror", Shared.path("data/stagex-replica/history.bundle")!, folder.path + "/replica"])
    // main: whom signatures name; staging: beside it, which of them gpg calls good by the certificates of the registry.
    let keys = branch == "staging" ? ["--keyring", Shared.path("data/stagex-replica/registry/keys")!] : []
    let counted = try await Self.compare(folder.path + "/replica", branch, ["--since", "2024-09-01"] + keys)
    #expect(counted.count > 100)
    guard branch == "staging" else { return }
    // Contributors who are in no registry are claimed and not checked.
    #expect(counted.contains { ($0.checked ?? 9) < $0.behind.count } && counted.contains { $0.checked == 2 })
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
    let names = try Tool.succeed("python3", [script, folder.path + "/r.git"]).text.split(separator: "\n").map {
      $0.split(separator: " ").map(String.init)
    }
    let listed = try await Self.run([folder.path + "/r.git", "--commits", "--format", "json"])
    let found = Dictionary(
      uniqueKeysWithValues: try Self.lines(listed.output).map {
        ($0["commit"] as? String ?? "", ($0["claimed"] as? [String])?.count ?? -1)
      })
    for name in names { #expect(found[name[1]] == Int(name[2]), "\(name[0])") }
    #expect(found.count == names.count)
    // The same key, named as a machine's.
    let fewer = try await Self.run([
      folder.path + "/r.git", "--commits", "--format", "json", "--machine", String(repeating: "02", count: 20),
    ])
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
        hash = ["git", "-C", folder, "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
        return subprocess.run(hash, input=data, stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    def tree(*names):
        blob = bytes.fromhex(put("blob", b"x"))
        return put("tree", b"".join(b"100644 " + n.encode() + b"\\0" + blob for n in sorted(names)))
    clock = [1700000000]
    def commit(files, parents, key=None, message="m\\n", committer="Ann <a@example.org>"):
        clock[0] += 100000
        head = f"tree {tree(*files)}\\n" + "".join(f"parent {p}\\n" for p in parents)
        head += f"author Ann <a@example.org> {clock[0]} +0000\\ncommitter {committer} {clock[0]} +0000\\n"
        if key is not None:
            body = bytes([4, 0, 1, 8, 0, 23, 22, 33, 4]) + key + bytes([0, 0, 0, 0])
            armor = base64.b64encode(bytes([0xC2, len(body)]) + body).decode()
            head += f"gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n {armor}\\n -----END PGP SIGNATURE-----\\n"
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
    aside = commit(["a", "b", "s", "t", "u", "x"], [merge], two)
    content = commit(["a", "b", "v", "w"], [evil, aside], one, "Merge\\n")
    subprocess.check_call(["git", "-C", folder, "update-ref", "refs/heads/main", content])
    # main's own commit is older than the merge back: its step is another.
    for name, id, count in [("root", root, 0), ("main", main, 1), ("own", own, 2), ("plain", plain, 1),
                            ("late", late, 1), ("evil", evil, 1), ("content", content, 1)]:
        print(name, id, count)
    second = ["git", "-C", folder, "rev-parse", content + "^2"]
    other = subprocess.run(second, stdout=subprocess.PIPE).stdout.decode().strip()
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
    let (names, checked) = (
      try #require(survey["claimed"] as? [String: Int]), try #require(survey["checked"] as? [String: Int])
    )
    #expect(names == claimed["claimed"] as? [String: Int])
    #expect(checked == names, "\(result)")
    // Somebody who is not in the folder is claimed, and not checked.
    let some = try TemporaryFolder()
    let one = try #require(
      try FileManager.default.contentsOfDirectory(atPath: scene.clone.path + "/keys").sorted().first)
    try FileManager.default.copyItem(atPath: scene.clone.path + "/keys/" + one, toPath: some.path + "/" + one)
    let fewer = try #require(try Self.lines(try await Self.run(["--keyring", some.path] + words).output).first)
    #expect(fewer["claimed"] as? [String: Int] == names)
    #expect((fewer["checked"] as? [String: Int])?["2+"] == 0)
    // A signature that was made over other bytes names its key all the same.
    let text = try await Self.run(["--keyring", scene.clone.path + "/keys", "--branch", "staging", scene.server.path])
    #expect(text.output.contains("claimed, not checked"))
    #expect(text.output.contains("only signatures that are good"))
  }
}
