import Support
import Testing

/// Titles of strangers, which may be anything, in a narrow window.
extension CosignForgeTests {
  @Test(.enabled(if: Terminal.isPossible, "tmux is not installed"), arguments: [40, 80, 200])
  func `No line of the queue is wider than the window`(_ columns: Int) throws {
    let titles = [
      String(repeating: "日本語 ", count: 30), String(repeating: "✅", count: 60),
      String(repeating: "e\u{301}", count: 120), "plain",
    ]
    for (place, title) in titles.enumerated() {
      _ = try forge.openPullRequest(branch: "b\(place)", title: title, files: ["f\(place)": "1\n"])
    }
    let environment = (cards["alice"]?.environment ?? [:]).merging([
      "MAINT_TOKEN": forge.token(of: "alice"), "TERM": "screen-256color",
    ]) { $1 }
    let terminal = try Terminal(
      [CosignServer.program, "queue"], environment: environment, in: clone("alice"), columns: columns)
    try terminal.wait(for: "[status 0]")
    let shown = try terminal.lines()
    #expect(try terminal.broken() == [], "\(shown)")
    // Each is listed; names stand in one column.
    let heads = shown.split(separator: "\n").filter { $0.hasPrefix("PR-") && $0.contains(" onto staging") }
    #expect(heads.count == titles.count, "\(shown)")
    #expect(shown.contains("日本語") && shown.contains("✅"))
  }
}
