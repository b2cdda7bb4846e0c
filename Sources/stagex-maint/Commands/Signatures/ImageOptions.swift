internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review
internal import SignFlow

/// Where digests, signatures and built images are, and whose signatures count.
struct ImageOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the digest lists. Default: digests.", valueName: "dir"))
  var digests: String?

  @Option(help: ArgumentHelp("The folder of the signatures. Default: signatures.", valueName: "dir"))
  var signatures: String?

  @Option(help: ArgumentHelp("The folder of the images as built here. Default: out.", valueName: "dir"))
  var out: String?

  @Option(help: ArgumentHelp("The namespace in which the images are published.", valueName: "name"))
  var namespace = DigestList.namespace

  @Option(
    help: ArgumentHelp(
      "Read the registry of maintainers from this folder or revision. Default: HEAD.", valueName: "dir-or-rev"))
  var registry: String?

  @Option(help: ArgumentHelp("Read the policy from this file or revision. Default: HEAD.", valueName: "file-or-rev"))
  var policy: String?

  @Option(help: "Who checks signatures: both (ours and GnuPG must agree), native or gpgme.")
  var engine: EngineChoice?
}

extension Failure {
  init(_ error: FlowError) {
    let status: ExitCode =
      switch error.kind {
      case .refused: ExitCode(1)
      case .impossible: ExitCode(2)
      case .stopped: ExitCode(3)
      case .tryAgain: ExitCode(75)
      case .usage: .validationFailure
      }
    self.init(message: error.message, next: error.next, status: status)
  }
}

/// Runs a step of a flow; what stops it becomes the command's failure.
func flow<Value>(_ body: () throws(FlowError) -> Value) throws -> Value {
  do throws(FlowError) {
    return try body()
  } catch {
    throw Failure(error)
  }
}
