internal import GitBridge
internal import Review

/// Surveys as one page: the answer first, then the figures, then the commits that they were counted from.
struct SurveyPage {
  let surveys: [(survey: Survey, clone: SurveyedClone)]
  let hidesNames: Bool

  private static let mostListed = 500
  private static let mostPeople = 15
  /// Of the commits behind one number of the table of reviews.
  private static let mostBehindNumber = 20

  var page: Page {
    var page = Page(
      word: nil,
      title:
        """
        Who stands behind the changes of \(surveys.map { printable($0.survey.name, limit: 60) }.joined(separator: ", "))
        """,
      answer: answer, footer: footer)
    if surveys.count == 1, let only = surveys.first?.survey { page.tiles = tiles(only) }
    if surveys.count > 1 { page.sections.append(comparison) }
    for (place, (survey, clone)) in surveys.enumerated() {
      var sections = sections(
        survey, clone, prefix: surveys.count > 1 ? "r\(place + 1)-" : "", isOne: surveys.count == 1)
      // Of several histories, each is listed once.
      if surveys.count > 1 { for part in sections.indices.dropFirst() { sections[part].isListed = false } }
      page.sections += sections
    }
    return page
  }

  private var answer: HTML {
    guard surveys.count == 1, let survey = surveys.first?.survey else {
      return """
        \(surveys.count) histories, each change by the signers that its history names for it. Claimed, not checked: \
        "two or more" is the most that a history can say for itself.
        """
    }
    let all = survey.changes.count
    guard all > 0 else { return "No change in this period." }
    let since: HTML =
      survey.wellSince.map { "Every change since \(HTML.day($0)) has two." } ?? "The newest change has fewer than two."
    return """
      Behind \(grouped(survey.buckets[2])) of \(count(all, "change")) (\(percent(survey.buckets[2], of: all))) stand \
      two or more people who signed, behind \(grouped(survey.buckets[1])) one, behind \(grouped(survey.buckets[0])) \
      nobody, as far as the history itself claims. \(since)
      """
  }

  private var footer: HTML {
    """
    Made by <code>stagex-maint audit --survey</code> \(Version.text). Signers are whom signatures name (OpenPGP: the \
    key; SSH: the public key; X.509: the certificate's identity), checked only where this page says so. Two keys of \
    one person count as two here. Keys of forges and of workflows count as nobody.
    """
  }

  private func tiles(_ survey: Survey) -> [Page.Tile] {
    let all = survey.changes.count
    // What is not there has no list.
    let target: (Int) -> String? = { hidesNames || survey.buckets[$0] == 0 ? nil : "changes-\($0)" }
    var tiles: [Page.Tile] = [
      .init(number: grouped(all), caption: all == 1 ? "change" : "changes", target: "figures"),
      .init(
        number: percent(survey.buckets[2], of: all), caption: "of them with two or more",
        mood: survey.buckets[2] == all && all > 0 ? .good : .plain,
        target: target(2)),
      .init(
        number: grouped(survey.buckets[1]), caption: "with one", mood: survey.buckets[1] > 0 ? .doubtful : .plain,
        target: target(1)),
      .init(
        number: grouped(survey.buckets[0]), caption: "with nobody", mood: survey.buckets[0] > 0 ? .bad : .plain,
        target: target(0)),
      .init(
        number: survey.wellSince.map(datestamp) ?? "not now", caption: "two behind each change since",
        mood: survey.wellSince == nil ? .bad : .good, target: "months"),
    ]
    if let checked = survey.checkedBuckets {
      tiles.append(
        .init(number: percent(checked[2], of: all), caption: "with two checked signatures", target: "figures"))
    }
    return tiles
  }

