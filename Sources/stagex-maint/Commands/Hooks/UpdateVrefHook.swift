internal import ArgumentParser
internal import GitBridge
internal import Review

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
        throw Failure.usage(
          """
          \(printable(ref)): the old and the new value must be full 40-digit ids, \
          not \(printable(old)) and \(printable(new))
          """,
          next: "let gitolite call it as a VREF (docs/server.md), or: git rev-parse REF")
      }
      try HookRunning.judge([RefUpdate(ref: Array(ref.utf8), old: old, new: new)], refused: "push refused")
    }
  }
}
