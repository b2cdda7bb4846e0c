internal import GitBridge
internal import Review
internal import SignFlow
internal import Synchronization

/// Puts the gate's answer where people look. What goes wrong here is said and changes no verdict.
final class GatePublishing: Sendable {
  private let publication: GatePublication
  private let question: GateQuestion
  private let console: Console
  /// A forge that has let us wait once is not asked again: the verdict is what people wait for.
  private let isSilent = Mutex(false)

  /// Nil where nobody asked.
  init?(_ isWanted: Bool, _ question: GateQuestion, _ console: Console) throws {
    guard isWanted else { return nil }
    do throws(GateInputError) {
      guard let publication = try GatePublication(environment: ProcessEnvironment.current) else {
        throw GateInputError("--publish: the environment names no forge to publish to", next: "leave --publish out")
      }
      self.publication = publication
    } catch {
      throw Failure.usage(error.message, next: error.next)
    }
    self.question = question
    self.console = console
  }

  /// Before judging: what an earlier run said of this head no longer holds until this one has come to its end.
  func begin() { set(.pending, "being judged") }

  func end(_ answer: GateAnswer, markdown: String?) {
    switch answer.verdict.outcome {
    case .accepted:
      set(
        .success,
        answer.mergers.isEmpty ? "accepted" : "one of these may merge: \(answer.mergers.joined(separator: ", "))")
    case .refused: set(.failure, "refused: \(codes(answer))")
    case .undecided: set(.error, "could not be judged: \(codes(answer))")
    }
    guard let number = question.number, let markdown else { return }
    attempt { [publication] () async throws(ForgeError) in try await publication.comment(on: number, markdown) }
  }

  private func codes(_ answer: GateAnswer) -> String {
    var seen: Set<String> = []
    return answer.verdict.refusals.map(\.code.rawValue).filter { seen.insert($0).inserted }.joined(separator: ", ")
  }

  private func set(_ state: GatePublication.State, _ text: String) {
    guard let commit = question.judged else { return }
    attempt { [publication, ref = question.ref] () async throws(ForgeError) in
      try await publication.setStatus(state, of: commit, target: ref, text)
    }
  }

  private func attempt(_ work: @escaping @Sendable () async throws(ForgeError) -> Void) {
    if isSilent.withLock({ $0 }) { return }
    let failure: ForgeError? = waiting {
      do throws(ForgeError) {
        try await work()
        return nil
      } catch {
        return error
      }
    }
    if case .timedOut? = failure { isSilent.withLock { $0 = true } }
    if let failure { console.err("warning: not published: \(failure.message)") }
  }
}
