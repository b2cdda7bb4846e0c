import GitBridge
import Review
import RuleModel
import Support

/// A story of the model, replayed through the program: every push, then the audit, then the gate.
struct Comparison {
  let story: Story
  let real: RealRepository
  private(set) var differences: [String] = []
  private(set) var pushes = 0
  private(set) var steps = 0
  private(set) var answers = 0
  private var settings: ReviewSettings
  private let start: [String: Int]
  /// Where the real refs stand.
  private var refs: [String: Int] = [:]
  private var clock: Time = 0

  init(_ story: Story, from start: [String: Int]) throws {
    self.story = story
    self.start = start
    real = try RealRepository(story.model.history)
    settings = ReviewSettings(clock: 0, threads: 1)
    settings.engines = .native
    settings.usesCache = false
    settings.trustRoot = real.id(story.model.root)
    settings.lead = story.model.leadSetting
    settings.starts = story.model.starts.mapValues { [real] in real.id($0) }
  }

  /// The model as it was at some time.
  private func model() -> Model {
    var model = story.model
    model.refs = refs
    model.clock = clock
    model.ledger = []
    return model
  }

  private func reviewer() -> Reviewer {
    var settings = settings
    settings.clock = Int64(clock)
    return Reviewer(real.git.repository, settings)
  }

  private mutating func stand(at new: [String: Int]) throws {
    for ref in Set(refs.keys).union(new.keys) where refs[ref] != new[ref] {
      try real.git.setRef(RealRepository.name(ref), to: nil)
    }
    for (ref, value) in new where refs[ref] != value {
      try real.git.setRef(RealRepository.name(ref), to: try real.object(ref, value))
    }
    refs = new
  }

  private func updates(_ updates: [Update]) throws -> [RefUpdate] {
    try updates.map {
      RefUpdate(
        ref: Array(RealRepository.name($0.ref).utf8), old: try real.object($0.ref, $0.old),
        new: try real.object($0.ref, $0.new))
    }
  }

  private mutating func compare(_ what: String, _ push: [Update], _ codes: Codes) throws {
    let verdict = reviewer().judge(push: try updates(push))
    if (verdict.outcome == .accepted) == codes.isEmpty { return }
    let found = verdict.refusals.map {
      "\($0.code.rawValue) \($0.commit.map { "\(real.number($0))" } ?? "-"): \($0.message)"
    }
    differences.append(
      """
      \(what) at \(clock)
        push \(push.map(line))
        model: \(codes.sorted()); program: \(verdict.outcome) \(found)
        refs \(refs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))

      """
        + describe(push))
  }

  private func line(_ update: Update) -> String {
    "\(update.ref) \(update.old.map(String.init) ?? "-")..\(update.new.map(String.init) ?? "-")"
  }

  /// Every push on its own, then all at once, then onto an empty server.
  mutating func replayPushes() throws {
    try stand(at: start)
    for (place, push) in story.pushes.enumerated() {
      clock = push.clock
      pushes += 1
      try compare("push \(place)", push.updates, push.codes)
      if push.codes.isEmpty {
        var next = refs
        for update in push.updates { next[update.ref] = update.new }
        try stand(at: next)
      }
    }
    let end = refs
    for (what, from) in [("one push of everything", start), ("all onto an empty server", [:])] {
      try stand(at: from)
      let all = Set(end.keys).union(from.keys).sorted().filter { end[$0] != from[$0] }.map {
        Update($0, from[$0], end[$0])
      }
      if !all.isEmpty {
        pushes += 1
        try compare(what, all, model().judge(push: all))
      }
    }
    try stand(at: end)
  }

  /// The lead's steps and those of every branch that follows it.
  mutating func compareAudits() throws {
    let model = model()
    guard let lead = model.lead(refs) else { return }
    let followers = refs.keys.filter { !$0.hasPrefix("tags/") && $0 != Model.coSignatures && $0 != lead.name }
      .filter { model.isProtected($0, lead) && !lead.former.contains($0) }.sorted()
    for ref in [lead.name] + followers {
      guard let tip = refs[ref], let expected = ref == lead.name ? model.auditLead() : model.auditFollower(ref) else {
        continue
      }
      var found: [String: Outcome] = [:]
      var why: [String: String] = [:]
      let scope = AuditScope(ref: RealRepository.name(ref), tip: real.id(tip), start: real.id(story.model.root))
      do {
        _ = try reviewer().audit(scope) { verdict in
          for update in verdict.updates {
            let step = "\(real.number(update.old)) to \(real.number(update.new))"
            found[step] = verdict.outcome
            why[step] = verdict.refusals.map { "\($0.code.rawValue): \($0.message)" }.joined(separator: "; ")
          }
        }
      } catch {
        differences.append("audit of \(ref) at \(clock): \(error.refusal(ref: ref).message)")
        continue
      }
      for step in expected {
        steps += 1
        let wanted: Outcome
        switch step.answer {
        case .accepted: wanted = .accepted
        case .unsettled: wanted = .undecided
        case .refused: wanted = .refused
        }
        let name = "\(step.old) to \(step.new)"
        if found[name] != wanted {
          differences.append(
            """
            audit of \(ref) at \(clock), step \(name)
              model: \(step.answer); program: \(found[name].map { "\($0)" } ?? "says nothing") \(why[name] ?? "")

            """
              + describe([Update(ref, step.old, step.new)]))
        }
      }
    }
  }

  /// R118: the gate names somebody exactly if their merge, pushed, is accepted.
  mutating func compareGate(_ heads: [(ref: String, head: CommitID)]) throws {
    let model = model()
    guard let lead = model.lead(refs) else { return }
    for (ref, head) in heads {
      guard let base = refs[ref], model.isProtected(ref, lead) else { continue }
      let target = RefUpdate(ref: Array(RealRepository.name(ref).utf8), old: real.id(base), new: real.id(base))
      let answer = reviewer().judge(pullRequest: real.id(head), onto: target)
      if story.model.history.reach(base).contains(head) { continue }
      answers += 1
      let direct = model.judge(push: [Update(ref, base, head)]).isEmpty
      let all = model.countingKeys()
      let expected = model.mergers(head, onto: ref, keys: all)
      let found = Set(answer.mergers)
      if direct != answer.mayFastForward || expected != found && !direct {
        let why = answer.verdict.refusals.map { "\($0.code.rawValue): \($0.message)" }
        differences.append(
          """
          gate: \(head) onto \(ref) \(base) at \(clock)
            model: \(expected.sorted()) fast-forward \(direct); \
          program: \(found.sorted()) fast-forward \(answer.mayFastForward) \(why)

          """
            + describe([Update(ref, base, head)]))
      }
    }
  }

  /// The commits that a push is about, one a line.
  private func describe(_ updates: [Update]) -> String {
    let history = story.model.history
    var text = ""
    for update in updates where !update.ref.hasPrefix("tags/") {
      guard let new = update.new else { continue }
      let old = update.old.map { history.reach($0) } ?? Commits()
      for id in history.reach(new).ids.filter({ !old.contains($0) }).suffix(14) {
        let commit = history[id]
        let before = commit.parents.first.map { history[$0].tree } ?? [:]
        let changed = Set(commit.tree.keys).union(before.keys).filter { commit.tree[$0] != before[$0] }.sorted()
        let signature = commit.signature.map { " by \($0.key) at \($0.date)" } ?? ""
        text += """
              \(id) <- \(commit.parents)\(signature)\(commit.saysAdopt ? " adopt \(commit.bounds)" : "") \
          changes \(changed)\n
          """
      }
    }
    return text
  }
}
