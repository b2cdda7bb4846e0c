internal import OpenPGP
internal import Review

extension Report {
  /// What is wrong with a registry: a row for each person.
  init(_ audit: RegistryAudit, notes: [String]) {
    self.init(
      title: "registry of maintainers", outcome: audit.outcome, noun: "maintainer",
      heads: ("maintainer", "signs with", "name"),
      rows: audit.people.map { Row($0, audit) }, rowCount: audit.people.count,
      findings: audit.findings.map { Finding($0) }, notes: notes,
      closing: [
        """
        \(audit.maintainers.count) of \(audit.people.count) people can endorse \
        (threshold \(audit.threshold), evidence \(audit.evidence.rawValue))
        """
      ],
      counted: "signing keys", file: MaintainersFile.path)
  }
}

extension Report.Row {
  fileprivate init(_ individual: RegistryAudit.Individual, _ audit: RegistryAudit) {
    let keys = individual.keys.filter { $0.signers > 0 }.map { key in
      "\(printable(key.entry.label)) \(key.until.map { "until \(datestamp($0))" } ?? "without an end")"
    }
    self.init(
      name: printable(individual.person.id),
      isAccepted: !audit.findings.contains { $0.person == individual.person.id && $0.severity == .error },
      kind: individual.person.isBot ? "bot" : "person", have: individual.keys.map(\.signers).reduce(0, +),
      need: individual.person.isBot ? 0 : 1,
      by: keys.isEmpty ? "nothing" : keys.joined(separator: ", "), about: printable(individual.person.name ?? ""))
  }
}

extension Report.Finding {
  fileprivate init(_ finding: KeyFinding) {
    let person = finding.person.map { printable($0) }
    let who = [person, finding.label.map { printable($0) }].compactMap(\.self).joined(separator: " ")
    self.init(
      code: finding.code.rawValue, lines: [who.isEmpty ? finding.message : "\(who): \(finding.message)"],
      next: finding.next.line, row: person,
      place: finding.key.map { "keys/\($0)" } ?? MaintainersFile.path, mark: "\(who):\(finding.key?.hex ?? "")",
      isError: finding.severity == .error, isNote: finding.severity == .note)
  }
}

extension RegistryAudit {
  func json(_ notes: [String]) -> JSONValue {
    .object([
      "schema": .string("stagex-maint/keys-audit/1"), "verdict": .string(outcome.rawValue),
      "threshold": .integer(Int64(threshold)),
      "evidence": .string(evidence.rawValue), "maintainers": .strings(maintainers),
      "keys": .array(
        people.flatMap(\.keys).map { key in
          .object([
            "person": .string(key.entry.person), "label": .string(key.entry.label),
            "id": .string(key.entry.fingerprint.hex),
            "counts": .bool(key.signers > 0), "until": key.until.map { .string(timestamp($0)) } ?? .null,
          ])
        }),
      "findings": .array(
        findings.map { finding in
          .object([
            "severity": .string(finding.severity.rawValue), "code": .string(finding.code.rawValue),
            "person": finding.person.map(JSONValue.string) ?? .null,
            "label": finding.label.map(JSONValue.string) ?? .null,
            "key": finding.key.map { .string($0.hex) } ?? .null, "message": .string(finding.message),
            "next": .strings(finding.next.map(\.text)),
          ])
        }), "notes": .strings(notes),
    ])
  }
}
