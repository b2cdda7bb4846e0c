import GitBridge
import Review
import Support
import Testing

/// rule.md, R57: what shows that a step of a release was taken when other rules held.
@Suite struct LedgerTookTests {
  /// A release that ann and bob made, and from which bob has gone since.
  private struct Scene {
    let world: World
    let step: ObjectID

    init() throws {
      var team = Team("ann", "bob", "cat", "dan")
      world = try World(team)
      step = try world.merge(world.root, try world.commit(on: world.root, by: "bob"), by: "ann")
      #expect(try world.land("release/1", step).findings == [])
      team.people.removeAll { $0.id == "bob" }
      team.keys.removeAll { $0.person == "bob" }
      let change = try world.commit(on: world.root, by: "cat", team.files.entries.mapValues { $0 })
      #expect(try world.land("main", try world.merge(world.root, change, by: "dan")).findings == [])
    }

    func audit(_ moves: [SeenMove]) throws -> Outcome? {
      let folder = try TemporaryFolder()
      let ledger = LedgerTests.ledger(folder)
      try ledger.enter(moves, place: "here")
      world.settings.ledger = Ledger.took([ledger])
      world.settings.moment = .then
      var outcome: Outcome?
      _ = try world.reviewer.audit(AuditScope(ref: "refs/heads/release/1", tip: step, start: world.root)) {
        outcome = $0.outcome
        if $0.outcome != .accepted { #expect($0.findings == [Finding(.unsettled, step)]) }
      }
      return outcome
    }

    func move(_ keeper: SeenMove.Keeper, ref: String = "refs/heads/release/1", old: ObjectID? = nil) -> SeenMove {
      SeenMove(ref: Array(ref.utf8), old: old ?? world.root, new: step, time: 1000, since: 1000, keeper: keeper)
    }
  }

  @Test(arguments: [SeenMove.Keeper.hook, .gate])
  func `R57: a hook or a gate took this very move of this very ref`(keeper: SeenMove.Keeper) throws {
    let scene = try Scene()
    #expect(try scene.audit([scene.move(keeper)]) == .accepted)
  }

  /// Attack: a clone that looked afterwards, or saw another ref there, is no witness of what was asked when the move
  /// was made.
  @Test func `R57: nothing else is a witness`() throws {
    let scene = try Scene()
    #expect(try scene.audit([]) == .undecided)
    for keeper in [SeenMove.Keeper.fetch, .kept] {
      #expect(try scene.audit([scene.move(keeper)]) == .undecided, "\(keeper)")
    }
    #expect(try scene.audit([scene.move(.hook, ref: "refs/heads/release/2")]) == .undecided)
    #expect(try scene.audit([scene.move(.hook, old: .zero)]) == .undecided)
  }

  /// R123: what two others stand behind needs nobody whose signature came too late, and what has just enough does.
  @Test(arguments: [false, true])
  func `R123: a change that has enough without it is accepted`(isAdopted: Bool) throws {
    let world = try World()
    let end = TestKeyTimes.made + 1000
    var head = try world.commit(on: world.root, by: "bob", sign: world.signature(of: "bob") { $0.created = end - 500 })
    let change = head
    if isAdopted { head = try world.adopt(head, by: "cat") }
    let stolen = try world.merge(world.root, head, by: "ann")
    let landed = try world.revoke("bob", at: end, on: stolen)
    world.settings.moment = .then
    let folder = try TemporaryFolder()
    let ledger = LedgerTests.ledger(folder)
    let main = Array("refs/heads/main".utf8)
    try ledger.enter(
      [SeenMove(ref: main, old: world.root, new: stolen, time: end + 10, since: end + 10, keeper: .hook)], place: "here"
    )
    var findings: Set<Finding> = []
    let summary = try world.reviewer.audit(
      AuditScope(ref: "refs/heads/main", tip: landed, start: world.root), seen: Ledger.seen([ledger]), keysOf: landed
    ) { findings.formUnion($0.findings) }
    #expect(findings == (isAdopted ? [] : [Finding(RefusalCode(rawValue: "backdated"), change)]))
    #expect(summary.outcome == (isAdopted ? .accepted : .refused))
    #expect(summary.verdicts == (isAdopted ? ["accepted": 2] : ["accepted": 1, "refused": 1]))
  }

  private enum TestKeyTimes { static let made = TestKey.defaultCreation }
}
