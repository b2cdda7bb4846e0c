import GitBridge
import OpenPGP
import Support
import Testing

@testable import Review

/// Pushes to a repository of image signatures (policy `kind = "signatures"`): each attack beside the push that passes.
/// R114, R115.
@Suite struct SignatureRepositoryTests {
  let team = ImageTeam()
  let repository: ScriptedRepository
  let root: ObjectID
  let start: Files
  static let folder = "stagex/core-acl@sha256=" + ImageMessage.digest("a")

  init() throws {
    repository = try ScriptedRepository()
    var files = ["review.toml": ScriptedFile.file("version = 1\nkind = \"signatures\"\n"), "README": "signatures"]
    for (name, text) in team.registry() { files[name] = .file(text) }
    start = Files(files)
    root = try repository.commit(files: start)
    try repository.setRef("refs/heads/main", to: root)
    try repository.setRef("refs/heads/release/2026.03.0", to: root)
  }

  func good(_ name: String, package: String = "core-acl", tag: String = "2.3.2", digest: Character = "a")
    -> ScriptedFile
  {
    ScriptedFile(content: team[name].sign("stagex/\(package):\(tag)", ImageMessage.digest(digest)))
  }

  /// Judges a push of one commit by `signer` that makes these changes to the tree.
  func push(
    _ changes: [String: ScriptedFile?], after: Files? = nil, parent: ObjectID? = nil, by signer: String? = "alice"
  ) throws -> Verdict {
    let files = (after ?? start).with(changes)
    let commit = try repository.commit(
      files: files, parents: [parent ?? root], signedBy: signer.map { name in { self.team[name].key.sign($0) } })
    var settings = ReviewSettings(clock: TestKey.defaultCreation + 5000, threads: 1)
    settings.engines = .native
    settings.trustRoot = root
    return Reviewer(try repository.reopened(), settings).judge(inThought: [
      RefUpdate(ref: Array("refs/heads/release/2026.03.0".utf8), old: parent ?? root, new: commit)
    ])
  }

  func codes(_ verdict: Verdict) -> [String] { verdict.refusals.map(\.code.rawValue) }

  @Test func `One maintainer may add signatures`() throws {
    let verdict = try push([Self.folder + "/signature-1": good("alice"), Self.folder + "/signature-2": good("bob")])
    #expect(verdict.outcome == .accepted, "\(verdict.refusals.map(\.message))")
  }

  @Test func `A commit that no maintainer signed is refused`() throws {
    #expect(codes(try push([Self.folder + "/signature-1": good("alice")], by: nil)) == ["too-few-endorsers"])
  }

