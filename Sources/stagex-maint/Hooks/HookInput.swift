internal import ArgumentParser
internal import GitBridge
internal import Review

enum HookInput {
  /// Turns a failure to read what git says into a refusal that the pusher understands.
  static func guarded(_ refused: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let status as ExitCode {
      throw status
    } catch {
      let console = Console(colour: .never, environment: [:])
      let (message, next, status): (String, String?, ExitCode) =
        switch error {
        case let failure as Failure: (failure.message, failure.next, failure.status)
        case let error as GitError: (error.message, error.next, ExitCode(2))
        default: ("\(error)", nil, ExitCode(2))
        }
      console.err("error: \(refused)" + (status == ExitCode(1) ? "" : ": it could not be judged"))
      wrapped(printable(message, limit: 1000), width: HookRunning.width).forEach(console.err)
      if let next { wrapped("next: \(next)", width: HookRunning.width, indent: "    ").forEach(console.err) }
      throw status
    }
  }
}
