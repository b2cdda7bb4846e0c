import Glibc

/// A program in a real terminal of 24 lines, which tmux draws. It ends with the value.
package final class Terminal {
  private let folder: TemporaryFolder
  private var socket: String { "\(folder.path)/t" }

  package static let isPossible = Tool.find("tmux") != nil

  package init(_ arguments: [String], environment: [String: String], in work: String, columns: Int = 80) throws {
    folder = try TemporaryFolder()
    // A script, so that no word has to survive two shells.
    var script = "#!/bin/sh\ncd \(Self.quoted(work))\n"
    for (key, value) in Tool.bareEnvironment.merging(environment, uniquingKeysWith: { $1 }) {
      script += "export \(key)=\(Self.quoted(value))\n"
    }
    // What GPG_TTY must be is the business of the program under test, as it is in a person's shell.
    script += "unset GPG_TTY DISPLAY\n" + arguments.map(Self.quoted).joined(separator: " ")
    script += "\necho \"[status $?]\"\nexec sleep 1000\n"
    try folder.write("run", script)
    try Tool.succeed(
      "tmux",
      [
        "-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "\(columns)", "-y", "24", "sh \(folder.path)/run",
        ";",
        "set-option", "-g", "history-limit", "5000",
      ], environment: ["TERM": "xterm-256color"])
  }

  deinit { _ = try? Tool.run("tmux", ["-S", socket, "kill-server"]) }

  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// What is on the screen and has rolled off it, each of the terminal's lines by itself.
  package func lines() throws -> String {
    try Tool.succeed("tmux", ["-S", socket, "capture-pane", "-p", "-S", "-"]).text
  }

  /// The same with lines joined that the terminal had to break.
  package func joined() throws -> String {
    try Tool.succeed("tmux", ["-S", socket, "capture-pane", "-p", "-J", "-S", "-"]).text
  }

  /// The same with the escape sequences of colours.
  package func coloured() throws -> String {
    try Tool.succeed("tmux", ["-S", socket, "capture-pane", "-p", "-e", "-S", "-"]).text
  }

  /// The lines that the terminal had to break, because they were wider than it is.
  package func broken() throws -> [String] {
    let (drawn, whole) = (try lines(), try joined())
    let unbroken = Set(drawn.split(separator: "\n").map { $0.trimmingSuffix { $0 == " " } })
    return whole.split(separator: "\n").map { $0.trimmingSuffix { $0 == " " } }.filter { !unbroken.contains($0) }.map(
      String.init)
  }

  /// Waits until the text is there, and fails with what is there instead.
  package func wait(for text: String, seconds: Int = 60) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if try joined().contains(text) { return }
      usleep(50_000)
    }
    throw NotShown(description: "\"\(text)\" does not appear:\n\(try lines())")
  }

  /// Types text and presses Enter.
  package func type(_ text: String) throws {
    try Tool.succeed("tmux", ["-S", socket, "send-keys", "-l", text])
    try Tool.succeed("tmux", ["-S", socket, "send-keys", "Enter"])
  }

  package func press(_ key: String) throws { try Tool.succeed("tmux", ["-S", socket, "send-keys", key]) }
}

package struct NotShown: Error, CustomStringConvertible { package let description: String }
