internal import Review

/// The audit of a registry for a terminal: person by person, no line of prose longer than 80 columns.
struct RegistryAuditText {
  let console: Console
  let audit: RegistryAudit
  let notes: [String]

  func print() {
    for note in notes { lines("note: \(note)", indent: "") }
    for individual in audit.people { person(individual) }
    let others = audit.findings.filter { $0.person == nil }
    if !others.isEmpty { console.out("everybody") }
    others.forEach { finding($0, indent: "  ") }
    console.out("")
    let counts = [(KeyFinding.Severity.error, "error"), (.warning, "warning"), (.note, "note")].map { severity, word in
      let count = audit.count(severity)
      return "\(count) \(word)\(count == 1 ? "" : "s")"
    }
    console.out("\(console.word(audit.outcome)): \(counts.joined(separator: ", "))")
    console.out("\(audit.maintainers.count) of \(audit.people.count) people can endorse (threshold \(audit.threshold), evidence \(audit.evidence.rawValue))")
  }

  private func person(_ individual: RegistryAudit.Individual) {
    let name = individual.person.name.map { " (\(printable($0, limit: 24)))" } ?? ""
    let state = individual.counts ? console.green("counts") : console.red("does not count")
    console.out("\(console.bold(printable(individual.person.id, limit: 30)))\(name): \(state)")
    for key in individual.keys {
      console.out("  \(key.entry.fingerprint)  \(printable(key.entry.label, limit: 30))")
      if key.signers > 0 { console.out("    signs, \(key.until.map { "until \(datestamp($0))" } ?? "without an end")") }
      audit.findings.filter { $0.person == key.entry.person && $0.label == key.entry.label }.forEach { finding($0, indent: "    ") }
    }
    audit.findings.filter { $0.person == individual.person.id && $0.label == nil }.forEach { finding($0, indent: "  ") }
  }

  private func finding(_ finding: KeyFinding, indent: String) {
    let word = finding.severity.rawValue
    let shown =
      switch finding.severity {
      case .error: console.red(word)
      case .warning: console.yellow(word)
      case .note: word
      }
    lines("\(finding.code.rawValue): \(finding.message)", indent: indent, head: shown + " ", headWidth: word.count + 1)
    for step in finding.next { next(step, indent: indent + "  ") }
  }

  /// A command is broken between words only, so that it can be copied as it stands.
  private func next(_ step: NextStep, indent: String) {
    let head = "next: "
    guard case .command(let words) = step else { return lines(step.text, indent: indent, head: head, headWidth: head.count) }
    let width = 78 - indent.count - head.count
    var line = ""
    var all: [String] = []
    for word in words {
      if !line.isEmpty, line.count + 1 + word.count > width {
        all.append(line + " \\")
        line = "  " + word
      } else {
        line += line.isEmpty ? word : " " + word
      }
    }
    for (index, text) in (all + [line]).enumerated() {
      console.out(indent + (index == 0 ? head : String(repeating: " ", count: head.count)) + text)
    }
  }

  private func lines(_ text: String, indent: String, head: String = "", headWidth: Int = 0) {
    for (index, line) in wrapped(text, width: 80 - indent.count - headWidth).enumerated() {
      console.out(indent + (index == 0 ? head : String(repeating: " ", count: headWidth)) + line)
    }
  }
}
