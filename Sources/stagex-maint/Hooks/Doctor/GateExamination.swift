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
  /// Whether an unsigned change would be stopped here, by whomever.
  let stopsUnsigned: Bool
  /// What the hook said where it refused in other words than ours.
  let said: String

  init(_ gate: HookGate, _ push: MadeUpPush, folder: String, extra: [String: String]) throws {
    self.gate = gate
    guard !gate.commands.isEmpty else {
      (state, stopsUnsigned, said) = (.absent, false, "")
      return
    }
    let trial = GateTrial(gate: gate, push: push, folder: folder, extra: extra)
    var answers: [MadeUpPush.Question.Kind: GateTrial.Answer] = [:]
    for question in push.questions { answers[question.kind] = try trial.answer(to: question) }
    stopsUnsigned = answers[.unsigned] != .passed
    state = Self.state(answers)
    said = answers.values.lazy.compactMap(Self.words).first ?? ""
  }

  private static func words(_ answer: GateTrial.Answer) -> String? {
    switch answer {
    case .refused(let words), .refusedOtherwise(let words): words
    case .hung: "it does not end"
    case .passed, .refusedByUs: nil
    }
  }

  private static func state(_ answers: [MadeUpPush.Question.Kind: GateTrial.Answer]) -> State {
    switch answers[.unsigned] {
    case .passed, nil: return .letsPass
    case .hung: return .refusesEverything
    case .refused: return answers[.harmless] == .passed ? .unclear : .refusesEverything
    case .refusedOtherwise: return answers[.harmless] == .passed ? .refusesOtherwise : .refusesEverything
    case .refusedByUs: break
    }
    if let harmless = answers[.harmless], harmless != .passed { return .refusesEverything }
    switch answers[.deletion] {
    case .passed: return .letsDeletionsPass
    case .refusedOtherwise: return .refusesOtherwise
    case .hung: return .refusesEverything
    // Another hook may refuse deletions for reasons of its own: what it stops need not be judged.
    case .refused, .refusedByUs, nil: return .judges
    }
  }
}

/// What is wrong with a hook's file, as far as it can be seen without running it.
enum HookFileDefect {
  case absent, danglingLink, notExecutable, empty, folder
  case noInterpreter(String)

  init?(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      self = unsafe lstat(path, &status) == 0 ? .danglingLink : .absent
      return
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      self = .folder
    } else if status.st_size == 0 {
      self = .empty
    } else if unsafe access(path, X_OK) != 0 {
      self = .notExecutable
    } else if let interpreter = Self.interpreter(path), unsafe access(interpreter, X_OK) != 0 {
      self = .noInterpreter(interpreter)
    } else {
      return nil
    }
  }

  func text(_ path: String) -> String {
    let path = printable(path)
    return switch self {
    case .absent: "there is no \(path)"
    case .danglingLink: "\(path) is a link to something that is not there: it is skipped silently"
    case .notExecutable: "\(path) is not executable: it is skipped silently"
    case .folder: "\(path) is a folder: git cannot run it, and every push is refused"
    case .empty: "\(path) is empty: sh runs it as a script that ends well"
    case .noInterpreter(let program): "\(path) is to be run by \(printable(program)), which is not there: every push is refused"
    }
  }

  func next(_ path: String) -> String {
    if case .notExecutable = self { return "chmod 755 \(shellWord(path))" }
    return "stagex-maint hook install"
  }

  private static func interpreter(_ path: String) -> String? {
    // No kernel reads further for it.
    guard let bytes = PlainFile.start(of: path, 256), bytes.starts(with: "#!".utf8) else { return nil }
    let line = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
    let word = line.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
    return String(decoding: word, as: UTF8.self)
  }
}
