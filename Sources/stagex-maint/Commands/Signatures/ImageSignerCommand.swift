internal import ArgumentParser
internal import SignFlow

/// What the script behind `make sign` runs in place of gpg and gpgv. Not for people.
struct ImageSignerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "image-signer", shouldDisplay: false)

  @Argument var name: String
  @Argument var socket: String
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  func run() throws {
    let status = SignerClient.run(name, socket: socket, arguments: arguments)
    if status != 0 { throw ExitCode(status) }
  }
}
