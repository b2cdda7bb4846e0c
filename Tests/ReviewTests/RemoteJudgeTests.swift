import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// What a clone says of a server, with keys that come and go: signatures dated back, ledgers that know and that do not.
@Suite struct RemoteJudgeTests {
  private static let made = TestKey.defaultCreation
  private static let main = Array("refs/heads/main".utf8)

  /// What a test says was seen.
  private struct Seen: FirstSeen {
    var moves: [SeenMove] = []
    func took(ref: [UInt8], old: ObjectID, new: ObjectID) -> Int64? {
      moves.first { $0.ref == ref && $0.old == old && $0.new == new }?.time
    }
    func firstSeen(ref: [UInt8], at object: ObjectID) -> SeenMove? { moves.first { $0.ref == ref && $0.new == object } }
    func lastSeen(ref: [UInt8]) -> SeenMove? { moves.last { $0.ref == ref } }
  }

  private func seen(_ old: ObjectID, _ new: ObjectID, at time: Int64, since: Int64 = 0) -> SeenMove {
    SeenMove(ref: Self.main, old: old, new: new, time: time, since: since, keeper: .fetch)
  }

  /// Bob retires his key at `made + 1000`; two others land that; then somebody who has the key signs, and says it was
  /// before.
  private func retired(claimed: Int64, lastLook: Int64, reason: UInt8 = 3) throws -> (
    World, RemoteJudge.Answer, change: ObjectID
  ) {
    let world = try World()
    let landed = try world.revoke("bob", at: Self.made + 1000, reason: reason, on: world.root)
    #expect(try world.land("main", landed).findings == [])
    let sign = world.signature(of: "bob") { $0.created = claimed }
    let change = try world.commit(on: landed, by: "bob", sign: sign)
    let merge = try world.merge(landed, change, by: "ann")
    let judge = RemoteJudge(
      world.reviewer, seen: Seen(moves: [seen(.zero, landed, at: Self.made + 2000)]), lastLook: lastLook)
    return (world, judge.judge(Self.main, shown: merge), change)
  }

