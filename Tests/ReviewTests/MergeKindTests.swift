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

  /// A change that two maintainers agreed to, on `main` already.
  private func landed(_ changes: [String: ScriptedFile?]) throws -> ObjectID {
    let merge = try world.merge(root, try world.commit(on: root, by: "ann", changes), by: "bob")
    try #require(try world.land("main", merge).findings == [])
    return merge
  }
}
