import Foundation

/// A folder of a test's own, with a home and a git configuration of its own, removed when the last
/// reference to it goes.
package final class Sandbox: Sendable {
  package let path: String
  /// What programs see: nothing of the person's own settings, keys or terminal.
  package let environment: [String: String]

  /// `gnupgHome`: the gpg home that programs see, or none.
  package init(gnupgHome: String? = nil) throws {
    let made = FileManager.default.temporaryDirectory.path()
    let path = (made.hasSuffix("/") ? made : made + "/") + "maint-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(
      atPath: path + "/home", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try FileManager.default.createDirectory(atPath: path + "/tmp", withIntermediateDirectories: true)
    try """
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

    """.write(toFile: path + "/gitconfig", atomically: false, encoding: .utf8)
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
    self.path = path
    self.environment = environment
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
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
    let file = "\(path)/\(name)"
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    return file
  }
}
