internal import ArgumentParser
internal import GitBridge
internal import Review

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
