internal import GitBridge
internal import Review

/// A verdict in words, for the commands that a person types.
struct VerdictText {
  let console: Console
  let repository: Repository
  private var width: Int { console.width }

  /// - Parameter waiting: Changes that lack nobody but the one who merges.
  func print(_ verdict: Verdict, what: String, more: String, waiting: Set<ObjectID> = []) {
    let changes = verdict.updates.flatMap(\.changes)
    console.say("\(console.word(verdict.outcome)): \(what)")
    for note in verdict.notes { wrapped("note: \(note)", width: width, indent: "  ").forEach(console.say) }
    if !changes.isEmpty {
      console.say("")
      console.say(
        """
        \(changes.count) new \(changes.count == 1 ? "commit" : "commits") in \(verdict.updates.count) \
        \(verdict.updates.count == 1 ? "step" : "steps")
        """)
      for change in changes.prefix(200) { console.say(line(change, waits: waiting.contains(change.commit))) }
      if changes.count > 200 { console.say("  … and \(changes.count - 200) more (--format json lists all)") }
    }
    let states = Set(verdict.updates.compactMap(\.without)).sorted()
    if !states.isEmpty {
      console.say("")
      console.say("what \(states.map(\.short).joined(separator: ", ")) holds was judged on the lead")
    }
    guard !verdict.refusals.isEmpty else { return }
    RefusalText(width: width, console: console, subject: { repository.subject(of: $0) })
      .lines(verdict.refusals, more: more).forEach(console.say)
  }

  /// One change on one line: id, how many of how many, who and how, subject.
  func line(_ change: ReviewedChange, waits: Bool = false) -> String {
    let mark = change.outcome == .accepted ? console.green("ok     ") : waits ? "waits  " : console.red("refused")
    let who = endorsers(change)
    let kind = change.kind == .ordinary ? "" : " [\(change.kind.rawValue)]"
    let own = uncounted(change).map { " (\($0))" } ?? ""
    return """
        \(mark) \(change.commit.short) \(change.endorserCount)/\(change.required)\(kind) \
      \(who.isEmpty ? "nobody" : who)\(own)  \(repository.subject(of: change.commit) ?? "")
      """
  }

  /// What is said of a change that looks unsigned, and is not. Asked only where it lacks something: it costs a reading.
  func uncounted(_ change: ReviewedChange) -> String? {
    guard change.outcome != .accepted, !change.endorsers.contains(where: { $0.via == .own }) else { return nil }
    return repository.uncountedSignature(of: change.commit)?.notCounted
  }

  /// `lancevick (own), antonlivaja (merge)`.
  func endorsers(_ change: ReviewedChange) -> String {
    var ways: [(person: String, ways: [String])] = []
    for endorser in change.endorsers {
      if ways.last?.person == endorser.person {
        ways[ways.count - 1].ways.append(endorser.via.rawValue)
      } else {
        ways.append((endorser.person, [endorser.via.rawValue]))
      }
    }
    return ways.map { "\(printable($0.person)) (\($0.ways.joined(separator: ", ")))" }.joined(separator: ", ")
  }
}
