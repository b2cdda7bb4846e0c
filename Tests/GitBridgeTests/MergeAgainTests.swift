import Foundation
import GitBridge
import Support
import Testing

private let (lines, longText) = (MergeCase.lines, MergeCase.longText)

/// Every file below a repository's folder, with its content.
private func snapshot(_ path: String) throws -> [String: Data?] {
  var result: [String: Data?] = [:]
  for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
    result[name] = .some(FileManager.default.contents(atPath: path + "/" + name))
  }
  return result
}

/// What git makes of merging two commits: the tree, or nil for a conflict.
private func gitMerge(_ scripted: ScriptedRepository, _ ours: ObjectID, _ theirs: ObjectID) throws -> ObjectID? {
  let finished = try scripted.gitMayFail(["merge-tree", "--write-tree", "\(ours)", "\(theirs)"])
  #expect(finished.status <= 1, "\(finished.errorText)")
  return finished.status == 0 ? ObjectID(hexString: finished.lines[0]) : nil
}

private func tree(_ merged: MergedAgain) -> ObjectID? {
  if case .clean(let tree) = merged { return tree }
  return nil
}

struct MergeAgainTests {
  @Test(arguments: MergeCase.all)
  func `two parents merge as git merges them, and nothing is written`(merge: MergeCase) throws {
    let scripted = try ScriptedRepository()
    let base = try scripted.commit(files: merge.base)
    let ours = try scripted.commit(files: merge.base.with(merge.ours), parents: [base])
    let theirs = try scripted.commit(files: merge.base.with(merge.theirs), parents: [base])
    let before = try snapshot(scripted.path)
    let repository = try scripted.reopened()
    let merged = try repository.mergeAgain(parents: [ours, theirs])
    let mirrored = try repository.mergeAgain(parents: [theirs, ours])
    #expect(try snapshot(scripted.path) == before)

    #expect((tree(merged) != nil) == merge.clean, "\(merged)")
    #expect((tree(mirrored) != nil) == merge.clean)
    if case .conflict(let paths) = merged { #expect(!paths.isEmpty) }
    #expect(tree(merged) == (try gitMerge(scripted, ours, theirs)))
    #expect(tree(mirrored) == (try gitMerge(scripted, theirs, ours)))
  }

  @Test func `the conflicting paths are named, the others are not`() throws {
    let scripted = try ScriptedRepository()
    let base = try scripted.commit(files: ["a": "1\n", "b": "1\n", "d/c": "1\n", "e": "1\n"])
    let ours = try scripted.commit(files: ["a": "2\n", "b": "2\n", "d/c": "2\n", "e": "1\n"], parents: [base])
    let theirs = try scripted.commit(files: ["a": "3\n", "b": "1\n", "d/c": "3\n", "e": "3\n"], parents: [base])
    let expected = MergedAgain.conflict(paths: [Array("a".utf8), Array("d/c".utf8)])
    #expect(try scripted.repository.mergeAgain(parents: [ours, theirs]) == expected)
  }

  /// Attack: settings and attributes of the repository, or of the machine, that make conflicts vanish.
  @Test func `settings, attributes and drivers make no difference`() throws {
    let scripted = try ScriptedRepository()
    let base = try scripted.commit(files: ["f": .file(lines), "old": .file(longText)])
    let ours = try scripted.commit(
      files: ["f": MergeCase.edited(lines, "line 6\n", "six\n"), "old": .file(longText)], parents: [base])
    let theirs = try scripted.commit(
      files: ["f": MergeCase.edited(lines, "line 6\n", "VI\n"), "old": .file(longText)], parents: [base])
    let renamed = try scripted.commit(files: ["f": .file(lines), "new": .file(longText)], parents: [base])
    let changed = try scripted.commit(
      files: ["f": .file(lines), "old": MergeCase.edited(longText, "sentence 7 ", "SEVEN ")], parents: [base])

    try scripted.writeFile("info/attributes", "* merge=union\n")
    try scripted.writeFile("index", "not an index")
    try scripted.writeFile(
      "config",
      "[core]\n\tbare = true\n\tattributesFile = \(scripted.path)/info/attributes\n"
        + "[merge]\n\trenames = false\n\tdefault = union\n\trenameLimit = 1\n[diff]\n\trenames = false\n"
        + "[merge \"union\"]\n\tdriver = touch \(scripted.path)/ran\n")
    // The twin: git does obey them.
    #expect(try gitMerge(scripted, ours, theirs) != nil)

    for repository in [
      try scripted.reopened(),
      try Repository.open(
        path: scripted.path, configuration: ConfigurationFiles(system: scripted.path + "/config", user: [])),
      try Repository.openForHook(environment: [
        "GIT_DIR": scripted.path, "GIT_CONFIG_GLOBAL": scripted.path + "/config",
      ]),
    ] {
      #expect(
        try repository.mergeAgain(parents: [ours, theirs]) == .conflict(paths: [Array("f".utf8)]))
      let expected = try scripted.tree(["f": .file(lines), "new": MergeCase.edited(longText, "sentence 7 ", "SEVEN ")])
      #expect(try repository.mergeAgain(parents: [renamed, changed]) == .clean(tree: expected))
    }
  }

