import Review
import Support
import Testing

@Suite struct PolicyFileTests {
  private func read(_ text: String) throws -> Policy { try Policy.read(Array(text.utf8)) }

  private func defect(_ text: String, version: Bool = true) -> String? {
    do {
      _ = try read((version ? "version = 1\n" : "") + text)
      return nil
    } catch let error as FileDefect {
      return error.message
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func `the least policy is StageX's own practice`() throws {
    let policy = try read("version = 7")
    #expect(policy.version == 7)
    #expect(policy.threshold == 2)
    #expect(policy.evidence == .declared)
    #expect(policy.kind == .source)
    #expect(policy.ways == Set(Way.allCases))
    #expect(policy.repository == nil)
    #expect(!policy.allowsGitlinks)
    #expect(!policy.allowsSplitGPG)
    #expect(policy.coSignatureRef == "refs/heads/cosignatures")
    #expect(policy.branches.map(\.name.pattern) == ["main", "staging", "release/*"])
    #expect(policy.branches.allSatisfy { $0.from.isEmpty && $0.threshold == nil })
    #expect(policy.tags.map(\.pattern) == ["[0-9]*"])
    #expect(policy.paths.isEmpty)
    #expect(policy.groups.isEmpty)
    #expect(Policy.standard.version == 0)
  }

  static let full = """
    version = 3
    repository = "codeberg.org/stagex/stagex"
    kind = "signatures"
    threshold = 3
    evidence = "attested"
    attestation-roots = ["\(String(repeating: "0f", count: 32))"]
    endorsements = ["own", "merge"]
    gitlinks = true
    split-gpg = true
    cosignatures = "refs/heads/approvals"
    [[branch]]
    name = "main"
    from = ["staging", "release/*"]
    threshold = 4
    [[branch]]
    name = "staging"
    [[tag]]
    name = "v*"
    [[path]]
    match = ["keys/**", "MAINTAINERS"]
    threshold = 5
    groups = ["keepers"]
    [[path]]
    match = ["bootstrap/**"]
    [groups]
    keepers = ["ann", "bob"]
    "two words" = ["cat"]
    """

  @Test func `every key is read`() throws {
    let policy = try read(Self.full)
    #expect(policy.repository == "codeberg.org/stagex/stagex")
    #expect(policy.kind == .signatures)
    #expect(policy.threshold == 3)
    #expect(policy.evidence == .attested)
    #expect(policy.attestationRoots == [String(repeating: "0f", count: 32)])
    #expect(policy.ways == [.own, .merge])
    #expect(policy.allowsGitlinks)
    #expect(policy.allowsSplitGPG)
    #expect(policy.coSignatureRef == "refs/heads/approvals")
    #expect(policy.branches.map(\.name.pattern) == ["main", "staging"])
    #expect(policy.branches[0].from.map(\.pattern) == ["staging", "release/*"])
    #expect(policy.branches.map(\.threshold) == [4, nil])
    #expect(policy.tags.map(\.pattern) == ["v*"])
    #expect(policy.paths.map { $0.match.map(\.pattern) } == [["keys/**", "MAINTAINERS"], ["bootstrap/**"]])
    #expect(policy.paths.map(\.threshold) == [5, 3])
    #expect(policy.paths.map(\.groups) == [["keepers"], []])
    #expect(policy.groups == ["keepers": ["ann", "bob"], "two words": ["cat"]])
  }

  @Test(arguments: [
    full, "version = 1",
    "version = 1\n[[branch]]\nname = \"r/*\"\nrewind = true\n[[tag]]\nname = \"v*\"\nthreshold = 3\n",
    "version = 1\ntag = []\nrepository = \"a\\u001b\\\"b\"\n",
  ])
  func `the text of a policy reads back as the same policy`(_ text: String) throws {
    let policy = try read(text)
    let again = try read(policy.fileText)
    #expect(again.fileText == policy.fileText)
    #expect(again.branches.map(\.name) == policy.branches.map(\.name))
    #expect(again.repository == policy.repository)
    #expect(again.groups == policy.groups)
    #expect(again.paths.map(\.match) == policy.paths.map(\.match))
    #expect(again.tags == policy.tags)
    #expect(again.branches.map(\.mayRewind) == policy.branches.map(\.mayRewind))
    #expect(again.attestationRoots == policy.attestationRoots)
  }

  @Test(arguments: [
    ("", "version"), ("version = 0", "version"), ("version = -1", "version"), ("version = \"1\"", "version"),
    ("version = 1.0", "version"),
    ("version = true", "version"), ("version = 99999999999999999999", ""), ("threshold = 2", "version"),
  ])
  func `a version is needed, and counts from 1`(_ text: String, _ named: String) {
    let message = defect(text, version: false)
    #expect(message != nil)
    #expect(named.isEmpty || message?.contains(named) == true, "\(message ?? "")")
  }

  @Test(arguments: [
    ("threshhold = 3", "threshhold"), ("treshold = 3", "treshold"), ("branches = []", "branches"), ("x = 1", "x"),
    ("threshold = 0", "threshold"), ("threshold = -2", "threshold"), ("threshold = \"3\"", "threshold"),
    ("threshold = 2.0", "threshold"),
    ("threshold = []", "threshold"), ("evidence = \"none\"", "evidence"), ("evidence = \"Declared\"", "evidence"),
    ("evidence = 1", "evidence"),
    ("attestation-roots = \"x\"", "attestation-roots"), ("attestation-roots = [\"0f\"]", "SHA-256"),
    ("attestation-roots = [\"\(String(repeating: "0F", count: 32))\"]", "lower case"),
    (
      "attestation-roots = [\"\(String(repeating: "0f", count: 32))\", \"\(String(repeating: "0f", count: 32))\"]",
      "twice"
    ),
    ("kind = \"binary\"", "kind"), ("repository = 5", "repository"), ("gitlinks = \"true\"", "gitlinks"),
    ("gitlinks = 1", "gitlinks"),
    ("split-gpg = \"yes\"", "split-gpg"), ("endorsements = [\"merge\"]", "own"), ("endorsements = []", "own"),
    ("endorsements = \"own\"", "endorsements"), ("endorsements = [\"own\", \"approve\"]", "approve"),
    ("endorsements = [1]", "endorsements"),
    ("endorsements = [\"Own\"]", "Own"),
    ("cosignatures = \"cosignatures\"", "cosignatures"), ("cosignatures = \"refs/\"", "cosignatures"),
    ("cosignatures = 1", "cosignatures"),
    ("cosignatures = \"refs/heads/\"", "cosignatures"), ("cosignatures = \"refs/heads/*\"", "cosignatures"),
    ("cosignatures = \"refs/heads/a b\"", "cosignatures"), ("cosignatures = \"refs/heads/main\"", "protected"),
    ("cosignatures = \"refs/heads/release/x\"", "protected"), ("cosignatures = \"refs/tags/1\"", "protected"),
    ("cosignatures = \"refs/replace/x\"", "protected"),
    ("[branch]\nname = \"main\"", "branch"), ("branch = []", "no branch is protected"), ("branch = [1]", "branch"),
    ("[[branch]]\nfrom = [\"x\"]", "name"), ("[[branch]]\nname = \"\"", "pattern"),
    ("[[branch]]\nname = \"a[\"", "pattern"),
    ("[[branch]]\nname = \"main\"\nform = [\"x\"]", "form"),
    ("[[branch]]\nname = \"main\"\nfrom = \"staging\"", "from"),
    ("[[branch]]\nname = \"main\"\nfrom = [\"\"]", "pattern"),
    ("[[branch]]\nname = \"main\"\nthreshold = 0", "threshold"),
    ("[[branch]]\nname = [\"main\"]", "name"), ("[[tag]]\npattern = \"v*\"", "name"),
    ("[[tag]]\nname = \"v*\"\nx = 1", "x"),
    ("[[tag]]\nname = \"v*\"\nthreshold = 0", "threshold"), ("[[branch]]\nname = \"main\"\nrewind = true", "rewind"),
    ("[[branch]]\nname = \"r/*\"\nrewind = 1", "rewind"),
    ("[[tag]]\nname = \"v/\"", "pattern"), ("tag = \"v*\"", "tag"),
    ("[[path]]\nthreshold = 3", "match"), ("[[path]]\nmatch = []", "match"), ("[[path]]\nmatch = \"keys\"", "match"),
    ("[[path]]\nmatch = [\"keys/\"]", "pattern"), ("[[path]]\nmatch = [\"/keys\"]", "pattern"),
    ("[[path]]\nmatch = [\"k\"]\nthreshold = 1", "below"),
    ("[[path]]\nmatch = [\"k\"]\ngroups = [\"g\"]", "g"), ("[[path]]\nmatch = [\"k\"]\ngroup = [\"g\"]", "group"),
    ("[[path]]\nmatch = [\"k\"]\nthreshold = \"3\"", "threshold"), ("[groups]\ng = []", "g"),
    ("[groups]\ng = \"ann\"", "g"),
    ("[groups]\ng = [1]", "g"), ("groups = []", "groups"), ("[groups.g]\nx = 1", "g"),
    ("version = 2", ""), ("threshold = 2\nthreshold = 3", ""), ("threshold", ""), ("= 1", ""), ("[[branch]", ""),
    ("repository = \"a\\u0000b\"", "NUL"), ("repository = \"a\\U00000000b\"", "NUL"),
    ("repository = \"a\\u0000\u{301}b\"", "NUL"),
    ("repository = \"a\\x00b\"", "escape"), ("repository = \"a\0b\"", "NUL"),
    ("[groups]\n\"e\u{301}\" = [\"a\"]\n\"\u{E9}\" = [\"b\"]", "same"),
  ])
  func `a mistake is an error that names its place`(_ text: String, _ named: String) {
    let message = defect(text)
    #expect(message != nil)
    #expect(named.isEmpty || message?.contains(named) == true, "\(message ?? "")")
  }

  @Test func `bytes that are no text, or too many, are an error`() {
    #expect(throws: FileDefect.self) { try Policy.read(Array("version = 1\n# ".utf8) + [0xFF]) }
    #expect(throws: FileDefect.self) {
      try Policy.read(Array("version = 1\n#".utf8) + [UInt8](repeating: 0x20, count: 1 << 20))
    }
    #expect(throws: FileDefect.self) {
      try Policy.read(Array("version = 1\nx = ".utf8) + [UInt8](repeating: 0x5B, count: 100_000))
    }
  }

