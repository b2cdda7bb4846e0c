import Foundation
import RuleModel
import Testing

/// The model of docs/rule.md searched at random: what it promises holds, and each of its sentences is needed for that.
///
/// `STAGEX_MAINT_STORIES=2000 swift test --filter SearchTests` searches longer; `STAGEX_MAINT_STORIES_SEED=…`
/// elsewhere.
@Suite struct SearchTests {
  static let stories = AgreementTests.number("STAGEX_MAINT_STORIES")
  static let first = AgreementTests.first

  /// Safety (R1–R49, R82–R113): one key that counts, and all that do not any more, get nothing past the rule.
  @Test func `nobody gets past the rule, and nobody is locked out`() {
    var accepted = 0
    for seed in Self.first..<(Self.first + (Self.stories ?? 16)) {
      var story = Story(seed: seed, leaves: true)
      story.liveUnderAttack(40)
      accepted += story.pushes.filter(\.codes.isEmpty).count
      #expect(story.broken.isEmpty, "seed \(seed): \(story.broken.prefix(3))")
    }
    // Stories in which nothing passes would prove nothing.
    #expect(accepted > 50)
  }

  /// Liveness: newcomers, rotation, retirement, expiry, thresholds, releases, a change of the lead, several refs at
  /// once.
  @Test func `honest work is never refused`() {
    for seed in Self.first..<(Self.first + (Self.stories ?? 24)) {
      var story = Story(seed: seed, leaves: false)
      story.liveHonestly(30)
      #expect(story.broken.isEmpty, "seed \(seed): \(story.broken.prefix(3))")
    }
  }

  /// The rule answers each sentence's own history rightly, and would not without that sentence.
  @Test(arguments: Clause.allCases) func `without this sentence the rule breaks`(_ clause: Clause) {
    #expect(
      Sketch.holds(clause, without: []) == true, "the rule itself answers the history of \(clause.rawValue) wrongly")
    #expect(Sketch.holds(clause, without: [clause]) == false, "the history of \(clause.rawValue) does not need it")
  }

  /// That the search itself would notice: a few sentences that its stories come upon soon.
  @Test(arguments: [Clause.softCounts_R33, .stepsOfLead_R25]) func `the search finds what a missing sentence lets in`(
    _ clause: Clause
  ) {
    let found = (1...(Self.stories ?? 40)).contains { seed in
      var story = Story(seed: seed, without: [clause], leaves: true)
      story.liveUnderAttack(40)
      return !story.broken.isEmpty
    }
    #expect(found, "no story notices that \(clause.rawValue) is missing")
  }
}
