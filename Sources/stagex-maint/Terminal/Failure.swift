internal import ArgumentParser
internal import GitBridge
internal import Review

/// Ends a command with a message in three parts: what is wrong, with which object, what to type next.
struct Failure: Error, CustomStringConvertible {
  let message: String
  let next: String?
  let status: ExitCode

  var description: String { next.map { "\(message)\nnext: \($0)" } ?? message }

  static func usage(_ message: String, next: String? = nil) -> Failure {
    Failure(message: message, next: next, status: .validationFailure)
  }

  static func cannotJudge(_ error: GitError) -> Failure {
    Failure(message: printable(error.message, limit: 500), next: error.next, status: ExitCode(2))
  }

  static func cannotJudge(_ message: String, next: String? = nil) -> Failure {
    Failure(message: message, next: next, status: ExitCode(2))
  }

  static func problem(_ problem: ReviewProblem) -> Failure {
    let refusal = problem.refusal(ref: "")
    let status = if case .notProtected = problem { ExitCode.validationFailure } else { ExitCode(2) }
    return Failure(message: printable(refusal.message, limit: 500), next: refusal.next, status: status)
  }
}

/// Runs a command's body; a failure becomes `error:` on standard error and the right exit status.
func running(_ console: Console, _ body: () throws -> ExitCode) throws {
  let status: ExitCode
  do {
    status = try body()
  } catch let failure as Failure {
    console.endProgress()
    console.error(failure.message, next: failure.next)
    throw failure.status
  } catch let problem as ReviewProblem {
    console.endProgress()
    let failure = Failure.problem(problem)
    console.error(failure.message, next: failure.next)
    throw failure.status
  } catch let error as GitError {
    console.endProgress()
    console.error(printable(error.message, limit: 500), next: error.next)
    throw ExitCode(2)
  }
  if status != .success { throw status }
}
