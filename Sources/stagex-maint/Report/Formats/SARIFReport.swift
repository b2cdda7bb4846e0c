internal import GitBridge
internal import Review

/// A verdict as SARIF 2.1.0 (OASIS, 2020): one result for each refusal, one rule for each code.
struct SARIFReport {
  let report: VerdictReport

  var text: String {
    let codes = Set(report.refusals.map(\.code.rawValue)).sorted()
    let rules = codes.map { code in
      JSONValue.object(["id": .string(code), "shortDescription": message(code.replacing("-", with: " "))])
    }
    let driver = JSONValue.object([
      "name": .string("stagex-maint"), "version": .string(Version.text), "rules": .array(rules),
    ])
    let run = JSONValue.object([
      "tool": .object(["driver": driver]), "results": .array(report.refusals.map { result($0, codes) }),
      "invocations": .array([
        .object([
          // An undecided verdict is no clean bill: services that look at results only would take it for one.
          "executionSuccessful": .bool(report.outcome != .undecided),
          "toolExecutionNotifications": .array(report.notes.map { .object(["message": message($0), "level": .string("note")]) }),
        ])
      ]),
    ])
    return JSONValue.object([
      "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"), "runs": .array([run]),
    ]).text
  }

  private func result(_ refusal: Refusal, _ codes: [String]) -> JSONValue {
    let next = refusal.next.isEmpty ? [] : ["next: \(refusal.next)"]
    let commit = refusal.commit?.hex ?? ""
    return .object([
      "ruleId": .string(refusal.code.rawValue),
      "ruleIndex": .integer(Int64(codes.firstIndex(of: refusal.code.rawValue) ?? 0)), "level": .string("error"),
      "message": message((report.lines(refusal) + next).joined(separator: "\n")),
      "locations": .array([
        .object([
          // A change is refused as a whole; services want a file, and this is where its rule stands.
          "physicalLocation": .object([
            "artifactLocation": .object(["uri": .string("review.toml")]), "region": .object(["startLine": .integer(1)]),
          ]),
          "logicalLocations": .array([
            .object(["fullyQualifiedName": .string(printable(refusal.ref) + (commit.isEmpty ? "" : "@" + commit))])
          ]),
        ])
      ]),
      "partialFingerprints": .object(["refusal/v1": .string("\(refusal.code.rawValue):\(printable(refusal.ref)):\(commit)")]),
    ])
  }

  private func message(_ text: String) -> JSONValue { .object(["text": .string(text)]) }
}
