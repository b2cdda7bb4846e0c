internal import Review

/// A report as one page: the answer, the reasons, what was judged.
struct HTMLReport {
  let report: Report

  private static let mostFindings = 300
  private static let mostRows = 3000

  var text: String {
    var page = Page(
      word: report.outcome.rawValue, title: report.title, answer: answer,
      footer: "Made by <code>stagex-maint</code> \(Version.text).")
    page.tiles = report.picture.tiles.isEmpty ? tiles : report.picture.tiles
    page.sections += report.picture.leading
    if !report.findings.isEmpty {
      page.sections.append(
        Page.Section(id: "why", heading: report.outcome == .accepted ? "To see to" : "Why", body: findings))
    }
    page.sections += report.picture.sections
    if !report.rows.isEmpty, !report.picture.replacesRows {
      page.sections.append(Page.Section(id: "rows", heading: "Each \(report.noun)", body: rows))
    }
    if !report.notes.isEmpty || !report.closing.isEmpty {
      let notes = report.notes.map { note -> HTML in "<p>Note: \(note)</p>" }
      let closing = report.closing.map { line -> HTML in "<p>\(line)</p>" }
      page.sections.append(Page.Section(id: "notes", heading: "Notes", body: (closing + notes).joined("\n")))
    }
    return page.text
  }

  private var refused: Int { report.rows.count { !$0.isAccepted } }

  /// Is it as the rule wants it, and if not, where not?
  private var answer: HTML {
    let all = count(report.rowCount, report.noun)
    let first: HTML
    switch report.outcome {
    case .accepted: first = report.rowCount == 0 ? "Nothing stands against it." : "All is as the rule wants it: \(all)."
    case .refused where report.picture.refused != nil:
      first = "Not as the rule wants it: \(report.picture.refused ?? "")."
    case .refused where refused > 0: first = "Not as the rule wants it: \(report.count)."
    case .refused: first = "Not as the rule wants it, although each of \(all) is."
    case .undecided: first = "It could not be judged, and so is not accepted (\(all))."
    }
    var parts = [first]
    if !report.findings.isEmpty { parts.append("\(report.outcome == .accepted ? "To see to" : "Why"): \(codes).") }
    parts += [report.picture.sentence, report.picture.rule].filter { !$0.text.isEmpty }
    return parts.joined(" ")
  }

  /// What is said against it, each reason once, the most frequent first; where there are errors, these alone.
  private var codes: HTML {
    let errors = report.findings.filter(\.isError)
    let counts = (errors.isEmpty ? report.findings : errors).reduce(into: [:]) { $0[$1.code, default: 0] += 1 }
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let named = sorted.prefix(3).map { code, count -> HTML in
      "<a href=\"#why-\(code)\">\(code)</a>\(count > 1 ? " (\(grouped(count)))" : "")"
    }
    return named.joined(", ") + (sorted.count > 3 ? " and <a href=\"#why\">\(sorted.count - 3) more</a>" : "")
  }

  private var tiles: [Page.Tile] {
    let errors = report.findings.count(where: \.isError)
    let warnings = report.findings.count { !$0.isError && !$0.isNote }
    var tiles: [Page.Tile] = []
    if report.rowCount > 0 {
      tiles.append(
        .init(
          number: grouped(report.rowCount), caption: report.noun + (report.rowCount == 1 ? "" : "s"),
          target: report.rows.isEmpty ? nil : "rows"))
      tiles.append(
        .init(
          number: grouped(refused), caption: "with fewer signatures than the rule asks for",
          mood: refused == 0 ? .good : .bad,
          target: report.rows.isEmpty || report.picture.replacesRows ? nil : "rows"))
    }
    tiles.append(
      .init(
        number: grouped(errors), caption: errors == 1 ? "reason against" : "reasons against",
        mood: errors == 0 ? .good : .bad, target: report.findings.isEmpty ? nil : "why"))
    if warnings > 0 {
      tiles.append(
        .init(
          number: grouped(warnings), caption: warnings == 1 ? "warning" : "warnings", mood: .doubtful, target: "why"))
    }
    return tiles
  }

  /// By their codes: of a history there can be hundreds of one kind, and one of another that must not drown among them.
  private var findings: HTML {
    var order: [String] = []
    var groups: [String: [Report.Finding]] = [:]
    for finding in report.findings {
      if groups[finding.code] == nil { order.append(finding.code) }
      groups[finding.code, default: []].append(finding)
    }
    return order.map { code -> HTML in
      let found = groups[code] ?? []
      let items = found.prefix(Self.mostFindings).map(item)
      let more: HTML =
        found.count > Self.mostFindings
        ? """
        <p class="note">… and \(grouped(found.count - Self.mostFindings)) more; \
        <code>--format json</code> lists all.</p>
        """
        : ""
      let list: HTML = "<ul class=\"findings\" id=\"why-\(code)\">\(items.joined("\n"))</ul>\(more)"
      guard found.count > Self.mostOpen else { return list }
      return "<details><summary><code>\(code)</code>: \(grouped(found.count)) times</summary>\n\(list)\n</details>"
    }.joined("\n")
  }

  /// More of one code are folded away.
  private static let mostOpen = 8

  private func item(_ finding: Report.Finding) -> HTML {
    let next: HTML = finding.next.isEmpty ? "" : "<pre><code>\(finding.next)</code></pre>"
    let lines = finding.lines.map { line -> HTML in "\(line)" }.joined("<br>")
    let place: HTML = finding.row == nil ? "" : " <small>(\(finding.row ?? ""))</small>"
    return """
      <li class="finding \(finding.level(orNote: "note"))">\
      <strong><code>\(finding.code)</code></strong>\(place)<br>\(lines)\(next)</li>
      """
  }

  private var rows: HTML {
    let shown = report.rows.prefix(Self.mostRows).map { row in
      PageTable.Row(
        cells: [
          row.commit.map { HTML.commit($0, report.link) } ?? "<code>\(row.name)</code>",
          """
          <span class="\(row.isAccepted ? "accepted" : "refused")">\(row.isAccepted ? "accepted" : "refused")</span>
          """,
          "\(row.kind)",
          "\(row.have) of \(row.need)", "\(row.by)", "\(row.about)",
        ])
    }
    let more: HTML =
      report.rows.count > Self.mostRows
      ? """
      <p class="note">… and \(grouped(report.rows.count - Self.mostRows)) more; \
      <code>--format json</code> lists all.</p>
      """
      : ""
    return PageTable(
      caption: report.rows.count == report.rowCount
        ? "Each \(report.noun)" : "Those that were refused, of \(grouped(report.rowCount))",
      heads: [
        .init(stringLiteral: report.heads.name), "verdict", "kind", .init(stringLiteral: report.counted),
        .init(stringLiteral: report.heads.by), .init(stringLiteral: report.heads.about),
      ],
      rows: shown
    ).html + more
  }
}
