internal import ArgumentParser
internal import GitBridge
internal import Review

struct PreReceiveHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pre-receive", abstract: "Judge a push: reads git's list of updates from standard input (githooks(5)).")

  func run() throws {
    try HookInput.guarded("push refused") {
      try HookRunning.judge(try HookRunning.readUpdates(), refused: "push refused")
    }
  }
}

struct PrePushHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pre-push",
    abstract: "Judge, before a push leaves, what the server would be told: reads updates as pre-receive does.")

  func run() throws {
    try HookInput.guarded("push stopped") {
      try HookRunning.judge(try HookRunning.readUpdates(), refused: "push stopped", inThought: true)
    }
  }
}

struct ReferenceTransactionHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference-transaction",
    abstract: "Judge any change of refs before it is made: the backstop behind pre-receive (githooks(5)).")

  @Argument(help: "The state of the transaction. Only `prepared` can be vetoed.")
  var state: String

  func run() throws {
    guard state == "prepared" else { return }
    try HookInput.guarded("no ref is moved") {
      let repository = try Repository.openForHook(environment: Environment.current)
      var updates: [RefUpdate] = []
      for update in try HookRunning.readUpdates() where update.ref.starts(with: "refs/".utf8) {
        // Git gives zeros for "whatever it is now".
        let now = try repository.resolve(ref: update.name) ?? .zero
        if now != update.new { updates.append(RefUpdate(ref: update.ref, old: now, new: update.new)) }
      }
      try HookRunning.judge(updates, refused: "no ref is moved")
    }
  }
}

struct UpdateVrefHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update-vref", abstract: "Judge one ref: the arguments of git's update hook, or of a gitolite VREF.")

  @Argument(help: "The ref.")
  var ref: String
  @Argument(help: "Its value before the push.")
  var old: String
  @Argument(help: "Its value after the push.")
  var new: String
  @Argument(parsing: .allUnrecognized, help: "What gitolite adds; not used.")
  var rest: [String] = []

  func run() throws {
    try HookInput.guarded("push refused") {
      guard let old = ObjectID(hexString: old), let new = ObjectID(hexString: new) else {
        throw Failure.usage("old and new must be full 40-digit ids")
      }
      try HookRunning.judge([RefUpdate(ref: Array(ref.utf8), old: old, new: new)], refused: "push refused")
    }
  }
}

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
      console.err("error: \(refused): it could not be judged")
      wrapped(printable(message, limit: 1000), width: HookRunning.width).forEach(console.err)
      if let next { console.err("next: \(next)") }
      throw status
    }
  }
}