  static let invalid: [(String, @Sendable (SignatureRepositoryTests) -> (String, ScriptedFile))] = [
    ("garbage", { _ in (folder + "/signature-1", "garbage") }),
    ("empty", { _ in (folder + "/signature-1", "") }),
    ("another package's", { ($0.at(1), $0.good("alice", package: "core-attr")) }),
    ("another digest's", { ($0.at(1), $0.good("alice", digest: "b")) }),
    (
      "nobody's",
      {
        (
          $0.at(1),
          ScriptedFile(
            content: ImageTeam(["x", "y", "z", "mallory"])["mallory"].sign(
              "stagex/core-acl:2.3.2", ImageMessage.digest("a")))
        )
      }
    ),
    ("a link", { ($0.at(1), .link(to: "../../review.toml")) }),
    ("a program", { ($0.at(1), ScriptedFile(mode: FileMode.executable, content: $0.good("alice").content)) }),
    ("beside the folders", { ("stagex/signature-1", $0.good("alice")) }),
    ("a folder with a short digest", { ("stagex/core-acl@sha256=aaaa/signature-1", $0.good("alice")) }),
    ("not named as a signature", { (folder + "/signature-1.asc", $0.good("alice")) }),
    ("number 0", { (folder + "/signature-0", $0.good("alice")) }),
    ("too large", { _ in (folder + "/signature-1", ScriptedFile(content: [UInt8](repeating: 1, count: 20_000))) }),
    ("a compression bomb", { _ in (folder + "/signature-1", ScriptedFile(content: TestMessage.bomb)) }),
    (
      "the older form",
      {
        (
          $0.at(1),
          ScriptedFile(
            content: $0.team["alice"].sign(Array(#"[{"critical":{"type":"pgp container image signature"}}]"#.utf8)))
        )
      }
    ),
    ("a file of another kind", { _ in ("hello", "world") }),
  ]

  func at(_ number: Int) -> String { "\(Self.folder)/signature-\(number)" }

  @Test(arguments: invalid.indices) func `An invalid file is refused`(_ index: Int) throws {
    let (name, make) = Self.invalid[index]
    let (path, file) = make(self)
    #expect(codes(try push([path: file])) == ["signature-file-invalid"], "\(name)")
  }

  @Test func `A file that inflates to gigabytes is refused without being read`() throws {
    // 64 MiB here; nothing but its size is looked at.
    let zeros = ScriptedFile(content: [UInt8](repeating: 0, count: 64 << 20))
    let verdict = try push([at(1): zeros])
    #expect(codes(verdict) == ["signature-file-invalid"])
    #expect(verdict.refusals.first?.message.contains("larger than") == true)
    // Another file of that folder does not become readable by it, nor unreadable.
    #expect(codes(try push([at(1): zeros, at(2): good("bob")])) == ["signature-file-invalid"])
    #expect(try push([at(1): good("alice"), at(2): good("bob")]).outcome == .accepted)
  }

  /// Attack: the path is part of the command that the person is told to type.
  @Test(arguments: [
    ("a;touch x", "'a;touch x'"), ("it's", #"'it'\''s'"#), ("$(id)", "'$(id)'"), ("plain/file.txt", "plain/file.txt"),
  ])
  func `A path is one word of the next command`(_ path: String, _ word: String) throws {
    let files = start.with([path: "old"])
    let parent = try repository.commit(files: files, parents: [root], signedBy: { team["alice"].key.sign($0) })
    let verdict = try push([path: "new"], after: files, parent: parent)
    let changed = verdict.refusals.first { $0.code == .signatureFileChanged }
    #expect(changed?.next == "git checkout refs/heads/release/2026.03.0 -- \(word)", "\(verdict.refusals)")
  }

  @Test func `Files are neither changed nor removed`() throws {
    let files = start.with([at(1): good("alice")])
    let one = try repository.commit(files: files, parents: [root], signedBy: { team["alice"].key.sign($0) })
    let empty: ScriptedFile? = nil
    #expect(codes(try push([at(1): good("bob")], after: files, parent: one)) == ["signature-file-changed"])
    #expect(codes(try push([at(1): empty], after: files, parent: one)) == ["signature-file-changed"])
    #expect(codes(try push(["MAINTAINERS": "[people]"], after: files, parent: one)).contains("rules-elsewhere"))
    #expect(codes(try push([at(2): good("bob")], after: files, parent: one)) == [])
  }

  @Test func `A second signature of the same maintainer is refused, by whichever key`() throws {
    let files = start.with([at(1): good("alice")])
    let one = try repository.commit(files: files, parents: [root], signedBy: { team["alice"].key.sign($0) })
    #expect(codes(try push([at(2): good("alice")], after: files, parent: one)) == ["signature-file-duplicate"])
    #expect(codes(try push([at(2): good("alice", tag: "2.3.3")], after: files, parent: one)) == [])
    #expect(codes(try push([at(1): good("alice"), at(2): good("alice")])) == ["signature-file-duplicate"])
  }

  @Test func `A gap in the numbers is refused`() throws {
    #expect(codes(try push([at(2): good("alice")])) == ["signature-file-gap"])
    #expect(codes(try push([at(1): good("alice"), at(3): good("bob")])) == ["signature-file-gap"])
    #expect(codes(try push([at(1): good("alice")])) == [])
  }

  @Test func `Every file is named`() throws {
    let verdict = try push([at(1): "x", at(2): good("bob", package: "core-attr")])
    #expect(codes(verdict) == ["signature-file-invalid", "signature-file-invalid"])
    #expect(verdict.refusals.allSatisfy { $0.message.contains("signature-") && !$0.next.isEmpty })
  }

  @Test func `A repository of sources is not judged by this rule`() throws {
    let other = try ScriptedRepository()
    var files: [String: ScriptedFile] = [:]
    for (name, text) in team.registry() { files[name] = .file(text) }
    let first = try other.commit(files: Files(files))
    files["hello"] = "world"
    let second = try other.commit(files: Files(files), parents: [first], signedBy: { team["alice"].key.sign($0) })
    var settings = ReviewSettings(clock: TestKey.defaultCreation + 5000, threads: 1)
    settings.engines = .native
    settings.trustRoot = first
    let verdict = Reviewer(try other.reopened(), settings).judge(inThought: [
      RefUpdate(ref: Array("refs/heads/main".utf8), old: first, new: second)
    ])
    #expect(codes(verdict) == ["too-few-endorsers"])
  }
}
