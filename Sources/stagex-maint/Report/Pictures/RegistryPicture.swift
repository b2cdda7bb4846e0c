internal import OpenPGP
internal import Review

extension Report {
  /// Draws a registry's keys: what shows that each lives on a card, how long it signs.
  mutating func draw(_ registry: Registry, _ audit: RegistryAudit) {
    let soon = Clock.now + 90 * 86_400
    let rows = audit.people.flatMap { individual in
      individual.keys.map { key -> PageTable.Row in
        let fingerprint = key.entry.fingerprint
        let signing =
          registry.certificates[fingerprint]?.listing(at: Clock.now).signingKeys.first?.fingerprint ?? fingerprint
        let signs: HTML
        if key.signers == 0 {
          signs = "<span class=\"refused\">does not count</span>"
        } else if let until = key.until {
          signs = """
            <span class="\(until < soon ? "undecided" : "accepted")">\
            until \(HTML.day(until))\(until < soon ? ", soon" : "")</span>
            """
        } else {
          signs = "without an end"
        }
        return PageTable.Row(
          cells: [
            "\(printable(individual.person.id, limit: 40))", "\(printable(key.entry.label, limit: 40))",
            "<code>\(fingerprint.hex)</code>",
            "\(EvidenceText(registry, key.entry, signing).words)", signs,
          ])
      }
    }
    let ends = audit.people.filter(\.counts).map { individual -> (String, Int64?) in
      (
        individual.person.id,
        individual.keys.contains { $0.signers > 0 && $0.until == nil } ? nil : individual.keys.compactMap(\.until).max()
      )
    }
    // When so many have lapsed that too few are left: the day by which somebody has to act.
    let lasting = ends.map { $0.1 ?? .max }.sorted(by: >)
    let enough = lasting.count >= audit.threshold ? lasting[audit.threshold - 1] : 0
    picture.tiles = [
      .init(
        number: "\(audit.maintainers.count)", caption: "of \(audit.people.count) people can endorse",
        mood: audit.maintainers.count >= audit.threshold ? .good : .bad, target: "keys"),
      .init(number: "\(audit.threshold)", caption: "needed for each change"),
      .init(
        number: grouped(audit.count(.error)), caption: "errors", mood: audit.count(.error) == 0 ? .good : .bad,
        target: findings.isEmpty ? nil : "why"),
      .init(
        number: grouped(audit.count(.warning)), caption: "warnings",
        mood: audit.count(.warning) == 0 ? .good : .doubtful, target: findings.isEmpty ? nil : "why"),
      .init(
        number: enough == .max ? "no end" : enough == 0 ? "now" : datestamp(enough), caption: "too few are left after",
        mood: enough < soon ? .bad : .plain, target: "keys"),
    ]
    picture.sections = [
      Page.Section(
        id: "keys", heading: "Keys",
        body: PageTable(
          caption: "Listed keys", heads: ["maintainer", "label", "primary key", "evidence of a smartcard", "signs"],
          rows: rows
        ).html
          + """
          <p class="note">What rests on a person's keys: <code>stagex-maint keys retire --dry-run PERSON</code></p>
          """
      )
    ]
    picture.replacesRows = true
  }
}
