import GitBridge
import RuleModel
import Support

/// What is asked of a branch or tag that has come in: by `audit`, `log` and `explain`.
extension Questioning {
  func askOfTag(_ update: Update, _ hook: Said) async throws {
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
  static let moves: Set<String> = [
    "rewind", "foxtrot", "wrong-source-branch", "former-lead", "unjudged-branch", "unrelated-history",
  ]

  func askHistory(_ update: Update, _ hook: Said, _ verdict: VerdictFile?) async throws {
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
}
