import GitBridge
import Review
import Support
import Testing

/// rule.md, "Paths" and "Gitlinks".
@Suite struct PathTests {
  static let policy = """
    version = 1
    [groups]
    keepers = ["cat"]
    [[path]]
    match = ["MAINTAINERS", "keys/**", "review.toml"]
    threshold = 3
    [[path]]
    match = ["bootstrap/**"]
    groups = ["keepers"]
    """
  let world: World
  var root: ObjectID { world.root }

  init() throws {
    world = try World(
      Team("ann", "bob", "cat", "dan"), policy: PathTests.policy, files: ["bootstrap/seed": "1\n", "shared": "1\n"])
  }

  private func push(_ changes: [String: ScriptedFile?], author: String = "ann", merger: String = "bob") throws -> (
    Verdict, ObjectID
  ) {
    let change = try world.commit(on: root, by: author, changes)
    return (world.push("main", try world.merge(root, change, by: merger)), change)
  }

  @Test(arguments: ["added", "changed", "dropped", "mode", "link", "folder in its place"])
  func `path-needs-more: a path with a higher threshold`(_ how: String) throws {
    let file = "keys/\(world.team["dan"].fingerprint.hex).asc"
    let content = world.files(of: root).entries[file]!.content
    let changes: [String: ScriptedFile?] =
      switch how {
      case "added": ["keys/new.asc": "key"]
      case "changed": [file: ScriptedFile(content: world.team["dan"].certificate.bytes)]
      case "dropped": [file: nil]
      case "mode": [file: ScriptedFile(mode: FileMode.executable, content: content)]
      case "link": ["keys/link": .link(to: "../MAINTAINERS")]
      default: ["keys/sub/deep/file": "x"]
      }
    let (verdict, change) = try push(changes)
    #expect(verdict.findings == [Finding(.pathNeedsMore, change)])
    #expect(verdict.change(change)?.required == 3)
    #expect(verdict.change(change)?.paths.map(\.threshold) == [3])
    let inner = try world.merge(root, change, by: "bob")
    #expect(world.push("main", try world.merge(root, inner, by: "dan")).findings == [])
  }

  @Test func `other paths need no more`() throws {
    let (verdict, change) = try push(["packages/keys/x": "y", "MAINTAINERS.md": "z", "Bootstraps/x": "y"])
    #expect(verdict.findings == [])
    #expect(verdict.change(change)?.paths == [])
  }

  @Test func `path-needs-more: nobody of the group`() throws {
    let (verdict, change) = try push(["bootstrap/seed": "2\n"])
    #expect(verdict.findings == [Finding(.pathNeedsMore, change)])
    #expect(verdict.change(change)?.required == 2)
    #expect(verdict.change(change)?.paths.map(\.groups) == [["keepers"]])
    #expect(try push(["bootstrap/seed": "2\n"], author: "cat").0.findings == [])
    #expect(try push(["bootstrap/seed": "2\n"], merger: "cat").0.findings == [])
  }

  @Test func `too-few-endorsers and path-needs-more: both are said`() throws {
    let (verdict, change) = try push(["bootstrap/seed": "2\n"], author: "ann", merger: "ann")
    #expect(verdict.findings == [Finding(.tooFewEndorsers, change), Finding(.pathNeedsMore, change)])
  }

  @Test func `path-needs-more: a commit that only moves a file in counts as touching it`() throws {
    let renamed = try push(["bootstrap/seed": nil, "seed": "1\n"])
    #expect(renamed.0.findings == [Finding(.pathNeedsMore, renamed.1)])
  }

  @Test func `a clean merge asks nothing for the paths that its sides bring`() throws {
    let change = try world.commit(on: root, by: "cat", ["bootstrap/seed": "2\n"])
    let inner = try world.merge(root, change, by: "ann")
    let outer = try world.merge(root, inner, by: "bob")
    let verdict = world.push("main", outer)
    #expect(verdict.findings == [])
    #expect(verdict.change(inner)?.paths == [])
    #expect(verdict.change(outer)?.required == 1)
  }

  @Test func `path-needs-more: a content merge answers for what it puts on top`() throws {
    let change = try world.commit(on: root, by: "ann")
    let evil = try world.merge(root, change, by: "bob", ["bootstrap/seed": "2\n"])
    let outer = try world.merge(root, evil, by: "ann")
    #expect(world.push("main", outer).findings == [Finding(.pathNeedsMore, evil)])
    #expect(world.push("main", try world.merge(root, evil, by: "cat")).findings == [])
  }

  @Test func `path-needs-more: a conflict resolved in a guarded path, to whichever side`() throws {
    let ours = try world.merge(root, try world.commit(on: root, by: "cat", ["bootstrap/seed": "ours\n"]), by: "ann")
    try world.git.setRef("refs/heads/main", to: ours)
    let theirs = try world.commit(on: root, by: "cat", ["bootstrap/seed": "theirs\n"])
    for resolution in ["ours\n", "theirs\n", "both\n"] {
      let merge = try world.merge(ours, theirs, by: "ann", ["bootstrap/seed": .file(resolution)])
      let outer = try world.merge(ours, merge, by: "bob")
      #expect(world.push("main", outer).findings == [Finding(.pathNeedsMore, merge)])
      let twin = try world.merge(ours, merge, by: "cat")
      #expect(world.push("main", twin).findings == [])
    }
  }