  @Test func `what needs no merge is answered at once`() throws {
    let scripted = try ScriptedRepository()
    let base = try scripted.commit(files: ["a": "1\n"])
    let next = try scripted.commit(files: ["a": "2\n"], parents: [base])
    let same = try scripted.commit(files: ["a": "2\n"], parents: [base])
    let repository = scripted.repository
    let tree = try repository.treeOfCommit(next)
    for parents in [[next], [base, next], [next, base], [next, same], [next, next]] {
      #expect(try repository.mergeAgain(parents: parents) == .clean(tree: tree))
    }
  }

  @Test func `unrelated histories are a conflict`() throws {
    let scripted = try ScriptedRepository()
    let (one, two) = (try scripted.commit(files: ["a": "1\n"]), try scripted.commit(files: ["b": "2\n"]))
    #expect(try scripted.repository.mergeAgain(parents: [one, two]) == .conflict(paths: []))
  }

  @Test func `the tree of a clean merge can be compared, and is not in the repository`() throws {
    let scripted = try ScriptedRepository()
    let base = try scripted.commit(files: ["d/f": .file(lines), "g": "1\n"])
    let ours = try scripted.commit(
      files: ["d/f": MergeCase.edited(lines, "line 1\n", "one\n"), "g": "1\n"], parents: [base])
    let theirs = try scripted.commit(
      files: ["d/f": MergeCase.edited(lines, "line 12\n", "twelve\n"), "g": "1\n"], parents: [base])
    let evil = try scripted.commit(
      files: ["d/f": .file("evil\n"), "g": "1\n"], parents: [ours, theirs])
    let repository = try scripted.reopened()
    let merged = try #require(tree(try repository.mergeAgain(parents: [ours, theirs])))
    let changes = try repository.changes(from: merged, to: repository.treeOfCommit(evil))
    #expect(changes.map(\.path) == [Array("d/f".utf8)])
    #expect(try repository.kind(of: merged) == nil)
    // Nor for another handle.
    #expect(throws: GitError.missingObject(merged, promised: false)) { try scripted.reopened().tree(merged) }
  }