  private var comparison: Page.Section {
    let rows = surveys.enumerated().map { place, pair in
      let survey = pair.survey
      let all = survey.changes.count
      let period = survey.oldest.map { "\(datestamp($0)) to \(datestamp(survey.newest ?? $0))" } ?? "no commits"
      return PageTable.Row(
        cells: [
          "<a href=\"#r\(place + 1)-figures\">\(printable(survey.name))</a>", "<span class=\"period\">\(period)</span>",
          "\(grouped(all))", "\(percent(survey.buckets[0], of: all))",
          "\(percent(survey.buckets[1], of: all))", "\(percent(survey.buckets[2], of: all))",
          "\(Charts.bar(survey.buckets, label: Self.words(survey)))", "\(SurveyTable.signatures(survey))",
        ])
    }
    let table = PageTable(
      caption: "Changes by how many signers stand behind each",
      heads: [
        "repository", "period", .init(number: "changes"), .init(number: "nobody"), .init(number: "one"),
        .init(number: "two or more"), "at a glance",
        "signatures on commits",
      ], rows: rows)
    return Page.Section(id: "comparison", heading: "Side by side", body: Charts.key + table.html)
  }

  private static func words(_ survey: Survey) -> String {
    let all = survey.changes.count
    return """
      \(percent(survey.buckets[2], of: all)) with two or more, \(percent(survey.buckets[1], of: all)) with one, \
      \(percent(survey.buckets[0], of: all)) with nobody
      """
  }

  // MARK: One history

  private func sections(_ survey: Survey, _ clone: SurveyedClone, prefix: String, isOne: Bool) -> [Page.Section] {
    let of = isOne ? "" : " in \(printable(survey.name, limit: 60))"
    var sections = [
      Page.Section(
        id: prefix + "figures", heading: isOne ? "The figures" : printable(survey.name, limit: 60),
        body: figures(survey, clone, prefix)),
      Page.Section(id: prefix + "months", heading: "Month by month\(of)", body: months(survey)),
    ]
    let people = survey.signers.indices.filter {
      survey.signers[$0].machine == nil && survey.signers[$0].claim.maker != .nobody
    }
    if !people.isEmpty {
      sections.append(Page.Section(id: prefix + "people", heading: "Who signs\(of)", body: signers(survey, clone)))
      sections.append(
        Page.Section(
          id: prefix + "reviews", heading: "Who stands behind whose changes\(of)",
          body: matrix(survey, clone, people, prefix)))
    }
    guard !hidesNames else { return sections }
    let content = survey.changes.filter(\.isContentMerge)
    sections.append(
      Page.Section(
        id: prefix + "merges", heading: "Merges with content of their own\(of)",
        body: merges(survey) + list(content, survey, clone, caption: "Merges with content of their own")))
    var lists: [HTML] = []
    for bucket in 0..<3 {
      let found = survey.changes.filter { $0.bucket == bucket }
      guard !found.isEmpty else { continue }
      let unfolded: HTML = bucket < 2 && isOne && found.count <= 200 ? " open" : ""
      lists.append(
        """
        <details\(unfolded)><summary>\(count(found.count, "change")) with \(Charts.names[bucket])</summary>
        <div id="\(prefix)changes-\(bucket)">\
        \(list(found, survey, clone, caption: "Changes with \(Charts.names[bucket])"))</div>
        </details>
        """)
    }
    sections.append(Page.Section(id: prefix + "changes", heading: "The changes\(of)", body: lists.joined("\n")))
    return sections
  }

