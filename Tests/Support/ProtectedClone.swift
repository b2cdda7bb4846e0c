import Foundation

/// A clone of somebody who is no maintainer, and protects it with the command under test.
package struct ProtectedClone: Sendable {
  package let sandbox: Sandbox
  package let path: String

  /// A clone that is there already.
  package init(sandbox: Sandbox, path: String) {
    self.sandbox = sandbox
    self.path = path
  }

  /// Clones from an address, and names the trust root.
  package static func make(
    of url: String, _ server: Server, name: String = "client", extra: [String: String] = [:]
  ) async throws -> ProtectedClone {
    let clone = ProtectedClone(sandbox: server.sandbox, path: "\(server.sandbox.path)/\(name)")
    let result = try await server.sandbox.run(["git", "clone", "--quiet", url, clone.path], extra: extra)
    guard result.status == 0 else { throw StepFailed(result.error) }
    try await clone.git("config", "maint.trustRoot", server.start)
    return clone
  }

  @discardableResult
  package func git(_ words: String...) async throws -> String { try await sandbox.must(["git"] + words, in: path) }

  package func run(_ words: String..., extra: [String: String] = [:]) async throws -> Finished {
    try await sandbox.run([ServerProgram.command] + words, in: path, extra: extra)
  }

  /// Where a ref stands; nil where there is none.
  package func tip(_ ref: String) async throws -> String? {
    let result = try await sandbox.run(["git", "rev-parse", "--verify", "--quiet", ref], in: path)
    return result.status == 0 ? result.output.trimmingCharacters(in: .newlines) : nil
  }
}

extension Server {
  /// Moves a ref as somebody does who has broken into the server: past all hooks.
  package func lie(_ ref: String, _ object: String?) async throws {
    try await sandbox.must(
      ["git", "-C", path, "-c", "core.hooksPath=/dev/null", "update-ref"] + (object.map { [ref, $0] } ?? ["-d", ref]))
  }
}
