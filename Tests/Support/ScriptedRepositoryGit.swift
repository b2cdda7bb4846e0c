import Foundation

extension Tool.Result {
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
  ) throws -> Tool.Result {
    try Tool.run(
      arguments[0], Array(arguments.dropFirst()), environment: environment.merging(variables) { $1 }, input: input,
      folder: folder, seconds: 300)
  }
}

extension ScriptedRepository {
  /// Runs git on this repository and gives its output; a failure is an error.
  @discardableResult
  package func git(_ arguments: String..., input: [UInt8] = []) throws -> Tool.Result {
    let finished = try gitMayFail(arguments, input: input)
    guard finished.status == 0 else { throw GitFailed(arguments: arguments, message: finished.errorText) }
    return finished
  }

  /// Runs git on this repository, whatever its exit status.
  package func gitMayFail(_ arguments: [String], input: [UInt8] = []) throws -> Tool.Result {
    try Program.run(["git", "-C", path] + arguments, input: input)
  }

  package struct GitFailed: Error {
    package let arguments: [String]
    package let message: String

    package init(arguments: [String], message: String) {
      self.arguments = arguments
      self.message = message
    }
  }
}
