import GitBridge
import RuleModel
import Support

/// What is asked before the push: of the gate, of `explain`, of the merge that the gate has in mind, and of `cosign`.
extension Questioning {
  func askGate(_ update: Update, _ hook: Said, _ verdict: VerdictFile?) async throws {
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
}
