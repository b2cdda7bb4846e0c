internal import Review

/// A report as SARIF 2.1.0 (OASIS, 2020): one result for each finding, one rule for each code.
struct SARIFReport {
  let report: Report

  var text: String {
    let codes = Set(report.findings.map(\.code)).sorted()
    let rules = codes.map { code in
      JSONValue.object(["id": .string(code), "shortDescription": message(code.replacing("-", with: " "))])
    }
    let driver = JSONValue.object([
      "name": .string("stagex-maint"), "version": .string(Version.text), "rules": .array(rules),
    ])
    let run = JSONValue.object([
      "tool": .object(["driver": driver]), "results": .array(report.findings.map { result($0, codes) }),
      "invocations": .array([
        .object([
          // An undecided verdict is no clean bill: services that look at results only would take it for one.
          "executionSuccessful": .bool(report.outcome != .undecided),
          "toolExecutionNotifications": .array(
            report.notes.map { .object(["message": message($0), "level": .string("note")]) }),
        ])
      ]),
    ])
    return JSONValue.object([
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
      "runs": .array([run]),
    ]).text
  }

  private func result(_ finding: Report.Finding, _ codes: [String]) -> JSONValue {
    let next = finding.next.isEmpty ? [] : ["next: \(finding.next)"]
    return .object([
      "ruleId": .string(finding.code),
      "ruleIndex": .integer(Int64(codes.firstIndex(of: finding.code) ?? 0)),
      "level": .string(finding.level(orNote: "note")),
      "message": message((finding.lines + next).joined(separator: "\n")),
      "locations": .array([
        .object([
          // What is refused is refused as a whole; services want a file, and this is where its rule stands.
          "physicalLocation": .object([
            "artifactLocation": .object(["uri": .string(report.file)]), "region": .object(["startLine": .integer(1)]),
          ]),
          "logicalLocations": .array([.object(["fullyQualifiedName": .string(finding.place)])]),
        ])
      ]),
      "partialFingerprints": .object(["refusal/v1": .string("\(finding.code):\(finding.mark)")]),
    ])
  }

  private func message(_ text: String) -> JSONValue { .object(["text": .string(text)]) }
}
