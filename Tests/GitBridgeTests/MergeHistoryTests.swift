import GitBridge
import Support
import Testing

private let lines = (1...12).map { "line \($0)\n" }

/// Twelve lines, some of them replaced.
private func text(_ changes: [Int: String]) -> ScriptedFile {
  .file(lines.enumerated().map { changes[$0.offset + 1].map { $0 + "\n" } ?? $0.element }.joined())
}

struct MergeHistoryTests {
  /// Two merges of the same two commits, `left` and `right`, each with its own outcome.
  private func crissCross(
    _ scripted: ScriptedRepository, base: Files, left: Files, right: Files, ours: Files, theirs: Files
  ) throws -> (ours: ObjectID, theirs: ObjectID) {
    let root = try scripted.commit(files: base)
    let (a, b) = (try scripted.commit(files: left, parents: [root]), try scripted.commit(files: right, parents: [root]))
    return (
      try scripted.commit(files: ours, parents: [a, b]), try scripted.commit(files: theirs, parents: [b, a])
    )
  }

  @Test func `a criss-cross without contradiction is clean`() throws {
    let scripted = try ScriptedRepository()
    let pair = try crissCross(
      scripted, base: ["f": text([:])], left: ["f": text([1: "a"])], right: ["f": text([12: "b"])],
      ours: ["f": text([1: "a", 12: "b", 4: "ours"])], theirs: ["f": text([1: "a", 12: "b", 8: "theirs"])])
    let merged = try scripted.repository.mergeAgain(parents: [pair.ours, pair.theirs])
    #expect(merged == .clean(tree: try scripted.tree(["f": text([1: "a", 12: "b", 4: "ours", 8: "theirs"])])))
    #expect(try merged.cleanTree == scripted.mergedByGit(pair.ours, pair.theirs))
  }

  @Test func `bases that contradict each other are resolved as git does`() throws {
    let scripted = try ScriptedRepository()
    // Both sides resolved the contradiction alike, and changed other lines.
    let pair = try crissCross(
      scripted, base: ["f": text([:])], left: ["f": text([6: "a"])], right: ["f": text([6: "b"])],
      ours: ["f": text([6: "c", 1: "ours"])], theirs: ["f": text([6: "c", 12: "theirs"])])
    let merged = try scripted.repository.mergeAgain(parents: [pair.ours, pair.theirs])
    #expect(merged == .clean(tree: try scripted.tree(["f": text([6: "c", 1: "ours", 12: "theirs"])])))
    #expect(try merged.cleanTree == scripted.mergedByGit(pair.ours, pair.theirs))
    // The twin: resolved differently, it is a conflict.
    let other = try crissCross(
      scripted, base: ["f": text([:])], left: ["f": text([6: "a"])], right: ["f": text([6: "b"])],
      ours: ["f": text([6: "c", 1: "ours"])], theirs: ["f": text([6: "d", 12: "theirs"])])
    #expect(try scripted.repository.mergeAgain(parents: [other.ours, other.theirs]).cleanTree == nil)
    #expect(try scripted.mergedByGit(other.ours, other.theirs) == nil)
  }

