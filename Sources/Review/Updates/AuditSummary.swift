/// What an audit found, in numbers.
package struct AuditSummary: Sendable, Equatable {
  package private(set) var steps = 0
  package private(set) var verdicts: [String: Int] = [:]
  package private(set) var changes: [String: Int] = [:]
  package private(set) var endorsersPerChange: [Int: Int] = [:]
  package private(set) var refusals: [String: Int] = [:]
  package private(set) var notes: [String] = []
  /// How many of the steps an earlier audit has judged.
  package var remembered = 0

  package init() {}

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
    for note in verdict.notes where !notes.contains(note) { notes.append(note) }
  }

  mutating func note(_ text: String) {
    if !notes.contains(text) { notes.append(text) }
  }

  package var outcome: Outcome {
    if verdicts["refused"] != nil { return .refused }
    return verdicts["undecided"] != nil ? .undecided : .accepted
  }

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
      self.notes.append(text)
    }
  }
}

extension ReviewedChange {
  fileprivate var kindAndOutcome: String { "\(kind.rawValue) \(outcome.rawValue)" }
}