  private func figures(_ survey: Survey, _ clone: SurveyedClone, _ prefix: String) -> HTML {
    let all = survey.changes.count
    var rows: [PageTable.Row] = []
    func add(_ name: HTML, _ counts: [Int], leadingTo target: String? = nil) {
      let sum = counts.reduce(0, +)
      let cells = [2, 1, 0].map { place -> HTML in
        let number: HTML =
          if let target, counts[place] > 0 { "<a href=\"#\(target)-\(place)\">\(grouped(counts[place]))</a>" } else {
            "\(grouped(counts[place]))"
          }
        return "\(number) <small>(\(percent(counts[place], of: sum)))</small>"
      }
      rows.append(.init(cells: [name, "\(grouped(sum))"] + cells))
    }
    add("all changes, signers as claimed", survey.buckets, leadingTo: hidesNames ? nil : prefix + "changes")
    if let checked = survey.checkedBuckets, let certificates = survey.certificates {
      add("all changes, signatures checked with \(count(certificates, "certificate"))", checked)
    }
    for way in Survey.Arrival.allCases {
      if let counts = survey.byArrival[way] { add("\(SurveyText.words(way))", counts) }
    }
    if survey.byBots.reduce(0, +) > 0 { add("by bots", survey.byBots) }
    let table = PageTable(
      caption: "Changes by how they came in and how many stand behind them",
      heads: [
        "", .init(number: "changes"), .init(number: "two or more"), .init(number: "one"), .init(number: "nobody"),
      ], rows: rows)
    let formats = survey.formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      PageTable.Row(cells: ["\($0.key)", "\(grouped($0.value))"])
    }
    let machines =
      survey.machineSigned > 0
      ? [PageTable.Row(cells: ["of all these, by machines", "\(grouped(survey.machineSigned))"])] : []
    let signatures = PageTable(
      caption: "Signatures on \(count(survey.commits, "commit"))", heads: ["format", .init(number: "commits")],
      rows: formats + machines)
    return """
      <p class="note">\(printable(survey.ref)) at \
      \(hidesNames ? "<code>\(survey.tip.short)</code>" : HTML.commit(survey.tip, clone.link)), \
      \(survey.oldest.map { datestamp($0) } ?? "no commits") to \(survey.newest.map { datestamp($0) } ?? "")</p>
      \(Charts.bar(survey.buckets, label: Self.words(survey)))\(all > 0 ? Charts.key : "")
      \(table.html)
      \(signatures.html)
      """
  }

  private func months(_ survey: Survey) -> HTML {
    let months = survey.months
    let rows = months.map {
      PageTable.Row(cells: [
        "\("\($0.month)")", "\(grouped($0.buckets[2]))", "\(grouped($0.buckets[1]))", "\(grouped($0.buckets[0]))",
      ])
    }
    let table = PageTable(
      caption: "Changes of each month",
      heads: ["month", .init(number: "two or more"), .init(number: "one"), .init(number: "nobody")], rows: rows)
    return """
      \(Charts.timeline(months, label: "\(count(months.count, "month")) of changes: " + Self.words(survey)))
      <details><summary>The same as a table</summary>
      \(table.html)
      </details>
      """
  }

  /// What lists each change with its signers.
  private static func listing(_ clone: SurveyedClone) -> String {
    """
    stagex-maint audit --survey --commits --format csv \
    \(shellWord(clone.repository.workTree ?? clone.repository.gitDirectory))
    """
  }

  private func signers(_ survey: Survey, _ clone: SurveyedClone) -> HTML {
    let naming = SurveyNaming(hidesNames: hidesNames)
    let shown = survey.signers.prefix(200).enumerated().map { place, signer in
      PageTable.Row(
        cells: [
          "\(signer.machine == nil ? naming.name(signer, number: place + 1) : naming.machine(signer))",
          "\(grouped(signer.endorsed))", "\(grouped(signer.reviewed))", "\(grouped(signer.commits))",
        ])
    }
    let more: HTML =
      survey.signers.count > 200
      ? "<p class=\"note\">… and \(grouped(survey.signers.count - 200)) more; <code>--format json</code> lists all.</p>"
      : ""
    return PageTable(
      caption: "Signers as signatures name them",
      heads: [
        "signer", .init(number: "changes endorsed"), .init(number: "of others"), .init(number: "commits signed"),
      ],
      rows: shown
    ).html + more
      + (hidesNames
        ? ""
        : """
        <p class="note">Which changes they are: <code>\(Self.listing(clone))</code> lists each with its signers.</p>
        """)
  }

  private func matrix(_ survey: Survey, _ clone: SurveyedClone, _ people: [Int], _ prefix: String) -> HTML {
    // Those who review most, each as a row and as a column.
    let chosen = people.filter { survey.signers[$0].reviewed > 0 }.sorted {
      survey.signers[$0].reviewed > survey.signers[$1].reviewed
    }.prefix(Self.mostPeople)
    guard !chosen.isEmpty else { return "<p>No signer stands behind a change of somebody else.</p>" }
    var place: [Int: Int] = [:]
    for (index, signer) in chosen.enumerated() { place[signer] = index }
    var counts = [[Int]](repeating: [Int](repeating: 0, count: chosen.count + 1), count: chosen.count)
    for (pair, count) in survey.reviews {
      guard let row = place[pair.reviewer] else { continue }
      counts[row][place[pair.maker] ?? chosen.count] += count
    }
    let naming = SurveyNaming(hidesNames: hidesNames)
    let names = chosen.map { signer in
      let label = printable(survey.signers[signer].label, limit: 32)
      return hidesNames || label.isEmpty ? naming.name(survey.signers[signer], number: signer + 1) : label
    }
    return ReviewMatrix(
      people: names, others: "others and unsigned", counts: counts, commits: hidesNames ? nil : reviewed(survey, place),
      lists: CommitLists(prefix: prefix + "reviewed", link: clone.link, most: Self.mostBehindNumber)
    ).html
  }

  /// The newest changes behind each number of the table.
  ///
  /// - Parameter place: The rows of those who review, by their places among the signers.
  private func reviewed(_ survey: Survey, _ place: [Int: Int]) -> [[[ObjectID]]] {
    var commits = [[[ObjectID]]](repeating: .init(repeating: [], count: place.count + 1), count: place.count)
    for change in survey.changes {
      for reviewer in change.claimed where Int(reviewer) != change.own {
        guard let row = place[Int(reviewer)] else { continue }
        let column = change.own.flatMap { place[$0] } ?? place.count
        if commits[row][column].count < Self.mostBehindNumber { commits[row][column].append(change.commit) }
      }
    }
    return commits
  }

  private func merges(_ survey: Survey) -> HTML {
    let merges = survey.merges
    guard merges.all > 0 else { return "<p>No merges.</p>" }
    var words: [HTML] = [
      """
      \(count(merges.all, "merge")): \(grouped(merges.clean)) done again and clean, \
      \(grouped(merges.content)) with content of their own, which count as changes.
      """
    ]
    if merges.takenForClean > 0 {
      words.append(
        """
        \(grouped(merges.takenForClean)) were made by a forge's button, not done again, and are taken for clean: \
        a forge merges only what merges without a conflict, but people can resolve one in its editor. \
        <code>--all-merges</code> does them again.
        """)
    }
    if merges.unknown > 0 {
      words.append("\(grouped(merges.unknown)) could not be done again here, and are counted nowhere.")
    }
    return "<p class=\"note\">\(words.joined(" "))</p>"
  }

  private func list(_ changes: [Survey.Change], _ survey: Survey, _ clone: SurveyedClone, caption: String) -> HTML {
    guard !changes.isEmpty else { return "" }
    let naming = SurveyNaming(hidesNames: hidesNames)
    let rows = changes.prefix(Self.mostListed).map { change in
      let who = change.claimed.prefix(8).map { place in
        let signer = survey.signers[Int(place)]
        let label = printable(signer.label, limit: 32)
        return label.isEmpty ? naming.name(signer, number: Int(place) + 1) : label
      }
      return PageTable.Row(
        cells: [
          HTML.commit(change.commit, clone.link), HTML.day(change.time),
          "\(clone.repository.subject(of: change.commit) ?? "")",
          "\(who.isEmpty ? "nobody" : who.joined(separator: ", "))\(change.isByBot ? " (by a bot)" : "")",
        ])
    }
    let more: HTML =
      changes.count > Self.mostListed
      ? """
      <p class="note">The newest \(grouped(Self.mostListed)) of \(grouped(changes.count)). All of them: \
      <code>\(Self.listing(clone))</code></p>
      """
      : ""
    return PageTable(caption: caption, heads: ["commit", "date", "subject", "signers"], rows: rows).html + more
  }
}
