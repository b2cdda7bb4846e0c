import GitBridge
import Review
import Support
import Testing

/// rule.md, "What each new commit needs": what a merge brings of its own.
@Suite struct MergeKindTests {
  let world: World
  var root: ObjectID { world.root }

  init() throws {
    world = try World(files: [
      "shared": .file("one\n"), "tool": .file("#!/bin/sh\n"), "old": .file("to be renamed\nline\nline\nline\n"),
    ])
  }

  /// Attack: `git merge --no-commit`, edit, commit. Only doing the merge again shows it.
  @Test(arguments: ["something added", "something dropped", "something changed", "only a mode changed", "a link"])
  func `too-few-endorsers: a merge with content of its own`(_ edit: String) throws {
    let edits: [String: ScriptedFile?] =
      switch edit {
      case "something added": ["backdoor": "evil"]
      case "something dropped": ["shared": nil]
      case "something changed": ["shared": "two\n"]
      case "only a mode changed": ["tool": .executable("#!/bin/sh\n")]
      default: ["tool": .link(to: "/bin/sh")]
      }
    let change = try world.commit(on: root, by: "ann")
    let merge = try world.merge(root, change, by: "bob", edits)
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, merge)])
    #expect(verdict.change(merge)?.kind == .contentMerge)
    #expect(verdict.change(merge)?.required == 2)

    let twin = try world.merge(root, change, by: "bob")
    #expect(world.push("main", twin).findings == [])
    // Another maintainer who takes the merge in has reviewed it.
    let above = try world.merge(root, merge, by: "cat")
    #expect(world.push("main", above).findings == [])
  }

  @Test func `a dropped change of the side branch is content of the merge`() throws {
    let change = try world.commit(on: root, by: "ann", ["shared": "fixed\n", "packages/x": "x"])
    let merge = try world.merge(root, change, by: "bob", ["shared": "one\n"])
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
    let twin = try world.merge(root, change, by: "bob")
    #expect(world.push("main", twin).findings == [])
  }

  @Test func `a resolved conflict is content of the merge`() throws {
    let first = try landed(["shared": "first\n"])
    let second = try world.commit(on: root, by: "ann", ["shared": "second\n"])
    let merge = try world.merge(first, second, by: "bob", ["shared": "both\n"])
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.tooFewEndorsers, merge)])
    #expect(verdict.change(merge)?.kind == .contentMerge)
    #expect(world.push("main", try world.merge(first, merge, by: "cat")).findings == [])
  }

  @Test func `a conflict resolved wholly to one side is content too`() throws {
    let first = try landed(["shared": "first\n"])
    let second = try world.commit(on: root, by: "ann", ["shared": "second\n"])
    let merge = try world.merge(first, second, by: "bob", ["shared": "first\n"])
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
  }

  @Test func `a renamed file that the other side changed merges cleanly`() throws {
    let first = try landed(["old": .file("to be renamed\nline\nline\nline\nmore\n")])
    let content = "to be renamed\nline\nline\nline\n"
    let second = try world.commit(on: root, by: "ann", ["old": nil, "new": .file(content)])
    let tree = world.files(of: first).with(["old": nil, "new": .file(content + "more\n")])
    let merge = try world.write(tree, parents: [first, second], by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.change(merge)?.kind == .cleanMerge)
  }

  @Test func `an octopus is clean when merging pairwise from the left yields it`() throws {
    let sides = try (0..<3).map { _ in try world.commit(on: root, by: "ann") }
    let merge = try world.merge(parents: [root] + sides, by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.change(merge)?.kind == .cleanMerge)
    let evil = try world.merge(parents: [root] + sides, by: "bob", ["backdoor": "evil"])
    #expect(world.push("main", evil).findings == [Finding(.tooFewEndorsers, evil)])
  }

  @Test func `an octopus whose sides conflict has content of its own`() throws {
    let first = try world.commit(on: root, by: "ann", ["shared": "first\n"])
    let second = try world.commit(on: root, by: "ann", ["shared": "second\n"])
    let merge = try world.merge(root, first, second, by: "bob", ["shared": "both\n"])
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
  }

  @Test func `a merge that only names the same parent twice is a merge`() throws {
    let merge = try world.merge(parents: [root, root], by: "bob")
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [])
    #expect(verdict.change(merge)?.kind == .cleanMerge)
    let evil = try world.merge(parents: [root, root], by: "bob", ["backdoor": "evil"])
    #expect(world.push("main", evil).findings == [Finding(.tooFewEndorsers, evil)])
  }

  /// Attack: attributes or merge drivers in the repository decide how a merge is done again.
  @Test func `attributes of the repository take no part in merging again`() throws {
    let world = try World(files: [".gitattributes": "shared merge=union\n", "shared": "one\n"])
    try world.git.writeFile("info/attributes", "shared merge=union\n")
    let first = try world.commit(on: world.root, by: "ann", ["shared": "one\nfirst\n"])
    let landed = try world.merge(world.root, first, by: "bob")
    try world.git.setRef("refs/heads/main", to: landed)
    let second = try world.commit(on: world.root, by: "ann", ["shared": "one\nsecond\n"])
    let merge = try world.merge(landed, second, by: "bob", ["shared": "one\nfirst\nsecond\n"])
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
  }

  /// Attack: what one side did to a file lands in another, which libgit2 takes for the same: both are empty, or differ
  /// in white space only.
  @Test(arguments: ["", "  step()\n  again()\n  once more()\n"])
  func `too-few-endorsers: an edit that no rename carries`(_ text: String) throws {
    let world = try World(files: ["pkg/e": .file(text)])
    let moved = text.split(separator: "\n").map { "\t\t\($0.drop { $0 == " " })\n" }.joined()
    let change = try world.commit(on: world.root, by: "ann", ["pkg/e": nil, "boot/e": .file(moved)])
    let landed = try world.merge(world.root, change, by: "bob")
    try #require(try world.land("main", landed).findings == [])
    let edit = try world.commit(on: world.root, by: "ann", ["pkg/e": .file("evil\n" + text)])
    let tree = world.files(of: landed).with(["boot/e": .file("evil\n" + moved)])
    let merge = try world.write(tree, parents: [landed, edit], by: "bob")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
    let above = try world.merge(landed, merge, by: "cat")
    #expect(world.push("main", above).findings == [])
  }

  /// Attack: one signature brings in a link that no parent has.
  @Test func `too-few-endorsers: a renamed file that the other side made a link`() throws {
    let first = try landed(["old": nil, "new": .file("to be renamed\nline\nline\nline\n")])
    let second = try world.commit(on: root, by: "ann", ["old": .link(to: "keys")])
    let tree = world.files(of: first).with(["new": .link(to: "keys")])
    let merge = try world.write(tree, parents: [first, second], by: "bob")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, merge)])
  }

  /// Attack: a file of one side and a folder of the other have one name, and another name sorts between them.
  @Test(arguments: [false, true])
  func `malformed-commit: a merge with a name twice in a tree`(isLink: Bool) throws {
    let file: ScriptedFile = isLink ? .link(to: "../keys") : "x\n"
    let first = try landed(["d/k": "k\n", "d/x": file, "d/x-1": "x\n"])
    let second = try world.commit(on: root, by: "ann", ["d/x/in": "x\n"])
    var entries = try world.repository.tree(
      try #require(try world.repository.entry(tree: world.repository.treeOfCommit(first), path: Array("d".utf8))).id)
    let folder = try world.git.tree(["in": "x\n"])
    entries.append(TreeEntry(mode: FileMode.folder, name: [120], id: folder))
    let doubled = try world.repository.writeTree(entries)
    let top = try world.repository.tree(world.repository.treeOfCommit(first)).map { entry in
      entry.name == [100] ? TreeEntry(mode: entry.mode, name: entry.name, id: doubled) : entry
    }
    func merge(_ people: String...) throws -> ObjectID {
      try world.git.commit(
        tree: world.repository.writeTree(top), parents: [first, second], message: "Merge\n",
        signedBy: world.signature(of: people[0]))
    }
    let merge = try merge("bob")
    #expect(world.push("main", merge).findings.contains(Finding(.malformedCommit, merge)))
    #expect(world.push("main", merge).outcome == .refused)
    // Nor do more signatures help.
    let above = try world.git.commit(
      tree: world.repository.writeTree(top), parents: [first, merge], message: "Merge\n",
      signedBy: world.signature(of: "cat"))
    #expect(world.push("main", above).findings == [Finding(.malformedCommit, merge)])

    // Where it is on the branch already, who mends it is judged by what that changes.
    try world.git.setRef("refs/heads/main", to: merge)
    world.know(merge, world.files(of: first).with(["d/x/in": "x\n"]))
    let mended = try world.write(world.files(of: first), parents: [merge], by: "ann")
    #expect(
      world.push("main", try world.write(world.files(of: first), parents: [merge, mended], by: "bob")).findings == [])
    try world.git.setRef("refs/heads/main", to: first)

    // The twin: the conflict is resolved, and two stand behind that.
    let resolved = world.files(of: first).with(["d/y/in": "x\n"])
    let honest = try world.write(resolved, parents: [first, second], by: "bob")
    #expect(world.push("main", honest).findings == [Finding(.tooFewEndorsers, honest)])
    #expect(world.push("main", try world.write(resolved, parents: [first, honest], by: "cat")).findings == [])
  }

  /// Attack: a tree that is checked out into .git, or that readers take for different ones, in any commit.
  @Test(arguments: [
    ("40000", ".git"), ("40000", "GIT~1"), ("40000", ".g\u{200C}it"), ("120000", ".gitmodules"), ("100644", ""),
    ("100644", "a/b"),
    ("040000", "x"), ("100600", "x"), ("100644", "README"),
  ])
  func `malformed-commit: a commit that brings a malformed tree`(_ mode: String, _ name: String) throws {
    let blob = try world.git.blob([1])
    let inner = try world.git.tree(["file": "1"])
    func line(_ mode: String, _ name: String, _ id: ObjectID) -> [UInt8] {
      Array("\(mode) \(name)".utf8) + [0] + id.bytes
    }
    let bytes = line("100644", "README", blob) + line(mode, name, mode.hasSuffix("40000") ? inner : blob)
    let folder = try world.repository.write(.tree, bytes)
    func commit(_ folder: ObjectID) throws -> ObjectID {
      var top = try world.repository.tree(world.repository.treeOfCommit(root))
      top.append(TreeEntry(mode: FileMode.folder, name: Array("sub".utf8), id: folder))
      let id = try world.git.commit(
        tree: world.repository.writeTree(top), parents: [root], message: "change\n",
        signedBy: world.signature(of: "ann"))
      return id
    }
    func merged(_ change: ObjectID) throws -> ObjectID {
      try world.git.commit(
        tree: world.repository.treeOfCommit(change), parents: [root, change], message: "Merge\n",
        signedBy: world.signature(of: "bob"))
    }
    let change = try commit(folder)
    let verdict = world.push("main", try merged(change))
    #expect(verdict.findings == [Finding(.malformedCommit, change)])
    // What was found once is found again.
    #expect(world.push("main", try merged(change)).findings == [Finding(.malformedCommit, change)])
    #expect(world.push("main", try merged(try commit(inner))).findings == [])
  }

  /// R120. Attack: two requests each add a file and take it back. Merges over their inner commits, each of them just
  /// what git makes, end with the file on the branch again; nobody endorsed it there.
  @Test func `too-few-endorsers: clean merges that bring back what was taken away`() throws {
    func request(_ one: String, _ other: String, on tip: ObjectID) throws -> (
      add: ObjectID, back: ObjectID, merge: ObjectID
    ) {
      let add = try world.commit(on: root, by: one, ["evil": "x"])
      let back = try world.commit(on: add, by: one, ["evil": nil])
      let merge = try world.write(world.files(of: tip), parents: [tip, back], by: other)
      try #require(try world.land("main", merge).findings == [])
      return (add, back, merge)
    }
    let first = try request("ann", "bob", on: root)
    let second = try request("bob", "ann", on: first.merge)
    let with = world.files(of: first.add)
    let a = try world.write(with, parents: [first.add, second.back], by: "cat")
    let b = try world.write(with, parents: [first.back, second.add], by: "cat")
    let c = try world.write(with, parents: [a, b], by: "cat")
    let evil = try world.write(with, parents: [second.merge, c], by: "cat")
    #expect(world.push("main", evil).findings == [Finding(.tooFewEndorsers, evil)])
    #expect(try world.audit(tip: evil).last?.findings == [Finding(.tooFewEndorsers, evil)])
    // The twin: the same merges, and one that leaves the file away again.
    let undone = try world.commit(on: c, by: "ann", ["evil": nil])
    let clean = try world.write(world.files(of: second.merge), parents: [second.merge, undone], by: "bob")
    #expect(world.push("main", clean).findings == [])
  }

  /// R118, R120: what the branch has gained since the request was begun is nothing that the request brings back.
  @Test func `the gate takes a request that ends in a merge for what it is`() throws {
    let topics = try (0..<3).map { _ in try world.commit(on: root, by: "ann") }
    // A contributor's merges, which nobody has signed.
    let first = try world.merge(topics[0], topics[1])
    let head = try world.merge(first, topics[2])
    let base = try landed(["newer": "x"])
    let target = RefUpdate(ref: Array("refs/heads/main".utf8), old: base, new: head)
    let answer = world.reviewer.judge(pullRequest: head, onto: target)
    #expect(answer.verdict.findings == [])
    #expect(answer.mergers == ["bob", "cat"])
    #expect(world.push("main", try world.merge(base, head, by: "bob")).findings == [])
    // The twin: the last of them brings something of its own.
    let evil = try world.merge(parents: [first, topics[2]], ["evil": "x"])
    #expect(world.reviewer.judge(pullRequest: evil, onto: target).mergers == [])
    let merge = try world.merge(base, evil, by: "bob")
    #expect(world.push("main", merge).findings == [Finding(.tooFewEndorsers, evil)])
  }

  /// Without git nobody says what a merge yields where there is more than one answer: it counts as one with content.
  @Test(arguments: ["no git", "a git that is too old", "the git that is here"])
  func `too-few-endorsers: a merge that only git could judge, without git`(_ what: String) throws {
    let first = try landed(["old": .file("to be renamed\nline\nline\nline\nmore\n")])
    let content = "to be renamed\nline\nline\nline\n"
    let second = try world.commit(on: root, by: "ann", ["old": nil, "new": .file(content)])
    let tree = world.files(of: first).with(["old": nil, "new": .file(content + "more\n")])
    let merge = try world.write(tree, parents: [first, second], by: "bob")
    let plain = try world.merge(first, try world.commit(on: root, by: "ann"), by: "bob")
    let folder = try TemporaryFolder()
    switch what {
    case "no git": world.repository.git = nil
    case "a git that is too old":
      let text = "#!/bin/sh\n[ \"$1\" = version ] && echo git version 2.30.2 && exit\necho usage >&2\nexit 129\n"
      world.repository.git = GitProgram(path: try folder.write("git", text, executable: true))
    default: break
    }
    #expect(
      world.push("main", merge).findings == (what == "the git that is here" ? [] : [Finding(.tooFewEndorsers, merge)]))
    // Where there is only one answer, no git is needed.
    #expect(world.push("main", plain).findings == [])
  }

  /// A change that two maintainers agreed to, on `main` already.
  private func landed(_ changes: [String: ScriptedFile?]) throws -> ObjectID {
    let merge = try world.merge(root, try world.commit(on: root, by: "ann", changes), by: "bob")
    try #require(try world.land("main", merge).findings == [])
    return merge
  }
}
