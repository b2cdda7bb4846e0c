import Foundation
import GitBridge
import Support
import Testing

private func walk(
  _ repository: Repository, _ tips: [ObjectID], _ hidden: [ObjectID], exact: Bool
) throws -> [String] {
  var visited: [String] = []
  try repository.walk(from: tips, hiding: hidden, exact: exact) { id, _, _ in visited.append(id.hex) }
  return visited
}

struct WalkTests {
  @Test(arguments: 0..<12)
  func `with good clocks both walks give what git rev-list gives`(seed: Int) throws {
    let history = try RandomHistory(seed: seed, count: 120, skew: 0, roots: 1 + seed % 3)
    var random = SeededGenerator(UInt64(seed) + 1)
    let warm = try history.scripted.reopened()
    for _ in 0..<6 {
      let (tips, hidden) = (history.some(1...3, &random), history.some(0...3, &random))
      let truth = try history.truth(tips, hidden)
      for exact in [true, false] {
        let visited = try walk(warm, tips, hidden, exact: exact)
        #expect(visited.count == Set(visited).count, "each commit once")
        #expect(Set(visited) == truth)
        #expect(Set(try walk(history.scripted.reopened(), tips, hidden, exact: exact)) == truth)
      }
    }
  }

  @Test(arguments: 0..<16)
  func `with wrong clocks the exact walk is right and the other never misses a commit`(seed: Int) throws {
    let history = try RandomHistory(seed: seed, count: 150, skew: [90, 3600, 100_000][seed % 3], roots: 1 + seed % 2)
    var random = SeededGenerator(UInt64(seed) + 5)
    for _ in 0..<6 {
      let (tips, hidden) = (history.some(1...2, &random), history.some(1...3, &random))
      let truth = try history.truth(tips, hidden)
      let repository = try history.scripted.reopened()
      #expect(Set(try walk(repository, tips, hidden, exact: true)) == truth)
      let fast = Set(try walk(history.scripted.reopened(), tips, hidden, exact: false))
      #expect(fast.isSuperset(of: truth))
    }
  }

  /// Attack: a new commit that claims to be ancient, or from the far future, to be overlooked.
  @Test(arguments: [0, 1, 4_102_444_800, Int64.max])
  func `a forged clock hides nothing`(time: Int64) throws {
    let scripted = try ScriptedRepository()
    var tip = try scripted.commit()
    for _ in 0..<40 { tip = try scripted.commit(parents: [tip]) }
    let forged = try scripted.commit(parents: [tip], time: time)
    let next = try scripted.commit(parents: [forged])
    for exact in [true, false] {
      #expect(Set(try walk(scripted.reopened(), [next], [tip], exact: exact)) == [next.hex, forged.hex])
    }
  }

  @Test func `without hidden commits it is the whole history`() throws {
    let history = try RandomHistory(seed: 3, count: 60, skew: 100)
    let tip = history.commits.last!
    #expect(try Set(walk(history.scripted.repository, [tip], [], exact: false)) == history.truth([tip], []))
    #expect(try walk(history.scripted.repository, [], [tip], exact: true).isEmpty)
    #expect(try walk(history.scripted.repository, [tip], [tip], exact: false).isEmpty)
  }

  @Test func `a visit gets the commit's bytes and may ask the repository`() throws {
    let history = try RandomHistory(seed: 4, count: 30, skew: 0)
    let repository = history.scripted.repository
    let tip = history.commits.last!
    for hidden in [[], [history.commits[5]]] {
      var count = 0
      try repository.walk(from: [tip], hiding: hidden, exact: false) { id, commit, bytes throws(GitError) in
        count += 1
        let again = try repository.read(id, as: .commit)
        #expect(Array(bytes) == again)
        #expect(commit.parents == (try repository.readCommit(id).commit.parents))
        #expect(try repository.isAncestor(id, of: tip))
        var inner = 0
        try repository.walk(from: [id], hiding: [], exact: true) { _, _, _ in inner += 1 }
        #expect(inner >= 1)
      }
      #expect(count == (try history.truth([tip], hidden)).count)
    }
  }

