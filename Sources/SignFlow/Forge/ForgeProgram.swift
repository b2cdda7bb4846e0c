/// Runs curl, gpg and git for the forge clients.
enum ForgeProgram {
  struct Result {
    let status: Int32
    let output: [UInt8]
    let errors: [UInt8]
    /// The output was longer than the limit; the program was ended.
    var isTooLong = false
  }

  /// Runs a program of PATH to its end, with exactly this environment.
  static func run(
    _ name: String, _ arguments: [String], environment: [String: String], input: String, outputLimit: Int
  ) async throws(ForgeError) -> Result {
    do throws(ChildProgram.Failure) {
      let result = try await ChildProgram(name, environment: environment)
        .runAsync(arguments, input: Array(input.utf8), outputLimit: outputLimit)
      return Result(status: result.status, output: result.output, errors: result.errors)
    } catch {
      if error.isTooLong { return Result(status: -1, output: [], errors: [], isTooLong: true) }
      throw .local("\(name) cannot be run")
    }
  }
}
