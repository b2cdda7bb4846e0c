internal import GitBridge
internal import Review

/// A survey for a terminal.
struct SurveyText {
  let console: Console
  let survey: Survey
  let hidesNames: Bool

  private static let mostSigners = 12

  var lines: [String] {
    let width = console.width
    var lines = [
      console.bold(printable(survey.name, limit: 60)),
      "  \(printable(survey.ref, limit: max(20, width - 20))) at \(survey.tip.short)",
    ]
    guard let oldest = survey.oldest, let newest = survey.newest else { return lines + ["  no commits in this period"] }
    lines.append("  \(datestamp(oldest)) to \(datestamp(newest)), \(count(survey.commits, "commit"))")
    lines.append("")
    lines.append(
      "  \(count(survey.changes.count, "change")), by the signers that stand behind each (claimed, not checked):")
    lines += bars(survey.buckets)
    if let checked = survey.checkedBuckets, let certificates = survey.certificates {
      lines.append("  the same, only signatures that are good by \(count(certificates, "certificate")):")
      lines += bars(checked)
    }
    if let since = survey.wellSince {
      lines.append("  every change since \(datestamp(since)) has two")
    } else if !survey.changes.isEmpty {
      lines.append("  the newest change has fewer than two")
    }
    lines += ["", "  how changes came in"]
    for way in Survey.Arrival.allCases {
      guard let counts = survey.byArrival[way] else { continue }
      lines.append("    " + row(counts.reduce(0, +), Self.words(way)))
    }
    let bots = survey.byBots.reduce(0, +)
    if bots > 0 { lines.append("    " + row(bots, "of all these by bots")) }
    lines += ["", "  signatures on commits"]
    for (format, count) in survey.formats.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      lines.append("    " + row(count, format))
    }
    if survey.machineSigned > 0 { lines.append("    " + row(survey.machineSigned, "of all these by machines")) }
    lines += months
    lines += signers
    lines += merges
    return lines.flatMap { folded($0, width: width) }
  }

  static func words(_ way: Survey.Arrival) -> String {
    switch way {
    case .button: "with a merge by a forge's button"
    case .browser: "made by the forge without a merge (squashed, rebased, edited)"
    case .hand: "with a merge made by hand"
    case .straight: "pushed straight, or rebased before"
    }
  }

  private func bars(_ counts: [Int]) -> [String] {
    let all = counts.reduce(0, +)
    let room = max(8, min(40, console.width - 40))
    return zip(["nobody", "one", "two or more"], counts).enumerated().map { place, pair in
      let (word, count) = pair
      let bar = String(repeating: "█", count: all == 0 ? 0 : (count * room + all - 1) / all)
      let coloured = place == 0 ? console.red(bar) : place == 1 ? console.yellow(bar) : console.green(bar)
      return "    " + padded(word, 12) + leading(grouped(count), 9) + leading(percent(count, of: all), 7) + "  "
        + coloured
    }
  }

  private var months: [String] {
    let months = survey.months
    guard months.count > 1 else { return [] }
    return ["", "  month by month: two or more of all changes"]
      + MonthBars(console: console, months: months).lines.map { "    " + $0 }
  }

  private var signers: [String] {
    let people = survey.signers.enumerated().filter { $1.machine == nil && $1.claim.maker != .nobody }
    let machines = survey.signers.filter { $0.machine != nil }
    var lines: [String] = []
    if !people.isEmpty { lines += ["", "  who signs: changes endorsed, of others, commits signed"] }
    for (place, signer) in people.prefix(Self.mostSigners) {
      lines.append(
        "    " + leading(grouped(signer.endorsed), 8) + leading(grouped(signer.reviewed), 8)
          + leading(grouped(signer.commits), 8)
          + "  " + SurveyNaming(hidesNames: hidesNames).name(signer, number: place + 1))
    }
    if people.count > Self.mostSigners {
      lines.append("    … and \(count(people.count - Self.mostSigners, "signer")) more (--format json lists all)")
    }
    if !machines.isEmpty { lines += ["", "  machines: commits signed"] }
    for signer in machines.prefix(Self.mostSigners) {
      lines.append(
        "    " + leading(grouped(signer.commits), 8) + "  " + SurveyNaming(hidesNames: hidesNames).machine(signer))
    }
    return lines
  }

  private var merges: [String] {
    let merges = survey.merges
    guard merges.all > 0 else { return [] }
    var lines = ["", "  \(count(merges.all, "merge"))"]
    lines.append("    " + row(merges.clean, "done again: they add nothing"))
    lines.append("    " + row(merges.content, "done again: with content of their own, counted as changes"))
    if merges.takenForClean > 0 {
      lines.append(
        "    "
          + row(merges.takenForClean, "by a forge's button: not done again, taken for clean (--all-merges does them)"))
    }
    if merges.unknown > 0 {
      lines.append("    " + row(merges.unknown, "could not be done again here, and are counted nowhere"))
    }
    return lines
  }

  private func row(_ number: Int, _ text: String) -> String { leading(grouped(number), 9) + "  " + text }
}

/// How signers are shown.
struct SurveyNaming {
  let hidesNames: Bool

  func name(_ signer: Survey.Signer, number: Int) -> String {
    if hidesNames { return "person \(number)" }
    let label = printable(signer.label, limit: 32)
    let key = printable(signer.claim.key, limit: 60)
    return "\(signer.claim.format.name) \(key)\(label.isEmpty ? "" : "  (\(label))")"
  }

  func machine(_ signer: Survey.Signer) -> String {
    let why = signer.machine?.rawValue ?? ""
    return hidesNames ? why : "\(why): \(signer.claim.format.name) \(printable(signer.claim.key, limit: 90))"
  }
}
