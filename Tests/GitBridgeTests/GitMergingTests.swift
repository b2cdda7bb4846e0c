import Foundation
import GitBridge
import Support
import Testing

private let lines = (1...12).map { "line \($0)\n" }.joined()

/// How git is asked, and what keeps it to that.
struct GitMergingTests {
  /// Two edits of one file, which only git merges.
  private struct Pair {
    let scripted: ScriptedRepository
    let base: ObjectID
    let parents: [ObjectID]
    let merged: ObjectID

    init(name: String = "repository.git") throws {
      scripted = try ScriptedRepository(name: name)
      func text(_ first: String, _ last: String) -> ScriptedFile { .file(first + lines + last) }
      base = try scripted.commit(files: ["d/f": text("", ""), "g": "1\n"])
      parents = [
        try scripted.commit(files: ["d/f": text("ours\n", ""), "g": "1\n"], parents: [base]),
        try scripted.commit(files: ["d/f": text("", "theirs\n"), "g": "1\n"], parents: [base]),
      ]
      // Written elsewhere, so that this repository does not have it.
      merged = try ScriptedRepository().tree(["d/f": text("ours\n", "theirs\n"), "g": "1\n"])
    }
  }

  /// A program in git's place.
  private func stand(in folder: TemporaryFolder, _ script: String) throws -> GitProgram {
    GitProgram(path: try folder.write("git", "#!/bin/sh\n" + script, executable: true))
  }

  private static let git = GitProgram.ofThisProcess?.path ?? "git"

  @Test func `both engines say which of them has answered`() throws {
    let pair = try Pair()
    #expect(try pair.scripted.repository.remerge(parents: pair.parents) == .clean(tree: pair.merged, byGit: true))
    let other = try pair.scripted.commit(files: ["d/f": .file(lines), "g": "2\n"], parents: [pair.base])
    pair.scripted.repository.git = nil
    guard case .clean(_, byGit: false) = try pair.scripted.repository.remerge(parents: [pair.parents[0], other]) else {
      Issue.record("edits of two files need no git")
      return
    }
  }

  @Test func `the version is git's own`() throws {
    let version = try #require(try Pair().scripted.repository.gitVersion)
    #expect(try Program.run(["git", "version"]).text.contains(version))
  }

