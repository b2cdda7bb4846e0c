internal import ArgumentParser
internal import Basics
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
      var removed: Set<String> = []
      for name in names {
        // A forge's folder may have come after our hook, or have gone.
        for path in Set(["\(places.folder)/\(name)", places.place(of: name)]).sorted() where try remove(path, console) {
          removed.insert(name)
        }
      }
      if removed.isEmpty {
        console.out("nothing of ours is installed here")
        return .success
      }
      guard !backstop else { return .success }
      try repository.removeConfig("maint.program")
      for key in ["maint.trustRoot", "maint.lead"] {
        if let value = repository.config(key) { console.out("stays: \(key) = \(printable(value))") }
      }
      // In a clone that is the hook of --client.
      let isClients = !repository.isBare && removed.contains("reference-transaction")
      if isClients { console.out("stays: the order of remote.*.fetch, in which the lead comes first; it does no harm") }
      if isClients { console.out("fetches are not judged here any more") }
      if removed != ["reference-transaction"] || !isClients { console.out("pushes are not judged here any more") }
      return .success
    }
  }

  /// - Returns: whether a hook of ours was there.
  private func remove(_ path: String, _ console: Console) throws -> Bool {
    let chain = HookChain(path: path)
    if chain.isThere {
      try chain.undo()
      console.out("put back \(printable(path)), as it was before")
      return true
    }
    guard let bytes = try HookPlaces.readFile(path) else { return false }
    guard HookPlaces.isOurs(bytes) else {
      console.out("left alone, since it is not ours: \(printable(path))")
      return false
    }
    guard unsafe unlink(path) == 0 else {
      throw Failure.cannotJudge(
        "\(printable(path)) cannot be removed: \(errorText(errno))", next: "ls -ld \(shellWord(path))")
    }
    console.out("removed \(printable(path))")
    return true
  }
}
