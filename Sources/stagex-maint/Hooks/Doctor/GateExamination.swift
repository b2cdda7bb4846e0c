internal import GitBridge
internal import Glibc
internal import Review

/// Tries one place of a server with a made-up push, and says what its answers mean.
struct GateExamination {
  enum State: String {
    case judges
    case letsPass = "lets-pass"
    case letsDeletionsPass = "lets-deletions-pass"
    case refusesEverything = "refuses-everything"
    /// Our program refuses, but not for what is wrong with the push.
    case refusesOtherwise = "refuses-otherwise"
    /// Somebody else's hook refuses before ours is asked.
    case unclear
    case absent
  }

  let gate: HookGate
  let state: State
  /// Whether an unsigned change of the lead would be stopped here, by whomever.
  let stopsUnsigned: Bool
  /// What the hook said where it refused in other words than ours.
  let said: String
  /// The ref whose unsigned change passed.
  let passed: String?

  private typealias Answers = [(question: MadeUpPush.Question, answer: GateTrial.Answer)]

  /// - Parameter extra: What a forge or gitolite tells its hooks.
  init(_ gate: HookGate, _ push: MadeUpPush, folder: String, extra: [String: String]) throws {
    self.gate = gate
    guard !gate.commands.isEmpty else {
      (state, stopsUnsigned, said, passed) = (.absent, false, "", nil)
      return
    }
    var answers: Answers = []
    // Whether a branch may go is judged by what the clone remembers, and a new clone remembers nothing yet.
    for question in push.questions where gate.place != .client || question.kind != .deletion {
      answers.append(
        (question, try GateTrial(gate: gate, push: push, folder: folder, extra: extra).answer(to: question)))
    }
    // Nor may the judgement depend on the mark of a forge's own pushes.
    if extra[Self.forgesMark] != nil, let question = push.questions.first(where: { $0.kind == .unsigned }) {
      let plain = try GateTrial(gate: gate, push: push, folder: folder).answer(to: question)
      if plain == .passed { answers.insert((question, plain), at: 0) }
    }
    let unsigned = answers.filter { $0.question.kind == .unsigned || $0.question.kind == .follower }
    stopsUnsigned = !unsigned.contains { $0.question.kind == .unsigned && $0.answer == .passed }
    passed = unsigned.first { $0.answer == .passed }?.question.update.name
    state = Self.state(answers, unsigned)
    said = answers.lazy.compactMap { Self.words($0.answer) }.first ?? ""
  }

  /// What Forgejo and Gitea tell their hooks of a push that they make themselves.
  static let forgesMark = "GITEA_INTERNAL_PUSH"

  private static func words(_ answer: GateTrial.Answer) -> String? {
    switch answer {
    case .refused(let words), .refusedOtherwise(let words): words
    case .hung: "it does not end"
    case .passed, .refusedByUs: nil
    }
  }

  private static func state(_ answers: Answers, _ unsigned: Answers) -> State {
    func answer(_ kind: MadeUpPush.Question.Kind) -> GateTrial.Answer? {
      answers.first { $0.question.kind == kind }?.answer
    }
    if unsigned.isEmpty || unsigned.contains(where: { $0.answer == .passed }) { return .letsPass }
    let isPassable = answer(.harmless) == .passed
    if answers.contains(where: { $0.answer == .hung }) { return .refusesEverything }
    for (_, answer) in unsigned {
      switch answer {
      case .refused: return isPassable ? .unclear : .refusesEverything
      case .refusedOtherwise: return isPassable ? .refusesOtherwise : .refusesEverything
      default: break
      }
    }
    if answer(.harmless) != nil, !isPassable { return .refusesEverything }
    switch answer(.deletion) {
    case .passed: return .letsDeletionsPass
    case .refusedOtherwise: return .refusesOtherwise
    // Another hook may refuse deletions for reasons of its own: what it stops need not be judged.
    default: return .judges
    }
  }
}