  @Test func `a missing object is named`() throws {
    let scripted = try ScriptedRepository()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    func commit(_ id: ObjectID, _ parents: [ObjectID]) throws -> ObjectID {
      let tree = try scripted.repository.writeTree([TreeEntry(mode: FileMode.file, name: [97], id: id)])
      return try scripted.commit(tree: tree, parents: parents)
    }
    let base = try commit(scripted.blob([1]), [])
    let (ours, theirs) = (try commit(missing, [base]), try commit(scripted.blob([2]), [base]))
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try scripted.repository.mergeAgain(parents: [ours, theirs])
    }
    let gone = try scripted.commit(tree: missing, parents: [base])
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try scripted.repository.mergeAgain(parents: [gone, theirs])
    }
  }

  /// Attack: files that inflate to gigabytes, which a merge would hold in memory together.
  @Test func `files beyond all measure cannot be merged line by line`() throws {
    let scripted = try ScriptedRepository()
    let middle = [UInt8](repeating: 10, count: 200 << 20)
    func commit(_ first: String, _ last: String, _ parents: [ObjectID]) throws -> ObjectID {
      let content = Array(first.utf8) + middle + Array(last.utf8)
      return try scripted.commit(files: ["f": ScriptedFile(content: content)], parents: parents)
    }
    let base = try commit("a", "b", [])
    let (ours, theirs) = (try commit("A", "b", [base]), try commit("a", "B", [base]))
    let error = #expect(throws: GitError.self) { try scripted.repository.mergeAgain(parents: [ours, theirs]) }
    #expect(error?.message.contains("Out of memory") == true)
    // The twin: changed on one side only, nothing is merged.
    let other = try scripted.commit(
      files: ["f": ScriptedFile(content: [97] + middle + [98]), "g": "x"], parents: [base])
    #expect(tree(try scripted.repository.mergeAgain(parents: [ours, other])) != nil)
  }

  /// Attack: a merge of a hundred parents with deep folders, so that reading one tree inside another uses up the stack.
  /// A thread has eight megabytes of it.
  @Test(arguments: [240, 300]) func `many parents with deep folders are compared, or refused`(depth: Int) async throws {
    let scripted = try ScriptedRepository()
    func deep(_ content: String) throws -> ObjectID {
      var tree = try scripted.tree(["file": .file(content)])
      for _ in 0..<depth {
        tree = try scripted.repository.writeTree([TreeEntry(mode: FileMode.folder, name: Array("d".utf8), id: tree)])
      }
      return tree
    }
    let parents = try (0..<120).map { try deep("\($0)") }
    let own = try deep("own")
    let source = scripted.repository.source
    let result: Result<Int, GitError> = await withCheckedContinuation { done in
      let thread = Thread {
        done.resume(
          returning: Result { () throws(GitError) in
            try Repository(again: source).ownContent(of: own, beside: parents).changes.count
          })
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    switch result {
    case .success(let count): #expect(depth < 256 && count == 1)
    case .failure(let error): #expect(depth > 256 && error.message.contains("nested deeper"))
    }
  }

  /// Attack: a merge of trees that expand to billions of files.
  @Test func `trees that expand without end cost no more than they are`() throws {
    let scripted = try ScriptedRepository()
    var bomb = try scripted.tree(["file": "x"])
    for _ in 0..<40 {
      bomb = try scripted.repository.writeTree(
        (0..<10).map { TreeEntry(mode: FileMode.folder, name: Array("\($0)".utf8), id: bomb) })
    }
    func commit(_ text: String, _ withBomb: Bool, _ parents: [ObjectID]) throws -> ObjectID {
      var entries = [TreeEntry(mode: FileMode.file, name: [97], id: try scripted.blob(Array(text.utf8)))]
      if withBomb { entries.append(TreeEntry(mode: FileMode.folder, name: [98], id: bomb)) }
      return try scripted.commit(tree: scripted.repository.writeTree(entries), parents: parents)
    }
    let base = try commit("1", false, [])
    let (ours, theirs) = (try commit("1", true, [base]), try commit("2", false, [base]))
    // Each of its trees is looked at once.
    #expect(tree(try scripted.repository.mergeAgain(parents: [ours, theirs])) != nil)
    // The twin: on all sides alike, it is not opened.
    let old = try commit("1", true, [])
    let (left, right) = (try commit("2", true, [old]), try commit("1", true, [old]))
    #expect(tree(try scripted.repository.mergeAgain(parents: [left, right])) != nil)
  }
}
