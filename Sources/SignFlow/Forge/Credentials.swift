internal import Subprocess

/// Finds the token for a forge: the variable MAINT_TOKEN, else git's credential helper.
package struct Credentials: Sendable {
  private let environment: [String: String]
  private let repository: String

  /// - Parameters:
  ///   - environment: the process's.
  ///   - repository: folder in which git is asked; its configuration may name a helper.
  package init(environment: [String: String], repository: String) {
    self.environment = environment
    self.repository = repository
  }

  /// The token for an origin, or nil when there is none. Never asks the person: a helper answers or it does not.
  package func token(for origin: WebOrigin) async throws(ForgeError) -> Token? {
    // A token that was meant for the forge must not leave in clear, whatever the remote's address says.
    guard origin.isSecure else { throw .insecure(origin: origin.description) }
    if let given = environment["MAINT_TOKEN"], !given.isEmpty {
      guard let token = Token(given) else { throw .local("MAINT_TOKEN is no token: it holds blanks or other signs") }
      return token
    }
    return try await fromHelper(origin)
  }

  private func fromHelper(_ origin: WebOrigin) async throws(ForgeError) -> Token? {
    let question = "protocol=\(origin.scheme)\nhost=\(origin.authority)\n\n"
    // No terminal and no window: only helpers may answer.
    let quiet = environment.filter { !["GIT_ASKPASS", "SSH_ASKPASS", "DISPLAY"].contains($0.key) }
      .merging(["GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]) { $1 }
    let arguments = ["-C", repository, "-c", "core.askPass=", "credential", "fill"]
    let result = try await Program.run("git", arguments, environment: quiet, input: question, outputLimit: 65_536)
    guard result.status == 0 else { return nil }
    let fields = result.output.split(separator: UInt8(ascii: "\n")).reduce(into: [String: String]()) { fields, line in
      let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 {
        fields[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self)
      }
    }
    guard let user = fields["username"], let password = fields["password"] else { return nil }
    return Token(password, kind: .password(user: user))
  }
}
