internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

struct HookUninstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Take our hooks out of a repository, and put back what was there.",
    discussion: """
      Removes only what this program has installed. From then on pushes are not judged. The settings maint.trustRoot \
      and maint.lead stay.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Take out the hook reference-transaction only.")
  var backstop = false

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      let places = HookPlaces(repository: repository)
      let names = backstop ? ["reference-transaction"] : ["reference-transaction", "update", "pre-receive", "pre-push"]
      var removed = 0
      for name in names {
        // A forge's folder may have come after our hook, or have gone.
        for path in Set(["\(places.folder)/\(name)", places.place(of: name)]).sorted() {
          removed += try remove(path, console)
        }
      }
      if removed == 0 {
        console.out("nothing of ours is installed here")
        return .success
      }
      guard !backstop else { return .success }
      try repository.removeConfig("maint.program")
      for key in ["maint.trustRoot", "maint.lead"] {
        if let value = repository.config(key) { console.out("stays: \(key) = \(printable(value))") }
      }
      console.out("pushes are not judged here any more")
      return .success
    }
  }

  /// - Returns: how many hooks of ours were there.
  private func remove(_ path: String, _ console: Console) throws -> Int {
    let chain = HookChain(path: path)
    if chain.isThere {
      try chain.undo()
      console.out("put back \(printable(path)), as it was before")
      return 1
    }
    guard let bytes = try HookPlaces.readFile(path) else { return 0 }
    guard HookPlaces.isOurs(bytes) else {
      console.out("left alone, since it is not ours: \(printable(path))")
      return 0
    }
    guard unsafe unlink(path) == 0 else {
      throw Failure.cannotJudge("\(printable(path)) cannot be removed: \(errorText(errno))", next: "ls -ld \(shellWord(path))")
    }
    console.out("removed \(printable(path))")
    return 1
  }
}
