internal import GitBridge
internal import Review
internal import SignFlow

/// Runs what a server runs, on a made-up push, and reads the answer.
struct GateTrial {
  enum Answer: Equatable {
    /// In our words, about this very push and for the right reason.
    case refusedByUs
    /// By somebody else, or for another reason.
    case refused(String)
    case passed
    case hung
  }

  let gate: HookGate
  let push: MadeUpPush
  let folder: String
  var extra: [String: String] = [:]
  /// After so long a hook counts as hung.
  static let patience = 120

  func answer(to question: MadeUpPush.Question) throws -> Answer {
    var said = ""
    var environment = push.environment(for: question.kind).merging(extra) { $1 }
    if gate.place == .backstop || gate.place == .prePush { environment["GIT_OBJECT_DIRECTORY"] = nil }
    for command in gate.commands {
      let script = command.kind == .file ? "exec \"$0\" \"$@\"" : command.text + " \"$@\""
      let words = ["/bin/sh", "-c", script, command.text] + gate.arguments(question.update)
      let result: ChildProgram.Result
      do throws(ChildProgram.Failure) {
        result = try ChildProgram("timeout", environment: environment).run(
          ["-k", "1", "\(Self.patience)"] + words, input: Array(gate.input(question.update).utf8), folder: folder,
          outputLimit: 1 << 20)
      } catch {
        throw Failure.cannotJudge("a hook cannot be run: \(printable(error.message, limit: 300))", next: "command -v timeout")
      }
      said += String(decoding: result.output + result.errors, as: UTF8.self) + "\n"
      if result.status == 124 || result.status == 137 { return .hung }
      if result.status != 0 { return isOurs(said, question) ? .refusedByUs : .refused(said) }
    }
    return .passed
  }

  /// A hook that refuses everything, or an older program, does not know the commit and the reason.
  private func isOurs(_ said: String, _ question: MadeUpPush.Question) -> Bool {
    let words = said.split { $0 == " " || $0.isNewline }.joined(separator: " ")
    guard words.contains(gate.words) else { return false }
    let named = words.contains(question.update.name) || words.contains(push.commit.short)
    let reasons = question.expected.refusals.map(\.code.rawValue)
    return named && (reasons.isEmpty || reasons.contains { words.contains($0) })
  }
}