  /// Attack: a variable of the pusher's, or the forge's, that makes git read settings or objects from elsewhere.
  @Test func `git gets an environment of its own, and nothing else`() throws {
    let pair = try Pair()
    let folder = try TemporaryFolder()
    let repository = try pair.scripted.reopened()
    repository.git = try stand(
      in: folder,
      "env >\(folder.path)/environment\nls -l /proc/self/fd >\(folder.path)/files\nexec \(Self.git) \"$@\"\n")
    #expect(try repository.mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
    let environment = try String(contentsOfFile: folder.path + "/environment", encoding: .utf8)
    let names = Set(environment.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) })
    #expect(
      names.subtracting(["PWD", "OLDPWD", "SHLVL", "_"]) == [
        "LC_ALL", "PATH", "HOME", "XDG_CONFIG_HOME", "GIT_DIR", "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "GIT_ATTR_NOSYSTEM", "GIT_NO_REPLACE_OBJECTS", "GIT_NO_LAZY_FETCH",
        "GIT_TERMINAL_PROMPT", "GIT_OPTIONAL_LOCKS",
      ])
    #expect(!environment.contains("GIT_DIR=\(pair.scripted.path)"))
  }

  /// Attack: a replacement, a graft or an attribute that makes another merge of it.
  @Test func `replacements, grafts and attributes make no difference`() throws {
    let pair = try Pair()
    let evil = try pair.scripted.commit(files: ["d/f": "evil\n", "g": "1\n"], parents: [pair.base])
    try pair.scripted.setRef("refs/replace/\(pair.parents[1])", to: evil)
    try pair.scripted.writeFile("info/grafts", "\(pair.parents[0])\n")
    try pair.scripted.writeFile("info/attributes", "* -merge\n")
    #expect(try pair.scripted.reopened().mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
    // The twin: git does obey them.
    let finished = try pair.scripted.gitMayFail(["merge-tree", "--write-tree"] + pair.parents.map(\.hex))
    #expect(finished.status != 0 || finished.lines[0] != pair.merged.hex)
  }

  @Test(arguments: ["a:b.git", "a\"b.git", "a\nb.git", "a\\b.git", "\u{FC} x.git", "'$x`.git", "#.git"])
  func `the repository's path makes no difference`(name: String) throws {
    let pair = try Pair(name: name)
    #expect(try pair.scripted.reopened().mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
  }

  /// Attack: a merge that takes longer than the push may.
  @Test func `git is ended at the deadline`() throws {
    let pair = try Pair()
    let folder = try TemporaryFolder()
    let repository = try pair.scripted.reopened()
    repository.git = try stand(in: folder, "echo $$ >\(folder.path)/pid\nwhile read -r line; do :; done\n")
    let start = ContinuousClock.now
    #expect(throws: GitError.outOfTime("merging again by git")) {
      try repository.mergeAgain(parents: pair.parents, deadline: start.advanced(by: .milliseconds(400)))
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    // It is gone, and its status is taken.
    let pid = try #require(
      pid_t(try String(contentsOfFile: folder.path + "/pid", encoding: .utf8).trimmingCharacters(in: .newlines)))
    #expect(kill(pid, 0) != 0 && errno == ESRCH)
    // The twin: another git, the same handle.
    repository.git = GitProgram.ofThisProcess
    #expect(try pair.scripted.reopened().mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
  }

  @Test func `shuffled lines cost no more than the time that is given`() throws {
    let scripted = try ScriptedRepository()
    var random = SeededGenerator(5)
    let words = (0..<300_000).map { _ in "\(UInt32.random(in: 0...UInt32.max, using: &random))\n" }
    func text() -> ScriptedFile { .file(words.shuffled(using: &random).joined()) }
    let base = try scripted.commit(files: ["f": text()])
    let parents = try (0..<2).map { _ in try scripted.commit(files: ["f": text()], parents: [base]) }
    let start = ContinuousClock.now
    #expect(throws: GitError.outOfTime("merging again by git")) {
      try scripted.repository.mergeAgain(parents: parents, deadline: start.advanced(by: .milliseconds(100)))
    }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  /// What is no answer is none: neither clean nor in conflict.
  @Test(arguments: [
    ("exit 0", "it ended without a word (status(0))"),
    ("echo 'fatal: no such thing' >&2; exit 128", "fatal: no such thing"),
    ("read -r line; printf '1\\0nothing\\0\\0'; sleep 60", "it answers in an unknown way"),
    ("read -r line; printf '2\\0%040d\\0\\0' 0; sleep 60", "it answers in an unknown way"),
    ("read -r line; printf '1\\0%040d\\0name\\0\\0' 0; sleep 60", "it answers in an unknown way"),
    ("kill -9 $$", "it ended without a word (signal(9))"),
  ])
  func `a git that does not answer keeps the merge from being judged`(script: String, message: String) throws {
    let pair = try Pair()
    let folder = try TemporaryFolder()
    pair.scripted.repository.git = try stand(in: folder, script + "\n")
    let error = #expect(throws: GitError.self) { try pair.scripted.repository.mergeAgain(parents: pair.parents) }
    #expect(error?.message.hasSuffix("failed: " + message) == true, "\(String(describing: error))")
  }

  @Test func `a git that cannot merge without a work tree is named`() throws {
    let pair = try Pair()
    let folder = try TemporaryFolder()
    let repository = try pair.scripted.reopened()
    repository.git = try stand(in: folder, "[ \"$1\" = version ] && echo git version 2.30.2 && exit\nexit 129\n")
    #expect(
      try repository.remerge(parents: pair.parents)
        == .unknown(because: "git 2.30.2 cannot do a merge again: that takes 2.39 or newer"))
    let other = try pair.scripted.reopened()
    other.git = nil
    #expect(try other.remerge(parents: pair.parents) == .unknown(because: "no git is on the PATH"))
    #expect(try other.mergeAgain(parents: pair.parents) == .conflict(paths: []))
  }

  @Test func `after a merge that git cannot do, it does the next`() throws {
    let pair = try Pair()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    let torn = try pair.scripted.commit(
      tree: pair.scripted.repository.writeTree([
        TreeEntry(
          mode: FileMode.folder, name: [100],
          id: pair.scripted.repository.writeTree([TreeEntry(mode: FileMode.file, name: [102], id: missing)]))
      ]), parents: [pair.base])
    let repository = try pair.scripted.reopened()
    for _ in 0..<2 {
      #expect(try repository.mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
      #expect(throws: GitError.missingObject(missing, promised: false)) {
        try repository.mergeAgain(parents: [pair.parents[0], torn])
      }
    }
  }

  @Test func `the throwaway folder goes with the handle, and one that was left behind with the next`() throws {
    let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    func abandoned() throws -> String {
      let path = "\(base)/stagex-maint-merge-\(UUID().uuidString.prefix(6))"
      try FileManager.default.createDirectory(atPath: path + "/objects/ab", withIntermediateDirectories: true)
      for file in ["HEAD", "objects/ab/x"] { try Data().write(to: URL(fileURLWithPath: path + "/" + file)) }
      return path
    }
    func age(_ path: String) throws {
      try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: path)
    }
    let (left, used, young) = (try abandoned(), try abandoned(), try abandoned())
    defer { for path in [left, used, young] { try? FileManager.default.removeItem(atPath: path) } }
    try age(left)
    try age(used)
    let lock = open(used, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX) == 0)

    let folder = try TemporaryFolder()
    do {
      let pair = try Pair()
      let repository = try pair.scripted.reopened()
      repository.git = try stand(
        in: folder, "pwd >\(folder.path)/place; echo \"$GIT_DIR\" >\(folder.path)/place\nexec \(Self.git) \"$@\"\n")
      #expect(try repository.mergeAgain(parents: pair.parents) == .clean(tree: pair.merged))
      let place = try String(contentsOfFile: folder.path + "/place", encoding: .utf8).trimmingCharacters(in: .newlines)
      #expect(FileManager.default.fileExists(atPath: place + "/objects"))
    }
    let place = try String(contentsOfFile: folder.path + "/place", encoding: .utf8).trimmingCharacters(in: .newlines)
    #expect(!FileManager.default.fileExists(atPath: place))
    #expect([left, used, young].map { FileManager.default.fileExists(atPath: $0) } == [false, true, true])
  }

  /// git looks at each of them; nothing is left out because there are many.
  @Test func `more than a thousand renamed files come out as with git`() throws {
    let scripted = try ScriptedRepository()
    func files(_ folder: String, _ extra: String) -> Files {
      Files(
        Dictionary(
          uniqueKeysWithValues: (0..<1100).map {
            ("\(folder)/\($0)", ScriptedFile.file("\($0)\n" + (($0 % 100 == 0) ? lines + extra : "")))
          }))
    }
    let base = try scripted.commit(files: files("old", ""))
    let ours = try scripted.commit(files: files("new", "moved\n"), parents: [base])
    let edited = files("old", "").with(["old/700": .file("700 edited\n" + lines)])
    let theirs = try scripted.commit(files: edited, parents: [base])
    let expected = try scripted.tree(
      files("new", "moved\n").with(["new/700": .file("700 edited\n" + lines + "moved\n")]))
    #expect(try scripted.repository.mergeAgain(parents: [ours, theirs]) == .clean(tree: expected))
  }
}