  @Test func aSignatureDatedBackByAKeyThatIsRetiredIsNamed() throws {
    let (_, answer, change) = try retired(claimed: Self.made + 500, lastLook: Self.made + 5000)
    #expect(answer.state == .ahead)
    #expect(
      answer.verdict.findings.contains(Finding(RefusalCode(rawValue: "backdated"), change)),
      "\(answer.verdict.findings)")
    #expect(answer.moves.isEmpty)
  }

  /// The twin: somebody else's key, everything else the same.
  @Test func theSameChangeBySomebodyWhoCountsIsAccepted() throws {
    let (world, _, _) = try retired(claimed: Self.made + 500, lastLook: Self.made + 5000)
    let landed = world.tip("main")
    let change = try world.commit(on: landed, by: "cat")
    let merge = try world.merge(landed, change, by: "ann")
    let judge = RemoteJudge(
      world.reviewer, seen: Seen(moves: [seen(.zero, landed, at: Self.made + 2000)]), lastLook: Self.made + 5000)
    let answer = judge.judge(Self.main, shown: merge)
    #expect(answer.isAccepted, "\(answer.verdict.findings)")
    #expect(answer.moves.map(\.new) == [merge])
    #expect(answer.moves.map(\.since) == [Self.made + 5000])
  }

  /// A step that came after the revocation was made, and before it landed: the history alone cannot tell, the ledger
  /// can.
  @Test func aLedgerFindsWhatAnAuditMustAccept() throws {
    let world = try World()
    let end = Self.made + 1000
    let change = try world.commit(
      on: world.root, by: "bob", sign: world.signature(of: "bob") { $0.created = Self.made + 500 })
    let stolen = try world.merge(world.root, change, by: "ann")
    let landed = try world.revoke("bob", at: end, on: stolen)
    world.settings.moment = .then
    func judge(_ moves: [SeenMove]) -> Set<Finding> {
      // The ledger's newest line is that the branch went: so all of it is judged, and what was seen is held against it.
      let seen = Seen(moves: moves + [seen(landed, .zero, at: end + 9000)])
      return RemoteJudge(world.reviewer, seen: seen, lastLook: 0).judge(Self.main, shown: landed).verdict.findings
    }
    #expect(judge([]) == [])
    // It was not there when the key had ended.
    #expect(
      judge([seen(world.root, stolen, at: end + 500, since: end + 100)]) == [
        Finding(RefusalCode(rawValue: "backdated"), change)
      ])
    // It was there before, or nobody can say.
    #expect(judge([seen(world.root, stolen, at: end - 100, since: end - 200)]) == [])
    #expect(judge([seen(world.root, stolen, at: end + 500, since: end - 200)]) == [])
  }

  @Test func whatTheLastStateIsGoneFromIsARewind() throws {
    let world = try World()
    let change = try world.commit(on: world.root, by: "bob")
    let merge = try world.merge(world.root, change, by: "ann")
    let unknown = ObjectID(hexString: String(repeating: "ab", count: 20))!
    func judge(_ last: ObjectID, _ shown: ObjectID?) -> [String] {
      RemoteJudge(world.reviewer, seen: Seen(moves: [seen(.zero, last, at: 1)]), lastLook: 0).judge(
        Self.main, shown: shown
      )
      .verdict.refusals.map(\.code.rawValue)
    }
    #expect(judge(unknown, merge) == ["rewind"])
    #expect(judge(merge, world.root) == ["rollback"])
    #expect(judge(merge, nil) == ["deletion"])
    #expect(judge(merge, merge) == [])
    #expect(judge(world.root, merge) == [])
  }

  // Attack: one transaction brings a statement for the co-signatures' ref, which moves, and a lead whose newest state
  // has a tree that cannot be read. What cannot be judged is told of the push, and must not pass for the other ref's.
  @Test(arguments: [true, false]) func whatCannotBeJudgedBesideAnotherRefIsNotAccepted(isBroken: Bool) throws {
    let world = try World(Team("ann", "bob", "cat"))
    let change = try world.commit(on: world.root, by: "ann")
    let sound = try world.merge(world.root, change, by: "bob")
    var shown = sound
    if isBroken {
      let file = try world.git.blob(Array("x".utf8))
      let entries = ["b", "a"].flatMap { Array("100644 \($0)\0".utf8) + file.bytes }
      let tree = try world.repository.write(.tree, entries)
      let payload = world.git.commitBytes(tree: tree, parents: [sound], message: "broken\n")
      shown = try world.git.commit(raw: ScriptedRepository.signed(payload, world.signature(of: "ann")(payload)))
    }
    let judge = RemoteJudge(
      world.reviewer, seen: Seen(moves: [seen(.zero, world.root, at: Self.made)]), lastLook: Self.made)
    let statements = try world.commit(on: world.root, by: "ann")
    for along in [[], [RefUpdate(ref: Array("refs/cosignatures".utf8), old: .zero, new: statements)]] {
      let answer = judge.judge(Self.main, shown: shown, along: along)
      #expect(answer.isAccepted == !isBroken, "\(along.count): \(answer.verdict.findings)")
      #expect(isBroken ? answer.moves.isEmpty : !answer.moves.isEmpty)
    }
  }

  // Attack: git reads `origin/main` as a tag of that name before it looks for the remote's branch.
  @Test func aTagInPlaceOfATrackingBranchIsRefusedInAClone() throws {
    let world = try World(Team("ann", "bob"))
    try world.git.setRef("refs/remotes/origin/main", to: world.root)
    let evil = try world.commit(on: world.root, by: "ann")
    for (remote, tag, isRefused) in [
      ("origin", "origin/main", true), ("origin", "origin", true), ("origin", "origin/topic", false),
      ("other", "origin/main", false),
    ] {
      if remote == "other" { try world.git.setRef("refs/remotes/other/main", to: world.root) }
      var settings = world.settings
      settings.remote = remote
      let update = RefUpdate(ref: Array("refs/tags/\(tag)".utf8), old: .zero, new: evil)
      let codes = Reviewer(world.repository, settings).judge(inThought: [update]).refusals.map(\.code)
      #expect(codes.contains(.confusableRef) == isRefused, "\(remote) \(tag): \(codes)")
    }
  }

  // R27: who looks a year later must not be told for ever that a key, good when the hook was asked, has expired.
  @Test func aKeyThatExpiredBetweenTwoLooksIsAskedAboutAsOfTheFirst() throws {
    var team = Team("ann", "bob", "cat")
    team["bob"].certificate = TestCertificate(primary: team["bob"].certificate.primary)
    team["bob"].certificate.addUser("bob", flags: 0x01)
    team["bob"].certificate.addSubkey(team["bob"].subkey, lifetime: 1000)
    let end = team["bob"].subkey.created + 1000
    let world = try World(team)
    let signing = world.signature(of: "bob") { $0.created = end - 500 }
    let change = try world.commit(on: world.root, by: "bob", sign: signing)
    let merge = try world.merge(
      world.root, change, by: "ann", sign: world.signature(of: "ann") { $0.created = end - 400 })
    world.settings.clock = end + 400 * 86_400
    try world.git.setRef("refs/remotes/origin/main", to: world.root)
    world.settings.remote = "origin"
    func answer(lastLook: Int64) -> RemoteJudge.Answer {
      let seen = Seen(moves: [seen(.zero, world.root, at: end - 900)])
      return RemoteJudge(world.reviewer, seen: seen, lastLook: lastLook).judge(Self.main, shown: merge)
    }
    let before = answer(lastLook: end - 600)
    #expect(before.isAccepted, "\(before.verdict.findings)")
    #expect(before.verdict.notes.contains { $0.contains("a key has expired since it was last looked at") })
    #expect(before.moves.map(\.new) == [merge])
    // Attack: whoever has the key after its end dates back. Somebody looked in between, and it was not there.
    let after = answer(lastLook: end + 1)
    #expect(after.verdict.findings.contains(Finding(.tooFewEndorsers, change)), "\(after.verdict.findings)")
    #expect(after.moves.isEmpty)
  }

  // R19, without a ledger: what the clone itself has is not forgotten.
  @Test func aServerGoesBackWhereTheLedgerWasLost() throws {
    let world = try World(Team("ann", "bob"))
    let first = try world.merge(world.root, try world.commit(on: world.root, by: "bob"), by: "ann")
    let second = try world.merge(first, try world.commit(on: first, by: "bob"), by: "ann")
    let unsigned = try world.commit(on: second)
    world.settings.remote = "origin"
    func codes(shown: ObjectID?, here: ObjectID?, moves: [SeenMove] = []) throws -> [String] {
      try world.git.setRef("refs/remotes/origin/main", to: here ?? first)
      return RemoteJudge(world.reviewer, seen: Seen(moves: moves), lastLook: 0)
        .judge(Self.main, shown: shown, here: here).verdict.refusals.map(\.code.rawValue)
    }
    #expect(try codes(shown: first, here: second) == ["rollback"])
    #expect(try codes(shown: nil, here: second) == ["deletion"])
    #expect(try codes(shown: second, here: first) == [])
    #expect(try codes(shown: second, here: second) == [])
    // What plain git had put there before the clone was protected, and the rule does not accept, holds nobody back.
    #expect(try codes(shown: second, here: unsigned) == [])
    // Told to forget it, the clone goes where the server is.
    #expect(try codes(shown: first, here: second, moves: [seen(second, .zero, at: Self.made)]) == [])
  }
}