  @Test func `an error of the visit ends the walk`() throws {
    let history = try RandomHistory(seed: 5, count: 20, skew: 0)
    var count = 0
    #expect(throws: GitError.noSuchRef("stop")) {
      try history.scripted.repository.walk(from: [history.commits.last!], hiding: [], exact: true) {
        _, _, _ throws(GitError) in
        count += 1
        throw GitError.noSuchRef("stop")
      }
    }
    #expect(count == 1)
    #expect(try !walk(history.scripted.repository, [history.commits.last!], [], exact: true).isEmpty)
  }

  @Test func `a malformed commit is visited with its defect`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit()
    let tree = try scripted.tree(Files())
    let bad = try scripted.commit(raw: scripted.commitBytes(tree: tree, parents: [root], message: "x\0y"))
    let tip = try scripted.commit(parents: [bad])
    for (hidden, exact) in [([], true), ([root], true), ([root], false)] {
      var defects: [ObjectID: CommitDefect] = [:]
      try scripted.reopened().walk(from: [tip], hiding: hidden, exact: exact) { id, commit, _ in
        defects[id] = commit.defect
      }
      #expect(defects == [bad: .nulByte])
    }
  }

  @Test func `what is no commit, or unreadable, ends the walk with its name`() throws {
    let scripted = try ScriptedRepository()
    let blob = try scripted.blob([1])
    let tree = try scripted.tree(Files())
    let torn = try scripted.commit(raw: Array("tree nonsense\n\n".utf8))
    let onBlob = try scripted.commit(tree: tree, parents: [blob])
    let onTorn = try scripted.commit(tree: tree, parents: [torn])
    #expect(throws: GitError.wrongType(blob, expected: "commit")) {
      try walk(scripted.repository, [onBlob], [], exact: true)
    }
    #expect(throws: GitError.malformedObject(torn, reason: "no tree line")) {
      try walk(scripted.repository, [onTorn], [], exact: true)
    }
  }

  @Test func `a missing parent is an error, never a root`() throws {
    let scripted = try ScriptedRepository()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    let cut = try scripted.commit(tree: scripted.tree(Files()), parents: [missing])
    let tip = try scripted.commit(parents: [cut])
    for (hidden, exact) in [([], true), ([cut], true), ([missing], false)] {
      #expect(throws: GitError.missingObject(missing, promised: false)) {
        try walk(scripted.reopened(), [tip], hidden, exact: exact)
      }
    }
    // The twin: what is missing lies below what is hidden, and the clocks leave no doubt about it.
    let old = try scripted.commit(tree: scripted.tree(Files()), parents: [missing], time: 1)
    let new = try scripted.commit(parents: [old], time: 1000)
    #expect(try walk(scripted.reopened(), [new], [old], exact: false) == [new.hex])
    #expect(throws: GitError.missingObject(missing, promised: false)) {
      try walk(scripted.reopened(), [new], [old], exact: true)
    }
  }

  @Test(.enabled(if: Shared.folder() != nil))
  func `every commit of two real histories is well formed`() throws {
    let scripted = try ScriptedRepository()
    let replica = try #require(Shared.path("data/stagex-replica/history.bundle"))
    try scripted.git("fetch", "-q", replica, "refs/heads/*:refs/heads/replica/*")
    let folder = try TemporaryFolder()
    let archive = try #require(Shared.path("data/nonguix/nonguix.git.tar.gz"))
    #expect(try Program.run(["tar", "-xzf", archive, "-C", folder.path]).status == 0)
    let nonguix = try Repository.open(path: folder.path + "/nonguix.git", configuration: .none)
    for (repository, tips, expected) in [
      (try scripted.reopened(), ["refs/heads/replica/main"], 1612),
      (nonguix, ["refs/heads/master", "refs/heads/keyring"], 2669),
    ] {
      var count = 0
      let ids = try tips.map { try repository.resolve(revision: $0) }
      try repository.walk(from: ids, hiding: [], exact: true) { id, commit, _ in
        count += 1
        #expect(commit.defect == nil, "\(id)")
      }
      #expect(count == expected)
    }
  }
}
