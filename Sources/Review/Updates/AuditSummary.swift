/// What an audit found, in numbers.
package struct AuditSummary: Sendable, Equatable {
  /// How many steps were told of, ``remembered`` ones included. What a date leaves out is not among them (R59).
  package private(set) var steps = 0
  /// How many of these steps there are, by ``Outcome``'s words; an outcome that none has is left out.
  package private(set) var verdicts: [String: Int] = [:]
  /// How many new commits these steps brought, by kind and outcome: `ordinary accepted`.
  package private(set) var changes: [String: Int] = [:]
  /// How many ordinary commits and content merges there are, by how many maintainers stand behind each.
  package private(set) var endorsersPerChange: [Int: Int] = [:]
  /// How many refusals there are, by ``RefusalCode``'s words. A step may have several.
  package private(set) var refusals: [String: Int] = [:]
  private var said: [String] = []
  /// Steps that were judged and are not told of, by their outcomes; none that was accepted.
  private var leftOut: [String: Int] = [:]
  /// How many of the steps an earlier audit has judged.
  package var remembered = 0

  /// What is to be said once of the whole audit, each sentence once, safe to print.
  package var notes: [String] {
    guard !leftOut.isEmpty else { return said }
    let counts = leftOut.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    return said + ["steps before the date are not in order (\(counts)); without --since they are listed"]
  }

  package init() {}

  /// Takes in the verdict on one step that is told of.
  package mutating func add(_ verdict: Verdict) {
    steps += 1
    verdicts[verdict.outcome.rawValue, default: 0] += 1
    for change in verdict.updates.lazy.flatMap(\.changes) {
      changes[change.kindAndOutcome, default: 0] += 1
      if change.kind == .ordinary || change.kind == .contentMerge {
        endorsersPerChange[change.endorserCount, default: 0] += 1
      }
    }
    for refusal in verdict.refusals { refusals[refusal.code.rawValue, default: 0] += 1 }
    for note in verdict.notes where !said.contains(note) { said.append(note) }
  }

  /// Takes in the verdict on a step that is not told of. What is accepted needs no words.
  // R59
  mutating func leaveOut(_ verdict: Verdict) {
    guard verdict.outcome != .accepted else { return }
    leftOut[verdict.outcome.rawValue, default: 0] += 1
  }

  /// Counts a step as refused that was counted as accepted.
  mutating func takeBack(_ verdict: Verdict) {
    verdicts[Outcome.accepted.rawValue, default: 1] -= 1
    if verdicts[Outcome.accepted.rawValue] == 0 { verdicts[Outcome.accepted.rawValue] = nil }
    verdicts[verdict.outcome.rawValue, default: 0] += 1
    for refusal in verdict.refusals { refusals[refusal.code.rawValue, default: 0] += 1 }
  }

  mutating func note(_ text: String) {
    if !said.contains(text) { said.append(text) }
  }

  /// Refused where any step is, else undecided where any is; steps that are not told of decide as well (R59).
  package var outcome: Outcome {
    if verdicts["refused"] ?? leftOut["refused"] != nil { return .refused }
    return verdicts["undecided"] ?? leftOut["undecided"] != nil ? .undecided : .accepted
  }

  /// As docs/verdict.md has it, `stagex-maint/audit-summary/1`; ``init(json:)`` reads it again.
  package var json: JSONValue {
    func counts(_ counts: [String: Int]) -> JSONValue {
      .object(counts.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, .integer(Int64($0.value))) })
    }
    let endorsers = endorsersPerChange.sorted { $0.key < $1.key }
      .map { JSONValue.Member(String($0.key), .integer(Int64($0.value))) }
    var members: [JSONValue.Member] = [
      .init("schema", .string("stagex-maint/audit-summary/1")), .init("steps", .integer(Int64(steps))),
      .init("verdicts", counts(verdicts)), .init("changes", counts(changes)),
      .init("endorsers-per-change", .object(endorsers)), .init("refusals", counts(refusals)),
    ]
    if !notes.isEmpty { members.append(.init("notes", .strings(notes))) }
    return .object(members)
  }

  /// Reads what ``json`` writes; nil for anything else.
  init?(json: JSONValue) {
    func counts(_ name: String) -> [String: Int]? {
      guard case .object(let members)? = json[name] else { return nil }
      var counts: [String: Int] = [:]
      for member in members {
        guard case .integer(let number) = member.value, let count = Int(exactly: number), count >= 0 else { return nil }
        counts[member.name] = count
      }
      return counts
    }
    guard case .integer(let steps)? = json["steps"], let steps = Int(exactly: steps), steps >= 0,
      let verdicts = counts("verdicts"), let changes = counts("changes"), let refusals = counts("refusals"),
      let endorsers = counts("endorsers-per-change")
    else { return nil }
    self.steps = steps
    self.verdicts = verdicts
    self.changes = changes
    self.refusals = refusals
    for (number, count) in endorsers {
      guard let number = Int(number) else { return nil }
      endorsersPerChange[number] = count
    }
    guard case .array(let notes)? = json["notes"] else { return }
    for note in notes {
      guard case .string(let text) = note else { return nil }
      said.append(text)
    }
  }
}

extension ReviewedChange {
  fileprivate var kindAndOutcome: String { "\(kind.rawValue) \(outcome.rawValue)" }
}
