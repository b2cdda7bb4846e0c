import Foundation
import GitBridge
import Review
import RuleModel
import Testing

/// The program held against the model: on repositories made from its stories both have to say the same of every push,
/// every
/// audited step and every answer of the gate (R51, R118): one push at a time, all at once, and onto an empty server
/// (R62).
///
/// `STAGEX_MAINT_STORIES=500 swift test --filter AgreementTests` looks at more of them, `…_SEED=7` begins elsewhere.
@Suite struct AgreementTests {
  static func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }
  static let stories = number("STAGEX_MAINT_STORIES")
  static let first = number("STAGEX_MAINT_STORIES_SEED") ?? 1

  static func start(_ seed: UInt64) -> [String: Int] { Story(seed: seed, leaves: false).refs }

  static func compare(_ story: Story, _ seed: UInt64, _ kind: String) throws {
    var comparison = try Comparison(story, from: start(seed))
    try comparison.replayPushes()
    try comparison.compareAudits()
    var random = Numbers(seed: seed)
    let heads = (0..<4).compactMap { _ in
      (story.model.refs.keys.filter { !$0.hasPrefix("tags/") && $0 != Model.coSignatures }.sorted().randomElement(
        using: &random)!)
    }.map { (ref: $0, head: Int.random(in: 2..<story.model.history.commits.count, using: &random)) }
    try comparison.compareGate(heads)
    if let file = ProcessInfo.processInfo.environment["STAGEX_MAINT_DISAGREEMENTS"], !comparison.differences.isEmpty {
      let text = comparison.differences.map { "\(kind) seed \(seed): \($0)\n" }.joined()
      if let handle = FileHandle(forWritingAtPath: file) {
        handle.seekToEndOfFile()
        handle.write(Data(text.utf8))
      } else {
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
      }
    }
    #expect(
      comparison.differences.isEmpty,
      "\(kind) seed \(seed): \(comparison.differences.prefix(2).joined(separator: "\n"))")
  }

  @Test func `honest stories`() throws {
    for seed in Self.first..<(Self.first + (Self.stories ?? 5)) {
      var story = Story(seed: seed, leaves: false)
      story.liveHonestly(24)
      try Self.compare(story, seed, "honest")
    }
  }

  @Test func `stories under attack`() throws {
    for seed in Self.first..<(Self.first + (Self.stories ?? 5)) {
      var story = Story(seed: seed, leaves: true)
      story.liveUnderAttack(30)
      try Self.compare(story, seed, "attacked")
    }
  }
}
