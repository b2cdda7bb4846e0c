internal import GitBridge
internal import Review

/// What an audit saw, for its page: who stands behind each change, month by month and person by person.
struct HistoryPicture {
  struct Seen {
    let commit: ObjectID
    let time: Int64
    let kind: ChangeKind
    let required: Int
    let isAccepted: Bool
    /// Each with the ways; sorted by person.
    let endorsers: [Endorser]
    let people: [String]

    /// Who signed the change itself.
    var own: String? { endorsers.first { $0.via == .own }?.person }
    var isChange: Bool { kind == .ordinary || kind == .contentMerge }
    var bucket: Int { min(people.count, 2) }
  }

  let repository: Repository
  private var seen: [Seen] = []

  init(_ repository: Repository) { self.repository = repository }

  mutating func add(_ verdict: Verdict) {
    for change in verdict.updates.flatMap(\.changes) {
      let time = (try? repository.readCommit(change.commit))?.commit.committerTime ?? 0
      seen.append(
        Seen(
          commit: change.commit, time: time, kind: change.kind, required: change.required,
          isAccepted: change.outcome == .accepted,
          endorsers: change.endorsers, people: Array(Set(change.endorsers.map(\.person))).sorted()))
    }
  }

  /// Draws what was seen into a report.
  ///
  /// - Parameter keys: The registry at the branch's tip with its outlook, if it could be read.
  func draw(into report: inout Report, keys: (registry: Registry, audit: RegistryAudit)?, tags: [SignedTag]) {
    let changes = seen.filter(\.isChange).sorted { $0.time != $1.time ? $0.time > $1.time : $0.commit < $1.commit }
    let buckets = changes.reduce(into: [0, 0, 0]) { $0[$1.bucket] += 1 }
    let newestFirst = seen.sorted { $0.time != $1.time ? $0.time > $1.time : $0.commit < $1.commit }
    let short = newestFirst.filter { !$0.isAccepted }
    let months = self.months(changes)
    let rest = seen.count - changes.count
    report.picture.replacesRows = true
    report.picture.tiles = [
      .init(
        number: grouped(changes.count),
        caption: (changes.count == 1 ? "change" : "changes")
          + (rest > 0 ? "; \(count(rest, "more commit")) add nothing" : ""),
        target: changes.isEmpty ? nil : "changes"),
      .init(
        number: percent(buckets[2], of: changes.count), caption: "of the changes have two maintainers or more",
        mood: buckets[2] == changes.count ? .good : .plain, target: changes.isEmpty ? nil : "months"),
      .init(
        number: grouped(short.count),
        caption: "\(short.count == 1 ? "commit lacks" : "commits lack") a signature that the rule asks for",
        mood: short.isEmpty ? .good : .bad, target: short.isEmpty ? nil : "short"),
      .init(
        number: well(newestFirst), caption: "all is well since",
        mood: newestFirst.first.map(\.isAccepted) == false ? .bad : .good,
        target: changes.isEmpty ? nil : "months"),
    ]
    if !short.isEmpty {
      report.picture.refused = """
        <a href="#short">\(grouped(short.count))</a> of \(count(seen.count, "commit")) \
        \(short.count == 1 ? "lacks" : "lack") a signature that the rule asks for
        """
    }
    report.picture.sentence = whereNot(short, newestFirst, report.link)
    report.picture.rule = rule(changes)
    if !changes.isEmpty {
      let all = count(changes.count, "change")
      report.picture.leading.append(
        Page.Section(
          id: "months", heading: "Month by month",
          body: Charts.timeline(
            months,
            label:
              """
              \(all) in \(count(months.count, "month")): \(percent(buckets[2], of: changes.count)) with two or more, \
              \(percent(buckets[1], of: changes.count)) with one, \(percent(buckets[0], of: changes.count)) with nobody
              """)
            + monthTable(months)))
    }
    if !short.isEmpty {
      report.picture.sections.append(
        Page.Section(
          id: "short", heading: "What lacks a signature",
          body: table(short, "Commits with fewer maintainers than they need, newest first", report.link) + Self.ways))
    }
    if !changes.isEmpty {
      report.picture.sections.append(
        Page.Section(id: "reviews", heading: "Who stands behind whose changes", body: matrix(changes, report.link)))
    }
    let merges = changes.filter { $0.kind == .contentMerge }
    let clean = seen.count { $0.kind == .cleanMerge }
    report.picture.sections.append(
      Page.Section(
        id: "merges", heading: "Merges with content of their own",
        body:
          """
          <p class="note">\(count(clean + merges.count, "merge")): \(grouped(clean)) add nothing to what they merge, \
          \(grouped(merges.count)) have content of their own and count as changes.</p>
          """
            + (merges.isEmpty ? "" : table(merges, "Merges with content of their own", report.link))))
    if let keys {
      report.picture.sections.append(
        Page.Section(id: "keys", heading: "Keys", body: keyTable(keys.registry, keys.audit, newestFirst, report.link)))
    }
    if !tags.isEmpty {
      report.picture.sections.append(
        Page.Section(id: "releases", heading: "Releases", body: tagTable(tags, report.link)))
    }
    if !changes.isEmpty {
      report.picture.sections.append(
        Page.Section(id: "changes", heading: "The changes", body: list(changes, report.link) + Self.ways))
    }
  }

