import GitBridge
import OpenPGP
import Review
import SignFlow
import Support
import Testing

/// Counting at release: which digests have enough maintainers.
@Suite struct ImagesQuorumTests {
  let team = ImageTeam()
  let folder: TemporaryFolder
  let judge: ImageJudge
  let image = ImageName(repository: "stagex/core-acl", digest: ImageMessage.digest("a"))!

  init() throws {
    folder = try TemporaryFolder()
    judge = try ImageBench.judge(team)
  }

  func put(_ name: String, _ number: Int, tag: String = "1", at digest: Character = "a") throws {
    try put(team[name].sign("stagex/core-acl:\(tag)", ImageMessage.digest(digest)), number)
  }

  func put(_ bytes: [UInt8], _ number: Int) throws {
    try Tool.succeed("mkdir", ["-p", "\(folder.path)/\(image.folder)"])
    try Tool.succeed("tee", ["\(folder.path)/\(image.folder)/signature-\(number)"], input: bytes)
  }

  func report(expecting tag: String? = nil) throws -> QuorumReport {
    try QuorumReport.make(
      [DigestEntry(image: image, list: "core")], store: try SignatureStore(path: folder.path), judge: judge,
      threshold: 2,
      threads: 1, expectedTag: { _ in tag })
  }

  @Test func `Two of two`() throws {
    #expect(try report().outcome == .refused)
    try put("alice", 1)
    #expect(try report().outcome == .refused)
    try put("bob", 2)
    #expect(try report().outcome == .accepted)
    #expect(try report().images[0].signers.map(\.person) == ["alice", "bob"])
  }

  @Test func `Two maintainers who signed different tags are not two`() throws {
    try put("alice", 1, tag: "1")
    try put("bob", 2, tag: "2")
    #expect(try report().outcome == .refused)
    try put("bob", 3, tag: "1")
    #expect(try report().outcome == .accepted)
    #expect(try report(expecting: "2").outcome == .refused)
    #expect(try report(expecting: "1").outcome == .accepted)
  }

  @Test func `One maintainer twice is one`() throws {
    try put("alice", 1)
    try put("alice", 2)
    #expect(try report().outcome == .refused)
  }

  @Test func `An empty file, a gap and a forgery block although two have signed`() throws {
    try put("alice", 1)
    try put("bob", 2)
    #expect(try report().outcome == .accepted)
    try put([], 3)
    #expect(try report().outcome == .refused)
    try Tool.succeed("rm", ["\(folder.path)/\(image.folder)/signature-3"])
    try put("carol", 4)
    #expect(try report().outcome == .refused)
    try Tool.succeed("rm", ["\(folder.path)/\(image.folder)/signature-4"])
    #expect(try report().outcome == .accepted)
    try put(
      team["carol"].sign(ImageMessage.payload("stagex/core-acl:1", image.digest)) {
        $0.numbers = $0.key.sign([1], hash: .sha512).numbers
      }, 3)
    #expect(try report().outcome == .refused)
  }

  @Test func `Garbage and the older form are told, and block nothing`() throws {
    try put("alice", 1)
    try put("bob", 2)
    try put(Array("garbage".utf8), 3)
    try put(team["carol"].sign(Array(#"[{"critical":{"type":"pgp container image signature"}}]"#.utf8)), 4)
    let report = try report()
    #expect(report.outcome == .accepted)
    #expect(report.images[0].files.map(\.code) == ["good", "good", "unreadable", "old-form"])
  }

  @Test func `Links lead nowhere`() throws {
    try put("alice", 1)
    try put("bob", 2)
    let path = "\(folder.path)/\(image.folder)"
    #expect(try report().outcome == .accepted)
    // The file of another maintainer, by a link.
    try Tool.succeed("mv", [path + "/signature-2", folder.path + "/elsewhere"])
    try Tool.succeed("ln", ["-s", folder.path + "/elsewhere", path + "/signature-2"])
    #expect(try report().images[0].files.map(\.code) == ["good", "not-a-file"])
    // The whole folder, by a link.
    try Tool.succeed("mv", [path, folder.path + "/real"])
    try Tool.succeed("ln", ["-s", folder.path + "/real", path])
    #expect(try report().images[0].signers.isEmpty)
    #expect(try report().outcome == .refused)
  }

  @Test(.enabled(if: Shared.path("data/stagex/digests") != nil)) func `Reads the real lists`() throws {
    let path = try #require(Shared.path("data/stagex/digests"))
    let entries = try DigestList.read(folder: path).entries
    #expect(entries.count == 513)
    #expect(Set(entries.map(\.list)) == ["bootstrap", "core", "pallet", "user"])
    #expect(
      entries[0].image.description
        == "stagex/bootstrap-stage0@sha256:cee5701e9d52177885a7b4149f83a6f825f7840cb8d7d27cda0d8fc1d107367c")
  }

  static let lines: [(String, Bool)] = [
    ("DIGEST core-acl\n", true), ("DIGEST core-acl", true), ("DIGEST  core-acl\n", false), ("digest core-acl\n", false),
    ("DIGEST ../x\n", false), ("DIGEST core-acl \n", false), ("DIGEST\n", false), ("DIGEST core-acl\r\n", false),
    ("DIGEST core-acl\nOTHER core-acl\n", false), ("", false),
  ]

  /// A list that drops out takes its images with it: nobody would miss their signatures.
  @Test(arguments: ["a program", "a link", "a list"]) func `A committed list is a regular file`(_ kind: String) throws {
    let bench = try ImageBench(packages: 4)
    let list = bench.tree.path + "/digests/user.txt"
    let line = String(repeating: "ab", count: 32) + " user-hidden\n"
    switch kind {
    case "a link":
      try bench.tree.write("hidden", Array(line.utf8))
      try Tool.succeed("ln", ["-sf", "../hidden", list])
    default:
      try bench.tree.write("digests/user.txt", Array(line.utf8))
      try Tool.succeed("chmod", [kind == "a program" ? "+x" : "-x", list])
    }
    try bench.tree.git("add", "--all")
    try bench.tree.git("commit", "--quiet", "--message", "a list")
    let repository = try Repository.open(path: bench.tree.path)
    let head = try repository.resolve(revision: "HEAD")
    if kind == "a list" {
      #expect(try DigestList.committed(repository, at: head).entries.contains { $0.image.package == "user-hidden" })
    } else {
      let error = #expect(throws: FlowError.self) { try DigestList.committed(repository, at: head) }
      #expect(error?.message.contains("digests/user.txt is not a regular file") == true)
    }
  }

  @Test(arguments: lines) func `Lines`(_ line: String, _ isRead: Bool) throws {
    let list = try TemporaryFolder()
    try list.write(
      "core.txt",
      line.replacing("DIGEST", with: ImageMessage.digest("a")).replacing("OTHER", with: ImageMessage.digest("b")))
    #expect(((try? DigestList.read(folder: list.path)) != nil) == isRead)
  }
}
