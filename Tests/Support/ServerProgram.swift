import Foundation
import Subprocess

/// A program that ran to its end.
package struct Finished: Sendable {
  /// The exit status; 128 and the signal's number for one that a signal ended, as a shell has it.
  package var status: Int32
  package var output: String
  package var error: String

  /// What the other side of a push wrote: the lines that git marks `remote:`, the mark and the
  /// blanks at their ends taken off.
  package var remote: [String] {
    error.split(separator: "\n", omittingEmptySubsequences: false).filter { $0.hasPrefix("remote:") }
      .map { line in
        var text = line.dropFirst("remote:".count)
        if text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
      }
  }
}

/// A step of a test's preparation that did not work. Never the refusal that a test waits for.
package struct StepFailed: Error, CustomStringConvertible {
  package var description: String
  package init(_ description: String) { self.description = description }
  package init(description: String) { self.description = description }
}

/// The programs that the end-to-end tests run, and how they run them.
package enum ServerProgram {
  /// The command under test, built beside the test bundle, or what `STAGEX_MAINT_PROGRAM` names.
  package static let command: String =
    ProcessInfo.processInfo.environment["STAGEX_MAINT_PROGRAM"]
    ?? URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "stagex-maint").path()

  /// Runs a program to its end; `input` is all that it can read. It has no terminal to ask anybody: its session is
  /// its own.
  package static func run(
    _ words: [String], in folder: String, environment: [String: String], input: [UInt8] = []
  ) async throws -> Finished {
    var options = PlatformOptions()
    options.createSession = true
    let result = try await Subprocess.run(
      words[0].contains("/") ? .path(.init(words[0])) : .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
      environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
      workingDirectory: .init(folder), platformOptions: options,
      input: .fileDescriptor(.init(rawValue: try nameless(input)), closeAfterSpawningProcess: true),
      output: .bytes(limit: 64 << 20), error: .bytes(limit: 64 << 20))
    let status: Int32 =
      switch result.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return Finished(
      status: status, output: String(decoding: result.standardOutput, as: UTF8.self),
      error: String(decoding: result.standardError, as: UTF8.self))
  }

  /// A file without a name that holds the bytes. Not a pipe: a program that ends before it has read everything, as a
  /// hook that refuses may, would end the writer too.
  private static func nameless(_ bytes: [UInt8]) throws -> Int32 {
    let name = FileManager.default.temporaryDirectory.appending(path: "maint-input-\(UInt64.random(in: 0 ... .max))")
      .path()
    try Data(bytes).write(to: URL(filePath: name))
    defer { unlink(name) }
    let file = open(name, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw StepFailed(description: "cannot open \(name): errno \(errno)") }
    return file
  }
}