  /// The months as bars of a terminal. Steps that an earlier audit judged were not looked at again, and so not drawn.
  func bars(_ console: Console, remembered: Int) -> [String] {
    guard console.showsMonths else { return [] }
    if remembered > 0 {
      return ["  months     not drawn: \(count(remembered, "step")) were judged before (--no-cache draws them)"]
    }
    let months = months(seen.filter(\.isChange))
    guard !months.isEmpty else { return [] }
    return ["  changes of each month: two or more maintainers of all"]
      + MonthBars(console: console, months: months).lines.map { "    " + $0 }
  }

  /// Where it is not as the rule wants it: of the last year or long ago.
  private func whereNot(_ short: [Seen], _ all: [Seen], _ link: CommitLink?) -> HTML {
    guard let newest = short.first, let last = all.first else { return "" }
    let recent = short.count { $0.time > last.time - 365 * 86_400 }
    let after = last.isAccepted ? ", and since then all is well" : ""
    guard short.count > 1 else {
      return "It is \(HTML.commit(newest.commit, link)) of \(HTML.day(newest.time))\(after)."
    }
    return """
      \(recent == 0 ? "None" : recent == short.count ? "All" : grouped(recent)) of them \(recent == 1 ? "is" : "are") \
      of the last twelve months; the newest is \(HTML.commit(newest.commit, link)) of \(HTML.day(newest.time))\(after).
      """
  }

  /// The rule for somebody who has never heard of it.
  private func rule(_ changes: [Seen]) -> HTML {
    let asked = Set(changes.map(\.required)).sorted()
    guard let least = asked.first, let most = asked.last else { return "" }
    let number = least == most ? "\(least)" : "\(least) to \(most)"
    return """
      The rule: \(number) \(most == 1 ? "maintainer signs" : "different maintainers sign") for each change, and one \
      for a merge that adds nothing to what it merges.
      """
  }

  /// What the words in brackets mean.
  private static let ways: HTML = """
    <p class="note">In brackets how: own, who signed the commit; merge, who signed a merge that brought it in; adopt, \
    who signed an empty commit on top that adopts it; co-signature, who signed for it elsewhere.</p>
    """

  /// - Parameter changes: Newest first, merges included.
  private func well(_ changes: [Seen]) -> String {
    guard let newest = changes.first else { return "always" }
    guard newest.isAccepted else { return "not now" }
    guard let short = changes.firstIndex(where: { !$0.isAccepted }) else { return "the start" }
    return datestamp(changes[short - 1].time)
  }

  private func months(_ changes: [Seen]) -> [(month: SurveyMonth, buckets: [Int])] {
    SurveyMonth.filled(
      changes.reduce(into: [:]) { $0[SurveyMonth($1.time), default: [0, 0, 0]][$1.bucket] += 1 }, none: [0, 0, 0])
  }
}

extension Session {
  /// Draws an audit's history into its report, with the registry and the releases as far as they can be read.
  func draw(_ picture: HistoryPicture, into report: inout Report, tip: ObjectID) {
    var keys: (registry: Registry, audit: RegistryAudit)?
    var tags: [SignedTag] = []
    // A page without its table of keys is still the page of this verdict.
    if let registry = try? reviewer.registry(at: tip, proving: .witnessed), let policy = try? reviewer.policy(at: tip) {
      keys = (registry, RegistryAudit(registry, policy, now: Clock.now))
      tags = (try? reviewer.signedTags(registry, atMost: 200)) ?? []
    }
    picture.draw(into: &report, keys: keys, tags: tags)
  }
}
