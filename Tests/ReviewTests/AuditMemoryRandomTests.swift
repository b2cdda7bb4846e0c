import GitBridge
import OpenPGP
import Review
import Support
import Testing

/// Random branches, audited after each change with what was remembered, and without.
@Suite struct AuditMemoryRandomTests {
  /// A branch on which honest and other things happen.
  private struct Branch {
    var random: PropertyTests.Numbers
    let world: World
    var team = Team("ann", "bob", "cat")
    /// Where the branch has stood.
    var tips: [ObjectID]
    /// What somebody may build upon or merge.
    var commits: [ObjectID]
    var clock = World.now
    var policyVersion = 1

    init(seed: UInt64) throws {
      random = PropertyTests.Numbers(state: seed)
      world = try World(team, policy: "version = 1\n")
      tips = [world.root]
      commits = [world.root]
    }

    /// True once in so many times.
    private mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    private mutating func sign(_ person: String) -> World.Sign {
      let time = clock + (once(in: 8) ? 7200 : -60)
      return world.signature(of: person) { $0.created = time }
    }

    private mutating func changes() -> [String: ScriptedFile?] {
      if once(in: 25) {
        policyVersion += 1
        let threshold = once(in: 2) ? 2 : 1
        return ["review.toml": .file("version = \(policyVersion)\nthreshold = \(threshold)\n")]
      }
      guard once(in: 30) else { return world.fresh() }
      let person = ["ann", "bob", "cat"].randomElement(using: &random)!
      // Retired or stolen.
      team[person].certificate.revoke(reason: once(in: 2) ? 3 : 2, at: clock)
      let path = "keys/\(team[person].fingerprint.hex).asc"
      return [path: team.files.entries[path]]
    }

    mutating func grow() throws {
      clock += Int64.random(in: 0...4000, using: &random)
      let tip = tips[tips.count - 1]
      let people = ["ann", "bob", "cat"].shuffled(using: &random)
      if once(in: 15) {
        tips.append(tips.randomElement(using: &random)!)
      } else if once(in: 12) {
        tips.append(try world.commit(on: tip, by: people[0], changes(), sign: sign(people[0])))
      } else {
        let base = once(in: 3) ? commits.randomElement(using: &random)! : tip
        var side = try world.commit(on: base, changes(), sign: once(in: 10) ? nil : sign(people[0]))
        commits.append(side)
        if once(in: 4) { side = try world.adopt(side, sign: sign(people[2])) }
        var parents = [tip, side]
        if once(in: 5), let other = commits.randomElement(using: &random), !parents.contains(other) {
          parents.append(other)
        }
        if once(in: 20) { parents.reverse() }
        tips.append(try world.merge(parents: parents, sign: once(in: 20) ? nil : sign(people[1])))
      }
      commits.append(tips[tips.count - 1])
    }

    /// The verdicts of the steps that were judged, and the summary.
    func audit(remembering: Bool) -> (verdicts: [String], summary: AuditSummary?) {
      var settings = world.settings
      settings.moment = .then
      settings.clock = clock
      settings.usesCache = remembering
      var scope = AuditScope(ref: "refs/heads/main", tip: tips[tips.count - 1], start: world.root)
      scope.mayRemember = remembering
      var verdicts: [String] = []
      // Nil where the start is not on the branch's line any more.
      let summary = try? Reviewer(world.repository, settings).audit(scope) { verdicts.append($0.json.text) }
      return (verdicts, summary)
    }
  }

  @Test func `an audit that remembers says the same as one that does not`() throws {
    var remembered = 0
    var outcomes: [Outcome: Int] = [:]
    for seed in 0..<24 as Range<UInt64> {
      var branch = try Branch(seed: seed)
      for round in 0..<14 {
        try branch.grow()
        let (with, without) = (branch.audit(remembering: true), branch.audit(remembering: false))
        let place = "seed \(seed), round \(round)"
        guard var summary = with.summary, let expected = without.summary else {
          #expect(with.summary == nil && without.summary == nil, "\(place)")
          continue
        }
        #expect(with.verdicts == without.verdicts.suffix(with.verdicts.count), "\(place)")
        #expect(with.verdicts.count + summary.remembered == without.verdicts.count, "\(place)")
        remembered += summary.remembered
        summary.remembered = 0
        #expect(summary == expected, "\(place)")
        outcomes[expected.outcome, default: 0] += 1
      }
    }
    // Else it would not have been tried.
    #expect(
      remembered > 200 && outcomes[.accepted] ?? 0 > 50 && outcomes[.refused] ?? 0 > 50, "\(remembered) \(outcomes)")
  }
}
