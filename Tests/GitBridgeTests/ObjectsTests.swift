import Foundation
import GitBridge
import Support
import Testing

struct ObjectsTests {
  @Test func `objects of each kind are read back with their bytes`() throws {
    let scripted = try ScriptedRepository()
    let blob = try scripted.blob([0, 1, 2])
    let commit = try scripted.commit(files: ["a": "1"])
    let tag = try scripted.tag("v", target: commit)
    let repository = try scripted.reopened()
    let kinds: [(ObjectID, ObjectKind)] = [
      (blob, .blob), (commit, .commit), (tag, .tag), (try repository.treeOfCommit(commit), .tree),
    ]
    for (id, kind) in kinds {
      #expect(try repository.kind(of: id) == kind)
      let bytes = try repository.read(id, as: kind)
      #expect(try repository.size(of: id) == bytes.count)
      #expect(try scripted.git("cat-file", "\(kind.name)", "\(id)").output == bytes)
      let lent = try repository.withObject(id) { found, lent throws(GitError) in (found, Array(lent)) }
      #expect(lent == (kind, bytes))
      for (other, _) in kinds where other != id {
        #expect(throws: GitError.wrongType(other, expected: "\(kind.name)")) { try repository.read(other, as: kind) }
      }
    }
  }

  @Test func `a missing object is an error of its own`() throws {
    let scripted = try ScriptedRepository()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    #expect(try scripted.repository.kind(of: missing) == nil && scripted.repository.size(of: missing) == nil)
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try scripted.repository.read(missing, as: .blob)
    }
    #expect(throws: GitError.missingObject(missing, promised: false)) { try scripted.repository.readCommit(missing) }
  }

  /// Attack: an object's file is replaced by another's, so that a reviewed id shows other content.
  @Test func `bytes that do not have the id they are stored under are refused`() throws {
    let scripted = try ScriptedRepository()
    let (good, evil) = (try scripted.commit(message: "good\n"), try scripted.commit(message: "evil\n"))
    func file(_ id: ObjectID) -> String { "\(scripted.path)/objects/\(id.hex.prefix(2))/\(id.hex.dropFirst(2))" }
    #expect(try scripted.reopened().readCommit(good).commit.defect == nil)
    try FileManager.default.removeItem(atPath: file(good))
    try FileManager.default.copyItem(atPath: file(evil), toPath: file(good))
    let error = GitError.malformedObject(good, reason: "its bytes do not have this id")
    #expect(throws: error) { try scripted.reopened().readCommit(good) }
    #expect(throws: error) {
      try scripted.reopened().walk(from: [good], hiding: [], exact: true) { _, _, _ in }
    }
    #expect(try scripted.reopened().readCommit(evil).commit.defect == nil)
    // An empty file, as a crash of the machine leaves it, and one whose bytes have changed on the disk.
    for content in [Data(), Data([120, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])] {
      try FileManager.default.removeItem(atPath: file(good))
      #expect(FileManager.default.createFile(atPath: file(good), contents: content))
      #expect(throws: GitError.self) { try scripted.reopened().readCommit(good) }
    }
  }

  /// Attack: a commit of ten million parents, which a pack holds in a few thousand bytes.
  @Test func `a commit beyond all measure is refused`() throws {
    let scripted = try ScriptedRepository()
    let tree = try scripted.tree(Files())
    let longest = Repository.longestCommit - scripted.commitBytes(tree: tree, message: "").count
    let (fits, exceeds) = (
      try scripted.commit(tree: tree, message: String(repeating: "x", count: longest)),
      try scripted.commit(tree: tree, message: String(repeating: "x", count: longest + 1))
    )
    #expect(try scripted.repository.treeOfCommit(fits) == tree)
    let error = GitError.limit(exceeds, reason: "a commit of more than 8388608 bytes")
    #expect(throws: error) { try scripted.repository.treeOfCommit(exceeds) }
    #expect(throws: error) { try scripted.repository.walk(from: [exceeds], hiding: [], exact: true) { _, _, _ in } }
    #expect(throws: error) { try scripted.repository.readCommit(exceeds) }
  }

  /// Attack: refs/replace/<unsigned commit> names a signed one; git then verifies that instead.
  @Test func `replace references are not followed`() throws {
    let scripted = try ScriptedRepository()
    let (one, two) = (try scripted.commit(message: "one\n"), try scripted.commit(message: "two\n"))
    try scripted.setRef("refs/replace/\(one)", to: two)
    // The twin: git is fooled.
    #expect(try scripted.git("log", "-1", "--format=%s", "\(one)").text == "two\n")
    let (commit, bytes) = try scripted.reopened().readCommit(one)
    #expect(String(decoding: bytes[commit.message], as: UTF8.self) == "one\n")
  }

  @Test func `grafts are not followed`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit()
    let tip = try scripted.commit(parents: [root])
    try scripted.writeFile("info/grafts", "\(tip)\n")
    #expect(try scripted.reopened().isAncestor(root, of: tip))
    #expect(try scripted.git("rev-list", "--count", "\(tip)").text == "1\n")
  }

  @Test func `objects in packs and alternates are read`() throws {
    let scripted = try ScriptedRepository()
    var tip = try scripted.commit(files: ["a": .file(String(repeating: "text\n", count: 500))])
    let root = tip
    for number in 0..<20 {
      tip = try scripted.commit(
        files: ["a": .file(String(repeating: "text\n", count: 500) + "\(number)")], parents: [tip])
    }
    try scripted.setRef("refs/heads/main", to: tip)
    try scripted.git("gc", "-q", "--prune=now")
    let borrower = try ScriptedRepository(name: "borrower.git")
    try borrower.writeFile("objects/info/alternates", scripted.path + "/objects\n")
    for repository in [try scripted.reopened(), try borrower.reopened()] {
      var count = 0
      try repository.walk(from: [tip], hiding: [root], exact: true) { _, _, _ in count += 1 }
      #expect(count == 20)
    }
    #expect(throws: GitError.self) { try ScriptedRepository().repository.readCommit(tip) }
  }

  @Test func `every error says what is wrong and what to do`() {
    let id = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    let errors: [GitError] = [
      .notARepository(path: "/x"), .foreignOwner(path: "/x"), .unsupportedRepository(path: "/x", reason: "r"),
      .shallow(path: "/x"), .missingObject(id, promised: false), .missingObject(id, promised: true),
      .wrongType(id, expected: "commit"), .malformedObject(id, reason: "r"), .limit(id, reason: "r"), .noSuchRef("x"),
      .ambiguous("x"), .refMoved("x"), .library(operation: "o", code: -1, message: "m"),
    ]
    #expect(Set(errors.map(\.message)).count == errors.count)
    for error in errors { #expect(!error.message.hasSuffix(".") && !error.next.isEmpty) }
  }
}
