import Foundation
import GitBridge
import Support
import Testing

private let lines = (1...12).map { "line \($0)\n" }.joined()
private func indented(_ blanks: String) -> String { (0..<12).map { "\(blanks)step_\($0)()\n" }.joined() }
private let longText = (1...60).map { "sentence \($0) of a longer text\n" }.joined()

private func edited(_ text: String, _ old: String, _ new: String) -> ScriptedFile {
  .file(text.replacingOccurrences(of: old, with: new))
}

/// Three trees to be merged.
struct MergeCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let base: Files
  let ours: [String: ScriptedFile?]
  let theirs: [String: ScriptedFile?]
  let clean: Bool

  init(_ name: String, base: Files, ours: [String: ScriptedFile?], theirs: [String: ScriptedFile?], clean: Bool) {
    testDescription = name
    self.base = base.with(["untouched/a/b": "x", "untouched/c": "y", "z": "z"])
    self.ours = ours
    self.theirs = theirs
    self.clean = clean
  }

  static let gitlinks = ["1", "2", "3"].map {
    ScriptedFile.gitlink(ObjectID(hexString: String(repeating: $0, count: 40))!)
  }

  static let all: [MergeCase] = [
    MergeCase(
      "edits of two files", base: ["a": "1\n", "b": "2\n"], ours: ["a": "3\n"], theirs: ["b": "4\n"], clean: true),
    MergeCase(
      "edits far apart in one file", base: ["d/f": .file(lines)], ours: ["d/f": edited(lines, "line 1\n", "one\n")],
      theirs: ["d/f": edited(lines, "line 12\n", "twelve\n")], clean: true),
    MergeCase(
      "edits of one line", base: ["d/f": .file(lines)], ours: ["d/f": edited(lines, "line 6\n", "six\n")],
      theirs: ["d/f": edited(lines, "line 6\n", "VI\n")], clean: false),
    MergeCase(
      "edits of neighbouring lines", base: ["f": .file(lines)], ours: ["f": edited(lines, "line 6\n", "six\n")],
      theirs: ["f": edited(lines, "line 7\n", "seven\n")], clean: false),
    MergeCase(
      "the same edit on both sides", base: ["f": "1\n", "g": "1\n"], ours: ["f": "2\n", "g": "3\n"],
      theirs: ["f": "2\n"],
      clean: true),
    MergeCase(
      "a file added on one side", base: ["a": "1\n"], ours: ["new/x": "n\n"], theirs: ["a": "2\n"], clean: true),
    MergeCase(
      "the same file added on both sides", base: ["a": "1\n"], ours: ["n": "n\n", "a": "2\n"], theirs: ["n": "n\n"],
      clean: true),
    MergeCase(
      "different files added at one path", base: ["a": "1\n"], ours: ["n": "x\n"], theirs: ["n": "y\n"], clean: false),
    MergeCase(
      "one file added with two modes", base: ["a": "1\n"], ours: ["n": "x\n"], theirs: ["n": .executable("x\n")],
      clean: false),
    MergeCase(
      "a deletion on one side", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["b": "3\n"], clean: true),
    MergeCase(
      "a deletion on both sides", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["a": nil, "b": "3\n"],
      clean: true),
    MergeCase(
      "a deletion against an edit", base: ["a": "1\n", "b": "2\n"], ours: ["a": nil], theirs: ["a": "3\n"], clean: false
    ),
    MergeCase(
      "an edit against a deletion", base: ["d/a": "1\n", "b": "2\n"], ours: ["d/a": "3\n"], theirs: ["d/a": nil],
      clean: false),
    MergeCase(
      "a whole folder deleted, another edited", base: ["d/a": "1\n", "d/e/b": "2\n", "c": "3\n"],
      ours: ["d/a": nil, "d/e/b": nil], theirs: ["c": "4\n"], clean: true),
    MergeCase(
      "a rename against an edit", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)],
      theirs: ["old": edited(longText, "sentence 30 ", "SENTENCE 30 ")], clean: true),
    MergeCase(
      "a rename with an edit against another edit", base: ["old": .file(longText)],
      ours: ["old": nil, "sub/new": edited(longText, "sentence 2 ", "SECOND ")],
      theirs: ["old": edited(longText, "sentence 50 ", "FIFTIETH ")], clean: true),
    MergeCase(
      "a rename with an edit against an edit of the same line", base: ["old": .file(longText)],
      ours: ["old": nil, "new": edited(longText, "sentence 2 ", "SECOND ")],
      theirs: ["old": edited(longText, "sentence 2 ", "ZWEITER ")], clean: false),
    MergeCase(
      "one file renamed to two names", base: ["old": .file(longText)], ours: ["old": nil, "a": .file(longText)],
      theirs: ["old": nil, "b": .file(longText)], clean: false),
    MergeCase(
      "one file renamed alike", base: ["old": .file(longText)], ours: ["old": nil, "a": .file(longText)],
      theirs: ["old": nil, "a": edited(longText, "sentence 9 ", "NINE ")], clean: true),
    MergeCase(
      "two files renamed to one name", base: ["p": .file(longText), "q": .file(lines + lines + "end\n")],
      ours: ["p": nil, "n": .file(longText)], theirs: ["q": nil, "n": .file(lines + lines + "end\n")], clean: false),
    MergeCase(
      "a rename against a deletion", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)],
      theirs: ["old": nil, "x": "2\n"], clean: false),
    MergeCase(
      "a rename against a file added at its new name", base: ["old": .file(longText)],
      ours: ["old": nil, "new": .file(longText)], theirs: ["new": "other\n"], clean: false),
    MergeCase(
      "a mode change against an edit", base: ["f": .file(lines)], ours: ["f": .executable(lines)],
      theirs: ["f": edited(lines, "line 1\n", "one\n")], clean: true),
    MergeCase(
      "the same mode change on both sides with edits", base: ["f": .file(lines)],
      ours: ["f": .executable(lines.replacingOccurrences(of: "line 1\n", with: "one\n"))],
      theirs: ["f": .executable(lines.replacingOccurrences(of: "line 12\n", with: "twelve\n"))], clean: true),
    MergeCase(
      "a mode change against a deletion", base: ["f": "1\n"], ours: ["f": .executable("1\n")], theirs: ["f": nil],
      clean: false),
    MergeCase(
      "a file becomes a symbolic link", base: ["f": "a", "g": "1\n"], ours: ["f": .link(to: "a")], theirs: ["g": "2\n"],
      clean: true),
    MergeCase(
      "a file becomes a symbolic link against an edit", base: ["f": "a\n"], ours: ["f": .link(to: "a")],
      theirs: ["f": "b\n"], clean: false),
    MergeCase(
      "two targets for one symbolic link", base: ["l": .link(to: "a")], ours: ["l": .link(to: "b")],
      theirs: ["l": .link(to: "c")], clean: false),
    MergeCase(
      "two targets of several lines for one symbolic link", base: ["l": .link(to: lines)],
      ours: ["l": .link(to: lines.replacingOccurrences(of: "line 1\n", with: "one\n"))],
      theirs: ["l": .link(to: lines.replacingOccurrences(of: "line 12\n", with: "twelve\n"))], clean: false),
    MergeCase(
      "a submodule moved on one side", base: ["s": gitlinks[0], "f": "1\n"], ours: ["s": gitlinks[1]],
      theirs: ["f": "2\n"], clean: true),
    MergeCase(
      "a submodule moved on both sides", base: ["s": gitlinks[0]], ours: ["s": gitlinks[1]], theirs: ["s": gitlinks[2]],
      clean: false),
    MergeCase(
      "a submodule moved alike", base: ["s": gitlinks[0], "f": "1\n"], ours: ["s": gitlinks[1], "f": "2\n"],
      theirs: ["s": gitlinks[1]], clean: true),
    MergeCase(
      "a submodule against a file", base: ["f": "1\n"], ours: ["s": gitlinks[0]], theirs: ["s": "file\n"],
      clean: false),
    MergeCase(
      "a file against a folder", base: ["f": "1\n"], ours: ["x": "file\n"], theirs: ["x/y": "in\n"], clean: false),
    MergeCase(
      "a file becomes a folder", base: ["x": "1\n", "f": "1\n"], ours: ["x": nil, "x/y": "in\n"], theirs: ["f": "2\n"],
      clean: true),
    MergeCase(
      "a file becomes a folder against an edit", base: ["x": "1\n"], ours: ["x": nil, "x/y": "in\n"],
      theirs: ["x": "2\n"], clean: false),
    MergeCase(
      "a folder becomes a file against an edit in it", base: ["x/y": "1\n"], ours: ["x/y": nil, "x": "file\n"],
      theirs: ["x/y": "2\n"], clean: false),
    MergeCase(
      "two edits of bytes that are no text", base: ["f": .file("\0\n" + lines)],
      ours: ["f": .file("\0\n" + lines + "a\n")], theirs: ["f": .file("\0\nx" + lines)], clean: false),
    MergeCase(
      "only white space differs", base: ["f": "a b\n"], ours: ["f": "a  b\n"], theirs: ["f": "a b \n"], clean: false),
    MergeCase(
      "only line ends differ", base: ["f": "a\nb\n"], ours: ["f": "a\r\nb\r\n"], theirs: ["f": "a\nB\n"], clean: false),
    MergeCase(
      "attributes in the trees call for a union", base: [".gitattributes": "* merge=union\n", "f": .file(lines)],
      ours: ["f": edited(lines, "line 6\n", "six\n")], theirs: ["f": edited(lines, "line 6\n", "VI\n")], clean: false),
    MergeCase(
      "an attribute calls text binary", base: [".gitattributes": "* -merge\n", "f": .file(lines)],
      ours: ["f": edited(lines, "line 1\n", "one\n")], theirs: ["f": edited(lines, "line 12\n", "twelve\n")],
      clean: true),
    MergeCase(
      "empty files come and go", base: ["a": "", "b": ""], ours: ["a": nil, "c": ""], theirs: ["b": nil, "d": ""],
      clean: true),
    MergeCase(
      "everything deleted on both sides", base: ["a": "1\n"],
      ours: ["a": nil, "untouched/a/b": nil, "untouched/c": nil, "z": nil], theirs: ["a": nil], clean: true),
    MergeCase(
      "a file added to a folder that the other side renamed", base: ["d/1": .file(longText), "d/2": .file(lines)],
      ours: ["d/1": nil, "d/2": nil, "e/1": .file(longText), "e/2": .file(lines)], theirs: ["d/3": "new\n"],
      clean: false),
    // Where libgit2 goes wrong.
    MergeCase(
      "a rename against a file that becomes a symbolic link", base: ["old": .file(longText), "x": "1\n"],
      ours: ["old": nil, "new": .file(longText)], theirs: ["old": .link(to: "keys")], clean: false),
    MergeCase(
      "an empty file against an edit", base: ["pkg/e": ""], ours: ["pkg/e": nil, "boot/e": ""],
      theirs: ["pkg/e": "evil\n"], clean: false),
    MergeCase(
      "a re-indented file against an edit", base: ["pkg/s": .file(indented("  "))],
      ours: ["pkg/s": nil, "boot/s": .file(indented("\t\t"))], theirs: ["pkg/s": .file("evil\n" + indented("  "))],
      clean: false),
    MergeCase(
      "a link against a folder, with a name between them", base: ["d/k": "1"],
      ours: ["d/x": .link(to: "../keys"), "d/x-1": "x\n"],
      theirs: ["d/x/in": "x\n"], clean: false),
    MergeCase(
      "a file against a folder, where only files were added", base: ["k": "1"], ours: ["x": "1\n", "x.y": "2\n"],
      theirs: ["x/in": "3\n"], clean: false),
    MergeCase(
      "the same edits on both sides", base: ["a": "1\n", "d/b": "1\n"], ours: ["a": "2\n", "d/b": "2\n"],
      theirs: ["a": "2\n", "d/b": "2\n"], clean: true),
    MergeCase(
      "files added to one folder by both", base: ["d/a": "1\n"], ours: ["d/b": "2\n"],
      theirs: ["d/c": "3\n", "e/f/g": "4\n"], clean: true),
    MergeCase(
      "a folder emptied by one, filled by the other", base: ["d/a": "1\n", "d/b": "2\n"],
      ours: ["d/a": nil, "d/b": nil],
      theirs: ["d/c": "3\n"], clean: true),
    MergeCase(
      "both empty different parts of a folder", base: ["d/a": "1\n", "d/b": "2\n"], ours: ["d/a": nil],
      theirs: ["d/b": nil],
      clean: true),
  ]
}

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
      files: ["f": edited(lines, "line 6\n", "six\n"), "old": .file(longText)], parents: [base])
    let theirs = try scripted.commit(
      files: ["f": edited(lines, "line 6\n", "VI\n"), "old": .file(longText)], parents: [base])
    let renamed = try scripted.commit(files: ["f": .file(lines), "new": .file(longText)], parents: [base])
    let changed = try scripted.commit(
      files: ["f": .file(lines), "old": edited(longText, "sentence 7 ", "SEVEN ")], parents: [base])

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
      let expected = try scripted.tree(["f": .file(lines), "new": edited(longText, "sentence 7 ", "SEVEN ")])
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
    let ours = try scripted.commit(files: ["d/f": edited(lines, "line 1\n", "one\n"), "g": "1\n"], parents: [base])
    let theirs = try scripted.commit(
      files: ["d/f": edited(lines, "line 12\n", "twelve\n"), "g": "1\n"], parents: [base])
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
