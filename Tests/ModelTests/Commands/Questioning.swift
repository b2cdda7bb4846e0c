import Foundation
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
  private(set) var disagreements: [String] = []
  private(set) var differences: Set<Difference> = []
  private(set) var asked: [Asked] = []
  private var random: Numbers
  private var now: Time = 0
  private var commands = 0
  private var forms = 0
  /// Where `check` has seen each ref last, and said yes.
  private var checked: [String: String] = [:]
  private var real: RealRepository { places.real }
  private var history: History { story.model.history }

  init(_ story: Story, from start: [String: Int], engine: String, seed: UInt64) async throws {
    self.story = story
    random = Numbers(seed: seed)
    places = try await Places(story, from: start, engine: engine)
  }

  /// The model at this moment.
  private func model(_ refs: [String: Int]? = nil) -> Model {
    var model = story.model
    model.refs = refs ?? places.refs
    model.clock = now
    model.ledger = []
    return model
  }

  private func disagree(_ what: String, _ update: Update, _ said: Said...) {
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

  private func meet(_ difference: Difference) { differences.insert(difference) }

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

  private func run(_ words: [String], _ folder: String, extra: [String: String] = [:]) async throws -> Finished {
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
  private func bothForms(
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

  // MARK: Before the push

  private func askGate(_ update: Update, _ hook: Said, _ verdict: VerdictFile?) async throws {
    let (old, new) = (update.old!, update.new!)
    let words = [
      "gate", "--base", real.id(old).hex, "--head", real.id(new).hex, "--target", update.ref, "--engine", places.engine,
    ]
    let (gate, answer) = try await bothForms(words, places.clone, "gate", update)
    guard let answer, let merge = answer.gate else { return disagree("the gate gives no answer", update, gate) }
    let isHeld = history.reach(old).contains(new)
    if isHeld {
      meet(.alreadyHeld)
      if gate.status != 0 || !merge.isFastForward { disagree("the gate of what is held", update, gate) }
    } else {
      if merge.isFastForward != (hook.status == 0) {
        disagree("the gate's fast-forward and the hook", update, hook, gate)
      }
      if gate.outcome == "accepted", hook.status != 0 { meet(.imaginedMerge) }
      if (gate.outcome == "accepted") != (merge.isFastForward || !merge.mergers.isEmpty) {
        disagree("the gate's own words", update, gate)
      }
      if hook.status != 0 { try await askImagined(update, merge.mergers, gate) }
    }
    // What a commit has, it has whoever is asked: one step that ends in the head itself.
    if let verdict, verdict.updates.count == 1, verdict.updates[0].old == real.id(old).hex, !isHeld,
      history[new].parents.first == old
    {
      for change in answer.changes {
        guard let own = verdict.changes.first(where: { $0.commit == change.commit }) else { continue }
        if own.ways != change.ways { disagree("the gate and verify count otherwise at \(change.commit)", update, gate) }
      }
    }
    // explain, of a commit that the branch does not hold, is the gate in other words.
    let (explain, told) = try await bothForms(
      ["explain", real.id(new).hex, "--target", "origin/" + update.ref, "--engine", places.engine], places.clone,
      "explain before", update)
    if !isHeld {
      if explain.status != gate.status || explain.outcome != gate.outcome || explain.codes != gate.codes
        || explain.counts != gate.counts
      {
        disagree("gate and explain", update, gate, explain)
      }
      if told?.gate?.mergers != merge.mergers || told?.gate?.waiting != merge.waiting {
        disagree("gate and explain: whose merge", update, gate, explain)
      }
    }
    if hook.status != 0 || asked.count % 3 == 0 { try await askCosign(update, gate, merge, isHeld: isHeld) }
  }

  /// R118: the merge of one whom the gate names, made and judged, and of one whom it does not.
  private func askImagined(_ update: Update, _ mergers: [String], _ gate: Said) async throws {
    let (old, new) = (real.id(update.old!), real.id(update.new!))
    guard case .clean? = try? real.git.repository.mergeAgain(parents: [old, new]) else { return }
    let written = try real.git.git("merge-tree", "--write-tree", old.hex, new.hex).line
    guard let tree = ObjectID(hexString: written) else { return disagreements.append("git merge-tree: \(written)") }
    let keys = model().countingKeys()
    let others = Set(keys.values).subtracting(mergers)
    for (person, isNamed) in [
      (mergers.randomElement(using: &random), true), (others.sorted().randomElement(using: &random), false),
    ] {
      guard let person, let key = keys.filter({ $0.value == person }).keys.sorted().first else { continue }
      let merge = try real.git.commit(
        tree: tree, parents: [old, new], time: Int64(now) - 60, message: "Merge\n",
        signedBy: { self.real.sign($0, Signature(key, self.now - 60)) })
      let said = Said(
        json: try await run(
          [
            "verify", "--old", old.hex, "--new", merge.hex, "--target", update.ref, "--engine", places.engine,
            "--format", "json",
          ], places.shown),
        "verify the merge by \(person)")
      if (said.outcome == "accepted") != isNamed {
        disagree("the gate \(isNamed ? "names" : "does not name") \(person)", update, gate, said)
      }
    }
  }

  private func askCosign(_ update: Update, _ gate: Said, _ merge: VerdictFile.Gate, isHeld: Bool) async throws {
    let keys = model().countingKeys()
    let person = merge.mergers.randomElement(using: &random) ?? Set(keys.values).sorted().randomElement(using: &random)
    guard let person, let key = keys.filter({ $0.value == person }).keys.sorted().first else { return }
    let place = "refs/pull/7/head"
    try real.git.setRef(place, to: real.id(update.new!))
    try await places.sandbox.must(["git", "-C", places.clone, "config", "user.signingkey", real.fingerprint(key)])
    let said = Said(
      text: try await run(
        ["cosign", "7", "--dry-run", "--base", update.ref], places.clone, extra: ["STAGEX_GPG_SIGN": "/bin/false"]),
      "cosign --dry-run by \(person)")
    try real.git.setRef(place, to: nil)
    let words = said.finished.output
    let mayMerge = merge.mergers.contains(person) || merge.isFastForward
    if isHeld {
      if said.status == 0 { disagree("cosign of what is held", update, said) }
    } else if mayMerge {
      if said.status != 0 || !words.contains("To do: merge it") {
        disagree("gate and cosign: \(person) may merge", update, gate, said)
      }
    } else if said.status == 0 {
      if !words.contains("To do: adopt it") { disagree("gate and cosign: \(person) may not merge", update, gate, said) }
    } else if said.finished.error.contains("already count") {
      meet(.alreadyCounts)
    } else if said.status == 1, !said.codes.isEmpty {
      if said.codes != gate.codes { disagree("gate and cosign: why", update, gate, said) }
    } else if !(merge.conflicts && said.finished.error.contains("conflict")) {
      disagree("cosign gives no reason", update, gate, said)
    }
  }

  // MARK: After it

  private func askOfTag(_ update: Update, _ hook: Said) async throws {
    let name = String(update.ref.dropFirst("tags/".count))
    for command in ["verify", "explain", "audit"] {
      let (said, _) = try await bothForms(
        [command, name, "--engine", places.engine], places.clone, "\(command) TAG", update)
      if said.outcome != hook.outcome || said.codes != hook.codes || said.status != hook.status && hook.status == 0 {
        disagree("the hook and \(command) of the tag", update, hook, said)
      }
    }
  }

  /// What an audit may let pass although a hook refuses it.
  private static let moves: Set<String> = [
    "rewind", "foxtrot", "wrong-source-branch", "former-lead", "unjudged-branch", "unrelated-history",
  ]

  private func askHistory(_ update: Update, _ hook: Said, _ verdict: VerdictFile?) async throws {
    var refs = places.refs
    refs[update.ref] = update.new
    let after = model(refs)
    let words = ["audit", "origin/" + update.ref, "--engine", "native"]
    let finished = try await run(words + ["--format", "json"], places.clone)
    let audit = Said(json: finished, "audit in a clone")
    let steps = VerdictFile.list(finished.output)
    if asked.count % 2 == 0 {
      let text = Said(
        text: try await run(["audit", update.ref, "--engine", "native"], places.shown), "audit on the server")
      if text.status != finished.status { disagree("audit in two places", update, text, audit) }
    }
    if asked.count % 2 == 1 {
      let log = try await run(["log", "origin/" + update.ref, "--engine", "native", "--format", "json"], places.clone)
      let logged = VerdictFile.list(log.output)
      if !logged.reversed().elementsEqual(
        steps, by: { $0.verdict == $1.verdict && $0.changes.map(\.ways) == $1.changes.map(\.ways) })
        || log.status != (finished.status == 2 ? 2 : 0)
      {
        disagree("audit and log", update, audit, Said(json: log, "log"))
      }
    }
    let name = RealRepository.name(update.ref)
    // Where the lead has handed over, its older steps bear the older name.
    let isLead = after.lead(refs)?.name == update.ref
    let own = isLead ? steps : steps.filter { $0.updates.contains { $0.ref == name } }
    guard let lead = after.lead(refs) else {
      if finished.status == 0 { disagree("an audit without a lead", update, audit) }
      return
    }
    // The model knows what an audit says, step by step.
    let expected = (update.ref == lead.name ? after.auditLead() : after.auditFollower(update.ref)) ?? []
    for step in expected {
      let wanted =
        switch step.answer {
        case .accepted: "accepted"
        case .unsettled: "undecided"
        case .refused: "refused"
        }
      let found = own.first { $0.updates[0].new == real.id(step.new).hex }
      if found?.verdict != wanted {
        disagree("audit and the model, step \(step.old)..\(step.new): \(wanted)", update, audit)
      }
    }
    let line = Set(history.line(update.new!).prefix { $0 != update.old }.map { real.id($0).hex })
    let brought = own.filter { line.contains($0.updates[0].new) }
    if hook.status == 0 {
      if brought.contains(where: { $0.verdict != "accepted" }) {
        disagree("the hook took it, the audit does not", update, hook, audit)
      }
      for step in verdict?.updates ?? [] {
        guard let found = brought.first(where: { $0.updates[0].new == step.new }) else { continue }
        if found.changes.map(\.ways) != step.changes.map(\.ways)
          || found.changes.map(\.count) != step.changes.map(\.count)
        {
          disagree("verify and audit count otherwise in \(step.new)", update, audit)
        }
      }
    } else if finished.status == 0 {
      // Nothing in the branch is wrong as it stands.
      let why = hook.codes.subtracting(Self.moves)
      if why.isEmpty {
        meet(.auditSeesNoMove)
      } else {
        disagree("the hook refused it, the audit does not", update, hook, audit)
      }
    }
    try await explain(update, steps, audit)
  }

  /// A few of the commits that came in.
  private func explain(_ update: Update, _ steps: [VerdictFile], _ audit: Said) async throws {
    let before = update.old.map { history.reach($0) } ?? Commits()
    let new = history.reach(update.new!).ids.filter { !before.contains($0) }
    // The tip one time, any of them the next.
    for number in [asked.count % 2 == 0 ? new.last : new.randomElement(using: &random)].compactMap(\.self) {
      let id = real.id(number).hex
      let words = ["explain", id, "--target", "origin/" + update.ref, "--engine", "native"]
      let finished = try await run(words + ["--format", "json"], places.clone)
      let said = Said(json: finished, "explain")
      let text = try await run(["explain", id, "--target", update.ref, "--engine", "native"], places.shown)
      if text.status != finished.status {
        disagree("explain of \(id): words and JSON", update, said, Said(text: text, "explain"))
      }
      guard let verdict = VerdictFile(finished.output), let change = verdict.changes.first(where: { $0.commit == id })
      else { continue }
      let needs = """
        needs      \(change.required) \(change.required == 1 ? "maintainer" : "different maintainers"), \
        has \(change.people.count)
        """
      if !text.output.contains(needs) || !text.output.hasPrefix("\(verdict.verdict): commit") {
        disagree("explain of \(id): words and JSON", update, said, Said(text: text, "explain"))
      }
      guard let step = steps.first(where: { $0.changes.contains { $0.commit == id } }),
        let audited = step.changes.first(where: { $0.commit == id })
      else { continue }
      if audited.ways != change.ways || audited.count != change.count || audited.verdict != change.verdict {
        disagree("audit and explain of \(id)", update, audit, said)
      }
      if step.verdict != "accepted", said.outcome == "accepted" {
        disagree("audit and explain of \(id): outcome", update, audit, said)
      }
    }
  }

  /// Whether somebody who has seen the ref elsewhere than the hook, or never, cannot know what the hook knows: only how
  /// the ref moved is wrong.
  private func isNeverSeen(_ update: Update, _ hook: Said, last: String?) -> Bool {
    if update.old == nil, hook.codes == ["wrong-source-branch"] { return true }
    return last != update.old.map { real.id($0).hex } && hook.codes.isSubset(of: ["rewind", "foxtrot"])
  }

  private func askClients(_ update: Update, _ hook: Said) async throws {
    let name = RealRepository.name(update.ref)
    let fetched = try await run(["fetch", "--format", "json"], places.client)
    let fetch = Said(json: fetched, "fetch")
    guard let answer = FetchFile(fetched.output) else { return disagree("fetch gives no answer", update, fetch) }
    let found = answer.refs.first { $0.ref == name }
    if let found {
      let codes = Set(found.refusals.map(\.code))
      if codes.contains("backdated") { meet(.backdated) }
      let like = Set(codes.map { $0 == "rollback" ? "rewind" : $0 }).subtracting(["backdated"])
      if codes.contains("rollback") { meet(.clientsName) }
      let isTag = update.ref.hasPrefix("tags/")
      if found.accepted, isNeverSeen(update, hook, last: found.old) {
        meet(.neverSeen)
      } else if !codes.contains("backdated") {
        if found.accepted != (hook.status == 0) { disagree("the hook and fetch", update, hook, fetch) }
        if !isTag, found.old != update.old.map({ real.id($0).hex }) {
          // Where it looks at more steps it may find more.
          if !codes.isSuperset(of: hook.codes.subtracting(Self.moves)) {
            disagree("the hook and fetch: why", update, hook, fetch)
          }
        } else if like != hook.codes, !codes.contains("rollback") {
          disagree("the hook and fetch: why", update, hook, fetch)
        }
      }
      if (fetched.status == 0) != answer.refs.allSatisfy(\.accepted) { disagree("fetch's status", update, fetch) }
    } else {
      disagree("fetch does not see it", update, hook, fetch)
    }
    guard update.new != nil, asked.count % 2 == 1 else { return }
    let question = update.ref.hasPrefix("tags/") ? ["--release", String(update.ref.dropFirst(5))] : [update.ref]
    let words = ["check", places.shown] + question + ["--engine", "native"]
    let finished = try await run(words + ["--format", "json"], places.sandbox.path)
    let check = Said(json: finished, "check")
    let said = try? JSONDecoder().decode(CheckFile.self, from: Data(finished.output.utf8))
    guard let said else { return disagree("check gives no answer", update, check) }
    let codes = Set(said.refusals.map(\.code))
    if codes.contains("backdated") { meet(.backdated) }
    if (said.verdict == "accepted") != (hook.status == 0), !codes.contains("backdated"),
      said.verdict != "accepted" || !isNeverSeen(update, hook, last: checked[name])
    {
      disagree("the hook and check", update, hook, check)
    }
    if said.verdict == "accepted" { checked[name] = update.new.map { real.id($0).hex } }
    if finished.status != ["accepted": 0, "refused": 1, "undecided": 2][said.verdict] {
      disagree("check's status", update, check)
    }
    guard asked.count % 4 == 1 else { return }
    let text = try await run(words, places.sandbox.path)
    let word = ["accepted": "yes:", "refused": "no:", "undecided": "cannot tell:"][said.verdict] ?? "?"
    if text.status != finished.status || !text.output.hasPrefix(word) {
      disagree("check: words and JSON", update, Said(text: text, "check"), check)
    }
  }
}

/// What `fetch --format json` says.
struct FetchFile: Decodable {
  struct Ref: Decodable {
    let ref: String
    /// Where the clone stood.
    let old: String?
    let accepted: Bool
    let refusals: [VerdictFile.Refusal]
  }
  let verdict: String
  let refs: [Ref]

  init?(_ text: String) {
    guard let value = try? JSONDecoder().decode(FetchFile.self, from: Data(text.utf8)) else { return nil }
    self = value
  }
}

/// What `check --format json` says.
struct CheckFile: Decodable {
  let verdict, answer: String
  let refusals: [VerdictFile.Refusal]
}
