import Foundation
import Subprocess

/// Ways to reach a server's repository. Each is a real git server: `git receive-pack` run by a local git,
/// by `git http-backend`, or by sshd.
package enum Transport: String, CaseIterable, Sendable, CustomStringConvertible {
  case file, http, ssh

  package var description: String { rawValue }

  /// Whether this machine can do it; nil when it can, else the reason.
  package var missing: String? {
    switch self {
    case .file: nil
    case .http: Tool.find("python3") == nil ? "no python3" : nil
    case .ssh: Tool.find("sshd") == nil ? "no sshd: install openssh-server" : nil
    }
  }
}

extension Server {
  /// Serves the sandbox while `body` runs, which gets the repository's address and what git's environment needs.
  package func serve<R: Sendable>(
    over transport: Transport, _ body: (_ url: String, _ extra: [String: String]) async throws -> R
  ) async throws -> R {
    let inside = path.dropFirst(sandbox.path.count)
    switch transport {
    case .file:
      return try await body("file://" + path, [:])
    case .http:
      return try await withHTTP { base in
        try await body(base + inside.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)!, [:])
      }
    case .ssh:
      let command = try await sshCommand()
      return try await body("ssh://server.invalid" + path, ["GIT_SSH_COMMAND": command])
    }
  }

  /// Serves the sandbox by smart HTTP on a free port of the loopback interface. The server ends with its input.
  private func withHTTP<R: Sendable>(_ body: (String) async throws -> R) async throws -> R {
    try await Subprocess.run(
      .path(.init(Tool.packageFolder + "/scripts/git-over-http")), arguments: [sandbox.path],
      environment: .custom(
        Dictionary(uniqueKeysWithValues: sandbox.environment.map { (.init(stringLiteral: $0), $1) })),
      input: .inputWriter, output: .sequence, error: .discarded
    ) { server in
      for try await line in server.standardOutput.strings() {
        let result = try await body(line.trimmingCharacters(in: .newlines))
        try await server.standardInputWriter.finish()
        return result
      }
      throw StepFailed(description: "git-over-http printed no address")
    }.takeClosureResult()
  }

  /// The `ssh` for git to run. Its connection is an sshd of its own, with keys made for it, over a pair of pipes as
  /// OpenSSH's own tests do it: no port, nothing that outlives the push.
  private func sshCommand() async throws -> String {
    guard let sshd = Tool.find("sshd") else { throw StepFailed(description: "no sshd") }
    let folder = "\(sandbox.path)/ssh\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for key in ["host", "user"] {
      try await sandbox.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(key)"])
    }
    if getuid() == 0 {  // sshd's own folder for its unprivileged part, made at boot on a real server
      try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
    }
    let seen = ["PATH", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "HOME", "TMPDIR"]
      .map { "\($0)=\(sandbox.environment[$0]!)" }.joined(separator: " ")
    try """
    HostKey \(folder)/host
    AuthorizedKeysFile \(folder)/user.pub
    StrictModes no
    UsePAM no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin prohibit-password
    SetEnv \(seen)

    """.write(toFile: folder + "/sshd_config", atomically: false, encoding: .utf8)
    return """
      ssh -F none -i \(folder)/user -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR \
      -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -l \(NSUserName()) \
      -o 'ProxyCommand=\(sshd) -i -f \(folder)/sshd_config'
      """
  }
}
