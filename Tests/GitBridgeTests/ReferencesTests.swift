import Foundation
import GitBridge
import Support
import Testing

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

struct ReferencesTests {
  @Test func `references are listed by the bytes of their names, loose and packed`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let tag = try scripted.tag("v1", target: commit)
    try scripted.setRef("refs/tags/v1", to: tag)
    try scripted.setRef("refs/heads/packed", to: commit)
    try scripted.git("pack-refs", "--all")
    for name in ["refs/heads/main", "refs/heads/Main", "refs/heads/a/b", "refs/replace/x", "refs/heads/caf\u{E9}"] {
      try scripted.setRef(name, to: commit)
    }
    try scripted.setSymbolicRef("refs/heads/link", to: "refs/heads/main")
    let expected: [Ref] = [
      Ref(name: bytes("refs/heads/Main"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/heads/a/b"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/heads/caf\u{E9}"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/heads/link"), target: nil, symbolicTarget: bytes("refs/heads/main")),
      Ref(name: bytes("refs/heads/main"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/heads/packed"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/replace/x"), target: commit, symbolicTarget: nil),
      Ref(name: bytes("refs/tags/v1"), target: tag, symbolicTarget: nil),
    ]
    #expect(try scripted.reopened().references() == expected)
  }

  @Test func `a full name is resolved through symbolic references, not through tags`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let tag = try scripted.tag("v1", target: commit)
    try scripted.setRef("refs/tags/v1", to: tag)
    try scripted.setRef("refs/heads/main", to: commit)
    try scripted.setSymbolicRef("refs/heads/link", to: "refs/heads/main")
    let repository = scripted.repository
    #expect(try repository.resolve(ref: "refs/tags/v1") == tag)
    #expect(try repository.resolve(ref: "refs/heads/link") == commit)
    #expect(try repository.resolve(ref: "HEAD") == commit)
    #expect(try repository.resolve(ref: "refs/heads/absent") == nil)
    // A short name is no full name.
    #expect(throws: GitError.noSuchRef("main")) { try repository.resolve(ref: "main") }
    #expect(throws: GitError.noSuchRef("refs/heads/a..b")) { try repository.resolve(ref: "refs/heads/a..b") }
    #expect(try repository.reference("refs/heads/link")?.symbolicTarget == bytes("refs/heads/main"))
  }

  @Test func `a revision names a commit as git rev-parse has it`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit()
    let side = try scripted.commit(parents: [root], message: "side\n")
    let tip = try scripted.commit(parents: [try scripted.commit(parents: [root]), side])
    try scripted.setRef("refs/heads/main", to: tip)
    try scripted.setRef("refs/tags/v1", to: scripted.tag("v1", target: root))
    let repository = scripted.repository
    for revision in [
      "main", "HEAD", "refs/heads/main", "heads/main", "HEAD~1", "HEAD^2", "main~2", "v1", "v1^{commit}", tip.hex,
      String(tip.hex.prefix(12)), "HEAD^{/side}",
    ] {
      let git = try scripted.git("rev-parse", "\(revision)^{commit}").lines[0]
      #expect(try repository.resolve(revision: revision).hex == git, "\(revision)")
    }
    for revision in ["absent", "main~9", "1234567", "", "main..v1", "HEAD^3", "refs/heads/"] {
      #expect(throws: GitError.noSuchRef(revision), "\(revision)") { try repository.resolve(revision: revision) }
    }
    let tree = try repository.treeOfCommit(tip)
    #expect(throws: GitError.wrongType(tree, expected: "commit")) { try repository.resolve(revision: tree.hex) }
  }

  @Test func `a short id that several objects begin with is ambiguous`() throws {
    let scripted = try ScriptedRepository()
    var seen: [Substring: String] = [:]
    var clash: String?
    for number in 0..<2000 where clash == nil {
      let id = try scripted.blob(bytes("\(number)")).hex
      if seen[id.prefix(4)] != nil { clash = String(id.prefix(4)) }
      seen[id.prefix(4)] = id
    }
    let prefix = try #require(clash)
    #expect(throws: GitError.ambiguous(prefix)) { try scripted.repository.resolve(revision: prefix) }
  }

  @Test func `the current branch and what it follows`() throws {
    let scripted = try ScriptedRepository()
    #expect(scripted.repository.headBranch() == "refs/heads/main")
    #expect(scripted.repository.upstream(ofBranch: "refs/heads/main") == nil)
    try scripted.writeFile(
      "config",
      "[core]\n\tbare = true\n[remote \"o\"]\n\turl = x\n\tfetch = +refs/heads/*:refs/remotes/o/*\n"
        + "[branch \"main\"]\n\tremote = o\n\tmerge = refs/heads/trunk\n")
    let repository = try scripted.reopened()
    #expect(repository.upstream(ofBranch: "refs/heads/main") == "refs/remotes/o/trunk")
    #expect(repository.upstream(ofBranch: "refs/heads/other") == nil)
    let commit = try scripted.commit()
    try scripted.writeFile("HEAD", "\(commit)\n")
    #expect(try scripted.reopened().headBranch() == nil)
  }
}

