/// What is new in one step, and by what it is judged.
struct Step {
  var ref: String
  var old: CommitID
  var new: CommitID
  /// In order: parents before their children.
  var fresh: Commits
  var terms: Terms
  var threshold: Int
  /// R120: of a follower, the lead state below the step's end.
  var held: CommitID?
  /// R86: states of this branch above the step's end.
  var later: [CommitID] = []
  /// R89: for the lead, the branches of which it merges a state.
  var merged: Set<String> = []
  /// For a mutant of R87: later terms, by which co-signers would count too.
  var laterTerms: Terms?
}

enum Kind { case ordinary, adopt, cleanMerge, contentMerge }

extension Model {
  /// R84, R93–R96, and R100: what the commit touches.
  func kind(_ id: CommitID) -> (kind: Kind, touched: Set<String>) {
    let commit = history[id]
    if commit.parents.count < 2 {
      let parent = commit.parents.first.map { history[$0].tree } ?? [:]
      let touched = differences(commit.tree, parent)
      return (touched.isEmpty && commit.saysAdopt && commit.parents.count == 1 ? .adopt : .ordinary, touched)
    }
    let (again, conflicts) = history.mergeAgain(commit.parents, fromEach: holds(.eachBase_R95))
    var touched = differences(commit.tree, again)
    if conflicts.isEmpty && touched.isEmpty { return (.cleanMerge, []) }
    touched = conflicts.union(conflicts.isEmpty ? touched : [])
    if !conflicts.isEmpty {
      let all = commit.parents.map { differences(commit.tree, history[$0].tree) }
      touched.formUnion(all.dropFirst().reduce(all[0]) { $0.intersection($1) })
    }
    return (.contentMerge, touched)
  }

  /// R83.
  func introduced(_ merge: CommitID) -> Commits {
    let parents = history[merge].parents
    return history.reach(parents.dropFirst()).subtracting(history.reach(parents[0]))
  }

  /// R82–R92: who endorses what in a step.
  func endorsers(_ step: Step, _ statements: [Statement]) -> [CommitID: Set<Person>] {
    var result: [CommitID: Set<Person>] = [:]
    func endorse(_ commits: Commits, _ person: Person) {
      for id in commits.intersection(step.fresh).ids { result[id, default: []].insert(person) }
    }
    let merges = step.fresh.ids.filter { history[$0].parents.count > 1 }
    for id in step.fresh.ids {
      let commit = history[id]
      guard let person = step.terms.signer(commit.signature) else { continue }
      result[id, default: []].insert(person)
      let kind = commit.parents.count > 1 ? .cleanMerge : self.kind(id).kind
      if kind == .cleanMerge {
        guard holds(.merge_R83) else { continue }
        endorse(bounded(introduced(id), by: commit.bounds, in: step), person)
      } else if kind == .adopt {
        if step.terms.rules.policy.bindsAdoptions, !isBound(commit) { continue }
        // R85: no further than to where the innermost merge that brings the adoption in starts.
        let around = merges.filter { introduced($0).contains(id) }
        let innermost = around.filter { merge in !around.contains { $0 != merge && history.reach(merge).contains($0) } }
        let limits = innermost.isEmpty ? [step.old] : innermost.map { history[$0].parents[0] }
        let covered = history.reach(commit.parents)
        let limited = holds(.adoptionBoundary_R85) ? covered.subtracting(history.reach(limits)) : covered
        endorse(bounded(limited, by: commit.bounds, in: step), person)
      }
    }
    for statement in statements {
      // R86, R87.
      guard statement.target == step.ref || !holds(.target_R89),
        let person = step.terms.signer(statement.signature) ?? step.laterTerms?.signer(statement.signature),
        step.fresh.contains(statement.head) || statement.head == step.new || step.later.contains(statement.head),
        history.reach(statement.head).contains(statement.base)
      else { continue }
      endorse(history.reach(statement.head).subtracting(history.reach(statement.base)), person)
    }
    return result
  }

  /// R91.
  private func isBound(_ commit: Commit) -> Bool {
    commit.bounds.contains { if case .base = $0 { true } else { false } }
      && commit.bounds.contains { if case .target = $0 { true } else { false } }
  }

  /// R88, R89.
  private func bounded(_ commits: Commits, by bounds: [Bound], in step: Step) -> Commits {
    var commits = commits
    for bound in bounds {
      switch bound {
      case .base(let base):
        guard holds(.base_R88) else { continue }
        guard let base, history.reach(step.new).contains(base) else { return Commits() }
        commits = commits.subtracting(history.reach(base))
      case .target(let target):
        guard target == step.ref || step.merged.contains(target) || !holds(.target_R89) else { return Commits() }
      }
    }
    return commits
  }

  /// R22, R93–R100: what the new commits of a step lack.
  func lacks(_ step: Step, _ statements: [Statement]) -> Codes {
    var codes: Codes = []
    let endorsers = endorsers(step, statements)
    for id in step.fresh.ids {
      var (kind, touched) = kind(id)
      if id == step.new, kind == .cleanMerge, asksForBringing {
        touched = bringsBack(step)
        if !touched.isEmpty { kind = .contentMerge }
      }
      if history[id].parents.isEmpty, holds(.unrelated_R22) { codes.insert("unrelated-history") }
      let people = endorsers[id] ?? []
      let isWork = kind == .ordinary && holds(.threshold_R93) || kind == .contentMerge && holds(.contentMerge_R96)
      if people.count < (isWork ? step.threshold : 1), id != step.new || holds(.ownSignature_R97) {
        // R97.
        codes.insert(
          id == step.new && history[id].parents.count > 1 && people.isEmpty ? "unsigned-merge" : "too-few-endorsers")
      }
      for rule in step.terms.rules.policy.paths
      where touched.contains(rule.path) && kind != .cleanMerge && holds(.paths_R99) {
        if people.count < rule.threshold || !rule.group.isEmpty && people.isDisjoint(with: rule.group) {
          codes.insert("path-needs-more")
        }
      }
    }
    return codes
  }

  /// R120: the paths at which the new tip differs from `p` and stands as no new commit has put it.
  private func bringsBack(_ step: Step) -> Set<String> {
    let tree = history[step.new].tree
    var paths = differences(tree, history[step.old].tree)
    if let held = step.held { paths.formIntersection(differences(tree, history[held].tree)) }
    for id in step.fresh.ids {
      let commit = history[id]
      let parents = commit.parents.map { history[$0].tree }
      let isMerge = parents.count > 1 && kind(id).kind == .cleanMerge
      let put =
        isMerge
        ? parents.map { differences(commit.tree, $0) }.reduce(paths) { $0.intersection($1) }
        : differences(commit.tree, parents.first ?? [:])
      for path in put where commit.tree[path] == tree[path] { paths.remove(path) }
    }
    return paths
  }
}
