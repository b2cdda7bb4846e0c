internal import ArgumentParser
internal import Basics
internal import Glibc
internal import Review

@main
enum Program {
  /// Also understands `-C DIR` before the subcommand, as git does.
  static func main() {
    StandardFiles.fill()
    StandardFiles.ignoreClosedPipes()
    SearchPath.dropRelativeFolders()
    var arguments = Array(CommandLine.arguments.dropFirst())
    while arguments.count >= 2, ["-C", "--repo"].contains(arguments[0]) {
      guard unsafe chdir(arguments[1]) == 0 else {
        // Before anything else sets it.
        let reason = errorText(errno)
        let command = arguments.dropFirst(2).first.map { shellWord($0) } ?? "COMMAND"
        console.error(
          "the folder \(printable(arguments[1])), given with \(arguments[0]), cannot be entered: \(reason)",
          next: "name a repository: stagex-maint -C DIR \(command)")
        exit(64)
      }
      arguments.removeFirst(2)
    }
    exit(Output.status(status(of: arguments)))
  }

  private static let console = Console(colour: .never, environment: [:])

  private static func status(of arguments: [String]) -> Int32 {
    do {
      // What a server runs at each push is not held up by reading the declarations of all commands.
      if arguments == ["hook", "pre-receive"] {
        try PreReceiveHook().run()
        return 0
      }
      if let status = UsageError.status(of: arguments, console) { return status }
      var command = try StagexMaint.parseAsRoot(arguments)
      try command.run()
      return 0
    } catch {
      let status = StagexMaint.exitCode(for: error).rawValue
      let message = StagexMaint.fullMessage(for: error)
      if status == 0 {
        if !message.isEmpty { console.out(message) }
      } else if !message.isEmpty {
        UsageError.tell(message, console)
      }
      return status
    }
  }
}
