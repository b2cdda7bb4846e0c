import Foundation
import Support
import Testing

/// What every command does at its edges: words that it does not know, and output that nobody receives.
@Suite struct OutputTests {
  @Test(arguments: [
    (["verfy"], "did you mean verify?"), (["hook", "dcotor"], "did you mean doctor?"),
    (["policy", "lnt"], "did you mean lint?"),
    (["keys", "lst"], "did you mean list?"), (["zzzzzz"], "has no command zzzzzz"),
    (["verify", "--trget", "x"], "Did you mean '--target'?"),
    (["hook"], "needs a command"), ([], "needs a command"), (["verify", "a", "b", "c"], "unexpected arguments"),
    (["verify", "--format", "xyz"], "xyz"), (["\u{1B}[31mx"], "\\x1b[31mx"),
    (["-C", "/nonexistent", "log"], "/nonexistent"),
  ])
  func usageInOneForm(words: [String], told: String) async throws {
    let sandbox = try Sandbox()
    let result = try await sandbox.run([ServerProgram.command] + words)
    #expect(result.status == 64, "\(result)")
    #expect(result.output == "")
    let lines = result.error.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("error: ") && $0.contains(told) }, "\(result)")
    #expect(lines.last?.hasPrefix("next: ") == true && !result.error.contains("Error:"), "\(result)")
  }

  @Test(arguments: [
    ["--help"], ["--version"], ["hook", "doctor", "--help"], ["policy", "show"], ["policy", "show", "-C", "."],
    ["log", "--format", "json"],
  ])
  func aResultThatIsLostIsNoSuccess(words: [String]) async throws {
    let (sandbox, clone, _) = try await PolicyLintTests.make("version = 1\n")
    let command = ([ServerProgram.command] + words).joined(separator: " ")
    let whole = try await sandbox.run(["sh", "-c", command], in: clone)
    guard whole.status == 0 else { return #expect(words.first == "log", "\(whole)") }
    let full = try await sandbox.run(["sh", "-c", command + " >/dev/full"], in: clone)
    #expect(full.status == 2 && full.error.contains("No space left on device"), "\(full)")
    let closed = try await sandbox.run(["sh", "-c", command + " >&-"], in: clone)
    #expect(closed.status == 2, "\(closed)")
    // The reader has gone before the first word is written: the fifo's other end is opened and closed.
    let pipe = try await sandbox.run(
      ["sh", "-c", "mkfifo p; : <p & exec 3>p; wait; { \(command); echo $? >status; } >&3; cat status"], in: clone)
    #expect(pipe.output == "2\n", "\(pipe)")
  }

  @Test func logNamesTheFormatsThatItHas() async throws {
    let sandbox = try Sandbox()
    let help = try await sandbox.run([ServerProgram.command, "log", "--help"])
    #expect(help.status == 0 && help.output.contains("text or json") && !help.output.contains("sarif"), "\(help)")
    let sarif = try await sandbox.run([ServerProgram.command, "log", "--format", "sarif"])
    #expect(sarif.status == 64, "\(sarif)")
  }

  @Test func aRegistryThatIsNotThereYet() async throws {
    let (sandbox, clone, _) = try await PolicyLintTests.make("version = 1\n")
    let list = try await sandbox.run([ServerProgram.command, "keys", "list"], in: clone)
    #expect(list.status == 2 && list.error.contains("next: stagex-maint init"), "\(list)")
  }

  /// `script` gives the command a terminal of its own, `stty` its width.
  @Test func linesAreFoldedAtTheTerminalsWidth() async throws {
    let (sandbox, clone, bare) = try await PolicyLintTests.make("version = 1\n")
    for (words, folder) in [("hook doctor", bare), ("keys list", clone), ("verfy", clone)] {
      let line = "stty columns 40; \(ServerProgram.command) \(words)"
      let result = try await sandbox.run(
        ["script", "--quiet", "--return", "--command", line, "/dev/null"], in: folder, extra: ["TERM": "dumb"])
      for line in result.output.split(whereSeparator: \.isNewline) where !line.contains("next:") {
        #expect(line.count <= 40 || line.split(separator: " ").contains { $0.count > 30 }, "\(line)")
      }
    }
  }
}
