internal import Subprocess

/// Runs curl and git for the forge clients.
enum Program {
  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: [UInt8]
    /// The output was longer than the limit; the program was ended.
    var isTooLong = false
  }

  private static let errorLimit = 65_536

  /// Runs a program of PATH to its end, with exactly this environment.
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String], input: String, outputLimit: Int
  ) async throws(ForgeError) -> Result {
    let variables = environment.map { (Environment.Key(rawValue: $0.key)!, $0.value) }
    do {
      let result = try await Subprocess.run(
        .name(name), arguments: Arguments(arguments),
        environment: .custom(Dictionary(variables) { $1 }), input: .fileDescriptor(try ChildInput.descriptor(Array(input.utf8)), closeAfterSpawningProcess: true),
        output: .bytes(limit: outputLimit), error: .bytes(limit: errorLimit))
      return Result(
        status: status(result.terminationStatus), output: result.standardOutput, errors: result.standardError)
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      return Result(status: -1, output: [], errors: [], isTooLong: true)
    } catch {
      throw .local("\(name) cannot be run")
    }
  }

  private static func status(_ termination: TerminationStatus) -> Int32 {
    switch termination {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}