  /// libgit2 drops from a merged base what it could not decide there, and then calls a merge clean that git stops at.
  @Test func `a file that one base deleted and the other changed is a conflict`() throws {
    let scripted = try ScriptedRepository()
    let pair = try crissCross(
      scripted, base: ["f": "0\n", "g": "0\n"], left: ["f": "1\n", "g": "0\n"], right: ["g": "0\n"],
      ours: ["f": "1\n", "g": "1\n"], theirs: ["g": "0\n", "h": "1\n"])
    #expect(try scripted.mergedByGit(pair.ours, pair.theirs) == nil)
    #expect(
      try scripted.repository.mergeAgain(parents: [pair.ours, pair.theirs]) == .conflict(paths: [Array("f".utf8)]))
  }

  @Test func `a criss-cross of criss-crosses merges as in git`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit(files: ["f": text([:])])
    var (a, b) = (
      try scripted.commit(files: ["f": text([1: "a"])], parents: [root]),
      try scripted.commit(files: ["f": text([12: "b"])], parents: [root])
    )
    for round in 2...5 {
      var both = [1: "a", 12: "b"]
      for earlier in 2..<round { (both[earlier], both[12 - earlier]) = ("a", "b") }
      let (left, right) = (both.merging([round: "a"]) { $1 }, both.merging([12 - round: "b"]) { $1 })
      (a, b) = (
        try scripted.commit(files: ["f": text(left)], parents: [a, b]),
        try scripted.commit(files: ["f": text(right)], parents: [b, a])
      )
      // From one of the bases alone it may be none: then it is none, whatever git makes of them together.
      if let merged = try scripted.repository.mergeAgain(parents: [a, b]).cleanTree {
        #expect(try merged == scripted.mergedByGit(a, b), "round \(round)")
      }
    }
  }

  /// Attack: a file that was added and taken back comes back by a merge alone, because git merges the merge bases into
  /// one first, and which of them has the last word is up to how the histories cross.
  @Test func `a merge that one of several merge bases yields otherwise is not clean`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit(files: ["a": "1"])
    let added = try scripted.commit(files: ["a": "1", "evil": "x"], parents: [root])
    let taken = try scripted.commit(files: ["a": "1"], parents: [added])
    let other = try scripted.commit(files: ["a": "1", "evil": "x", "g": "1"], parents: [added])
    let ours = try scripted.commit(files: ["a": "1", "g": "1"], parents: [taken, other])
    let theirs = try scripted.commit(files: ["a": "1", "evil": "x", "g": "1"], parents: [other, taken])
    #expect(try scripted.repository.mergeBases(ours, theirs).count == 2)
    // git: clean, with the file.
    #expect(try scripted.mergedByGit(ours, theirs) == scripted.repository.treeOfCommit(theirs))
    #expect(
      try scripted.repository.remerge(parents: [ours, theirs]) == .conflict(paths: [Array("evil".utf8)], tree: nil))
    #expect(
      try scripted.repository.remerge(parents: [theirs, ours]) == .conflict(paths: [Array("evil".utf8)], tree: nil))
    // The twin: the same histories, both without the file.
    let honest = try scripted.commit(files: ["a": "1", "g": "1", "h": "1"], parents: [other, taken])
    let merged = try scripted.repository.mergeAgain(parents: [ours, honest])
    #expect(merged == .clean(tree: try scripted.tree(["a": "1", "g": "1", "h": "1"])))
    #expect(try merged.cleanTree == scripted.mergedByGit(ours, honest))
  }

  @Test func `more merge bases than anybody makes, or more parents, are no clean merge`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit(files: ["a": "1"])
    let arms = try (0..<17).map { try scripted.commit(files: ["a": "1", "f\($0)": "1"], parents: [root]) }
    let all = Files(Dictionary(uniqueKeysWithValues: (0..<17).map { ("f\($0)", ScriptedFile.file("1")) })).with([
      "a": "1"
    ])
    let (left, right) = (
      try scripted.commit(files: all.with(["l": "1"]), parents: arms),
      try scripted.commit(files: all.with(["r": "1"]), parents: arms)
    )
    #expect(
      try scripted.repository.remerge(parents: [left, right]) == .unknown(because: "its parents have 17 merge bases"))
    #expect(
      try scripted.repository.remerge(parents: Array(repeating: root, count: 129))
        == .unknown(because: "it has 129 parents"))
    // The twins.
    let (one, two) = (
      try scripted.commit(files: all.with(["l": "1"]), parents: Array(arms[..<3])),
      try scripted.commit(files: all.with(["r": "1"]), parents: Array(arms[..<3]))
    )
    #expect(
      try scripted.repository.mergeAgain(parents: [one, two])
        == .clean(tree: try scripted.tree(all.with(["l": "1", "r": "1"]))))
    #expect(
      try scripted.repository.mergeAgain(parents: Array(repeating: root, count: 128))
        == .clean(tree: try scripted.tree(["a": "1"])))
  }

  /// Attack: histories that cross thousands of times, for a hook that never ends.
  @Test func `histories that cross without end are a conflict`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit(files: ["f": "0"])
    var sides = (
      try scripted.commit(files: ["f": "1"], parents: [root]), try scripted.commit(files: ["f": "2"], parents: [root])
    )
    for round in 0..<150 {
      sides = (
        try scripted.commit(files: ["f": .file("1\(round)")], parents: [sides.0, sides.1]),
        try scripted.commit(files: ["f": .file("2\(round)")], parents: [sides.1, sides.0])
      )
    }
    #expect(try scripted.repository.mergeAgain(parents: [sides.0, sides.1]) == .conflict(paths: [Array("f".utf8)]))
  }

  @Test func `an octopus is merged pairwise from the left`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit(files: ["f": text([:]), "g": "0"])
    let arms = try [1, 6, 12].map { line in
      try scripted.commit(files: ["f": text([line: "arm"]), "g": "0"], parents: [root])
    }
    let expected = try scripted.tree(["f": text([1: "arm", 6: "arm", 12: "arm"]), "g": "0"])
    #expect(try scripted.repository.mergeAgain(parents: arms) == .clean(tree: expected))
    // git's own octopus, without folders to check out: the index alone.
    let twin = try scripted.commit(files: ["f": text([6: "other"]), "g": "0"], parents: [root])
    #expect(
      try scripted.repository.mergeAgain(parents: arms + [twin]) == .conflict(paths: [Array("f".utf8)]))
    #expect(
      try scripted.repository.mergeAgain(parents: [twin] + arms) == .conflict(paths: [Array("f".utf8)]))
    // An arm that the others contain adds nothing.
    #expect(try scripted.repository.mergeAgain(parents: arms + [root]) == .clean(tree: expected))
    #expect(try scripted.repository.mergeAgain(parents: [root] + arms) == .clean(tree: expected))
  }

  @Test(.enabled(if: Shared.path("data/stagex-replica/history.bundle") != nil))
  func `a real history's merges come out as with git`() throws {
    let scripted = try ScriptedRepository()
    let bundle = try #require(Shared.path("data/stagex-replica/history.bundle"))
    try scripted.git("fetch", "-q", bundle, "refs/heads/main:refs/heads/main")
    let repository = try scripted.reopened()
    var merges: [(id: ObjectID, parents: [ObjectID], tree: ObjectID)] = []
    try repository.walk(from: [repository.resolve(revision: "main")], hiding: [], exact: true) { id, commit, _ in
      if commit.parents.count > 1 { merges.append((id, commit.parents, commit.tree)) }
    }
    var same = 0
    var conflicts = 0
    for (number, merge) in merges.enumerated() {
      let result = try repository.mergeAgain(parents: merge.parents).cleanTree
      if result == merge.tree { same += 1 }
      if result == nil { conflicts += 1 }
      // git is asked about those that are not what was committed, and some others.
      if result != merge.tree || number % 20 == 0 {
        #expect(try result == scripted.mergedByGit(merge.parents[0], merge.parents[1]), "\(merge.id)")
      }
    }
    #expect(merges.count == 480 && same == 470 && conflicts == 9)
  }
}
