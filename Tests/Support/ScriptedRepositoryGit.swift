import Foundation

/// What a program that was run left behind.
package struct Finished: Sendable {
  package let status: Int32
  package let output: [UInt8]
  package let errors: [UInt8]

  package var text: String { String(decoding: output, as: UTF8.self) }
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
  /// The lines of the output.
  package var lines: [String] { text.split(separator: "\n").map(String.init) }
}

/// Runs programs for tests, away from the user's git configuration.
package enum Program {
  /// Variables that keep git from reading anybody's configuration and that fix its author and its clock.
  package static let environment: [String: String] = {
    var environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    environment["HOME"] = "/nonexistent"
    environment["GIT_CONFIG_NOSYSTEM"] = "1"
    environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
    environment["GIT_ATTR_NOSYSTEM"] = "1"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    for role in ["AUTHOR", "COMMITTER"] {
      environment["GIT_\(role)_NAME"] = "A Person"
      environment["GIT_\(role)_EMAIL"] = "person@example.org"
    }
    return environment
  }()

  /// Runs a program found on the path to its end.
  package static func run(
    _ arguments: [String], in folder: String? = nil, input: [UInt8] = [], adding variables: [String: String] = [:]
  ) throws -> Finished {
    let files = try TemporaryFolder("run")
    try Data(input).write(to: URL(fileURLWithPath: files.path + "/in"))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, files.path + "/in", O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "/out"), (2, "/err")] {
      posix_spawn_file_actions_addopen(&actions, descriptor, files.path + name, O_WRONLY | O_CREAT, 0o600)
    }
    let arguments = folder.map { ["sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + arguments } ?? arguments
    let environment = Program.environment.merging(variables) { $1 }.map { "\($0)=\($1)" }

    var child = pid_t()
    let started = withCStrings(arguments) { argv in
      withCStrings(environment) { envp in posix_spawnp(&child, argv[0]!, &actions, nil, argv, envp) }
    }
    guard started == 0 else { throw POSIXError(POSIXErrorCode(rawValue: started) ?? .EIO) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    func read(_ name: String) throws -> [UInt8] {
      [UInt8](try Data(contentsOf: URL(fileURLWithPath: files.path + name)))
    }
    let signal = status & 0x7F
    return Finished(
      status: signal == 0 ? (status >> 8) & 0xFF : 128 + signal, output: try read("/out"), errors: try read("/err"))
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
  }
}

extension ScriptedRepository {
  /// Runs git on this repository and gives its output; a failure is an error.
  @discardableResult
  package func git(_ arguments: String..., input: [UInt8] = []) throws -> Finished {
    let finished = try gitMayFail(arguments, input: input)
    guard finished.status == 0 else { throw GitFailed(arguments: arguments, message: finished.errorText) }
    return finished
  }

  /// Runs git on this repository, whatever its exit status.
  package func gitMayFail(_ arguments: [String], input: [UInt8] = []) throws -> Finished {
    try Program.run(["git", "-C", path] + arguments, input: input)
  }

  package struct GitFailed: Error {
    package let arguments: [String]
    package let message: String
  }
}
