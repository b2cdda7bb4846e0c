internal import ArgumentParser
internal import Glibc

struct StagexMaint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stagex-maint",
    abstract: "Judges whether each change carries the signatures of two maintainers.",
    discussion: """
      A server calls `hook pre-receive`, a CI calls `gate`, a maintainer types `verify`, `explain` and \
      `audit`. All of them judge by the same rule and must say the same.

      Exit status: 0 accepted or done; 1 refused; 2 could not judge; 3 stopped by the person; \
      64 wrong usage; 75 try again.
      """,
    version: Version.text,
    subcommands: [
      VerifyCommand.self, AuditCommand.self, GateCommand.self, ExplainCommand.self, LogCommand.self,
      HookCommand.self, PolicyCommand.self, KeysCommand.self, CosignCommand.self, QueueCommand.self, CardCommand.self,
      SignaturesCommand.self, SignCommand.self, StageCommand.self, ImageSignerCommand.self, InitCommand.self,
      FetchCommand.self, CheckCommand.self, LedgerCommand.self, ReleaseCommand.self,
    ])
}

@main
enum Program {
  /// Also understands `-C DIR` before the subcommand, as git does.
  static func main() {
    StandardFiles.fill()
    StandardFiles.ignoreClosedPipes()
    var arguments = Array(CommandLine.arguments.dropFirst())
    while arguments.count >= 2, ["-C", "--repo"].contains(arguments[0]) {
      guard unsafe chdir(arguments[1]) == 0 else {
        let console = Console(colour: .never, environment: [:])
        console.err("error: cannot enter the folder given with \(arguments[0])")
        console.err("next: name a repository: stagex-maint -C DIR \(arguments.dropFirst(2).first ?? "COMMAND")")
        exit(64)
      }
      arguments.removeFirst(2)
    }
    // What a server runs at each push is not held up by reading the declarations of all commands.
    if arguments == ["hook", "pre-receive"] {
      do { try PreReceiveHook().run() } catch { StagexMaint.exit(withError: error) }
      return
    }
    StagexMaint.main(arguments)
  }
}
