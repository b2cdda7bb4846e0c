internal import GitBridge
internal import Review
internal import SignFlow

/// Runs what a server runs, on a made-up push, and reads the answer.
struct GateTrial {
  enum Answer: Equatable {
    /// In our words, about this very push and for the right reason.
    case refusedByUs
    /// By our program, for another reason than the push gives.
    case refusedOtherwise(String)
    /// By somebody else.
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
    if [.backstop, .prePush, .client].contains(gate.place) { environment["GIT_OBJECT_DIRECTORY"] = nil }
    for command in gate.commands {
      let words = words(of: command) + gate.arguments(question.update)
      let result: ChildProgram.Result
      do throws(ChildProgram.Failure) {
        result = try ChildProgram("timeout", environment: environment).run(
          ["-k", "1", "\(Self.patience)"] + words, input: Array(gate.input(question.update).utf8), folder: folder,
          outputLimit: 1 << 20)
      } catch {
        throw Failure.cannotJudge(
          "a hook cannot be run: \(printable(error.message, limit: 300))", next: "command -v timeout")
      }
      said += String(decoding: result.output + result.errors, as: UTF8.self) + "\n"
      if result.status == 124 || result.status == 137 { return .hung }
      if result.status != 0 { return answer(question, said) }
    }
    return .passed
  }

  /// What the kernel does not take for a program, such as an empty file, git hands to sh.
  private func words(of command: GateStep) -> [String] {
    guard let path = command.file(in: folder) else { return ["/bin/sh", "-c", command.text + " \"$@\"", command.text] }
    // What cannot be read at all, the kernel does not run either.
    let start = PlainFile.start(of: path, 4)
    let isProgram = start?.starts(with: "#!".utf8) ?? true || start == [0x7F, 0x45, 0x4C, 0x46]
    return isProgram ? ["/bin/sh", "-c", "exec \"$0\" \"$@\"", command.text] : ["/bin/sh", command.text]
  }

  /// A hook that refuses everything, or an older program, does not know the commit and the reason.
  private func answer(_ question: MadeUpPush.Question, _ said: String) -> Answer {
    let words = said.split { $0 == " " || $0.isNewline }.joined(separator: " ")
    guard words.contains(gate.words) else { return .refused(said) }
    if question.expected.outcome == .undecided {
      return words.contains("could not be judged") ? .refusedByUs : .refusedOtherwise(said)
    }
    let isNamed = words.contains(question.update.name) || words.contains(push.commit.short)
    let reasons = question.expected.refusals.map(\.code.rawValue)
    return isNamed && reasons.contains { words.contains($0) } ? .refusedByUs : .refusedOtherwise(said)
  }
}
