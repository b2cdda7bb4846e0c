internal import GitBridge
internal import Review

/// A verdict as JUnit's XML: each change a test, and each refusal that is about no single change.
struct JUnitReport {
  let report: VerdictReport

  var text: String {
    let listed = Set(report.changes.map(\.commit))
    let others = report.refusals.filter { refusal in refusal.commit.map { !listed.contains($0) } ?? true }
    let passed = max(0, report.changeCount - report.changes.count)
    let tests = report.changes.count + others.count + (passed > 0 ? 1 : 0)
    let (kind, failures, errors) =
      report.outcome == .undecided ? ("error", 0, failed(others)) : ("failure", failed(others), 0)
    var lines = [
      #"<?xml version="1.0" encoding="UTF-8"?>"#,
      #"<testsuites name="stagex-maint" tests="\#(tests)" failures="\#(failures)" errors="\#(errors)">"#,
      #"  <testsuite name="\#(markup(report.title))" tests="\#(tests)" failures="\#(failures)" errors="\#(errors)">"#,
    ]
    for change in report.changes {
      let name = "\(change.commit.short) \(report.subject(change.commit) ?? "")"
      lines += test(name, change.kind.rawValue, report.refusals.filter { $0.commit == change.commit }, kind)
    }
    for refusal in others {
      lines += test(refusal.commit.map { "\($0.short)" } ?? printable(refusal.ref), refusal.code.rawValue, [refusal], kind)
    }
    if passed > 0 { lines += test("\(passed) more changes", "accepted", [], kind) }
    return (lines + ["  </testsuite>", "</testsuites>"]).joined(separator: "\n")
  }

  private func failed(_ others: [Refusal]) -> Int {
    report.changes.filter { change in report.refusals.contains { $0.commit == change.commit } }.count + others.count
  }

  private func test(_ name: String, _ kind: String, _ refusals: [Refusal], _ element: String) -> [String] {
    let head = #"    <testcase classname="\#(markup(kind))" name="\#(markup(name))""#
    guard let first = refusals.first else { return [head + "/>"] }
    let body = refusals.flatMap { report.lines($0) + ($0.next.isEmpty ? [] : ["next: \($0.next)"]) }
    return [
      head + ">",
      #"      <\#(element) type="\#(markup(first.code.rawValue))" message="\#(markup(printable(first.message, limit: 2000)))">"#
        + markup(body.joined(separator: "\n")) + "</\(element)>",
      "    </testcase>",
    ]
  }
}
