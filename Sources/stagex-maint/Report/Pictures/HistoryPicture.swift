internal import GitBridge
internal import OpenPGP
internal import Review

/// What an audit saw, for its page: who stands behind each change, month by month and person by person.
struct HistoryPicture {
  private struct Seen {
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

  private let repository: Repository
  private var seen: [Seen] = []
  private static let mostListed = 4000
  private static let mostPeople = 20

  init(_ repository: Repository) { self.repository = repository }

  mutating func add(_ verdict: Verdict) {
    for change in verdict.updates.flatMap(\.changes) {
      let time = (try? repository.readCommit(change.commit))?.commit.committerTime ?? 0
      seen.append(
        Seen(
          commit: change.commit, time: time, kind: change.kind, required: change.required, isAccepted: change.outcome == .accepted,
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
    report.picture.replacesRows = true
    report.picture.tiles = [
      .init(number: grouped(changes.count), caption: changes.count == 1 ? "change" : "changes", target: "changes"),
      .init(number: percent(buckets[2], of: changes.count), caption: "with two or more", mood: buckets[2] == changes.count ? .good : .plain, target: "months"),
      .init(number: grouped(short.count), caption: "short of what the rule asks for", mood: short.isEmpty ? .good : .bad, target: short.isEmpty ? nil : "short"),
      .init(number: well(newestFirst), caption: "all is well since", mood: newestFirst.first.map(\.isAccepted) == false ? .bad : .good, target: "months"),
    ]
    report.picture.refused = "\(grouped(short.count)) of \(count(seen.count, "commit")) \(short.count == 1 ? "is" : "are") short of what the rule asks for"
    if let newest = short.first {
      report.picture.sentence = "The newest that is short is \(HTML.commit(newest.commit, report.link)) of \(datestamp(newest.time))\(newestFirst.first?.isAccepted == true ? "; since then all is well" : "")."
    }
    if !changes.isEmpty {
      let all = count(changes.count, "change")
      report.picture.leading.append(
        Page.Section(
          id: "months", heading: "Month by month",
          body: Charts.timeline(
            months, label: "\(all) in \(count(months.count, "month")): \(percent(buckets[2], of: changes.count)) with two or more, \(percent(buckets[1], of: changes.count)) with one, \(percent(buckets[0], of: changes.count)) with nobody")
            + monthTable(months)))
    }
    if !short.isEmpty {
      report.picture.sections.append(
        Page.Section(id: "short", heading: "Short of what the rule asks for", body: table(short, "Commits with fewer than they need, newest first", report.link)))
    }
    if !changes.isEmpty {
      report.picture.sections.append(Page.Section(id: "reviews", heading: "Who stands behind whose changes", body: matrix(changes)))
    }
    let merges = changes.filter { $0.kind == .contentMerge }
    let clean = seen.count { $0.kind == .cleanMerge }
    report.picture.sections.append(
      Page.Section(
        id: "merges", heading: "Merges with content of their own",
        body: "<p class=\"note\">\(count(clean + merges.count, "merge")): \(grouped(clean)) add nothing to what they merge, \(grouped(merges.count)) have content of their own and count as changes.</p>"
          + (merges.isEmpty ? "" : table(merges, "Merges with content of their own", report.link))))
    if let keys { report.picture.sections.append(Page.Section(id: "keys", heading: "Keys", body: keyTable(keys.registry, keys.audit))) }
    if !tags.isEmpty { report.picture.sections.append(Page.Section(id: "releases", heading: "Releases", body: tagTable(tags, report.link))) }
    if !changes.isEmpty { report.picture.sections.append(Page.Section(id: "changes", heading: "The changes", body: list(changes, report.link))) }
  }

  /// The months as bars of a terminal. Steps that an earlier audit judged were not looked at again, and so not drawn.
  func bars(_ console: Console, remembered: Int) -> [String] {
    guard console.showsMonths else { return [] }
    if remembered > 0 { return ["  months     not drawn: \(count(remembered, "step")) were judged before (--no-cache draws them)"] }
    let months = months(seen.filter(\.isChange))
    guard !months.isEmpty else { return [] }
    return ["  changes of each month: two or more maintainers of all"] + MonthBars(console: console, months: months).lines.map { "    " + $0 }
  }

  /// - Parameter changes: Newest first, merges included.
  private func well(_ changes: [Seen]) -> String {
    guard let newest = changes.first else { return "always" }
    guard newest.isAccepted else { return "not now" }
    guard let short = changes.firstIndex(where: { !$0.isAccepted }) else { return "the start" }
    return datestamp(changes[short - 1].time)
  }

  private func months(_ changes: [Seen]) -> [(month: SurveyMonth, buckets: [Int])] {
    SurveyMonth.filled(changes.reduce(into: [:]) { $0[SurveyMonth($1.time), default: [0, 0, 0]][$1.bucket] += 1 }, none: [0, 0, 0])
  }

  private func monthTable(_ months: [(month: SurveyMonth, buckets: [Int])]) -> HTML {
    let rows = months.map { month in
      PageTable.Row(
        cells: ["<a href=\"#m-\(month.month.description)\">\(month.month.description)</a>"] + [2, 1, 0].map { "\(grouped(month.buckets[$0]))" })
    }
    return """
      <details><summary>The same as a table</summary>
      \(PageTable(caption: "Changes of each month", heads: ["month", .init(number: "two or more"), .init(number: "one"), .init(number: "nobody")], rows: rows).html)
      </details>
      """
  }

  private func matrix(_ changes: [Seen]) -> HTML {
    var counts: [String: [String: Int]] = [:]
    for change in changes {
      for person in change.people where person != change.own { counts[person, default: [:]][change.own ?? "", default: 0] += 1 }
    }
    let people = counts.map { (name: $0.key, sum: $0.value.values.reduce(0, +)) }.sorted { ($1.sum, $0.name) < ($0.sum, $1.name) }
      .prefix(Self.mostPeople).map(\.name)
    guard !people.isEmpty else { return "<p>Nobody stands behind a change of somebody else.</p>" }
    let rows = people.map { reviewer in
      let made = counts[reviewer] ?? [:]
      return people.map { made[$0] ?? 0 } + [made.filter { !people.contains($0.key) }.values.reduce(0, +)]
    }
    return ReviewMatrix(people: people.map { printable($0, limit: 40) }, others: "anybody else", counts: rows).html
  }

  // MARK: Keys and releases

  private func keyTable(_ registry: Registry, _ audit: RegistryAudit) -> HTML {
    var rest: [Fingerprint: Int] = [:]
    var alone: [Fingerprint: Int] = [:]
    for change in seen {
      for key in Set(change.endorsers.map(\.key)) {
        rest[key, default: 0] += 1
        let without = Set(change.endorsers.filter { $0.key != key }.map(\.person))
        if change.isAccepted, without.count < change.required { alone[key, default: 0] += 1 }
      }
    }
    let rows = audit.people.flatMap { individual in
      individual.keys.map { key -> PageTable.Row in
        let fingerprint = key.entry.fingerprint
        let signing = registry.certificates[fingerprint]?.listing(at: Clock.now).signingKeys.first?.fingerprint ?? fingerprint
        return PageTable.Row(
          cells: [
            "\(printable(individual.person.id, limit: 40))", "\(printable(key.entry.label, limit: 40)) <code>\(fingerprint.keyID.hex)</code>",
            "\(EvidenceText(registry, key.entry, signing).words)",
            key.signers == 0 ? "<span class=\"refused\">does not count</span>" : "\(key.until.map { "until " + datestamp($0) } ?? "without an end")",
            "\(grouped(rest[fingerprint] ?? 0))", "\(grouped(alone[fingerprint] ?? 0))",
          ])
      }
    }
    return PageTable(
      caption: "Keys of the registry at the branch's tip, and what rests on each",
      heads: ["maintainer", "key", "evidence of a smartcard", "signs", .init(number: "commits endorsed"), .init(number: "short without it")], rows: rows
    ).html
  }

  private func tagTable(_ tags: [SignedTag], _ link: CommitLink?) -> HTML {
    let rows = tags.map { tag in
      let signer: HTML =
        switch tag.signer {
        case .person(let person): "<span class=\"accepted\">\(printable(person, limit: 40))</span>"
        case .claimed(let key): "<span class=\"undecided\">nobody of the registry: \(printable(key, limit: 100))</span>"
        case .nobody: "<span class=\"refused\">unsigned</span>"
        }
      return PageTable.Row(cells: ["\(printable(tag.name, limit: 60))", "\(datestamp(tag.time))", signer, HTML.commit(tag.target, link)])
    }
    return PageTable(caption: "Annotated tags, newest first", heads: ["release", "date", "signed by", "commit"], rows: rows).html
  }

  // MARK: Lists

  private func list(_ changes: [Seen], _ link: CommitLink?) -> HTML {
    let shown = changes.prefix(Self.mostListed)
    let months = Dictionary(grouping: shown, by: { SurveyMonth($0.time) }).sorted { $0.key > $1.key }
    let lists = months.map { month, changes -> HTML in
      let fewer = changes.count { $0.bucket < 2 }
      return """
        <details id="m-\(month.description)"><summary>\(month.description): \(count(changes.count, "change")), \(grouped(fewer)) with fewer than two</summary>
        \(table(changes, "Changes of \(month.description)", link))
        </details>
        """
    }
    let more: HTML = changes.count > Self.mostListed ? "<p class=\"note\">The newest \(grouped(Self.mostListed)) of \(grouped(changes.count)); <code>--format json</code> lists all.</p>" : ""
    return lists.joined("\n") + more
  }

  private func table(_ changes: [Seen], _ caption: String, _ link: CommitLink?) -> HTML {
    let rows = changes.prefix(Self.mostListed).map { change in
      let ways = change.people.map { person in
        "\(printable(person, limit: 40)) (\(Set(change.endorsers.filter { $0.person == person }.map(\.via.rawValue)).sorted().joined(separator: ", ")))"
      }
      return PageTable.Row(
        cells: [
          HTML.commit(change.commit, link), "\(datestamp(change.time))",
          "<span class=\"\(change.isAccepted ? "accepted" : "refused")\">\(change.people.count) of \(change.required)</span>",
          "\(ways.isEmpty ? "nobody" : ways.joined(separator: ", "))",
          "\(change.kind == .ordinary ? "" : "[\(change.kind.rawValue)] ")\(repository.subject(of: change.commit) ?? "")",
        ])
    }
    return PageTable(caption: caption, heads: ["commit", "date", "has, of what it needs", "endorsed by", "subject"], rows: rows).html
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
