import GitBridge
import Support
import Testing

struct AncestryTests {
  @Test(arguments: 0..<15)
  func `ancestry and merge bases are git's, whatever the clocks say`(seed: Int) throws {
    let history = try RandomHistory(
      seed: seed + 100, count: 80, skew: [0, 90, 3600, 1_000_000][seed % 4], roots: 1 + seed % 2)
    var random = SeededGenerator(UInt64(seed) + 9)
    let warm = try history.scripted.reopened()
    for _ in 0..<12 {
      let pair = [history.commits.randomElement(using: &random)!, history.commits.randomElement(using: &random)!]
      let (reachA, reachB) = (try history.truth([pair[0]], []), try history.truth([pair[1]], []))
      let isAncestor = reachB.contains(pair[0].hex)
      // The best common ancestors by definition, from whole histories.
      let common = reachA.intersection(reachB)
      let git = Set(try history.scripted.gitMayFail(["merge-base", "--all", pair[0].hex, pair[1].hex]).lines)
      for repository in [warm, try history.scripted.reopened()] {
        #expect(try repository.isAncestor(pair[0], of: pair[1]) == isAncestor)
        let bases = try repository.mergeBases(pair[0], pair[1])
        #expect(Set(bases.map(\.hex)) == git)
        #expect(Set(bases.map(\.hex)).isSubset(of: common) && bases.isEmpty == common.isEmpty)
        #expect(try bases == repository.mergeBases(pair[1], pair[0]))
      }
    }
  }

  @Test func `a commit is its own ancestor`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    #expect(try scripted.repository.isAncestor(commit, of: commit))
    #expect(try scripted.repository.mergeBases(commit, commit) == [commit])
  }

  @Test func `unrelated histories have no merge base`() throws {
    let scripted = try ScriptedRepository()
    let (one, two) = (try scripted.commit(message: "1\n"), try scripted.commit(message: "2\n"))
    #expect(try scripted.repository.mergeBases(one, two).isEmpty)
    #expect(try !scripted.repository.isAncestor(one, of: two))
  }

  @Test func `a criss-cross has two merge bases, the newest first`() throws {
    let scripted = try ScriptedRepository()
    let root = try scripted.commit()
    let (a, b) = (try scripted.commit(parents: [root]), try scripted.commit(parents: [root]))
    let (ab, ba) = (try scripted.commit(parents: [a, b]), try scripted.commit(parents: [b, a]))
    #expect(try scripted.repository.mergeBases(ab, ba) == [b, a])
  }

  @Test func `an unknown commit is an error`() throws {
    let scripted = try ScriptedRepository()
    let commit = try scripted.commit()
    let missing = ObjectID(hexString: "1111111111111111111111111111111111111111")!
    let error = GitError.missingObject(missing, promised: false)
    #expect(throws: error) { try scripted.repository.isAncestor(missing, of: commit) }
    #expect(throws: error) { try scripted.repository.isAncestor(commit, of: missing) }
    #expect(throws: error) { try scripted.repository.isAncestor(missing, of: missing) }
    #expect(throws: error) { try scripted.repository.mergeBases(missing, missing) }
  }
}
