internal import GitBridge
internal import Review

/// Several surveys in one table, as a newspaper would print it.
struct SurveyTable {
  let surveys: [Survey]

  var csv: String {
    let head = CSV.line(
      [
        "name", "ref", "tip", "from", "to", "commits", "changes", "claimed 0", "claimed 1", "claimed 2+", "checked 0",
        "checked 1",
        "checked 2+",
      ] + Survey.Arrival.allCases.map(\.rawValue) + [
        "by bots", "signed OpenPGP", "signed SSH", "signed X.509", "unsigned", "signed by machines", "merges",
        "content merges",
        "merges taken for clean", "merges unknown", "well since",
      ])
    return ([head] + surveys.map(line)).joined(separator: "\n")
  }

  private func line(_ survey: Survey) -> String {
    let checked = survey.checkedBuckets?.map(String.init) ?? ["", "", ""]
    let arrivals = Survey.Arrival.allCases.map { way in String(survey.byArrival[way]?.reduce(0, +) ?? 0) }
    let formats = ["OpenPGP", "SSH", "X.509", "none"].map { String(survey.formats[$0] ?? 0) }
    let merges = survey.merges
    return CSV.line(
      [
        printable(survey.name), printable(survey.ref), survey.tip.hex, survey.oldest.map(datestamp) ?? "",
        survey.newest.map(datestamp) ?? "",
      ]
        + ([survey.commits, survey.changes.count] + survey.buckets).map(String.init) + checked + arrivals
        + [String(survey.byBots.reduce(0, +))] + formats
        + [survey.machineSigned, merges.all, merges.content, merges.takenForClean, merges.unknown].map(String.init)
        + [survey.wellSince.map(datestamp) ?? ""])
  }

  var markdown: String {
    var lines = [
      "| repository | branch, commit | period | changes | nobody | one signer | two or more | signatures on commits |",
      "|---|---|---|---:|---:|---:|---:|---|",
    ]
    lines += surveys.map { survey in
      let all = survey.changes.count
      let period = survey.oldest.map(datestamp) ?? "no commits"
      let cells =
        [
          MarkdownReport.escape(printable(survey.name)),
          "\(MarkdownReport.escape(printable(survey.ref))) at `\(survey.tip.short)`",
          "\(period)\(survey.newest.map { " to " + datestamp($0) } ?? "")", grouped(all),
        ] + survey.buckets.map { percent($0, of: all) } + [Self.signatures(survey)]
      return "| " + cells.joined(separator: " | ") + " |"
    }
    let taken = surveys.reduce(0) { $0 + $1.merges.takenForClean }
    let unknown = surveys.reduce(0) { $0 + $1.merges.unknown }
    lines += [
      "", "Signers as the signatures name them, not checked: \"two or more\" is the most that the history can claim.",
    ]
    if taken > 0 {
      lines.append("\(grouped(taken)) merges by forges' buttons were not done again, and taken for clean.")
    }
    if unknown > 0 { lines.append("\(grouped(unknown)) merges could not be done again here, and are counted nowhere.") }
    return lines.joined(separator: "\n")
  }

  /// `OpenPGP 43,183 (machines 40,112), none 12`.
  static func signatures(_ survey: Survey) -> String {
    let formats = survey.formats.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
      "\($0.key) \(grouped($0.value))"
    }
    let machines = survey.machineSigned > 0 ? ["by machines \(grouped(survey.machineSigned))"] : []
    return (formats + machines).joined(separator: ", ")
  }

  /// Every change on a line of its own.
  static func list(_ survey: Survey, as format: ReportFormat) -> String {
    let head = ["name", "commit", "date", "kind", "arrival", "bot", "claimed", "checked", "signers"]
    let rows = survey.changes.map { change in
      [
        printable(survey.name), change.commit.hex, datestamp(change.time), change.kind.rawValue,
        change.arrival.rawValue,
        change.isByBot ? "bot" : "", String(change.claimed.count), change.checked.map(String.init) ?? "",
        change.claimed.map { printable(survey.signers[Int($0)].claim.key) }.joined(separator: " "),
      ]
    }
    guard format == .csv else {
      return rows.map { $0.filter { !$0.isEmpty }.joined(separator: "  ") }.joined(separator: "\n")
    }
    return ([head] + rows).map(CSV.line).joined(separator: "\n")
  }
}
