internal import Glibc
internal import SignFlow

extension ProcessEnvironment {
  /// The environment with everything in it, taken out of this process what is secret: only we speak to the forge, and
  /// what we start (gpg-agent, the pager, git, make and all below it) needs no token.
  static func takingSecrets() -> [String: String] {
    let all = current
    for (name, value) in all where ChildEnvironment.isSecret(name, value) { _ = unsafe unsetenv(name) }
    return all
  }
}
