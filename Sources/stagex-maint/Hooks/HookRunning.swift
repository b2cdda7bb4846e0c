internal import ArgumentParser
internal import Basics
internal import GitBridge
internal import Glibc
internal import Review

/// What the hooks share: the repository out of git's environment, the updates, the answer.
enum HookRunning {
  /// Lines to the pusher are plain and short: git puts `remote: ` before each.
  static let width = 71

  /// Judges the updates and speaks to the pusher only when something is wrong.
  ///
  /// - Parameter inThought: Before the push has left: this repository's refs stand elsewhere than the server's.
  static func judge(_ updates: [RefUpdate], refused: String, inThought: Bool = false) throws {
    let console = Console(colour: .never, environment: [:])
    let environment = ProcessEnvironment.current
    do {
      let repository = try Repository.openForHook(environment: environment)
      // Git calls hooks for pushes that change nothing, and for transactions that change nothing of interest.
      guard !updates.isEmpty else { return }
      let reviewer = try session(repository).reviewer
      let verdict = verdict(on: updates, by: reviewer, inThought: inThought)
      guard verdict.outcome != .accepted else {
        if !inThought { LedgerKeeping.enter(verdict, updates, by: reviewer, console) }
        speak(verdict.notes, console)
        return
      }
      speak(verdict, repository, console, refused: refused, updates)
      throw ExitCode(verdict.outcome.exitStatus)
    } catch let status as ExitCode {
      throw status
    } catch {
      // Whatever goes wrong here ends in a refusal with its reason.
      let (message, next): (String, String?) =
        switch error {
        case let error as GitError: (error.message, error.next)
        case let error as Failure: (error.message, error.next)
        case let error as ReviewProblem: (error.refusal(ref: "").message, error.refusal(ref: "").next)
        default: ("\(error)", nil)
        }
      console.err("error: \(refused): it could not be judged")
      wrapped(printable(message, limit: 1000), width: width, indent: "").forEach(console.err)
      if let next { console.err("next: \(next)") }
      throw ExitCode(2)
    }
  }

  static func verdict(on updates: [RefUpdate], in repository: Repository, inThought: Bool = false) throws -> Verdict {
    updates.isEmpty ? Verdict() : verdict(on: updates, by: try session(repository).reviewer, inThought: inThought)
  }

  private static func verdict(on updates: [RefUpdate], by reviewer: Reviewer, inThought: Bool) -> Verdict {
    inThought ? reviewer.judge(inThought: updates) : reviewer.judge(push: updates)
  }

  static func session(_ repository: Repository) throws -> Session {
    var session = try Session(repository, nil, moment: .now, engines: .both)
    // What is pushed here moves this repository's own branches.
    session.settings.remote = nil
    if let name = repository.config("maint.engine") {
      guard let engine = EngineChoice(rawValue: name) else {
        throw Failure.cannotJudge(
          "maint.engine is neither both, native nor gpgme", next: "git config maint.engine both")
      }
      session.settings.engines = engine
    }
    if let budget = repository.config("maint.budget") {
      guard let seconds = Int(budget), seconds > 0 else {
        throw Failure.cannotJudge("maint.budget is not a number of seconds", next: "git config maint.budget 30")
      }
      session.settings.deadline = .now + .seconds(seconds)
    }
    return session
  }

  private static func speak(
    _ verdict: Verdict, _ repository: Repository, _ console: Console, refused: String, _ updates: [RefUpdate]
  ) {
    let count = verdict.refusals.count
    let what =
      verdict.outcome == .undecided ? "it could not be judged" : "\(count) \(count == 1 ? "reason" : "reasons")"
    var refs = Set(verdict.refusals.map(\.ref))
    // What keeps the whole push from being judged is about none of them.
    if refs.contains("") { refs = Set(updates.map(\.name)) }
    let place = refs.count == 1 ? " on \(printable(refs.first ?? ""))" : " on \(refs.count) refs"
    wrapped("error: \(refused)\(place): \(what)", width: width, indent: "  ").forEach(console.err)
    let update = updates.first { $0.name == verdict.refusals.first?.ref } ?? updates.first
    let more =
      update.map {
        "stagex-maint verify --old \($0.old.hex) --new \($0.new.hex) --target \(printable($0.ref))"
      } ?? ""
    RefusalText(width: width, console: console, subject: { repository.subject(of: $0) })
      .lines(verdict.refusals, more: more, namingRefs: refs.count > 1).forEach(console.err)
    if !verdict.notes.isEmpty { console.err("") }
    speak(verdict.notes, console)
  }

  /// A key that silently did not count would be found out on the day it is needed.
  private static func speak(_ notes: [String], _ console: Console) {
    for note in notes {
      wrapped("note: \(printable(note, limit: 500))", width: width, indent: "  ").forEach(console.err)
    }
  }

  /// Reads `old SP new SP ref LF` lines, as git writes them, to the end of the input.
  static func readUpdates() throws -> [RefUpdate] { try readLines().map(parse) }

  /// The updates of a push to a server: git never calls pre-receive without one.
  ///
  /// Attack, or a mishap of many servers: a hook that runs before this one has read the list and handed nothing on.
  static func readPush() throws -> [RefUpdate] {
    let updates = try readUpdates()
    guard !updates.isEmpty else {
      throw Failure.cannotJudge(
        "the list of updates is empty: whatever ran before this hook has read it",
        next: "on the server: stagex-maint hook doctor")
    }
    return updates
  }

  static func readLines() throws -> [ArraySlice<UInt8>] {
    var input: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = unsafe buffer.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw Failure.cannotJudge("the list of updates cannot be read: \(errorText(errno))")
      }
      input += buffer[..<got]
    }
    guard input.isEmpty || input.last == UInt8(ascii: "\n") else {
      throw Failure.cannotJudge("the list of updates ends in the middle of a line")
    }
    return input.split(separator: UInt8(ascii: "\n"))
  }

  static func parse(_ line: ArraySlice<UInt8>) throws -> RefUpdate {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let old = ObjectID(hex: parts[0]), let new = ObjectID(hex: parts[1]), !parts[2].isEmpty
    else {
      throw Failure.cannotJudge("not an update in git's form: \(printable(line))")
    }
    return RefUpdate(ref: Array(parts[2]), old: old, new: new)
  }
}
