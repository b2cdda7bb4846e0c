internal import GitBridge
internal import Review

/// Runs git for what needs the network or a work tree: fetch, push, diff, worktree.
///
/// The environment is closed: nothing that could make git show, merge or send something else than what was judged.
package struct GitRunner {
  package let program: ChildProgram
  let gitDirectory: String

  /// - Parameter environment: The process's; what git needs to reach the server and the person is taken from it.
  package init(gitDirectory: String, environment: [String: String], mayPrompt: Bool) {
    self.gitDirectory = gitDirectory
    let kept = [
      "PATH", "HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR",
      "XDG_CONFIG_HOME", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "TZ", "EMAIL",
      "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL",
      "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_AUTHOR_NAME",
      "GIT_AUTHOR_EMAIL", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
      "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GNUPGHOME",
    ]
    var closed = environment.filter { kept.contains($0.key) }
    closed["LC_ALL"] = "C"
    // A replacement makes git show another object than the one that is signed.
    closed["GIT_NO_REPLACE_OBJECTS"] = "1"
    closed["GIT_TERMINAL_PROMPT"] = mayPrompt ? "1" : "0"
    closed["GIT_OPTIONAL_LOCKS"] = "0"
    program = ChildProgram("git", environment: closed)
  }

  /// Runs git in the repository as if it were bare: no work tree, no attributes out of it.
  package func run(_ arguments: [String], input: [UInt8] = []) throws(CosignError) -> ChildProgram.Result {
    try run(
      ["--git-dir=\(gitDirectory)", "-c", "core.bare=true", "-c", "core.attributesFile=/dev/null"] + arguments,
      named: arguments.first, input)
  }

  /// Runs git in a work tree of its own.
  package func run(inWorkTree folder: String, _ arguments: [String]) throws(CosignError) -> ChildProgram.Result {
    try run(["-C", folder] + arguments, named: arguments.first, [])
  }

  private func run(_ arguments: [String], named name: String?, _ input: [UInt8]) throws(CosignError)
    -> ChildProgram.Result
  {
    let fixed = [
      "--no-pager", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.quotePath=true",
      "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false",
      // A path such as ".githooks" is looked for in the work tree, where it would be the pull request's own program.
      "-c", "core.hooksPath=/dev/null",
    ]
    do throws(ChildProgram.Failure) {
      return try program.run(fixed + arguments, input: input)
    } catch {
      throw .git(operation: name ?? "run", text: printable(error.message, limit: 500))
    }
  }

  /// The same; a status other than 0 is an error.
  package func succeed(_ operation: String, _ arguments: [String], input: [UInt8] = []) throws(CosignError) -> [UInt8] {
    let result = try run(arguments, input: input)
    guard result.status == 0 else { throw .git(operation: operation, text: Self.shown(result.errors)) }
    return result.output
  }

  /// What git said, in lines that are safe to print. The server's words are in it.
  static func shown(_ bytes: [UInt8]) -> String {
    bytes.split(separator: UInt8(ascii: "\n")).prefix(40).map { printable($0, limit: 300) }.joined(separator: "\n")
  }
}
