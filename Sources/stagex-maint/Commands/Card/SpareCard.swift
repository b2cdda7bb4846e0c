internal import ArgumentParser
internal import Review
internal import SignFlow

/// A second card with the same key. gpg remembers on which card it met a key, and asks for that one even if it is lost.
enum SpareCard {
  /// Lets gpg's agent learn the card in the reader: its keys are then looked for there.
  static func use() throws {
    let next = "gpg-connect-agent 'scd serialno' 'learn --force' /bye"
    let result: ChildProgram.Result
    do throws(ChildProgram.Failure) {
      result = try ChildProgram("gpg-connect-agent", environment: ProcessEnvironment.current).run([
        "scd serialno", "learn --force", "/bye",
      ])
    } catch {
      throw Failure.cannotJudge(printable(error.message), next: next)
    }
    // The agent says what went wrong in its answer, and ends well.
    let answer = String(decoding: result.output, as: UTF8.self)
    guard result.status == 0, !answer.split(separator: "\n").contains(where: { $0.hasPrefix("ERR ") }) else {
      throw Failure.cannotJudge("gpg's agent did not take the card: \(printable(answer, limit: 300))", next: next)
    }
  }
}