  @Test func `the first rule that matches a branch counts`() throws {
    let policy = try read(
      "version = 1\n[[branch]]\nname = \"release/1\"\nthreshold = 3\n[[branch]]\nname = \"release/*\"\n")
    func threshold(_ ref: String) -> Int?? { policy.branchRule(for: Array(ref.utf8)).map(\.threshold) }
    #expect(threshold("refs/heads/release/1") == .some(3))
    #expect(threshold("refs/heads/release/2") == .some(nil))
    #expect(threshold("refs/heads/main") == nil)
    #expect(threshold("refs/tags/release/1") == nil)
    #expect(threshold("release/1") == nil)
    #expect(threshold("refs/heads/") == nil)
  }

  // MARK: Lint

  @Test func `what a readable policy may still get wrong is found`() throws {
    func findings(_ text: String, _ registry: Registry? = nil) throws -> String {
      try read("version = 1\n" + text).findings(registry).joined(separator: "\n")
    }
    #expect(try findings("threshold = 1").contains("one person alone can land any change"))
    #expect(
      try findings("[[branch]]\nname = \"main\"\nthreshold = 1").contains("one person alone can land any change there"))
    #expect(try findings("evidence = \"off\"").contains("smartcards"))
    let root = String(repeating: "ab", count: 32)
    #expect(try findings("attestation-roots = [\"\(root)\"]").contains("asks for no attestation"))
    #expect(
      !(try findings("evidence = \"attested\"\nattestation-roots = [\"\(root)\"]")).contains("asks for no attestation"))
    #expect(try findings("").contains("no \"repository\""))
    #expect(try findings("").contains("no [[path]] rule covers MAINTAINERS"))
    #expect(try findings("").contains("no [[path]] rule covers keys/*.asc"))
    #expect(
      try findings("[[branch]]\nname = \"main\"\nfrom = [\"staging\"]").contains(
        "no [[branch]] protects its source staging"))
    #expect(
      !(try findings("[[branch]]\nname = \"main\"\nfrom = [\"staging\"]\n[[branch]]\nname = \"staging\"")).contains(
        "source"))
    let guarded =
      "repository = \"x\"\n[[path]]\nmatch = [\"MAINTAINERS\", \"keys/**\", \"review.toml\"]\nthreshold = 3\n"
    #expect(try findings(guarded).isEmpty)

    let folder = try TemporaryFolder()
    for (path, file) in Team("ann", "bob").files.entries {
      try folder.write(path, String(decoding: file.content, as: UTF8.self))
    }
    let registry = try #require(try Registry.readIfPresent(folder: folder.path))
    #expect(try findings(guarded, registry).contains("3 maintainers are asked for and only 2 can endorse: ann, bob"))
    #expect(try findings("[groups]\ng = [\"dan\"]", registry).contains("group g: the registry lists nobody named dan"))
    #expect(try findings("[groups]\ng = [\"dan\"]", registry).contains("group g: none of its members can endorse"))
    #expect(try Registry.readIfPresent(folder: folder.path + "/keys") == nil)
  }
}
