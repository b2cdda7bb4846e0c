import Support
import Testing

/// Nothing is wider than the terminal, as tmux counts columns: letters of East Asia and emoji take two, marks none.
@Suite(.enabled(if: Terminal.isPossible, "tmux is not installed")) struct WidthTests {
  /// What commits are called; each letter is one that programs count wrongly.
  static let names = [
    String(repeating: "日本語", count: 40), String(repeating: "✅✨🟢🪲 ", count: 30),
    String(repeating: "e\u{301}a\u{308}", count: 90),
    String(repeating: "한국어 ｆｕｌｌ ", count: 20), String(repeating: "unbroken", count: 40),
    "🇪🇺🇫🇷 ❤\u{FE0F} ⚡ 👩\u{200D}💻 " + String(repeating: "العربية ", count: 30),
  ]

  @Test(arguments: [40, 80, 200])
  func `no line is broken`(_ columns: Int) async throws {
    let scene = try await CommandLineTests.Scene()
    try await scene.clone.git("checkout", "--quiet", "--detach", scene.good)
    for (place, name) in Self.names.enumerated() {
      try await scene.clone.commit("file\(place)", "x\n", by: scene.server.team.alice, message: name)
    }
    try await scene.clone.git("checkout", "--quiet", "-B", "staging")
    let history = try SurveyTests.history(seed: 2)
    // Wide letters in the names of people and branches.
    try Tool.succeed(
      "git",
      ["-C", history.path + "/repository.git", "branch", "-m", "main", "主要な枝🟢" + String(repeating: "枝", count: 30)])
    for words in [
      ["log", "staging"], ["audit", "staging", "--no-cache"], ["keys", "audit"],
      ["explain", "staging", "--target", "staging"],
      ["audit", "staging", "--rule", "plain", "--keyring", "keys"],
      ["audit", "--survey", "\(Self.names[1])=\(history.path)/repository.git"],
    ] {
      let terminal = try Terminal(
        [ServerProgram.command] + words,
        environment: scene.server.sandbox.environment.merging(["TERM": "screen-256color"]) { $1 },
        in: scene.clone.path, columns: columns)
      try terminal.wait(for: "[status ")
      let shown = try terminal.lines()
      #expect(!shown.contains("[status 64]") && shown.split(separator: "\n").count > 5, "\(words): \(shown)")
      #expect(try terminal.broken() == [], "\(words)")
    }
  }

  @Test func `a line that is too wide is found`() throws {
    for (line, isBroken) in [("日本語日本語日本語日本語日本語日本語日本", false), ("日本語日本語日本語日本語日本語日本語日本語", true)] {
      let terminal = try Terminal(
        ["printf", "%s\n", line], environment: ["TERM": "screen-256color"], in: "/", columns: 40)
      try terminal.wait(for: "[status 0]")
      let shown = try terminal.lines()
      #expect(try terminal.broken().isEmpty != isBroken, "\(shown)")
    }
  }
}
