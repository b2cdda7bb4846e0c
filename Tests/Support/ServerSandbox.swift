import Foundation

/// A folder of a test's own, with a home and a git configuration of its own, removed when the last
/// reference to it goes.
package final class Sandbox: Sendable {
  package var path: String { folder.path }
  private let folder: TemporaryFolder
  /// What programs see: nothing of the person's own settings, keys or terminal.
  package let environment: [String: String]

  /// `gnupgHome`: the gpg home that programs see, or none.
  package init(gnupgHome: String? = nil) throws {
    folder = try TemporaryFolder()
    let path = folder.path
    for name in ["home", "tmp"] {
      try FileManager.default.createDirectory(
        atPath: "\(path)/\(name)", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    try folder.write(
      "gitconfig",
      """
      [user]
      \tname = Nobody
      \temail = nobody@example.invalid
      [init]
      \tdefaultBranch = main
      [gc]
      \tauto = 0
      [maintenance]
      \tauto = false
      [safe]
      \tdirectory = *

      """)
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": path + "/home",
      "TMPDIR": path + "/tmp",
      "LC_ALL": "C.UTF-8",
      "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_CONFIG_GLOBAL": path + "/gitconfig",
      "GIT_TERMINAL_PROMPT": "0",
    ]
    environment["GNUPGHOME"] = gnupgHome
    self.environment = environment
  }

  /// Runs a program in the folder; a failure throws, with what was printed.
  @discardableResult
  package func must(_ words: [String], in folder: String? = nil, input: [UInt8] = []) async throws -> String {
    let result = try await run(words, in: folder, input: input)
    guard result.status == 0 else {
      throw StepFailed(
        description: "\(words.joined(separator: " ")): status \(result.status)\n\(result.output)\(result.error)")
    }
    return result.output.hasSuffix("\n") ? String(result.output.dropLast()) : result.output
  }

  /// Runs a program in the folder, `extra` added to its environment.
  package func run(
    _ words: [String], in folder: String? = nil, extra: [String: String] = [:], input: [UInt8] = []
  ) async throws -> Finished {
    try await ServerProgram.run(
      words, in: folder ?? path, environment: environment.merging(extra) { $1 }, input: input)
  }

  /// Writes an executable script and says where.
  package func script(_ name: String, _ text: String) throws -> String {
    // Not written here: a child that another thread starts meanwhile holds the file open for writing, and Linux runs no
    // such file.
    let (source, path) = (try folder.write("\(name).text", text), "\(folder.path)/\(name)")
    try Tool.succeed("install", ["-m", "755", source, path])
    return path
  }
}
