import GitBridge
import RuleModel
import Support

/// Asks every command about a story's pushes, one ref at a time, and holds the answers against each other.
final class Questioning {
  /// One question: a history, and what the hook says of it.
  struct Asked: Sendable {
    let ref: String
    let isLead: Bool
    let outcome: String?
    let codes: Set<String>
    /// How the new commits were endorsed.
    let ways: Set<String>
    let kinds: Set<String>
    let hasPathRule: Bool
    /// How many commands were run for it.
    let commands: Int
  }

  let places: Places
  let story: Story
  var disagreements: [String] = []
  private(set) var differences: Set<Difference> = []
  private(set) var asked: [Asked] = []
  var random: Numbers
  var now: Time = 0
  private var commands = 0
  private var forms = 0
  /// Where `check` has seen each ref last, and said yes.
  var checked: [String: String] = [:]
  var real: RealRepository { places.real }
  var history: History { story.model.history }

  init(_ story: Story, from start: [String: Int], engine: String, seed: UInt64) async throws {
    self.story = story
    random = Numbers(seed: seed)
    places = try await Places(story, from: start, engine: engine)
  }

  /// The model at this moment.
  func model(_ refs: [String: Int]? = nil) -> Model {
    var model = story.model
    model.refs = refs ?? places.refs
    model.clock = now
    model.ledger = []
    return model
  }

  func disagree(_ what: String, _ update: Update, _ said: Said...) {
    let old = update.old.map { real.id($0) }
    let new = update.new.map { (try? real.object(update.ref, $0).hex) ?? "?" }
    disagreements.append(
      """
      \(what)
        \(RealRepository.name(update.ref)) \(old?.hex ?? "new")..\(new ?? "gone"), model \(line(update))

      """
        + said.map { (said: Said) -> String in
          let output = (said.finished.output + said.finished.error).prefix(2500).split(separator: "\n")
          return "  \(said.line)\n    \(output.joined(separator: "\n    "))\n"
        }.joined())
  }

  private func line(_ update: Update) -> String {
    "\(update.ref) \(update.old.map(String.init) ?? "-")..\(update.new.map(String.init) ?? "-")"
  }

  func meet(_ difference: Difference) { differences.insert(difference) }

  // MARK: The story

  /// Goes through the story as it would go today, and asks about some of its pushes.
  ///
  /// - Parameters:
  ///   - accepted: How many of those that are accepted, at most; `refused` likewise.
  func askAll(at now: Time, accepted: Int, refused: Int) async throws {
    self.now = now
    // Everybody who only fetches has looked once.
    _ = try await run(["fetch", "--quiet"], places.client)
    var seen: [String: Int] = [:]
    let pushes = story.pushes
    for (place, push) in pushes.enumerated() {
      for wanted in ordered(push.updates) {
        let update = Update(wanted.ref, places.refs[wanted.ref], wanted.new)
        guard update.old != update.new else { continue }
        let codes = model().judge(push: [update])
        // Of what is alike one is asked, or two of what is accepted; the rest of the room is kept for the next.
        let kind = "\(update.ref.split(separator: "/")[0]) \(update.new == nil) \(codes.sorted())"
        let room = (codes.isEmpty ? accepted : refused) - asked.count { ($0.outcome == "accepted") == codes.isEmpty }
        let isNew = seen[kind] == nil
        if room > 0,
          isNew
            || codes.isEmpty && seen[kind] == 1
              && Int.random(in: 0..<max(1, pushes.count - place), using: &random) < room
        {
          seen[kind, default: 0] += 1
          try await ask(update, codes)
        }
        if codes.isEmpty, places.refs[update.ref] != update.new { try await places.land(update, isPushed: false) }
      }
    }
  }

  /// R2, one ref at a time.
  private func ordered(_ updates: [Update]) -> [Update] {
    let lead = model().lead(places.refs)?.name
    func rank(_ update: Update) -> Int {
      if update.new == nil { return 0 }
      if update.ref == Model.coSignatures { return 1 }
      if update.ref == lead { return 2 }
      return update.ref.hasPrefix("tags/") ? 4 : 3
    }
    return updates.sorted { (rank($0), $0.ref) < (rank($1), $1.ref) }
  }

