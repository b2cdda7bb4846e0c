import Foundation

/// A git server's bare repository with the hook installed, in which `main` and `staging` start at
/// a commit that holds the registry and is the trust root.
package struct Server: Sendable {
  package let sandbox: Sandbox
  package let team: Team
  /// The bare repository.
  package let path: String
  /// The trust root.
  package let start: String

  /// Everything that a refused push must leave as it was.
  package struct State: Equatable, Sendable {
    package var refs: String
    package var head: String
    package var objects: String
  }

  /// Makes the repository, and a clone of it with `staging` checked out.
  /// - Parameters:
  ///   - name: the repository's path inside the sandbox.
  ///   - files: more files of the first commit, a policy for instance.
  ///   - hooks: the hooks to install, by their names in `hooks/`.
  ///   - program: what the hooks run; the command under test when nil.
  package static func make(
    _ name: String = "stagex.git", files: [(path: String, text: String)] = [],
    hooks: [String] = ["pre-receive"], program: String? = nil
  ) async throws -> (server: Server, clone: Clone) {
    let team = try await Team.shared()
    let sandbox = try Sandbox(gnupgHome: team.gnupgHome)
    let path = "\(sandbox.path)/\(name)"
    let clone = Clone(sandbox: sandbox, path: sandbox.path + "/clone", server: path)
    try await sandbox.must(["git", "init", "--quiet", "--bare", path])
    try await sandbox.must(["git", "init", "--quiet", clone.path])
    for file in team.registry(team.maintainers) + files {
      try await clone.write(file.path, file.text)
    }
    let start = try await clone.commitIndex(by: team.alice, ["--message", "Start"])
    try await clone.git("checkout", "--quiet", "-b", "staging")
    try await clone.git("push", "--quiet", path, "main", "staging")
    let server = Server(sandbox: sandbox, team: team, path: path, start: start)
    try await server.config("maint.trustRoot", start)
    try await server.config("maint.program", program ?? ServerProgram.command)
    for hook in hooks { try server.install(hook) }
    return (server, clone)
  }

  /// A clone of `source`, or of this repository, that has the last commit of `staging` only.
  package func shallowClone(of source: String? = nil) async throws -> Clone {
    let clone = Clone(sandbox: sandbox, path: sandbox.path + "/shallow", server: path)
    try await sandbox.must([
      "git", "clone", "--quiet", "--depth", "1", "--branch", "staging", "file://" + (source ?? path), clone.path,
    ])
    return clone
  }

  package func config(_ key: String, _ value: String) async throws {
    try await sandbox.must(["git", "-C", path, "config", key, value])
  }

  /// Copies a hook as it is shipped. `to`: its path inside the repository.
  package func install(_ hook: String, to place: String? = nil) throws {
    let target = URL(filePath: path).appending(path: place ?? "hooks/\(hook)")
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try? FileManager.default.removeItem(at: target)
    try FileManager.default.copyItem(
      at: URL(filePath: Tool.packageFolder).appending(path: "hooks/\(hook)"), to: target)
  }

  /// The refs, the branch that HEAD names, and every object, reachable or not.
  package func state() async throws -> State {
    State(
      refs: try await sandbox.must([
        "git", "-C", path, "for-each-ref", "--format=%(refname) %(objectname) %(symref)",
      ]),
      head: try String(contentsOfFile: path + "/HEAD", encoding: .utf8),
      objects: try await sandbox.must([
        "git", "-C", path, "cat-file", "--batch-all-objects", "--batch-check",
      ]))
  }

  /// The object that a ref points at, nil when there is no such ref.
  /// - Parameter name: a branch, or a full ref name.
  package func tip(_ name: String) async throws -> String? {
    let ref = name.hasPrefix("refs/") ? name : "refs/heads/\(name)"
    let result = try await sandbox.run(["git", "-C", path, "rev-parse", "--verify", "--quiet", ref])
    return result.status == 0 ? result.output.trimmingCharacters(in: .newlines) : nil
  }

  /// Runs the command under test in the repository.
  package func command(_ words: String..., extra: [String: String] = [:]) async throws -> Finished {
    try await sandbox.run([ServerProgram.command] + words, in: path, extra: extra)
  }
}
