import GitBridge
import Support
import Testing

private func raw(_ entries: [(String, String)], id: ObjectID) -> [UInt8] {
  entries.flatMap { Array("\($0.0) \($0.1)".utf8) + [0] + id.bytes }
}

struct TreeTests {
  @Test func `entries are read in git's order`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let tree = try scripted.tree([
      "b": "1", "a.txt": "2", "a/x": "3", "a-b": .executable("4"), "link": .link(to: "b"), "sub": .gitlink(commit),
    ])
    let listed = try scripted.git("ls-tree", "\(tree)").lines
    let entries = try scripted.repository.tree(tree).map { entry in
      let kind = entry.mode == FileMode.folder ? "tree" : entry.mode == FileMode.gitlink ? "commit" : "blob"
      let mode = String(entry.mode, radix: 8)
      let padded = String(repeating: "0", count: 6 - mode.count) + mode
      return "\(padded) \(kind) \(entry.id)\t\(String(decoding: entry.name, as: UTF8.self))"
    }
    #expect(entries == listed)
  }

  @Test func `a path is found, never through a symbolic link`() throws {
    let scripted = try ScriptedRepository()
    let tree = try scripted.tree(["keys/a.asc": "A", "link": .link(to: "keys"), "file": "x"])
    let repository = scripted.repository
    func mode(_ path: String) throws -> UInt32? { try repository.entry(tree: tree, path: Array(path.utf8))?.mode }
    #expect(try mode("keys/a.asc") == FileMode.file)
    #expect(try mode("keys") == FileMode.folder)
    #expect(try mode("link") == FileMode.symbolicLink)
    for absent in ["link/a.asc", "keys/b", "file/x", "", "/keys", "keys/", "keys//a.asc", "./keys", "Keys"] {
      #expect(try mode(absent) == nil, "\(absent)")
    }
  }

  static let malformed: [(String, [(String, String)])] = [
    ("the same name twice", [("100644", "a"), ("100755", "a")]),
    ("the same name twice", [("100644", "a"), ("100644", "a-b"), ("40000", "a")]),
    ("the same name twice", [("100644", "a"), ("100644", "a.b"), ("40000", "a.b"), ("40000", "a")]),
    ("entries out of order", [("100644", "b"), ("100644", "a")]),
    ("entries out of order", [("40000", "a"), ("100644", "a-b")]),
    ("entries out of order", [("100644", "a0"), ("40000", "a")]),
    ("an entry without name", [("100644", "")]),
    ("an entry named . or ..", [("40000", ".")]),
    ("an entry named . or ..", [("40000", "..")]),
    ("an entry named .git", [("40000", ".git")]),
    ("an entry named .git", [("40000", ".GiT")]),
    ("an entry that HFS+ takes for .git", [("40000", ".g\u{200C}it")]),
    ("an entry that HFS+ takes for .git", [("40000", "\u{FEFF}.GIT")]),
    ("an entry that HFS+ takes for .git", [("100644", ".git\u{206F}")]),
    ("an entry that NTFS takes for .git", [("40000", "GIT~1")]),
    ("an entry that NTFS takes for .git", [("40000", ".git. .")]),
    ("an entry that NTFS takes for .git", [("40000", ".git ::$INDEX_ALLOCATION")]),
    ("an entry that NTFS takes for .git", [("40000", "git~1:x")]),
    ("an entry that NTFS takes for .git", [("100644", "a\\.git\\config")]),
    ("an entry that NTFS takes for .git", [("100644", ".git\\hooks")]),
    ("a symbolic link named .gitmodules", [("120000", ".gitmodules")]),
    ("a symbolic link named .gitmodules", [("120000", ".gitmodules .")]),
    ("a symbolic link named .gitmodules", [("120000", ".git\u{200D}modules")]),
    ("a symbolic link named .gitmodules", [("120000", "GITMOD~1")]),
    ("a symbolic link named .gitmodules", [("120000", "gi7eba~1")]),
    ("a symbolic link named .gitmodules", [("120000", "gi7~1234")]),
    ("a name with a slash", [("100644", "a/b")]),
    ("a mode with a leading zero", [("040000", "a")]),
    ("an entry with an unknown mode", [("100600", "a")]),
    ("an entry with an unknown mode", [("1100644", "a")]),
    ("an entry with an unknown mode", [("100648", "a")]),
    ("an entry with an unknown mode", [("", "a")]),
  ]

  @Test(arguments: malformed)
  func `a tree that readers could understand differently is refused`(
    reason: String, entries: [(String, String)]
  ) throws {
    let scripted = try ScriptedRepository()
    let inside = try scripted.repository.write(.tree, [])
    let id = try scripted.repository.write(.tree, raw(entries, id: inside))
    #expect(throws: GitError.malformedObject(id, reason: reason)) { try scripted.repository.tree(id) }
    #expect(throws: GitError.malformedObject(id, reason: reason)) {
      try scripted.repository.entry(tree: id, path: [97])
    }
    #expect(throws: GitError.malformedObject(id, reason: reason)) {
      try scripted.repository.changes(from: nil, to: id)
    }
    // git sees it too, except for a mode that it only finds odd.
    if !reason.contains("mode") {
      let commit = try scripted.commit(tree: id)
      try scripted.setRef("refs/heads/main", to: commit)
      let report = try scripted.gitMayFail(["fsck", "--full", "--strict"])
      #expect(report.errorText.contains("in tree \(id)"), "\(report.errorText)")
    }
  }

  static let wellFormed: [[(String, String)]] = [
    [], [("100644", "a"), ("100755", "b")], [("100644", "a"), ("100644", "a-b"), ("40000", "a.b")],
    [("100644", "a-b"), ("40000", "a")], [("100644", "a.b"), ("40000", "a"), ("100644", "a0")],
    [("100664", "old")], [("100644", "...")], [("100644", ".gitmodules")], [("100644", "git~1x")],
    [("100644", "git~2")],
    [("120000", "gi7eba~0")], [("120000", "gi7ebax1")], [("120000", "gitmod~5")], [("120000", ".gitmodulesx")],
    [("100644", "a\\b")], [("100644", ".g\u{200B}it")], [("100644", ".gi\u{E4}t")], [("100644", "name. ")],
    [("100644", "g")], [("100644", ".gitx"), ("100644", ".gjt")],
    [("100644", "a"), ("100644", "a.b"), ("100644", "a.b.c"), ("40000", "a.b.d")],
  ]

  @Test(arguments: wellFormed)
  func `a tree in order is read`(entries: [(String, String)]) throws {
    let scripted = try ScriptedRepository()
    let empty = try scripted.repository.write(.tree, [])
    let id = try scripted.repository.write(.tree, raw(entries, id: empty))
    #expect(try scripted.repository.tree(id).count == entries.count)
  }

  @Test func `a tree cut off anywhere is refused`() throws {
    let scripted = try ScriptedRepository()
    let blob = try scripted.blob([1])
    let whole = raw([("100644", "name"), ("40000", "other")], id: blob)
    let borders = [0, whole.count, raw([("100644", "name")], id: blob).count]
    for length in 0...whole.count {
      let id = try scripted.repository.write(.tree, Array(whole[..<length]))
      let entries = try? scripted.repository.tree(id)
      #expect((entries != nil) == borders.contains(length), "cut at \(length)")
    }
  }

  @Test func `an object of another kind is no tree`() throws {
    let scripted = try ScriptedRepository()
    let blob = try scripted.blob([])
    #expect(throws: GitError.wrongType(blob, expected: "tree")) { try scripted.repository.tree(blob) }
  }
}