  @Test func `path-needs-more: what a merge with conflicts adds beside them`() throws {
    let ours = try world.merge(root, try world.commit(on: root, by: "ann", ["shared": "ours\n"]), by: "bob")
    try world.git.setRef("refs/heads/main", to: ours)
    let theirs = try world.commit(on: root, by: "ann", ["shared": "theirs\n"])
    let evil = try world.merge(ours, theirs, by: "ann", ["shared": "both\n", "bootstrap/seed": "2\n"])
    #expect(world.push("main", try world.merge(ours, evil, by: "bob")).findings == [Finding(.pathNeedsMore, evil)])
    let plain = try world.merge(ours, theirs, by: "ann", ["shared": "both\n"])
    #expect(world.push("main", try world.merge(ours, plain, by: "bob")).findings == [])
  }

  @Test func `the highest threshold and every group of the rules that match apply`() throws {
    let world = try World(
      policy: """
        version = 1
        [groups]
        a = ["ann"]
        c = ["cat"]
        [[path]]
        match = ["x/**"]
        threshold = 3
        groups = ["a"]
        [[path]]
        match = ["**/y"]
        groups = ["c"]
        """)
    let change = try world.commit(on: world.root, by: "ann", ["x/y": "1"])
    let inner = try world.merge(world.root, change, by: "bob")
    let verdict = world.push("main", inner)
    #expect(verdict.findings == [Finding(.pathNeedsMore, change)])
    #expect(verdict.change(change)?.paths.map(\.groups) == [["a", "c"]])
    #expect(world.push("main", try world.merge(world.root, inner, by: "cat")).findings == [])
  }

  /// Attack: the guarded file is touched under another name that a file system takes for it.
  @Test(arguments: ["\u{E9}/x", "e\u{301}/x", "E\u{301}/X", "\u{C9}/x", "\u{200B}\u{E9}/x"])
  func `path-needs-more: a guarded path in another case or Unicode form`(_ path: String) throws {
    let world = try World(policy: "version = 1\n[[path]]\nmatch = [\"\u{E9}/**\"]\nthreshold = 3\n")
    let change = try world.commit(on: world.root, by: "ann", [path: "1"])
    #expect(
      world.push("main", try world.merge(world.root, change, by: "bob")).findings == [Finding(.pathNeedsMore, change)])
    let twin = try world.commit(on: world.root, by: "ann", ["e/x": "1"])
    #expect(world.push("main", try world.merge(world.root, twin, by: "bob")).findings == [])
  }

  /// Attack: an edit of a free file is carried into a guarded folder by a clean merge, along a rename that its group
  /// agreed to before.
  @Test func `path-needs-more: an edit that a rename carried into a guarded folder`() throws {
    let lines = (1...20).map { "line \($0)\n" }.joined()
    let world = try World(
      Team("ann", "bob", "cat"), policy: PathTests.policy,
      files: ["packages/seed": .file(lines), "free": .file(lines + "free\n")])
    let moved = try world.commit(on: world.root, by: "ann", ["packages/seed": nil, "bootstrap/seed": .file(lines)])
    let landed = try world.merge(world.root, moved, by: "cat")
    try #require(try world.land("main", landed).findings == [])
    let edit = try world.commit(on: world.root, by: "ann", ["packages/seed": .file(lines + "evil\n")])
    let tree = world.files(of: landed).with(["bootstrap/seed": .file(lines + "evil\n")])
    let merge = try world.write(tree, parents: [landed, edit], by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.change(merge)?.kind == .cleanMerge)
    #expect(verdict.findings == [Finding(.pathNeedsMore, merge)])
    let above = try world.merge(landed, merge, by: "cat")
    #expect(world.push("main", above).findings == [])
    // The twin: an edit beside it.
    let other = try world.commit(on: world.root, by: "ann", ["free": .file(lines + "free too\n")])
    #expect(world.push("main", try world.merge(landed, other, by: "bob")).findings == [])
  }

  // MARK: Gitlinks

  @Test func `gitlink: a submodule is refused unless the policy allows it`() throws {
    let link = ScriptedFile.gitlink(root)
    func push(_ policy: String) throws -> (Set<Finding>, ObjectID) {
      let world = try World(policy: policy)
      let change = try world.commit(on: world.root, by: "ann", ["sub": link])
      return (world.push("main", try world.merge(world.root, change, by: "bob")).findings, change)
    }
    let (findings, change) = try push("version = 1\n")
    #expect(findings == [Finding(.gitlink, change)])
    #expect(try push("version = 1\ngitlinks = true\n").0 == [])
  }

  @Test func `gitlink: moved, or brought by a merge; taking one away is fine`() throws {
    let world = try World(files: ["sub": .gitlink(root), "shared": "1\n"])
    let moved = try world.commit(on: world.root, by: "ann", ["sub": .gitlink(try world.git.blob([1]))])
    #expect(world.push("main", try world.merge(world.root, moved, by: "bob")).findings == [Finding(.gitlink, moved)])
    let dropped = try world.commit(on: world.root, by: "ann", ["sub": nil])
    #expect(world.push("main", try world.merge(world.root, dropped, by: "bob")).findings == [])

    let change = try world.commit(on: world.root, by: "ann")
    let evil = try world.merge(world.root, change, by: "bob", ["other": .gitlink(world.root)])
    #expect(world.push("main", try world.merge(world.root, evil, by: "cat")).findings == [Finding(.gitlink, evil)])
  }
}
