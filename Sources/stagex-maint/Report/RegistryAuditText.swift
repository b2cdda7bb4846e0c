internal import Review

/// The audit of a registry for a terminal: person by person, no line of prose longer than 80 columns.
struct RegistryAuditText {
  let console: Console
  let audit: RegistryAudit
  let notes: [String]

  /// What is asked of several people in the same words, by its code: it is said once.
  private var shared: [(code: KeyFinding.Code, findings: [KeyFinding])] {
    var order: [KeyFinding.Code] = []
    var groups: [KeyFinding.Code: [KeyFinding]] = [:]
    for finding in audit.findings where finding.severity != .error && finding.person != nil {
      if groups[finding.code] == nil { order.append(finding.code) }
      groups[finding.code, default: []].append(finding)
    }
    return order.compactMap { code in
      guard let findings = groups[code], findings.count > 1, Set(findings.map(Self.withoutName)).count == 1 else {
        return nil
      }
      return (code, findings)
    }
  }

  /// A message that speaks of nobody.
  private static func withoutName(_ finding: KeyFinding) -> String {
    finding.message.split(separator: " ", omittingEmptySubsequences: false)
      .map { word in finding.person.map { printable($0) } == String(word) ? "them" : String(word) }.joined(
        separator: " ")
  }

  private func say(_ line: String) { folded(line, width: console.width).forEach(console.out) }

  func print() {
    let shared = shared
    let isShared = Set(shared.map(\.code))
    // Where everybody lacks a certificate it is said once, and what else is wrong with a key stays in sight.
    let isSaid: Set<KeyFinding.Code> = audit.nobody == nil ? [] : [.noCertificate, .noKeyCounts]
    func own(_ findings: [KeyFinding]) -> [KeyFinding] {
      findings.filter { !isSaid.contains($0.code) && ($0.severity == .error || !isShared.contains($0.code)) }
    }
    for note in notes { lines("note: \(note)", indent: "") }
    if let nobody = audit.nobody { lines("nobody counts: \(nobody.reason)", indent: "") }
    for individual in audit.people {
      let theirs = own(audit.findings.filter { $0.person == individual.person.id })
      if audit.nobody == nil || !theirs.isEmpty { person(individual, theirs) }
    }
    for (code, findings) in shared { several(code, findings) }
    let others = audit.findings.filter { $0.person == nil }
    if !others.isEmpty { say("everybody") }
    others.forEach { finding($0, indent: "  ") }
    say("")
    let counts = [(KeyFinding.Severity.error, "error"), (.warning, "warning"), (.note, "note")].map { severity, word in
      let count = audit.count(severity)
      return "\(count) \(word)\(count == 1 ? "" : "s")"
    }
    say("\(console.word(audit.outcome)): \(counts.joined(separator: ", "))")
    say(
      """
      \(audit.maintainers.count) of \(audit.people.count) people can endorse \
      (threshold \(audit.threshold), evidence \(audit.evidence.rawValue))
      """)
  }

  private func several(_ code: KeyFinding.Code, _ findings: [KeyFinding]) {
    guard let first = findings.first else { return }
    let people = findings.map { finding in
      [finding.person, finding.label].compactMap { $0.map { printable($0, limit: 30) } }.joined(separator: " ")
    }
    lines(
      "\(code.rawValue): \(people.joined(separator: ", "))", indent: "", head: word(first.severity) + " ",
      headWidth: first.severity.rawValue.count + 1)
    lines(Self.withoutName(first), indent: "  ")
    for (finding, who) in zip(findings, people) {
      for step in finding.next { next(step, indent: "  ", head: "next for \(who): ") }
    }
  }

  private func word(_ severity: KeyFinding.Severity) -> String {
    switch severity {
    case .error: console.red(severity.rawValue)
    case .warning: console.yellow(severity.rawValue)
    case .note: severity.rawValue
    }
  }

  private func person(_ individual: RegistryAudit.Individual, _ findings: [KeyFinding]) {
    let name = individual.person.name.map { " (\(printable($0, limit: 24)))" } ?? ""
    let state = individual.counts ? console.green("counts") : console.red("does not count")
    say("\(console.bold(printable(individual.person.id, limit: 30)))\(name): \(state)")
    for key in individual.keys {
      say("  \(key.entry.fingerprint)  \(printable(key.entry.label, limit: 30))")
      if key.signers > 0 { say("    signs, \(key.until.map { "until \(datestamp($0))" } ?? "without an end")") }
      findings.filter { $0.person == key.entry.person && $0.label == key.entry.label }.forEach {
        finding($0, indent: "    ")
      }
    }
    findings.filter { $0.person == individual.person.id && $0.label == nil }.forEach { finding($0, indent: "  ") }
  }

  private func finding(_ finding: KeyFinding, indent: String) {
    lines(
      "\(finding.code.rawValue): \(finding.message)", indent: indent, head: word(finding.severity) + " ",
      headWidth: finding.severity.rawValue.count + 1)
    for step in finding.next { next(step, indent: indent + "  ") }
  }

  /// A command is broken between words only, so that it can be copied as it stands.
  private func next(_ step: NextStep, indent: String, head: String = "next: ") {
    guard case .command(let words) = step else {
      return lines(step.text, indent: indent, head: head, headWidth: head.count)
    }
    let width = max(20, min(80, console.width) - 2 - indent.count - head.count)
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
      say(indent + (index == 0 ? head : String(repeating: " ", count: head.count)) + text)
    }
  }

  private func lines(_ text: String, indent: String, head: String = "", headWidth: Int = 0) {
    for (index, line) in wrapped(text, width: max(20, min(80, console.width) - indent.count - headWidth)).enumerated() {
      say(indent + (index == 0 ? head : String(repeating: " ", count: headWidth)) + line)
    }
  }
}
