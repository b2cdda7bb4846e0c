import Foundation
import GitBridge
import Review
import Support
import Testing

/// rule.md, "Verdict": what cannot be judged is undecided, and never accepted.
@Suite struct UndecidedTests {
  let world: World
  let change: ObjectID
  let merge: ObjectID

  init() throws {
    world = try World()
    change = try world.commit(on: world.root, by: "ann")
    merge = try world.merge(world.root, change, by: "bob")
  }

  private func expect(_ code: RefusalCode, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let again = Reviewer(try world.git.reopened(), world.settings)
    let verdict = again.judge(push: [RefUpdate(ref: Array("refs/heads/main".utf8), old: world.root, new: merge)])
    #expect(verdict.findings == [Finding(code)], sourceLocation: sourceLocation)
    #expect(verdict.outcome == .undecided, sourceLocation: sourceLocation)
    #expect(verdict.outcome.exitStatus == 2, sourceLocation: sourceLocation)
  }

  private func remove(_ object: ObjectID) throws {
    try FileManager.default.removeItem(
      atPath: "\(world.git.path)/objects/\(object.hex.prefix(2))/\(object.hex.dropFirst(2))")
  }

  @Test func `the same push with nothing missing is accepted`() {
    #expect(world.push("main", merge).findings == [])
  }

  @Test func `shallow: history is cut off`() throws {
    try world.git.writeFile("shallow", "\(world.root)\n")
    try expect(.shallow)
    #expect(throws: ReviewProblem.self) {
      try Reviewer(try world.git.reopened(), world.settings)
        .audit(AuditScope(ref: "refs/heads/main", tip: merge, start: world.root)) { _ in }
    }
  }

  @Test func `missing-object: a commit, a tree or the certificate's file is not there`() throws {
    let key = "keys/\(world.team["ann"].fingerprint.hex).asc"
    let tree = try world.repository.treeOfCommit(world.root)
    let file = try #require(try world.repository.entry(tree: tree, path: Array(key.utf8))).id
    let objects = [change, merge, try world.repository.treeOfCommit(change), file]
    for object in objects {
      let kind = try #require(try world.repository.kind(of: object))
      let bytes = try world.repository.read(object, as: kind)
      try remove(object)
      try expect(.missingObject)
      _ = try world.git.repository.write(kind, bytes)
    }
    #expect(world.push("main", merge).findings == [])
  }

  @Test func `missing-object: the new tip itself`() throws {
    let absent = ObjectID(hexString: String(repeating: "ab", count: 20))!
    #expect(world.push("main", absent).findings == [Finding(.missingObject)])
    #expect(world.push("main", absent).outcome == .undecided)
    #expect(world.push("refs/tags/1", absent).findings == [Finding(.missingObject)])
  }

  @Test func `budget-spent: the time is over`() throws {
    world.settings.deadline = .now - .seconds(1)
    try expect(.budgetSpent)
    world.settings.deadline = .now + .seconds(600)
    #expect(world.push("main", merge).findings == [])
  }

  @Test func `cannot-read: a tree that is malformed`() throws {
    let blob = try world.git.blob([1])
    let entry = Array("100644 a\0".utf8) + blob.bytes
    let tree = try world.repository.write(.tree, entry + entry)
    let evil = try world.git.commit(tree: tree, parents: [world.root], signedBy: world.signature(of: "ann"))
    let merge = try world.git.commit(tree: tree, parents: [world.root, evil], signedBy: world.signature(of: "bob"))
    let verdict = world.push("main", merge)
    #expect(verdict.findings == [Finding(.cannotRead)])
    #expect(verdict.outcome == .undecided)
  }

  @Test func `unsupported-repository: what is no repository that can be read`() {
    for error in [
      GitError.unsupportedRepository(path: "x", reason: "SHA-256"), .foreignOwner(path: "x"),
      .notARepository(path: "x"),
    ] {
      #expect(ReviewProblem.git(error).refusal(ref: "").code == .unsupportedRepository)
    }
    #expect(RefusalCode.unsupportedRepository.preventsJudging)
  }

  @Test func `a definite refusal outweighs what could not be judged, and both outweigh acceptance`() throws {
    let bad = try world.commit(on: world.root)
    let absent = ObjectID(hexString: String(repeating: "ab", count: 20))!
    let verdict = world.push([("main", bad), ("release/1", absent)])
    #expect(verdict.findings == [Finding(.tooFewEndorsers, bad), Finding(.missingObject)])
    #expect(verdict.outcome == .refused)
    #expect(world.push([("main", merge), ("release/1", absent)]).outcome == .undecided)
    #expect(world.push([("main", merge), ("release/1", merge)]).outcome == .accepted)
  }

  @Test(arguments: [
    (RefusalCode.shallow, true), (.missingObject, true), (.unsupportedRepository, true), (.budgetSpent, true),
    (.registryInvalid, true), (.policyInvalid, true), (.trustRootMissing, true), (.cannotRead, true),
    (.engineFailed, true),
    (.enginesDisagree, false), (.tooFewEndorsers, false), (.lockOut, false), (.lockOut, false),
    (RefusalCode(rawValue: "of-a-later-version"), false),
  ])
  func `codes that mean "could not judge"`(_ code: RefusalCode, _ prevents: Bool) {
    #expect(code.preventsJudging == prevents)
    let verdict = Verdict(refusals: [Refusal(code, ref: "", message: "", next: "")])
    #expect(verdict.outcome == (prevents ? .undecided : .refused))
  }
}
