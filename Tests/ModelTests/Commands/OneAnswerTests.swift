import Foundation
import RuleModel
import Support
import Testing

/// The program asked the same question in every place and by every command, on repositories that people of the model
/// have made at random: a real push to the hook, `verify` in a clone and on the server, `gate`, `audit`, `log`,
/// `explain`, `check`, `fetch` and `cosign --dry-run`, in words and in JSON. What the rule lets them say differently is
/// written down in ``Difference``; everything else is a disagreement.
///
/// `STAGEX_MAINT_STORIES=20 swift test --filter OneAnswerTests` asks about more of them, `…_SEED=7` begins elsewhere.
@Suite struct OneAnswerTests {
  struct Report: Sendable {
    var disagreements: [String] = []
    var differences: Set<Difference> = []
    var asked: [Questioning.Asked] = []
  }

  private static func ask(seed: UInt64, isHonest: Bool, at now: Time) async throws -> Report {
    var story = Story(seed: seed, leaves: !isHonest, lapses: false)
    if isHonest { story.liveHonestly(24) } else { story.liveUnderAttack(30) }
    let start = Story(seed: seed, leaves: false, lapses: false).refs
    // Two engines ask gpg too, which takes its time.
    let questioning = try await Questioning(story, from: start, engine: seed % 4 == 0 ? "both" : "native", seed: seed)
    try await questioning.askAll(at: now, accepted: isHonest ? 3 : 2, refused: 6)
    return Report(
      disagreements: questioning.disagreements.map { "\(isHonest ? "honest" : "attacked") seed \(seed): \($0)" },
      differences: questioning.differences, asked: questioning.asked)
  }

  @Test func `every command says the same`() async throws {
    let first = AgreementTests.first
    let seeds = first..<(first + (AgreementTests.stories ?? 4))
    let now = Time(Date().timeIntervalSince1970)
    var all = Report()
    try await withThrowingTaskGroup(of: Report.self) { group in
      for seed in seeds {
        for isHonest in [true, false] { group.addTask { try await Self.ask(seed: seed, isHonest: isHonest, at: now) } }
      }
      for try await report in group {
        all.disagreements += report.disagreements
        all.differences.formUnion(report.differences)
        all.asked += report.asked
      }
    }
    for disagreement in all.disagreements { Issue.record("\(disagreement)") }
    if ProcessInfo.processInfo.environment["STAGEX_MAINT_STORIES_TOLD"] != nil {
      for asked in all.asked {
        print(
          asked.ref, asked.isLead, asked.outcome ?? "?", asked.codes.sorted(), asked.ways.sorted(),
          asked.kinds.sorted(), asked.commands)
      }
      print(all.asked.count, all.asked.map(\.commands).reduce(0, +), all.differences.map(\.rawValue).sorted())
    }
    // A run in which something was not there to be asked would prove nothing of it.
    guard AgreementTests.stories == nil, AgreementTests.number("STAGEX_MAINT_STORIES_SEED") == nil else { return }
    #expect(all.asked.count >= 40)
    for isLead in [true, false] {
      for outcome in ["accepted", "refused"] {
        #expect(all.asked.contains { $0.isLead == isLead && $0.outcome == outcome && !$0.ref.hasPrefix("tags/") })
      }
    }
    for outcome in ["accepted", "refused"] {
      #expect(all.asked.contains { $0.ref.hasPrefix("tags/") && $0.outcome == outcome })
    }
    for way in ["own", "merge", "adopt", "co-signature"] {
      #expect(all.asked.contains { $0.ways.contains(way) }, "\(way)")
    }
    for kind in ["ordinary", "adopt", "clean-merge", "content-merge"] {
      #expect(all.asked.contains { $0.kinds.contains(kind) }, "\(kind)")
    }
    #expect(all.asked.contains { $0.ref == Model.coSignatures })
    #expect(all.asked.contains { $0.hasPathRule })
    #expect(Difference.met.isSubset(of: all.differences), "\(all.differences)")
  }
}
