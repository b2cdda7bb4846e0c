internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import OpenPGP
internal import Review
internal import SignFlow

struct CardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "The smartcard in the reader.", subcommands: [CardStatusCommand.self])
}

extension SignerSource {
  /// Who may sign here: registry and policy of a commit, and the settings of git and the environment.
  init(_ session: Session, at commit: ObjectID) throws {
    self.init(
      session.repository, registry: try session.reviewer.registry(at: commit),
      policy: try session.reviewer.policy(at: commit))
  }

  /// Who may sign under a registry and a policy, with the settings of git and the environment.
  init(_ repository: Repository, registry: Registry, policy: Policy) {
    let environment = ProcessEnvironment.current
    self.init(registry: registry, policy: policy, environment: environment, clock: { Clock.now })
    wanted = repository.config("user.signingkey")
    if let program = repository.config("maint.gpgProgram") { splitProgram = program }
    // Pinentry needs to know which terminal is ours; gpg's own guess fails when standard output is redirected.
    if environment["GPG_TTY"] == nil, let name = unsafe ttyname(STDERR_FILENO) { unsafe setenv("GPG_TTY", name, 0) }
  }
}

extension Failure {
  static func signing(_ error: SigningError) -> Failure {
    Failure(message: printable(error.message, limit: 500), next: error.next, status: ExitCode(error.exitStatus))
  }
}
