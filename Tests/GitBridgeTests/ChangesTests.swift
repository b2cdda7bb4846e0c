import GitBridge
import Support
import Testing

/// A number generator with a seed, so that a failing history can be made again.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// The changes in the form of `git diff-tree -r --no-renames --raw -z --no-abbrev`.
private func text(_ changes: [PathChange]) -> String {
  func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }
  return changes.map { change in
    func kind(_ mode: UInt32) -> UInt32 { mode & 0o170000 }
    let letter =
      change.oldMode == 0 ? "A" : change.newMode == 0 ? "D" : kind(change.oldMode) != kind(change.newMode) ? "T" : "M"
    let path = String(decoding: change.path, as: UTF8.self)
    return ":\(octal(change.oldMode)) \(octal(change.newMode)) \(change.oldID) \(change.newID) \(letter)\0\(path)\0"
  }.joined()
}

struct ChangesTests {
  @Test func `additions, deletions, modes, types and gitlinks are changes`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let old: Files = [
      "same/deep/file": "1", "gone": "2", "mode": "3", "type": "4", "sub": .gitlink(commit), "d/a": "5", "d/b": "6",
      "file-to-folder": "7", "folder-to-file/x": "8", "folder-to-file/y": "9",
    ]
    let other = try scripted.commit(message: "other\n")
    let new = old.with([
      "gone": nil, "mode": .executable("3"), "type": .link(to: "4"), "sub": .gitlink(other), "d/b": "66", "d/c/e": "7",
      "file-to-folder": nil, "file-to-folder/z": "7", "folder-to-file/x": nil, "folder-to-file/y": nil,
      "folder-to-file": "10",
    ])
    let (from, to) = (try scripted.tree(old), try scripted.tree(new))
    let changes = try scripted.repository.changes(from: from, to: to)
    let git = try scripted.git("diff-tree", "-r", "--no-renames", "--raw", "-z", "--no-abbrev", "\(from)", "\(to)")
    #expect(text(changes) == git.text)
    #expect(changes.count == 11)
    #expect(try scripted.repository.changes(from: to, to: to).isEmpty)
    #expect(try scripted.repository.changes(from: nil, to: from).count == old.entries.count)
  }

  @Test(arguments: 0..<25)
  func `changes of random trees are git's`(seed: Int) throws {
    var random = SeededGenerator(UInt64(seed) + 1)
    let names = ["a", "a-b", "a.b", "a0", "b", "ab", "\u{E9}"]
    let contents = ["1", "2"].map { ScriptedFile.file($0) } + [.executable("1"), .link(to: "1")]
    func files() -> Files {
      var files = Files()
      for _ in 0..<12 {
        let depth = Int.random(in: 1...3, using: &random)
        let path = (0..<depth).map { _ in names.randomElement(using: &random)! }.joined(separator: "/")
        // A path cannot be a file and a folder of others at once.
        let clash = files.entries.keys.contains { $0.hasPrefix(path + "/") || path.hasPrefix($0 + "/") }
        if !clash { files.entries[path] = contents.randomElement(using: &random)! }
      }
      return files
    }
    let scripted = try ScriptedRepository()
    let (from, to) = (try scripted.tree(files()), try scripted.tree(files()))
    let git = try scripted.git("diff-tree", "-r", "--no-renames", "--raw", "-z", "--no-abbrev", "\(from)", "\(to)")
    #expect(text(try scripted.repository.changes(from: from, to: to)) == git.text)
  }

  /// Attack: 40 trees, each holding the one before it ten times, name 10^40 files.
  @Test func `a tree that expands without end is refused`() throws {
    let scripted = try ScriptedRepository()
    var tree = try scripted.tree(["file": "x"])
    for _ in 0..<40 {
      tree = try scripted.repository.writeTree(
        (0..<10).map { TreeEntry(mode: FileMode.folder, name: Array("\($0)".utf8), id: tree) })
    }
    scripted.repository.mostPaths = 10_000
    #expect(throws: GitError.limit(tree, reason: "more than 10000 folders")) {
      try scripted.repository.changes(from: nil, to: tree)
    }
    #expect(throws: GitError.limit(tree, reason: "more than 10000 paths")) {
      try scripted.repository.treeDigestSHA512(tree)
    }
    // Unchanged it is not opened.
    let (before, after) = (
      try scripted.repository.writeTree([TreeEntry(mode: FileMode.folder, name: [97], id: tree)]),
      try scripted.repository.writeTree([
        TreeEntry(mode: FileMode.folder, name: [97], id: tree),
        TreeEntry(mode: FileMode.file, name: [98], id: try scripted.blob([])),
      ])
    )
    #expect(try scripted.repository.changes(from: before, to: after).count == 1)
  }

  /// Attack: the same below folders with long names: few paths, and each of them kilobytes long.
  @Test(arguments: [4, 200]) func `paths that take more memory than there should be are refused`(depth: Int) throws {
    let scripted = try ScriptedRepository()
    var tree = try scripted.tree(["file": "x"])
    func folder(_ name: String) -> TreeEntry { TreeEntry(mode: FileMode.folder, name: Array(name.utf8), id: tree) }
    for _ in 0..<2 { tree = try scripted.repository.writeTree((10..<40).map { folder("\($0)") }) }
    for _ in 0..<depth { tree = try scripted.repository.writeTree([folder(String(repeating: "d", count: 200))]) }
    scripted.repository.mostPathBytes = 8 << 20
    let other = try scripted.tree(["other": "x"])
    if depth == 4 {
      #expect(try scripted.repository.changes(from: nil, to: tree).count == 900)
      // And what both have and it has not.
      #expect(try scripted.repository.ownContent(of: tree, beside: [other, other]).changes.count == 901)
      #expect(try scripted.repository.treeDigestSHA512(tree).count == 64)
      return
    }
    let error = GitError.limit(tree, reason: "paths of more than 8 MiB")
    #expect(throws: error) { try scripted.repository.changes(from: nil, to: tree) }
    #expect(throws: error) { try scripted.repository.ownContent(of: tree, beside: [other, other]) }
    #expect(throws: error) { try scripted.repository.treeDigestSHA512(tree) }
  }

  @Test func `folders nested without end are refused`() throws {
    let scripted = try ScriptedRepository()
    var tree = try scripted.tree(["file": "x"])
    for _ in 0..<Repository.deepestFolder {
      tree = try scripted.repository.writeTree([TreeEntry(mode: FileMode.folder, name: [97], id: tree)])
    }
    #expect(try scripted.repository.changes(from: nil, to: tree).count == 1)
    tree = try scripted.repository.writeTree([TreeEntry(mode: FileMode.folder, name: [97], id: tree)])
    #expect(throws: GitError.limit(tree, reason: "folders nested deeper than 256")) {
      try scripted.repository.changes(from: nil, to: tree)
    }
    #expect(throws: GitError.limit(tree, reason: "folders nested deeper than 256")) {
      try scripted.repository.treeDigestSHA512(tree)
    }
  }
}
