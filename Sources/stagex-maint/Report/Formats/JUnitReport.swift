internal import Review

/// A report as JUnit's XML: each row a test, and each finding that is about no single row.
struct JUnitReport {
  let report: Report

  var text: String {
    // What does not stand against the whole would make a test fail that has passed.
    let errors = report.findings.filter(\.isError)
    let others = errors.filter { $0.row == nil }
    let passed = max(0, report.rowCount - report.rows.count)
    let tests = report.rows.count + others.count + (passed > 0 ? 1 : 0)
    let failed = report.rows.filter { row in errors.contains { $0.row == row.name } }.count + others.count
    let kind = report.outcome == .undecided ? "error" : "failure"
    let counts =
      #"tests="\#(tests)" failures="\#(kind == "failure" ? failed : 0)" errors="\#(kind == "error" ? failed : 0)""#
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#, #"<testsuites name="stagex-maint" \#(counts)>"#,
      #"  <testsuite name="\#(markup(report.title))" \#(counts)>"#,
    ]
    for row in report.rows {
      lines += test("\(row.name) \(row.about)", row.kind, errors.filter { $0.row == row.name }, kind)
    }
    for finding in others { lines += test(finding.place, finding.code, [finding], kind) }
    if passed > 0 { lines += test("\(passed) more \(report.noun)s", "accepted", [], kind) }
    return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n")
  }

  private func test(_ name: String, _ kind: String, _ findings: [Report.Finding], _ element: String) -> [String] {
    let head = #"    <testcase classname="\#(markup(kind))" name="\#(markup(name))""#
    guard let first = findings.first else { return [head + "/>"] }
    let body = findings.flatMap { $0.lines + ($0.next.isEmpty ? [] : ["next: \($0.next)"]) }
    return [
      head + ">",
      #"      <\#(element) type="\#(markup(first.code))" message="\#(markup(first.lines.first ?? ""))">"#
        + markup(body.joined(separator: "\n")) + "</\(element)>",
      "    </testcase>",
    ]
  }
}
