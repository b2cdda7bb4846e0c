internal import ArgumentParser
internal import GitBridge
internal import Glibc
internal import Review

struct HookInstall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install", abstract: "Put the hooks into a repository, and say where this program is.",
    discussion: """
      Installs `pre-receive`; on a forge into its folder `pre-receive.d`. In a clone with a work tree \
      it installs `pre-push` instead. A hook that is already there and is not ours is left alone.
      """)

  @OptionGroup var common: CommonOptions

  @Flag(help: "Also install reference-transaction: it asks about tags and deletions that a forge's pages make.")
  var backstop = false

  @Flag(help: "In a clone: let git fetch move the view of a server's protected branches and tags only to what the rule accepts.")
  var client = false

  @Option(help: ArgumentHelp("The commit to trust, with its ancestors: written to maint.trustRoot.", valueName: "rev"))
  var trustRoot: String?

  @Option(help: ArgumentHelp("Take the hook files from this folder.", valueName: "dir"))
  var hooks: String?

  func run() throws {
    let console = common.console
    try running(console) {
      let repository = try common.openRepository()
      if client {
        let root = try trustRoot.map { try Session.resolve($0, in: repository) }
        return try ClientInstall(repository: repository, console: console, hooks: hooks).run(trustRoot: root)
      }
      let places = HookPlaces(repository: repository)
      let names = (repository.isBare ? ["pre-receive"] : ["pre-push"]) + (backstop ? ["reference-transaction"] : [])
      // Everything is looked at before anything is written.
      var writes: [(path: String, bytes: [UInt8])] = []
      for name in names {
        let bytes = try HookPlaces.filledIn(name, from: hooks)
        let path = places.place(of: name)
        if let present = try HookPlaces.readFile(path), present != bytes, !Self.isOurs(present) {
          throw Failure(
            message: "there is another \(name) hook at \(printable(path)); it is left as it is",
            next: "let it call: stagex-maint hook \(name) (and stop where that fails), or move it to \(name).d/",
            status: ExitCode(1))
        }
        writes.append((path, bytes))
      }
      let root = try trustRoot.map { try Session.resolve($0, in: repository) }
      let program = try HookPlaces.ownPath()
      for (path, bytes) in writes {
        try HookPlaces.makeFolder(of: path)
        try HookPlaces.write(bytes, to: path, mode: 0o755)
        console.out("installed \(printable(path))")
      }
      try repository.setConfig("maint.program", program)
      console.out("maint.program = \(printable(program))")
      if let root {
        try repository.setConfig("maint.trustRoot", root.hex)
        console.out("maint.trustRoot = \(root.hex)")
      }
      console.out("next: stagex-maint hook doctor")
      return .success
    }
  }

  /// Whether a hook file is one that an earlier version of this program installed.
  private static func isOurs(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains("maint.program") && text.contains("stagex-maint")
  }
}

extension HookPlaces {
  /// Makes the folder in which a hook is to lie, if it is not there.
  static func makeFolder(of path: String) throws {
    guard let slash = path.lastIndex(of: "/") else { return }
    let folder = String(path[..<slash])
    guard unsafe mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw Failure.cannotJudge("the folder \(printable(folder)) cannot be made: \(errorText(errno))", next: "ls -ld \(shellWord(folder))")
    }
  }
}