  func run(_ words: [String], _ folder: String, extra: [String: String] = [:]) async throws -> Finished {
    commands += 1
    return try await places.run(words, in: folder, extra: extra)
  }

  // MARK: One question

  private func ask(_ update: Update, _ codes: Codes) async throws {
    commands = 0
    let lead = model().lead(places.refs)
    let isProtected =
      update.ref.hasPrefix("tags/") || update.ref == Model.coSignatures
      || lead.map { model().isProtected(update.ref, $0) } ?? true
    guard isProtected else { return }
    let hook = try await places.push(update)
    commands += 1
    if (hook.status == 0) != codes.isEmpty { disagree("the hook and the model \(codes.sorted())", update, hook) }
    let verdict = try await askVerify(update, hook)
    if !update.ref.hasPrefix("tags/"), update.ref != Model.coSignatures, update.old != nil, update.new != nil {
      try await askGate(update, hook, verdict)
    }
    // As if a server without a hook had taken it.
    try places.show(update.ref, update.new)
    try await places.track(update.ref, update.new)
    if update.ref.hasPrefix("tags/") {
      if update.new != nil, update.old == nil { try await askOfTag(update, hook) }
    } else if update.new != nil, update.ref != Model.coSignatures {
      try await askHistory(update, hook, verdict)
    }
    try await askClients(update, hook)
    let changes = verdict?.changes ?? []
    asked.append(
      Asked(
        ref: update.ref, isLead: update.ref == lead?.name, outcome: hook.outcome, codes: hook.codes,
        ways: Set(changes.flatMap(\.endorsers).map(\.via)), kinds: Set(changes.map(\.kind)),
        hasPathRule: changes.contains { !$0.paths.isEmpty }, commands: commands))
    if hook.status == 0 {
      try await places.land(update, isPushed: true)
    } else {
      try places.show(update.ref, update.old)
      try await places.track(update.ref, update.old)
    }
  }

  /// Words and JSON of one command.
  func bothForms(
    _ words: [String], _ folder: String, _ name: String, _ update: Update, extra: [String: String] = [:]
  ) async throws -> (Said, VerdictFile?) {
    let finished = try await run(words + ["--format", "json"], folder, extra: extra)
    let json = Said(json: finished, "\(name) --format json")
    // Words are asked for every other time: each command costs a third of a second.
    forms += 1
    guard forms % 2 == 0 else { return (json, VerdictFile(finished.output)) }
    let text = Said(text: try await run(words, folder, extra: extra), name)
    let verdict = VerdictFile(finished.output)
    if text.status != json.status || text.outcome != json.outcome && json.outcome != nil
      || (verdict?.refusals.count ?? 0) <= 20 && text.codes != json.codes && json.outcome != nil
      || text.counts.contains(where: { json.counts[$0.key] != nil && json.counts[$0.key] != $0.value })
    {
      disagree("\(name): words and JSON", update, text, json)
    }
    return (json, verdict)
  }

  private func verifyWords(_ update: Update) throws -> [String] {
    [
      "verify", "--old", try real.object(update.ref, update.old).hex, "--new",
      try real.object(update.ref, update.new).hex,
      "--target", RealRepository.name(update.ref), "--engine", places.engine,
    ]
  }

  private func askVerify(_ update: Update, _ hook: Said) async throws -> VerdictFile? {
    let words = try verifyWords(update)
    let (clone, verdict) = try await bothForms(words, places.clone, "verify in a clone", update)
    let server = Said(json: try await run(words + ["--format", "json"], places.shown), "verify on the server")
    for said in [clone, server]
    where said.status != (hook.outcome == "undecided" ? 2 : hook.status == 0 ? 0 : 1) || said.outcome != hook.outcome
      || hook.codes != said.codes && said.codes.count < 20
    {
      disagree("the hook and \(said.name)", update, hook, said)
    }
    if clone.counts != server.counts { disagree("verify in two places counts otherwise", update, clone, server) }
    return verdict
  }
}