struct WritingTests {
  @Test func `a reference moves only from where the caller believes it is`() throws {
    let scripted = try ScriptedRepository()
    let repository = scripted.repository
    let (one, two) = (try scripted.commit(), try scripted.commit(message: "two\n"))
    let name = "refs/heads/main"
    func move(_ target: ObjectID?, _ expected: ObjectID?) throws {
      try repository.updateRef(name, to: target, expecting: expected, message: "test")
    }
    let moved = GitError.refMoved(name)
    #expect(throws: moved) { try move(two, one) }
    try move(one, nil)
    #expect(throws: moved) { try move(two, nil) }
    #expect(throws: moved) { try move(one, two) }
    #expect(throws: moved) { try move(nil, two) }
    #expect(try repository.resolve(ref: name) == one)
    try scripted.git("pack-refs", "--all")
    #expect(throws: moved) { try move(one, two) }
    try move(two, one)
    #expect(try scripted.git("rev-parse", name).lines == [two.hex])
    // Another process holds git's lock.
    try scripted.writeFile("refs/heads/main.lock", "")
    #expect(throws: moved) { try move(one, two) }
    try FileManager.default.removeItem(atPath: scripted.path + "/refs/heads/main.lock")
    try move(nil, two)
    #expect(try repository.resolve(ref: name) == nil)
    #expect(try scripted.gitMayFail(["rev-parse", "-q", "--verify", name]).status != 0)
  }

  @Test func `a reference is never made to an object that is not there`() throws {
    let scripted = try ScriptedRepository()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try scripted.repository.updateRef("refs/heads/main", to: missing, expecting: nil, message: "")
    }
    #expect(throws: GitError.self) {
      try scripted.repository.updateRef("refs/heads/a..b", to: scripted.commit(), expecting: nil, message: "")
    }
    #expect(try scripted.repository.references().isEmpty)
  }

  @Test func `a tree is written in git's order whatever order it is given in`() throws {
    let scripted = try ScriptedRepository()
    let blob = try scripted.blob([])
    let folder = try scripted.tree(["x": ""])
    let entries = [
      TreeEntry(mode: FileMode.file, name: bytes("a.b"), id: blob),
      TreeEntry(mode: FileMode.file, name: bytes("a0"), id: blob),
      TreeEntry(mode: FileMode.folder, name: bytes("a"), id: folder),
      TreeEntry(mode: FileMode.file, name: bytes("a-b"), id: blob),
    ]
    let expected = try scripted.git(
      "mktree",
      input: bytes(
        "100644 blob \(blob)\ta.b\n100644 blob \(blob)\ta0\n040000 tree \(folder)\ta\n100644 blob \(blob)\ta-b\n"))
    for order in [entries, entries.reversed()] {
      #expect(try scripted.repository.writeTree(order).hex == expected.lines[0])
    }
    #expect(
      try scripted.repository.tree(scripted.repository.writeTree(entries)).map(\.name)
        == ["a-b", "a.b", "a", "a0"].map(bytes))
  }

  @Test func `what is written has git's id and can be read at once`() throws {
    let scripted = try ScriptedRepository()
    let content = bytes("content\n")
    let id = try scripted.repository.write(.blob, content)
    #expect(try scripted.git("hash-object", "--stdin", input: content).lines == [id.hex])
    #expect(try scripted.repository.read(id, as: .blob) == content)
    #expect(try scripted.repository.write(.blob, content) == id)
  }
}
