import Foundation
import Support

/// What one command answered to one question, as far as it says it.
struct Said {
  /// The command, for the message of a disagreement.
  let name: String
  let status: Int32
  /// `accepted`, `refused` or `undecided`; nil where it says none of them.
  var outcome: String?
  var codes: Set<String> = []
  /// What signatures did not count for, beside the codes.
  var because: Set<String> = []
  /// How many endorse each commit, by the first digits of its id, and how many it needs.
  var counts: [String: String] = [:]
  let finished: Finished

  /// In words: a verdict as people read it, on a terminal or behind `remote:`.
  init(text finished: Finished, _ name: String, remote: Bool = false) {
    (self.name, status, self.finished) = (name, finished.status, finished)
    let lines =
      remote
      ? finished.remote
      : (finished.output + finished.error).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var previous = ""
    for line in lines {
      if outcome == nil { outcome = Self.outcome(line, remote: remote) }
      if previous.isEmpty,
        let match = line.wholeMatch(
          of: #/([a-z]+(?:-[a-z]+)+|shallow|gitlink|rewind|deletion|foxtrot|unsettled|rollback|backdated)(?:  .*)?/#)
      {
        codes.insert(String(match.1))
      }
      if let match = line.firstMatch(of: #/^ +(?:ok|waits|refused) +([0-9a-f]{7,40}) ([0-9]+\/[0-9]+) /#) {
        counts[String(match.1)] = String(match.2)
      }
      previous = line
    }
    if remote, finished.status == 0, outcome == nil { outcome = "accepted" }
  }

  private static func outcome(_ line: String, remote: Bool) -> String? {
    if remote {
      guard line.hasPrefix("error: ") else { return nil }
      return line.contains("could not be judged") ? "undecided" : "refused"
    }
    return ["accepted", "refused", "undecided"].first { line.hasPrefix($0 + ":") }
  }

  /// In JSON: one verdict.
  init(json finished: Finished, _ name: String) {
    (self.name, status, self.finished) = (name, finished.status, finished)
    guard let verdict = VerdictFile(finished.output) else { return }
    outcome = verdict.verdict
    codes = Set(verdict.refusals.map(\.code))
    because = Set(verdict.refusals.flatMap { $0.because ?? [] }.map(\.code))
    for change in verdict.changes { counts[String(change.commit.prefix(12))] = change.count }
  }

  var line: String {
    """
    \(name): status \(status), \(outcome ?? "no verdict") \
    \(codes.sorted())\(because.isEmpty ? "" : " because \(because.sorted())")
    """
  }
}

/// A verdict as docs/verdict.md has it: what the comparison needs of it.
struct VerdictFile: Decodable {
  struct Update: Decodable {
    let ref, old, new, base: String
    let changes: [Change]
  }
  struct Change: Decodable {
    let commit, kind, verdict: String
    let required: Int
    let endorsers: [Endorser]
    let paths: [PathRule]
    var people: Set<String> { Set(endorsers.map(\.person)) }
    var ways: Set<String> { Set(endorsers.map { "\($0.person) \($0.via) \($0.by)" }) }
    var count: String { "\(people.count)/\(required)" }
  }
  struct PathRule: Decodable { let path: String }
  struct Endorser: Decodable { let person, via, by: String }
  struct Refusal: Decodable {
    struct Because: Decodable { let code, commit: String }
    let code, ref, message, next: String
    let commit: String?
    let because: [Because]?
  }
  struct Gate: Decodable {
    let mergers: [String]
    let isFastForward: Bool
    let conflicts: Bool
    let waiting: [String]
    enum CodingKeys: String, CodingKey {
      case mergers, conflicts, waiting
      case isFastForward = "fast-forward"
    }
  }

  let schema, verdict: String
  let updates: [Update]
  let refusals: [Refusal]
  let gate: Gate?

  init?(_ text: String) {
    guard let value = try? JSONDecoder().decode(VerdictFile.self, from: Data(text.utf8)) else { return nil }
    self = value
  }

  var changes: [Change] { updates.flatMap(\.changes) }

  /// The verdicts of an audit or a log, one a line; the audit's last line is its summary.
  static func list(_ text: String) -> [VerdictFile] {
    text.split(separator: "\n").compactMap { VerdictFile(String($0)) }
  }
}
