internal import GitBridge
internal import OpenPGP
internal import Review

/// The tables and lists of an audit's page.
extension HistoryPicture {
  private static let mostListed = 4000
  private static let mostPeople = 20
  /// Of the commits behind one number.
  private static let mostBehindNumber = 100

  func monthTable(_ months: [(month: SurveyMonth, buckets: [Int])]) -> HTML {
    let rows = months.map { month in
      PageTable.Row(
        cells: ["<a href=\"#m-\(month.month.description)\">\(month.month.description)</a>"]
          + [2, 1, 0].map { "\(grouped(month.buckets[$0]))" })
    }
    let table = PageTable(
      caption: "Changes of each month",
      heads: ["month", .init(number: "two or more"), .init(number: "one"), .init(number: "nobody")], rows: rows)
    return """
      <details><summary>The same as a table</summary>
      \(table.html)
      </details>
      """
  }

  func matrix(_ changes: [Seen], _ link: CommitLink?) -> HTML {
    var sums: [String: Int] = [:]
    for change in changes {
      for person in change.people where person != change.own { sums[person, default: 0] += 1 }
    }
    let people = sums.map { (name: $0.key, sum: $0.value) }.sorted { ($1.sum, $0.name) < ($0.sum, $1.name) }
      .prefix(Self.mostPeople).map(\.name)
    guard !people.isEmpty else { return "<p>Nobody stands behind a change of somebody else.</p>" }
    let places = Dictionary(uniqueKeysWithValues: people.enumerated().map { ($1, $0) })
    var commits = [[[ObjectID]]](repeating: .init(repeating: [], count: people.count + 1), count: people.count)
    for change in changes {
      for person in change.people where person != change.own {
        guard let row = places[person] else { continue }
        commits[row][change.own.flatMap { places[$0] } ?? people.count].append(change.commit)
      }
    }
    return ReviewMatrix(
      people: people.map { printable($0, limit: 40) }, others: "anybody else", counts: commits.map { $0.map(\.count) },
      commits: commits,
      lists: CommitLists(prefix: "reviewed", link: link, most: Self.mostBehindNumber)
    ).html
  }

  // MARK: Keys and releases

  func keyTable(_ registry: Registry, _ audit: RegistryAudit, _ newestFirst: [Seen], _ link: CommitLink?)
    -> HTML
  {
    var rest: [Fingerprint: [ObjectID]] = [:]
    var alone: [Fingerprint: [ObjectID]] = [:]
    for change in newestFirst {
      for key in Set(change.endorsers.map(\.key)) {
        rest[key, default: []].append(change.commit)
        let without = Set(change.endorsers.filter { $0.key != key }.map(\.person))
        if change.isAccepted, without.count < change.required { alone[key, default: []].append(change.commit) }
      }
    }
    let lists = CommitLists(prefix: "key", link: link, most: Self.mostBehindNumber)
    var behind: [CommitLists.Row] = []
    var rows: [PageTable.Row] = []
    for individual in audit.people {
      for key in individual.keys {
        let fingerprint = key.entry.fingerprint
        let signing =
          registry.certificates[fingerprint]?.listing(at: Clock.now).signingKeys.first?.fingerprint ?? fingerprint
        let (person, label) = (printable(individual.person.id, limit: 40), printable(key.entry.label, limit: 40))
        let (endorsed, needed) = (rest[fingerprint] ?? [], alone[fingerprint] ?? [])
        rows.append(
          PageTable.Row(
            cells: [
              "\(person)", "\(label) <code>\(fingerprint.keyID.hex)</code>",
              "\(EvidenceText(registry, key.entry, signing).words)",
              key.signers == 0
                ? "<span class=\"refused\">does not count</span>"
                : key.until.map { "until \(HTML.day($0))" } ?? "without an end",
              lists.number(rows.count, 0, endorsed.count), lists.number(rows.count, 1, needed.count),
            ]))
        behind.append(
          CommitLists.Row(
            name: "The commits behind \(person)'s \(label)",
            lists: [(0, "Endorsed", endorsed.count, endorsed), (1, "Short without it", needed.count, needed)]))
      }
    }
    return PageTable(
      caption: "Keys of the registry at the branch's tip, and what rests on each",
      heads: [
        "maintainer", "key", "evidence of a smartcard", "signs", .init(number: "commits endorsed"),
        .init(number: "short without it"),
      ], rows: rows
    ).html + lists.html(behind)
  }

  func tagTable(_ tags: [SignedTag], _ link: CommitLink?) -> HTML {
    let rows = tags.map { tag in
      let signer: HTML =
        switch tag.signer {
        case .person(let person): "<span class=\"accepted\">\(printable(person, limit: 40))</span>"
        case .claimed(let key): "<span class=\"undecided\">nobody of the registry: \(printable(key, limit: 100))</span>"
        case .nobody: "<span class=\"refused\">unsigned</span>"
        }
      return PageTable.Row(cells: [
        "\(printable(tag.name, limit: 60))", HTML.day(tag.time), signer, HTML.commit(tag.target, link),
      ])
    }
    return PageTable(
      caption: "Annotated tags, newest first", heads: ["release", "date", "signed by", "commit"], rows: rows
    ).html
  }

  // MARK: Lists

  func list(_ changes: [Seen], _ link: CommitLink?) -> HTML {
    let shown = changes.prefix(Self.mostListed)
    let months = Dictionary(grouping: shown, by: { SurveyMonth($0.time) }).sorted { $0.key > $1.key }
    let lists = months.map { month, changes -> HTML in
      let fewer = changes.count { $0.bucket < 2 }
      return """
        <details><summary>\(month.description): \(count(changes.count, "change")), \(grouped(fewer)) \
        with fewer than two</summary>
        <div id="m-\(month.description)">\(table(changes, "Changes of \(month.description)", link))</div>
        </details>
        """
    }
    let more: HTML =
      changes.count > Self.mostListed
      ? """
      <p class="note">The newest \(grouped(Self.mostListed)) of \(grouped(changes.count)); \
      <code>--format json</code> lists all.</p>
      """
      : ""
    return lists.joined("\n") + more
  }

  func table(_ changes: [Seen], _ caption: String, _ link: CommitLink?) -> HTML {
    let rows = changes.prefix(Self.mostListed).map { change in
      let ways = change.people.map { person in
        """
        \(printable(person, limit: 40)) \
        (\(Set(change.endorsers.filter { $0.person == person }.map(\.via.rawValue)).sorted().joined(separator: ", ")))
        """
      }
      return PageTable.Row(
        cells: [
          HTML.commit(change.commit, link), HTML.day(change.time),
          """
          <span class="\(change.isAccepted ? "accepted" : "refused")">\
          \(change.people.count) of \(change.required)</span>
          """,
          "\(ways.isEmpty ? "nobody" : ways.joined(separator: ", "))",
          """
          \(change.kind == .ordinary ? "" : "[\(change.kind.rawValue)] ")\(repository.subject(of: change.commit) ?? "")
          """,
        ])
    }
    return PageTable(
      caption: caption, heads: ["commit", "date", "has, of what it needs", "endorsed by", "subject"], rows: rows
    ).html
  }
}
