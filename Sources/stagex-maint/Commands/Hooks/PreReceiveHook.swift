internal import ArgumentParser
internal import GitBridge
internal import Review

struct PreReceiveHook: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pre-receive", abstract: "Judge a push: reads git's list of updates from standard input (githooks(5))."
  )

  func run() throws {
    try HookInput.guarded("push refused") {
      let updates = try HookRunning.readPush()
      try HookRunning.judge(updates, refused: "push refused")
      if updates.count > 1 { try Self.tellTheBackstop(updates) }
    }
  }

  private static func tellTheBackstop(_ updates: [RefUpdate]) throws {
    let repository = try Repository.openForHook(environment: ProcessEnvironment.current)
    guard HookPlaces(repository: repository).isThere("reference-transaction") else { return }
    JudgedPush(repository)?.keep(updates)
  }
}
